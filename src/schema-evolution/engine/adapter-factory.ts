import {
  bindMigrationAwareSqlAdapterFactory,
  type ErrorCapturingSqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import { adapterOf, shadowAdapterOf } from './adapter.ts'
import type { Session } from '../database/session.ts'
import { openShadowSession } from '../database/shadow-database.ts'

/** Where the engine gets its connections from: always the same one, and a shadow database when it asks. */
export interface AdapterFactory {
  /** The form that crosses into WebAssembly: errors as values. */
  readonly bound: ErrorCapturingSqlMigrationAwareDriverAdapterFactory
  /** The error of ours for which the engine only knows a number; any other as it is. */
  originOf(error: unknown): unknown
  /** Drops the shadow databases that the engine hasn't given back. */
  closeShadows(): Promise<void>
}

export function adapterFactory(session: Session, shadowDatabaseUrl: string | undefined): AdapterFactory {
  const shadows = new Set<Session>()
  // The session is ended by who opened it: the engine goes on using it after it has disposed of the adapter.
  const main = adapterOf(session)
  const bound = bindMigrationAwareSqlAdapterFactory({
    provider: main.provider,
    adapterName: main.adapterName,
    connect: () => Promise.resolve(main),
    async connectToShadowDb() {
      const shadow = await openShadowSession(session, shadowDatabaseUrl)
      shadows.add(shadow)
      return shadowAdapterOf(shadow, async () => {
        shadows.delete(shadow)
        await shadow.close()
      })
    },
  })
  return {
    bound,
    originOf(error) {
      const number = error instanceof Error ? /External error id#(\d+)/.exec(error.message)?.[1] : undefined
      return number === undefined ? error : (bound.errorRegistry.consumeError(Number(number))?.error ?? error)
    },
    closeShadows: async () => void (await Promise.all([...shadows].map((shadow) => shadow.close()))),
  }
}

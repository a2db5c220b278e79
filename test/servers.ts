import { Writable } from 'node:stream'
import pg from 'pg'
import type { Logger } from 'pino'
import { onTestFinished } from 'vitest'
import { type App, type AppOptions, createApp } from '../src/app.ts'
import { operatorContext } from '../src/context.ts'
import { type OpenDatabase, openDatabase } from '../src/database/client.ts'
import { createLog } from '../src/log.ts'
import { openCleaner } from './cleaning.ts'
import { type AtEnd, cloneDatabase, superuserOf } from './clones.ts'
import type { Store } from './world.ts'

export type WorldOptions = Partial<
  Pick<
    AppOptions,
    | 'clock'
    | 'oidc'
    | 'metrics'
    | 'httpLimits'
    | 'trustedProxies'
    | 'rateLimits'
    | 'liveLimits'
    | 'trustedDocuments'
    | 'tracing'
    | 'compiledReads'
    | 'hotAnswerBytes'
    | 'webhooks'
  >
> & {
  /** By which URL the server reaches the database. */
  readonly reach?: (databaseUrl: string) => string | Promise<string>
}

/** What a server logs in the test that has it. */
interface Lines {
  all: Record<string, unknown>[]
}

/** A server with its database, for one test after the other. */
export interface Place {
  readonly store: Store
  readonly app: App
  readonly lines: Lines
  /** Makes it as it was; false if that can't be. */
  clean(): Promise<boolean>
  close(): Promise<void>
}

export async function openPlace(
  { reach = (url) => url, ...options }: WorldOptions,
  isUsual: boolean,
): Promise<Place> {
  const ends: (() => void | Promise<void>)[] = []
  const close = async () => {
    for (const end of ends.reverse()) await end()
  }
  const lines: Lines = { all: [] }
  const log = createLog('debug', linesInto(lines))
  const atEnd: AtEnd = isUsual ? (end) => void ends.push(end) : onTestFinished
  const store = await openStore(log, atEnd)
  const cleaner = isUsual ? await openCleaner(superuserOf(store.databaseUrl)) : undefined
  atEnd(() => cleaner?.end())
  const app = await createApp({
    databaseUrl: await reach(store.databaseUrl),
    migrateOnStart: false,
    host: '127.0.0.1',
    port: 0,
    oidc: null,
    // A test may ask more in a minute than anybody else.
    rateLimits: { perAddress: 0, perUser: 0, perToken: 0 },
    log,
    ...options,
  })
  atEnd(() => app.close())
  return {
    store,
    app,
    lines,
    async clean() {
      lines.all = []
      return (await cleaner?.clean()) ?? false
    },
    close,
  }
}

export async function openStore(log: Logger, atEnd: AtEnd): Promise<Store> {
  const databaseUrl = await cloneDatabase(atEnd)
  const beside = new pg.Client({ connectionString: databaseUrl })
  await beside.connect()
  atEnd(() => beside.end())
  // Made if it is asked for: a Prisma client takes longer to make than many a test to run.
  let database: OpenDatabase | undefined
  atEnd(() => database?.close())
  return {
    databaseUrl,
    sql: async (text, values) => (await beside.query(text, values)).rows,
    get operator() {
      database ??= openDatabase(databaseUrl, { max: 2 })
      return operatorContext(database.db, log)
    },
  }
}

function linesInto(lines: Lines): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean))
        lines.all.push(JSON.parse(line) as never)
      done()
    },
  })
}

import type { Config } from '../config.ts'
import { claimServer, openEmbeddedDatabase } from './embedded/embedded.ts'

/** A database that can be connected to, for as long as it isn't released. */
export interface LocatedDatabase {
  readonly url: string
  readonly isEmbedded: boolean
  /**
   * Makes this process the one server of the data folder, which starts PostgreSQL again if it ends.
   *
   * @throws EmbeddedDatabaseError if there is one already
   */
  claim(tell: (line: string) => void): Promise<AsyncDisposable>
  release(): Promise<void>
}

/** The server that DATABASE_URL names, or the embedded PostgreSQL, started if it doesn't run yet. */
export async function locateDatabase({ databaseUrl, dataFolder }: Config): Promise<LocatedDatabase> {
  if (databaseUrl !== null) {
    const nothing = () => Promise.resolve()
    const claim = () => Promise.resolve({ [Symbol.asyncDispose]: nothing })
    return { url: databaseUrl, isEmbedded: false, claim, release: nothing }
  }
  const embedded = await openEmbeddedDatabase(dataFolder)
  return {
    url: embedded.url,
    isEmbedded: true,
    claim: async (tell) => {
      let claim = await claimServer(embedded)
      embedded.revive(async (error) => {
        if (error !== null) return tell(`PostgreSQL has ended: ${error.message}`)
        tell('PostgreSQL had ended, and runs again')
        try {
          claim = await claimServer(embedded)
        } catch (fault) {
          tell((fault as Error).message)
        }
      })
      return { [Symbol.asyncDispose]: () => claim.release() }
    },
    release: () => embedded.release(),
  }
}

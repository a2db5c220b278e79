import { readConfig } from '../config.ts'
import { locateDatabase } from '../database/locate.ts'

/** Where a command works. */
export interface DatabasePlace {
  readonly url: string
  /** A database that may be emptied; undefined: one is made and dropped. */
  readonly shadowDatabaseUrl: string | undefined
}

/** Works with the database of DATABASE_URL, or the embedded one, which is let go of afterwards. */
export async function onDatabase<Result>(work: (place: DatabasePlace) => Promise<Result>): Promise<Result> {
  const located = await locateDatabase(readConfig(process.env))
  try {
    return await work({
      url: located.url,
      shadowDatabaseUrl: process.env['SHADOW_DATABASE_URL'] || undefined,
    })
  } finally {
    await located.release()
  }
}

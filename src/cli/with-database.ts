import { type Config, migrationsFolder, readConfig } from '../config.ts'
import { openDatabase, type OpenDatabase } from '../database/client.ts'
import { locateDatabase } from '../database/locate.ts'
import { requireSchema } from '../schema-evolution/gate/require-schema.ts'

/**
 * Runs a command on the database that the server would use, and lets go of it in any case. The embedded one is
 * started and brought to this build's schema where necessary; a server database only where MIGRATE_ON_START says so.
 */
export async function withDatabase<Result>(
  work: (database: OpenDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(process.env)
  const located = await locateDatabase(config)
  const database = openDatabase(located.url)
  try {
    const { pool } = database
    const tell = (line: string) => process.stderr.write(`${line}\n`)
    await requireSchema({
      pool,
      databaseUrl: located.url,
      migrationsFolder,
      migrate: config.migrateOnStart,
      tell,
    })
    return await work(database, config)
  } finally {
    await database.close()
    await located.release()
  }
}

import { type Config, migrationsFolder, readConfig } from '../config.ts'
import { type Context, operatorContext } from '../context.ts'
import { type Database, openDatabase, type OpenDatabase } from '../database/client.ts'
import { createLog } from '../log.ts'
import { requireSchema } from '../schema-evolution/gate/require-schema.ts'
import { onDatabase } from './on-database.ts'

/**
 * Runs a command on the database that the server would use, and lets go of it in any case. The embedded one is
 * started and brought to this build's schema where necessary; a server database only where MIGRATE_ON_START says so.
 */
export async function withDatabase<Result>(
  work: (database: OpenDatabase, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = readConfig(process.env)
  return onDatabase(async ({ url: databaseUrl }) => {
    const database = openDatabase(databaseUrl)
    try {
      const { pool } = database
      const tell = (line: string) => process.stderr.write(`${line}\n`)
      const { migrateOnStart: migrate } = config
      await requireSchema({ pool, databaseUrl, migrationsFolder, migrate, tell })
      return await work(database, config)
    } finally {
      await database.close()
    }
  })
}

/** Runs a command on that database as the operator, who may do everything. */
export function asOperator<Result>(
  work: (operator: Context & { readonly db: Database }, config: Config) => Promise<Result>,
): Promise<Result> {
  return withDatabase(({ db }, config) =>
    work({ ...operatorContext(db, createLog(config.logLevel)), db }, config),
  )
}

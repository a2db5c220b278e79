import { openEngine } from './engine.ts'
import { readMigrations } from '../migration-files.ts'
import { refuseSecondHead } from './one-head.ts'

export interface ApplyMigrationsOptions {
  /** postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?schema=SCHEMA] */
  readonly url: string
  /** `prisma/migrations` */
  readonly migrationsFolder: string
  /** Called with the name of a migration before it is applied. */
  readonly onProgress?: (migration: string) => void
}

/**
 * What `prisma migrate deploy` does, by the same engine and under the same advisory lock, but inside this process
 * and without the second that the CLI takes to start.
 *
 * @returns the names of the migrations that were applied now, in their order
 * @throws SchemaEngineError P3018 where one fails (those before it stay), P3009 where an earlier run failed, P1002
 *   where another process holds the lock for more than 10 s, P10xx where the database can't be reached;
 *   without a number where two migrations follow the same one
 */
export async function applyMigrations(options: ApplyMigrationsOptions): Promise<string[]> {
  const migrationsList = await readMigrations(options.migrationsFolder)
  await refuseSecondHead(options.url, migrationsList)
  const engine = await openEngine({ url: options.url, onMigration: options.onProgress })
  try {
    const filters = { externalTables: [], externalEnums: [] }
    return (await engine.applyMigrations({ migrationsList, filters })).appliedMigrationNames
  } finally {
    await engine.close()
  }
}

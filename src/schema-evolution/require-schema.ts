import type pg from 'pg'
import { applyMigrations } from './engine/apply-migrations.ts'
import { schemaState, type SchemaState } from './gate.ts'
import { type MigrationFiles, readMigrationFiles } from './migration-state.ts'

export interface RequireSchemaOptions {
  readonly pool: pg.Pool
  readonly databaseUrl: string
  readonly migrationsFolder: string
  /** Whether pending migrations are applied first. */
  readonly migrate: boolean
}

/** The database's schema isn't the one that this build needs, so nothing is served or written. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch'
  readonly state: SchemaState['state']

  constructor({ state, message }: SchemaState) {
    super(message)
    this.state = state
  }
}

/**
 * Nothing happens on a schema that this build wasn't made for.
 *
 * @returns the migrations that were applied, and the files that the database was compared with
 * @throws SchemaMismatch that says what to run; the driver's error where the database can't be reached
 */
export async function requireSchema(
  options: RequireSchemaOptions,
): Promise<{ applied: readonly string[]; files: MigrationFiles }> {
  const { pool, databaseUrl, migrationsFolder, migrate } = options
  const files = await readMigrationFiles(migrationsFolder)
  const before = await schemaState(pool, files)
  const canMigrate = migrate && (before.state === 'empty' || before.state === 'pending')
  const applied = canMigrate ? await applyMigrations({ url: databaseUrl, migrationsFolder }) : []
  const after = canMigrate ? await schemaState(pool, files) : before
  if (after.state !== 'in sync') throw new SchemaMismatch(after)
  return { applied, files }
}

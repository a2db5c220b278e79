import type pg from 'pg'
import { readKeptCatalog } from '../files/catalog.ts'
import { deploy, type DeployOptions } from '../deploy/deploy.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { type BuiltSchema, schemaState, type SchemaState, type SchemaStateName } from './gate.ts'
import { joinsOf } from '../files/join.ts'
import { readMigrations } from '../files/migration-files.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { checksumsOf } from '../database/verdict.ts'

export interface RequireSchemaOptions extends DeployOptions {
  readonly pool: pg.Pool
  readonly databaseUrl: string
  readonly migrationsFolder: string
  /** Whether pending migrations are applied first. */
  readonly migrate: boolean
}

/** How a process ends whose database has a schema in such a state, for scripts. */
const exitCodes: Readonly<Record<SchemaStateName, number>> = {
  'in sync': 0,
  empty: 10,
  pending: 11,
  running: 12,
  failed: 13,
  edited: 14,
  ahead: 15,
  diverged: 16,
  'out of order': 17,
  drifted: 18,
}

/** The database's schema isn't the one that this build needs, so nothing is served or written. */
export class SchemaMismatch extends Error {
  override readonly name = 'SchemaMismatch'
  readonly state: SchemaStateName
  readonly exitCode: number

  constructor({ state, message }: Pick<SchemaState, 'state' | 'message'>, options?: ErrorOptions) {
    super(message, options)
    this.state = state
    this.exitCode = exitCodes[state]
  }
}

/**
 * Nothing happens on a schema that this build wasn't made for.
 *
 * @returns the migrations that were applied, what the database was compared with, and how it stands to that
 * @throws SchemaMismatch that says what to run; SchemaEngineError where a migration can't be applied and nothing of it
 *   is left; the driver's error where the database can't be reached
 */
export async function requireSchema(
  options: RequireSchemaOptions,
): Promise<{ applied: readonly string[]; built: BuiltSchema; schema: SchemaState }> {
  const { pool, migrationsFolder, migrate } = options
  const kept = await readKeptCatalog(migrationsFolder)
  const scripts = scriptsOf(await readMigrations(migrationsFolder))
  const built = {
    files: checksumsOf(scripts),
    catalog: kept?.catalog ?? null,
    catalogOf: kept?.migrations ?? null,
    joins: joinsOf(scripts),
  }
  const before = await schemaState(pool, built)
  const canMigrate = migrate && before.deployable
  const applied = canMigrate ? await applyPending(options, built) : []
  const schema = canMigrate ? await schemaState(pool, built) : before
  if (!schema.serves) throw new SchemaMismatch(schema)
  return { applied, built, schema }
}

/** What an attempt leaves behind counts for a script, not that there was an attempt. */
async function applyPending(options: RequireSchemaOptions, built: BuiltSchema): Promise<string[]> {
  const { pool, databaseUrl: url, migrationsFolder: migrations } = options
  try {
    return await deploy({ url, migrations }, options)
  } catch (error) {
    if (!(error instanceof SchemaEngineError)) throw error
    const { message, code } = error
    if (code === 'P1002') throw new SchemaMismatch({ state: 'running', message }, { cause: error })
    if (code === 'P3009') throw new SchemaMismatch(await schemaState(pool, built), { cause: error })
    const isLeftHalfDone = code === 'P3018' && (await schemaState(pool, built)).state === 'failed'
    throw isLeftHalfDone ? new SchemaMismatch({ state: 'failed', message }, { cause: error }) : error
  }
}

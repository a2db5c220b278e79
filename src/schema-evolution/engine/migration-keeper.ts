import type {
  ApplyMigrationsInput,
  ApplyMigrationsOutput,
  CreateMigrationInput,
  CreateMigrationOutput,
  DevDiagnosticInput,
  DevDiagnosticOutput,
  MigrationList,
} from '@prisma/schema-engine-wasm/schema_engine_bg'
import { openPool } from '../../database/pool.ts'
import { writeCatalogFile } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { readBase, sharedChecksums } from '../files/git.ts'
import { planMending, writeMending } from '../check/lineage-mending.ts'
import { changeFiles } from '../files/change-files.ts'
import { formatLineage, lineageFile, linesInOrder, readLineage } from '../files/lineage.ts'
import { makesLineageTable, withLineageRows } from '../files/lineage-rows.ts'
import {
  expectedRows,
  inOrder,
  keepsLineage,
  readMigrationFolder,
  scriptsOf,
} from '../files/migration-folder.ts'
import { requireUrl } from './command-line.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { requestPrint } from './json-rpc.ts'
import { readRecords } from '../database/read-records.ts'
import { stampAfter } from '../files/stamp.ts'

/** What happens around each request of Prisma's CLI, whichever engine answers it. */
export interface MigrationKeeper {
  /** @returns the parameters that the engine is to get. @throws SchemaEngineError that is the answer then */
  before(method: string, params: unknown): Promise<unknown>
  /** @returns the answer that the CLI is to get */
  after(method: string, params: unknown, result: unknown): Promise<unknown>
}

/**
 * Keeps the lineage while a developer types `npx prisma migrate dev`: a new migration gets its row and its line, what
 * was edited or renamed before it was applied keeps them right, and two heads are refused by name. `deploy` writes no
 * file.
 */
export function migrationKeeper(url: string | undefined): MigrationKeeper {
  let isDeveloping = false
  return {
    async before(method, params) {
      // Parameters come from the CLI of the same version.
      switch (method) {
        case 'devDiagnostic':
          isDeveloping = true
          return keepFiles(url, params as DevDiagnosticInput)
        case 'reset':
          isDeveloping = true
          return params
        case 'applyMigrations':
          return isDeveloping ? keepFiles(url, params as ApplyMigrationsInput) : params
        default:
          return params
      }
    },
    async after(method, params, result) {
      if (method === 'createMigration') {
        return keepCreated(params as CreateMigrationInput, result as CreateMigrationOutput)
      }
      if (method === 'devDiagnostic') return withWayOut(result as DevDiagnosticOutput)
      if (method === 'applyMigrations' && isDeveloping) {
        await keepCatalog(url, params as ApplyMigrationsInput, result as ApplyMigrationsOutput)
      }
      return result
    },
  }
}

/**
 * Prisma's CLI knows nothing but a reset, which loses all rows, for a schema that somebody changed by hand, and for a migration
 * that was edited or deleted after it was applied.
 */
function withWayOut(diagnosed: DevDiagnosticOutput): DevDiagnosticOutput {
  const { action } = diagnosed
  if (action.tag !== 'reset') return diagnosed
  const reason = `${action.reason.trimEnd()}\n\nTo keep the rows, don't reset. Run: npm run migrations -- drift\n`
  return { ...diagnosed, action: { ...action, reason } }
}

/** What a developer's database has now is what all migrations make. */
async function keepCatalog(
  url: string | undefined,
  { migrationsList }: ApplyMigrationsInput,
  { appliedMigrationNames }: ApplyMigrationsOutput,
): Promise<void> {
  if (appliedMigrationNames.length === 0 || !keepsLineage(scriptsOf(migrationsList))) return
  const pool = openPool(requireUrl(url))
  try {
    const names = scriptsOf(migrationsList).keys()
    await writeCatalogFile(migrationsList.baseDir, await readCatalog(pool), names)
  } finally {
    await pool.end()
  }
}

/** Brings the files in line and the parameters with them, because the CLI read the files before. */
async function keepFiles<Input extends { migrationsList: MigrationList }>(
  url: string | undefined,
  params: Input,
): Promise<Input> {
  const { baseDir } = params.migrationsList
  if (!keepsLineage(scriptsOf(params.migrationsList))) return params
  const folder = await readMigrationFolder(baseDir)
  const freely = planMending(folder, new Map())
  if (!Array.isArray(freely) && freely.changes.length === 0) return params

  const mending = planMending(folder, await fixedMigrations(url, baseDir))
  if (Array.isArray(mending)) {
    const told = mending.map(({ message, remedy }) => `${message}\n\nRun: ${remedy}`)
    throw new SchemaEngineError(null, told.join('\n\n'))
  }
  await writeMending(baseDir, mending)
  for (const name of mending.scripts.keys()) {
    requestPrint(`Wrote its row of migration_lineage into ${name}/migration.sql`)
  }
  return { ...params, migrationsList: withScripts(params.migrationsList, mending.scripts) }
}

/** What this database has applied, and what the remote's main branch has: others have applied that. */
async function fixedMigrations(url: string | undefined, folder: string): Promise<Map<string, string>> {
  const pool = openPool(requireUrl(url), { max: 1 })
  try {
    const records = (await readRecords(pool)) ?? []
    const begun = records.filter(({ rolledBackAt }) => rolledBackAt === null)
    return new Map([
      ...begun.map(({ name, checksum }) => [name, checksum] as const),
      ...sharedChecksums(readBase(folder)),
    ])
  } finally {
    await pool.end()
  }
}

/** Null is the answer where there is nothing to migrate. */
async function keepCreated(
  { migrationsList }: CreateMigrationInput,
  created: CreateMigrationOutput,
): Promise<CreateMigrationOutput> {
  const { migrationScript: script, generatedMigrationName: generated } = created
  const earlier = scriptsOf(migrationsList)
  if (script === null || !(keepsLineage(earlier) || makesLineageTable(script))) return created
  const last = [...earlier.keys()].at(-1)
  const name = last === undefined ? generated : stampAfter(generated, last)
  const sql = withLineageRows(script, expectedRows(inOrder([...earlier, [name, script]]), name))
  await addLines(migrationsList.baseDir, inOrder([...earlier, [name, sql]]))
  return { ...created, generatedMigrationName: name, migrationScript: sql }
}

/** A line for each migration that has none: the new one, and all where it begins the lineage. */
async function addLines(folder: string, scripts: ReadonlyMap<string, string | null>): Promise<void> {
  const lines = (await readLineage(folder)) ?? []
  const known = new Set(lines.map(({ name }) => name))
  const added = linesInOrder(scripts).filter(({ name }) => !known.has(name))
  await changeFiles(folder, { texts: new Map([[lineageFile, formatLineage([...lines, ...added])]]) })
}

function withScripts(list: MigrationList, scripts: ReadonlyMap<string, string>): MigrationList {
  return {
    ...list,
    migrationDirectories: list.migrationDirectories.map((directory) => {
      const value = scripts.get(directory.path)
      if (value === undefined) return directory
      return { ...directory, migrationFile: { ...directory.migrationFile, content: { tag: 'ok', value } } }
    }),
  }
}

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { type Definitions, readDefinitions } from '../database/definitions.ts'
import { readVerdict, type Verdict } from '../database/verdict.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { readRecords } from '../database/read-records.ts'
import { openSession, type Session } from '../database/session.ts'
import { onShadow } from '../database/shadow-database.ts'
import { holdMigrationLock } from '../database/wait-for-lock.ts'
import { deployOn } from '../deploy/deploy.ts'
import { catalogFile, compareCatalogs, describeDifference, formatCatalog } from '../files/catalog.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { readMigrations } from '../files/migration-files.ts'
import { readAppliedMigrations } from '../rebase/applied.ts'
import { DriftRefused } from './refused.ts'
import { mendLineage, isUnsaved, type Unsaved, unsavedIn } from './unsaved.ts'

export interface DriftOptions {
  readonly url: string
  /** `prisma/migrations` */
  readonly folder: string
  /** A database that may be emptied; without it one is made and dropped, which needs CREATEDB. */
  readonly shadowDatabaseUrl?: string | undefined
  /** Whether everything is tried and nothing changed. */
  readonly dryRun: boolean
}

/** A database beside what its migrations make, as long as `compared` runs. */
export interface Compared {
  readonly session: Session
  /** A database that has what the applied migrations make, to try things on. */
  readonly shadow: Session
  readonly list: MigrationList
  readonly state: Verdict
  /** What the migrations make, and what the database has, as `readDefinitions` tells it. */
  readonly made: Definitions
  readonly found: Definitions
  /** How the database differs, for people; null if it doesn't. */
  readonly difference: string | null
  /** What it has applied of files that are no longer so, and that nobody else has. */
  readonly unsaved: Unsaved
}

/** What was found. If the schema was changed by hand, `difference` names the objects. */
export interface Look {
  readonly difference: string | null
  readonly unsaved: Unsaved
  /** Whether prisma/migrations/catalog isn't what all migrations make; null if not all are applied. */
  readonly isCatalogStale: boolean | null
}

/**
 * Compares a database with what the migrations make that it has applied, as their files are now, which are replayed on a shadow
 * database.
 *
 * @throws DriftRefused if somebody else has files that it has applied and that aren't so here; SchemaEngineError as `deploy` does
 */
export async function lookForDrift(options: DriftOptions): Promise<Look> {
  return compared(options, async ({ shadow, list, state, difference, unsaved }) => {
    if (state.pending.length > 0) return { difference, unsaved, isCatalogStale: null }
    const made = formatCatalog(await readCatalog(shadow), scriptsOf(list).keys())
    const kept = await readFile(path.join(options.folder, catalogFile), 'utf8').catch(() => null)
    return { difference, unsaved, isCatalogStale: kept !== null && kept !== made }
  })
}

/** Nobody else migrates meanwhile. If the files count for what is applied, the lineage is brought in line with them first. */
export async function compared<Result>(
  { url, folder, shadowDatabaseUrl, dryRun }: DriftOptions,
  work: (compared: Compared) => Promise<Result>,
): Promise<Result> {
  const session = await openSession(url, 'open-event-graphql drift')
  try {
    await using _lock = await holdMigrationLock(session, { wait: 5000 })
    const state = await readVerdict(session, folder)
    if (state.applied.length === 0)
      throw new DriftRefused('No migration is applied yet. Run: npm run migrations -- deploy')
    const { renamed } = await readAppliedMigrations(session, scriptsOf(await readMigrations(folder)))
    const unsaved = unsavedIn(folder, state, (await readRecords(session)) ?? [], renamed)
    if (isUnsaved(unsaved) && !dryRun) await mendLineage(folder)
    const list = await readMigrations(folder)
    return await onShadow({ url, shadowDatabaseUrl }, async (shadow) => {
      const isApplied = new Set(state.applied)
      const applied = list.migrationDirectories.filter(({ path: name }) => isApplied.has(name))
      await deployOn(shadow, { ...list, migrationDirectories: applied })
      const [made, found] = [await readDefinitions(shadow), await readDefinitions(session)]
      const difference = describeDifference(compareCatalogs(made.objects, found.objects))
      return work({ session, shadow, list, state, made, found, difference, unsaved })
    })
  } finally {
    await session.close()
  }
}

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { type Definitions, readDefinitions } from '../database/definitions.ts'
import { readVerdict, type Verdict } from '../database/verdict.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { openSession, type Session } from '../database/session.ts'
import { onShadow } from '../database/shadow-database.ts'
import { holdMigrationLock } from '../database/wait-for-lock.ts'
import { deployOn } from '../deploy/deploy.ts'
import { catalogFile, compareCatalogs, describeDifference, formatCatalog } from '../files/catalog.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { readMigrations } from '../files/migration-files.ts'

/** Nothing was changed; the message says why, and what to run first. */
export class DriftRefused extends Error {
  override readonly name = 'DriftRefused'
}

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
}

/** What was found. If the schema was changed by hand, `difference` names the objects. */
export interface Look {
  readonly difference: string | null
  /** Whether prisma/migrations/catalog isn't what all migrations make; null if not all are applied. */
  readonly isCatalogStale: boolean | null
}

/**
 * Compares a database with what the migrations make that it has applied, which are replayed on a shadow database.
 *
 * @throws DriftRefused if its records and the files don't go together; SchemaEngineError as `deploy` does
 */
export async function lookForDrift(options: DriftOptions): Promise<Look> {
  return compared(options, async ({ shadow, list, state, difference }) => {
    if (state.pending.length > 0) return { difference, isCatalogStale: null }
    const made = formatCatalog(await readCatalog(shadow), scriptsOf(list).keys())
    const kept = await readFile(path.join(options.folder, catalogFile), 'utf8').catch(() => null)
    return { difference, isCatalogStale: kept !== null && kept !== made }
  })
}

/** Nobody else migrates meanwhile. */
export async function compared<Result>(
  { url, folder, shadowDatabaseUrl }: DriftOptions,
  work: (compared: Compared) => Promise<Result>,
): Promise<Result> {
  const list = await readMigrations(folder)
  const session = await openSession(url, 'open-event-graphql drift')
  try {
    await using _lock = await holdMigrationLock(session, { wait: 5000 })
    const state = await readVerdict(session, folder)
    requireKnown(state)
    return await onShadow({ url, shadowDatabaseUrl }, async (shadow) => {
      const isApplied = new Set(state.applied)
      const applied = list.migrationDirectories.filter(({ path: name }) => isApplied.has(name))
      await deployOn(shadow, { ...list, migrationDirectories: applied })
      const [made, found] = [await readDefinitions(shadow), await readDefinitions(session)]
      const difference = describeDifference(compareCatalogs(made.objects, found.objects))
      return work({ session, shadow, list, state, made, found, difference })
    })
  } finally {
    await session.close()
  }
}

/** @throws DriftRefused if what the applied migrations make isn't known */
function requireKnown({ unknown, edited, applied }: Verdict): void {
  if (unknown.length > 0 || edited.length > 0) {
    const which =
      unknown.length > 0 ? `${unknown.join(', ')}, not here` : `${edited.join(', ')}, edited here since`
    throw new DriftRefused(
      `What the applied migrations make isn't known: the database has ${which}. Nothing was changed. See: ` +
        'npm run migrations -- doctor',
    )
  }
  if (applied.length === 0)
    throw new DriftRefused('No migration is applied yet. Run: npm run migrations -- deploy')
}

import type pg from 'pg'
import {
  type Catalog,
  type CatalogDifference,
  compareCatalogs,
  describeDifference,
  shortList,
} from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { hindrances } from './compatibility.ts'
import type { Join } from '../files/join.ts'
import { describeHolder, lockHolder } from '../database/migration-lock.ts'
import { readRecords } from '../database/read-records.ts'
import { laterThan, type MigrationFiles, verdictOf } from '../database/verdict.ts'

/** How a database's schema stands to this build. */
export type SchemaStateName =
  | 'in sync'
  | 'empty'
  | 'pending'
  | 'running'
  | 'failed'
  | 'edited'
  | 'ahead'
  | 'diverged'
  | 'out of order'
  | 'drifted'

/** What a database's schema means for this build: whether it may serve, and if not, what has to be done. */
export interface SchemaState {
  readonly state: SchemaStateName
  /** In sync, or ahead in a way that this build can live with. */
  readonly serves: boolean
  /** Whether it is for `deploy` to bring it in order; else somebody has to decide something. */
  readonly deployable: boolean
  /** What is wrong, which migrations or objects, what it means, and the command to run; for people. */
  readonly message: string
}

/** What a build brings along to compare databases with. */
export interface BuiltSchema {
  readonly files: MigrationFiles
  /** What its migrations make; null where that isn't kept: then only the migrations are compared. */
  readonly catalog: Catalog | null
  /** The migrations that made the catalog; null if that isn't kept. */
  readonly catalogOf: ReadonlySet<string> | null
  /** Of migrations that a database may have got in another order. */
  readonly joins: readonly Join[]
}

/**
 * Compares a database with the migrations and the schema that this build was made with: at most three short statements,
 * so it can be asked at every probe.
 *
 * @throws the driver's error where the database can't be reached
 */
export async function schemaState(
  pool: pg.Pool,
  { files, catalog, catalogOf, joins }: BuiltSchema,
): Promise<SchemaState> {
  const verdict = verdictOf(await readRecords(pool), files, joins)
  const { state, failed, pending, unknown, edited, late, applied } = verdict
  if (failed.length > 0 || pending.length > 0) {
    const holder = await lockHolder(pool)
    if (holder !== null) return deployable('running', messages.running(describeHolder(holder)))
  }
  switch (state) {
    case 'failed':
      return failed.length === verdict.resumable.length
        ? deployable(state, messages.stopped(failed))
        : refused(state, messages.failed(failed))
    case 'edited':
      return refused(state, messages.edited(edited))
    case 'diverged':
      return refused(state, messages.diverged(unknown, pending))
    case 'out of order':
      return refused(state, messages.outOfOrder(late, laterThan(late[0]!, applied, joins)!))
    case 'empty':
    case 'pending':
      return deployable(state, messages.pending(pending))
    case 'ahead':
    case 'all applied':
      return schemaVerdict(pool, unknown, { files, catalog, catalogOf })
  }
}

/** Whether the schema is what the migrations make, all of which are applied. */
async function schemaVerdict(
  pool: pg.Pool,
  unknown: readonly string[],
  { files, catalog, catalogOf }: Omit<BuiltSchema, 'joins'>,
): Promise<SchemaState> {
  if (catalog === null) {
    return unknown.length > 0 ? ahead(unknown, ['what they made is not known here']) : inSync
  }
  const found = await readCatalog(pool)
  return unknown.length > 0
    ? ahead(unknown, hindrances(catalog, found))
    : drift(
        compareCatalogs(catalog, found),
        catalogOf === null ? [] : [...files.keys()].filter((name) => !catalogOf.has(name)),
      )
}

const inSync: SchemaState = {
  state: 'in sync',
  serves: true,
  deployable: false,
  message: 'The database has the schema of this build.',
}

/** A newer build migrated the database while this one is still to serve, as in a rolling update. */
function ahead(unknown: readonly string[], hindering: readonly string[]): SchemaState {
  const what = `The database has migrations that this build doesn't know: ${shortList(unknown)}.`
  if (hindering.length === 0) {
    const message = `${what} They only add what this build can do without, so it serves. Start the newer build when you can.`
    return { state: 'ahead', serves: true, deployable: false, message }
  }
  return refused(
    'ahead',
    `${what} This build can't live with them: ${shortList(hindering)}. Start the build that has them.`,
  )
}

/** @param without the migrations that were written without the catalog */
function drift(difference: CatalogDifference, without: readonly string[]): SchemaState {
  const described = describeDifference(difference)
  if (described === null) return inSync
  return refused(
    'drifted',
    without.length > 0 ? messages.withoutCatalog(without, described) : messages.drifted(described),
  )
}

function refused(state: SchemaStateName, message: string): SchemaState {
  return { state, serves: false, deployable: false, message }
}

function deployable(state: SchemaStateName, message: string): SchemaState {
  return { state, serves: false, deployable: true, message }
}

const messages = {
  running: (holder: string) =>
    `Migrations are being applied right now, by ${holder}. Wait for it, then start again; "npm run migrations -- deploy" ` +
    'waits by itself.',
  stopped: (names: readonly string[]) =>
    `A migration that can't be one transaction stopped between two of its statements: ${shortList(names)}. Those that were ` +
    'done are counted. Run "npm run migrations -- deploy": it goes on with the next, or says what is in its way.',
  failed: (names: readonly string[]) =>
    `A migration began and didn't finish: ${shortList(names)}. Nothing else is applied before it is settled. See what it left ` +
    'behind ("npm run migrations -- doctor"), mend that, then run "npx prisma migrate resolve --rolled-back ' +
    `${names[0]}", or "--applied" where all of it was done.`,
  edited: (names: readonly string[]) =>
    `These files were edited after they were applied: ${shortList(names)}. What the database has is no longer what they say. ` +
    'Restore them ("git checkout -- prisma/migrations"); what has to change goes into a new migration ' +
    '("npx prisma migrate dev --name what-changes"). If nobody else has them as they were, "npm run migrations -- drift" says ' +
    'what to do.',
  diverged: (unknown: readonly string[], pending: readonly string[]) =>
    `The database is of another line: it has ${shortList(unknown)}, which this build doesn't know, and lacks ${shortList(pending)}. ` +
    'Two branches were deployed. Merge them, then run "npm run migrations -- rebase" where one of them can still be ' +
    'changed, or "npm run migrations -- merge" where both are applied somewhere.',
  outOfOrder: (late: readonly string[], last: string) =>
    `These migrations aren't applied, and later ones are (${last}): ${shortList(late)}. They were merged late, and nobody ` +
    'tried them after the later ones. Put them behind those: "npm run migrations -- rebase".',
  pending: (names: readonly string[]) =>
    `These migrations aren't applied yet: ${shortList(names)}. Run "npm run migrations -- deploy", or start with ` +
    'MIGRATE_ON_START=true.',
  drifted: (difference: string) =>
    `All migrations are applied, but the schema isn't what they make (${difference}). Somebody changed it by hand. ` +
    'Run "npm run migrations -- drift": it keeps the change as a migration, or takes it back, without losing rows.',
  withoutCatalog: (names: readonly string[], difference: string) =>
    `All migrations are applied, but prisma/migrations/catalog doesn't know what they make: ${shortList(names)} was written ` +
    `without it (${difference}). Write it ("npm run catalog") and commit it.`,
}

import type { Catalog } from '../files/catalog.ts'
import { hindrances } from '../gate/compatibility.ts'
import type { Finding } from '../files/finding.ts'
import { joinsOf } from '../files/join.ts'
import type { MigrationFolder } from '../files/migration-folder.ts'
import { checksumsOf, type Verdict, verdictOf } from '../database/verdict.ts'
import { unknownFindings } from './ahead.ts'
import { examineLineage } from './applied-lineage.ts'
import type { DatabaseFacts } from './database-facts.ts'
import { driftedObjects, driftFindings } from './drift.ts'
import { editedFindings } from './edited.ts'
import { type Examination, skipped } from './examination.ts'
import { failedFinding } from './failed.ts'
import { examineObjects } from './objects.ts'
import { isStopped, type MigrationRecord } from '../database/read-records.ts'
import { recordFindings } from './records.ts'
import type { Replayer } from './replay.ts'
import { pendingFindings, runningFindings } from './states.ts'

/** The working tree that a database is compared with. */
export interface WorkingTree {
  /** `prisma/migrations` */
  readonly path: string
  readonly folder: MigrationFolder
  /** The `catalog` file. */
  readonly kept: Catalog | null
}

/** How a database stands to the working tree: its records, its lineage, its objects. */
export async function examineState(
  tree: WorkingTree,
  facts: DatabaseFacts,
  replay: Replayer,
): Promise<Examination[]> {
  const { records } = facts
  const idle = facts.idle === undefined ? skipped('objects', unreadWhy(facts)) : examineObjects(facts.idle)
  if (records === undefined) return [skipped('records', "they couldn't be read"), idle]
  const { scripts } = tree.folder
  const state = verdictOf(records, checksumsOf(scripts), joinsOf(scripts))
  return [
    await examineRecords(tree, facts, state, replay),
    facts.lineage === undefined
      ? skipped('lineage', "migration_lineage couldn't be read")
      : examineLineage(tree.folder, facts.lineage, state.applied),
    idle,
    await examineSchema(tree, facts, state, replay),
  ]
}

async function examineRecords(
  tree: WorkingTree,
  { records, migrating, catalog, unread }: DatabaseFacts,
  state: Verdict,
  replay: Replayer,
): Promise<Examination> {
  const all = records ?? []
  // While somebody is at it, what began and didn't finish hasn't failed.
  const stopped = migrating ? [] : all.filter(isStopped)
  const failed: Finding[] = []
  for (const record of stopped) {
    failed.push(await failure(record, { tree, state, found: catalog ?? null, replay }))
  }
  const hindering = tree.kept === null || catalog === undefined ? null : hindrances(tree.kept, catalog)
  const isForeign = records === null && (catalog?.size ?? 0) > 0
  return {
    area: 'records',
    isDone: unread.length === 0,
    looked: `${all.length} records of _prisma_migrations against the files`,
    findings: [
      ...unread,
      ...runningFindings(migrating ?? null),
      ...failed,
      ...editedFindings(tree.path, state.edited, all),
      ...unknownFindings(tree.path, state, hindering),
      ...(isForeign ? [noRecords(state.pending)] : pendingFindings(state)),
      ...recordFindings(all),
    ],
  }
}

async function failure(
  record: MigrationRecord,
  {
    tree,
    state,
    found,
    replay,
  }: { tree: WorkingTree; state: Verdict; found: Catalog | null; replay: Replayer },
): Promise<Finding> {
  const { folder } = tree
  const { applied } = state
  const before = await replay(new Set(applied))
  const after = await replay(new Set([...applied, record.name]))
  return failedFinding(record, folder.scripts, {
    before: 'catalog' in before ? before.catalog : null,
    after: 'catalog' in after ? after.catalog : null,
    found,
  })
}

/** Object by object, with what the migrations make that are applied; not only where all are. */
async function examineSchema(
  tree: WorkingTree,
  facts: DatabaseFacts,
  { applied, pending, failed, unknown }: Verdict,
  replay: Replayer,
): Promise<Examination> {
  const { catalog: found, idle = [], lineage } = facts
  if (found === undefined) return skipped('schema', unreadWhy(facts))
  if (failed.length > 0) return skipped('schema', 'what the failed migration left behind is told there')
  if (unknown.length > 0) return skipped('schema', 'what the migrations make that are not here is not known')
  if (applied.length === 0) return skipped('schema', 'no migration is applied')
  const replayed = await replay(new Set(applied))
  const expected = 'catalog' in replayed ? replayed.catalog : pending.length === 0 ? tree.kept : null
  if (expected === null) {
    return skipped('schema', 'it takes a shadow database to know what the applied migrations make')
  }
  // An index that isn't ours is to be dropped for both reasons; what is mended otherwise still isn't ours then.
  const told = new Set(
    idle.flatMap(({ name }) => (expected.has(name) || name.startsWith('index ') ? [name] : [])),
  )
  if (lineage === null) told.add('table migration_lineage')
  const drifted = driftedObjects(expected, found).filter(({ name }) => !told.has(name))
  return {
    area: 'schema',
    isDone: true,
    looked: `${found.size} objects of the schema against what the applied migrations make`,
    findings: driftFindings(drifted),
  }
}

function unreadWhy({ migrating }: DatabaseFacts): string {
  return migrating ? 'they are being changed right now' : "they couldn't be read"
}

function noRecords(pending: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'no-records',
    message: 'The schema has tables, and there is no _prisma_migrations, so nobody knows what was applied.',
    cause:
      'The table was dropped or left out of a dump, or the schema is of another program. A deploy refuses it (P3005).',
    migrations: pending,
    remedy:
      'Where the schema is what all migrations make: for name in $(ls prisma/migrations | grep ^2); do npx prisma migrate ' +
      'resolve --applied $name; done',
  }
}

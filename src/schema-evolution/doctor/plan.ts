import type pg from 'pg'
import { isRelease, type NoRelease, type RunningRelease } from '../files/last-release.ts'
import type { ReleasedSchema } from '../files/released-schema.ts'
import { blocks, causes, type Effect, type Lock, type LockWork } from '../sql/lock.ts'
import type { SqlStatement } from '../sql/parse.ts'
import { type ReadMigration, readMigrationSql, type MigrationStep } from '../check/read-migration.ts'
import { obstaclesFor, removalsOf } from '../check/removals.ts'
import { readDatabaseSchema, type TableSize } from './database-schema.ts'

/** What deploying would do to a database. */
export interface Plan {
  /** `18.4` */
  readonly serverVersion: string
  /** The release that runs meanwhile; null where that isn't known, and then `releaseUnknown` says why. */
  readonly release: string | null
  readonly releaseUnknown: string | null
  /** Whether that release keeps working; null where it isn't known. */
  readonly releaseSurvives: boolean | null
  readonly migrations: readonly PlannedMigration[]
}

export interface PlannedMigration {
  readonly name: string
  /** Whether all of it happens or nothing. If so, each lock is kept to its end. */
  readonly isOneTransaction: boolean
  readonly mark: 'expand' | 'contract' | null
  readonly releaseSurvives: boolean | null
  readonly statements: readonly PlannedStatement[]
}

export interface PlannedStatement {
  readonly line: number
  readonly sql: string
  readonly locks: readonly PlannedLock[]
  /** Why the release that runs doesn't survive it; sentences. */
  readonly breaks: readonly string[]
}

export interface PlannedLock {
  /** null: which one can't be known. */
  readonly table: string | null
  readonly lock: Lock
  /** Who waits while it is held. */
  readonly waiting: 'reads and writes' | 'writes' | 'nobody'
  readonly work: LockWork
  /** What is done, after "it". */
  readonly does: string
  /** null where PostgreSQL never counted, and for a table that a pending migration makes. */
  readonly rows: number | null
  readonly bytes: number | null
}

/**
 * What applying the pending migrations would do. Each is taken to meet what those before it leave behind. Nothing is
 * executed but SELECTs of the catalogue.
 *
 * @param pending name to SQL, in the order of applying
 * @throws SqlSyntaxError where PostgreSQL wouldn't understand a migration
 */
export async function planDeployment(
  client: pg.ClientBase,
  pending: ReadonlyMap<string, string>,
  release: RunningRelease | NoRelease,
): Promise<Plan> {
  const { schema, sizes, version } = await readDatabaseSchema(client)
  const running = isRelease(release) ? release : null
  const migrations = [...pending].map(([name, sql]) =>
    plan(readMigrationSql(name, sql, schema), sizes, running),
  )
  return {
    serverVersion: version,
    release: running?.name ?? null,
    releaseUnknown: isRelease(release) ? null : release.why,
    releaseSurvives: running && migrations.every(({ releaseSurvives }) => releaseSurvives === true),
    migrations,
  }
}

function plan(
  migration: ReadMigration,
  sizes: ReadonlyMap<string, TableSize>,
  running: RunningRelease | null,
): PlannedMigration {
  const broken = running === null ? [] : breaksOf(migration, running.schema)
  const marks = migration.directives.map(({ kind }) => kind)
  return {
    name: migration.name,
    isOneTransaction: migration.isOneTransaction,
    mark: marks.includes('contract') ? 'contract' : marks.includes('expand') ? 'expand' : null,
    releaseSurvives: running && broken.length === 0,
    statements: migration.steps.map((step) => ({
      line: step.statement.line,
      sql: firstLine(step.statement.text),
      locks: locksOf(step, migration.newTables, sizes),
      breaks: broken
        .filter(({ statement }) => [step.statement, ...step.inside].includes(statement))
        .map(({ text }) => text),
    })),
  }
}

function locksOf(
  { effects }: MigrationStep,
  newTables: ReadonlySet<string>,
  sizes: ReadonlyMap<string, TableSize>,
): PlannedLock[] {
  const felt = effects.filter(({ table }) => table === null || !newTables.has(table))
  const planned = felt.map(({ table, lock, work, cause }: Effect): PlannedLock => {
    const size = table === null ? undefined : sizes.get(table)
    return {
      table,
      lock,
      waiting: blocks(lock),
      work,
      does: causes[cause],
      rows: size?.rows ?? null,
      bytes: size?.bytes ?? null,
    }
  })
  return [...new Map(planned.map((one) => [`${one.table} ${one.lock} ${one.does}`, one])).values()]
}

/** As far as the client that Prisma generates goes; SQL that is written by hand isn't looked at. */
function breaksOf(
  migration: ReadMigration,
  release: ReleasedSchema,
): { statement: SqlStatement; text: string }[] {
  return [
    ...removalsOf(migration)
      .filter(({ isUsedBy }) => isUsedBy(release))
      .map(({ statement, text }) => ({ statement, text: `it ${text}` })),
    ...obstaclesFor(migration, release).map(({ statement, text }) => ({
      statement,
      text: text.replace(/^its? /, (word) => (word === 'its ' ? "the release's " : 'the release ')),
    })),
  ]
}

/** With dots where more follows. */
function firstLine(sql: string): string {
  const [first = '', ...more] = sql.split('\n')
  return more.length > 0 ? `${first.trimEnd()} ...` : first
}

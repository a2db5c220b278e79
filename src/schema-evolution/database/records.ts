import pg from 'pg'
import { joinsOf } from '../files/join.ts'
import { SchemaEngineError } from './fault.ts'
import { isStopped, readRecords, resumable } from './read-records.ts'
import { checksumsOf, verdictOf } from './verdict.ts'
import { rowsOf, type Session } from './session.ts'
import { lineageRowsOf } from '../files/lineage-rows.ts'
import { checksumOf } from '../files/lineage.ts'

/** A migration that is to be applied, or to be gone on with. */
export interface PendingMigration {
  readonly name: string
  readonly sql: string
}

/**
 * Prisma's record of the migrations, made as its engine makes it.
 *
 * @throws SchemaEngineError P3005 where there are tables that no migration made
 */
export async function prepareRecords(session: Session): Promise<void> {
  const [found] = await rowsOf(
    session,
    `SELECT to_regclass(${text(recordsOf(session))}) IS NOT NULL,
            EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                    WHERE nspname = ${text(session.schema)} AND relkind IN ('r', 'p', 'v', 'm')
                      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e'))`,
  )
  const [hasRecords, hasTables] = found ?? []
  if (hasRecords === true) return
  if (hasTables === true) {
    throw new SchemaEngineError(
      'P3005',
      'The database schema is not empty. Read more about how to baseline an existing production database: ' +
        'https://pris.ly/d/migrate-baseline',
    )
  }
  await session.query(`
    CREATE TABLE ${recordsOf(session)} (
      id                  VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum            VARCHAR(64) NOT NULL,
      finished_at         TIMESTAMPTZ,
      migration_name      VARCHAR(255) NOT NULL,
      logs                TEXT,
      rolled_back_at      TIMESTAMPTZ,
      started_at          TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0
    )`)
}

/**
 * What isn't applied yet, in order. One that stopped half-way is gone on with where its statements were counted and its
 * file is still the same.
 *
 * @throws SchemaEngineError P3009 for any other that stopped half-way, P3015 for a file that can't be read
 */
export async function pendingMigrations(
  session: Session,
  scripts: ReadonlyMap<string, string | null>,
): Promise<PendingMigration[]> {
  const records = await readRecords(session)
  const { pending, failed, resumable: goesOn } = verdictOf(records, checksumsOf(scripts), joinsOf(scripts))
  const stuck = failed.find((name) => !goesOn.includes(name))
  if (stuck !== undefined) {
    const startedAt = records?.find((record) => record.name === stuck && isStopped(record))?.startedAt
    throw failedBefore(stuck, startedAt?.toISOString().replace(/T(.*)Z$/, ' $1 UTC') ?? '')
  }
  const wanted = new Set([...pending, ...goesOn])
  return [...scripts].flatMap(([name, sql]) => {
    if (!wanted.has(name)) return []
    if (sql === null)
      throw new SchemaEngineError('P3015', `Could not read the file of the migration ${name}.`)
    return [{ name, sql }]
  })
}

/**
 * How many statements an earlier run, or an earlier try, has done of one that can't be a transaction; null where it was
 * never begun. `wasKilled`: nothing was written down when it ended, so one more may be done.
 */
export async function stepsRecorded(
  session: Session,
  { name }: PendingMigration,
): Promise<{ done: number; wasKilled: boolean } | null> {
  const [row] = await rowsOf(
    session,
    `SELECT applied_steps_count, logs = ${text(resumable)} FROM ${recordsOf(session)} WHERE ${isBegun(name)}`,
  )
  return row === undefined ? null : { done: Number(row[0]), wasKilled: row[1] === true }
}

/** The statement that records a migration as applied; it is run in the migration's own transaction. */
export function recordApplied(session: Session, { name, sql }: PendingMigration): string {
  return `INSERT INTO ${recordsOf(session)} (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
          VALUES (gen_random_uuid(), ${text(checksumOf(sql))}, ${text(name)}, now(), clock_timestamp(), 1)`
}

/** For one that is no transaction: it is recorded before its first step. */
export function recordBegun(session: Session, { name, sql }: PendingMigration, isAgain: boolean): string {
  if (isAgain) return `UPDATE ${recordsOf(session)} SET logs = ${text(resumable)} WHERE ${isBegun(name)}`
  return `INSERT INTO ${recordsOf(session)} (id, checksum, migration_name, logs)
          VALUES (gen_random_uuid(), ${text(checksumOf(sql))}, ${text(name)}, ${text(resumable)})`
}

export function recordSteps(session: Session, { name }: PendingMigration, done: number): string {
  return `UPDATE ${recordsOf(session)} SET applied_steps_count = ${done} WHERE ${isBegun(name)}`
}

export function recordFailure(session: Session, { name }: PendingMigration, message: string): string {
  return `UPDATE ${recordsOf(session)} SET logs = ${text(`${resumable}\n${message}`)} WHERE ${isBegun(name)}`
}

export function recordFinished(session: Session, { name }: PendingMigration): string {
  return `UPDATE ${recordsOf(session)} SET finished_at = clock_timestamp(), logs = NULL WHERE ${isBegun(name)}`
}

/** As `prisma migrate resolve --rolled-back` does, for what is taken back. */
export function recordTakenBack(session: Session, name: string): string {
  return `UPDATE ${recordsOf(session)} SET rolled_back_at = now() WHERE ${isBegun(name)}`
}

/** Qualified, because a migration may have set another search_path. */
export function recordsOf({ schema }: Session): string {
  return `${pg.escapeIdentifier(schema)}._prisma_migrations`
}

/** The table of the lineage, whether it is there or not. */
export function lineageOf({ schema }: Session): string {
  return `${pg.escapeIdentifier(schema)}.migration_lineage`
}

/** The rows that a migration would have written itself, where it isn't run. */
export async function writeLineageRows(session: Session, sql: string): Promise<void> {
  for (const { name, parent } of lineageRowsOf(sql)) {
    await session.query(
      `INSERT INTO ${lineageOf(session)} (name, parent) VALUES (${text(name)}, ${text(parent)})`,
    )
  }
}

function isBegun(name: string): string {
  return `migration_name = ${text(name)} AND finished_at IS NULL AND rolled_back_at IS NULL`
}

function text(value: string): string {
  return pg.escapeLiteral(value)
}

function failedBefore(name: string, startedAt: string): SchemaEngineError {
  return new SchemaEngineError(
    'P3009',
    'migrate found failed migrations in the target database, new migrations will not be applied. Read more about how to ' +
      'resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n' +
      `The \`${name}\` migration started at ${startedAt} failed\n`,
  )
}

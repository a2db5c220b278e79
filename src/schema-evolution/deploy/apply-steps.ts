import pg from 'pg'
import { explainFailedScript } from './failed-script.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { rowsOf, type Session } from '../database/session.ts'
import { isPassing } from './patience.ts'
import {
  type PendingMigration,
  recordBegun,
  recordFailure,
  recordFinished,
  recordSteps,
  stepsRecorded,
} from '../database/records.ts'
import type { Step } from './script-shape.ts'
import { inOneTransaction } from '../database/transaction.ts'

/**
 * Runs the statements of a migration that can't be one transaction one by one, and counts them in its record, so that
 * the next run goes on where this one ended.
 *
 * @throws SchemaEngineError P3018 that says which statement failed and how to go on; the database's error where only a
 *   lock was in the way
 */
export async function applySteps(
  session: Session,
  migration: PendingMigration,
  steps: readonly Step[],
  lockTimeout: number,
): Promise<void> {
  const before = await stepsRecorded(session, migration)
  await session.query(recordBegun(session, migration, before !== null))
  const begin = before?.done ?? 0
  for (const { text } of steps.slice(0, begin).filter(({ isSetting }) => isSetting)) await session.query(text)
  // Who is kept waiting by nobody but us may wait for long, unless the file says itself how long.
  const patience = /\block_timeout\b/i.test(migration.sql) ? null : lockTimeout
  for (const [index, step] of steps.entries()) {
    if (index < begin) continue
    const mayBeDone = index === begin && before?.wasKilled === true
    try {
      await runStep(session, migration, step, { number: index + 1, mayBeDone, patience })
    } catch (error) {
      if (session.lost() !== null || !(error instanceof pg.DatabaseError)) throw error
      await session.query('ROLLBACK')
      throw isPassing(error) ? error : await failure(session, migration, steps, { failed: index, error })
    }
  }
  await session.query(recordFinished(session, migration))
}

async function runStep(
  session: Session,
  migration: PendingMigration,
  step: Step,
  { number, mayBeDone, patience }: { number: number; mayBeDone: boolean; patience: number | null },
): Promise<void> {
  const count = recordSteps(session, migration, number)
  if (step.isTransaction && (await isDoneInTransaction(session, step, count))) return
  if (step.isConcurrent && patience !== null) await setLockTimeout(session, patience * 12)
  if (!(await isBuilt(session, step, mayBeDone))) await runAgain(session, step, mayBeDone)
  if (step.isConcurrent && patience !== null) await setLockTimeout(session, patience)
  await session.query(count)
}

/**
 * False if PostgreSQL doesn't run it in a transaction, or it commits in its midst: nothing of it is left then. Only
 * PostgreSQL knows all such statements (REINDEX SCHEMA, DISCARD ALL, CALL of what commits ...), so it is asked.
 */
async function isDoneInTransaction(session: Session, { text }: Step, count: string): Promise<boolean> {
  try {
    await inOneTransaction(session, async () => {
      await session.query(text)
      await session.query(count)
    })
    return true
  } catch (error) {
    if (error instanceof pg.DatabaseError && ['25001', '2D000'].includes(error.code ?? '')) return false
    throw error
  }
}

/**
 * A CREATE INDEX CONCURRENTLY that failed leaves an index that is kept up to date and never used: that one is dropped.
 * One that is whole was built by a run that was killed before it could count.
 */
async function isBuilt(session: Session, { index }: Step, mayBeDone: boolean): Promise<boolean> {
  if (index === null) return false
  const schema = pg.escapeIdentifier(index.schema ?? session.schema)
  const name = `${schema}.${pg.escapeIdentifier(index.name)}`
  const [found] = await rowsOf(
    session,
    `SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(${pg.escapeLiteral(name)})
       AND indrelid = to_regclass(${pg.escapeLiteral(`${schema}.${pg.escapeIdentifier(index.table)}`)})`,
  )
  if (found?.[0] !== false) return found?.[0] === true && mayBeDone
  await session.query(`DROP INDEX CONCURRENTLY ${name}`)
  return false
}

/** What a killed run had dropped or detached already, nobody can drop again. */
async function runAgain(session: Session, { text, isConcurrent }: Step, mayBeDone: boolean): Promise<void> {
  try {
    await session.query(text)
  } catch (error) {
    const isGone = error instanceof pg.DatabaseError && ['42704', '42P01', '42809'].includes(error.code ?? '')
    if (!(isGone && isConcurrent && mayBeDone && /^(DROP|ALTER)\b/i.test(text))) throw error
  }
}

function setLockTimeout(session: Session, milliseconds: number): Promise<unknown> {
  return session.query(`SELECT set_config('lock_timeout', '${milliseconds}ms', false)`)
}

async function failure(
  session: Session,
  migration: PendingMigration,
  steps: readonly Step[],
  { failed, error }: { failed: number; error: pg.DatabaseError },
): Promise<SchemaEngineError> {
  const { name } = migration
  const { text } = steps[failed]!
  // A transaction of its own, that the statement was in, took its counts back too.
  const done = (await stepsRecorded(session, migration))?.done ?? 0
  const told = explainFailedScript({ script: text, error })
  const message =
    `A migration failed to apply. ${name} can't be one transaction, and stopped at statement ${failed + 1} of ` +
    `${steps.length}; ${done === 0 ? 'nothing is done' : `what is done before it stays (${done})`}.\n\n${text};\n\n` +
    `Database error code: ${error.code ?? 'none'}\n\nDatabase error:\nERROR: ${told}\n\n` +
    `Mend what is in its way in the database, then run: npm run migrations -- deploy\nIt goes on with statement ` +
    `${done + 1}. To change the file instead, take back first what is done: npm run migrations -- drift --take-back. Or do ` +
    `the rest by hand, then run: npx prisma migrate resolve --applied ${name}`
  await session.query(recordFailure(session, migration, message))
  return new SchemaEngineError('P3018', message, {
    cause: error,
    meta: { migration_name: name, database_error_code: error.code, database_error: told },
  })
}

import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { SchemaEngineError } from './fault.ts'
import { rowsOf, type Session } from './session.ts'
import { deployLock, describeHolder, lockHolder, type LockHolder, prismaLock } from './migration-lock.ts'

export interface WaitOptions {
  /** How long somebody else is waited for, in milliseconds. */
  readonly wait?: number | undefined
  /** What people are told, a line at a time. */
  readonly tell?: ((line: string) => void) | undefined
  /** Ends the waiting, not what is under way. */
  readonly signal?: AbortSignal | undefined
  /** The application_name of an engine that works for us: where it has Prisma's lock, we have it. */
  readonly ownEngine?: string | undefined
}

/** Long enough for whatever others do, since nobody is kept waiting by it. */
const defaultWait = 600_000
const pause = 250

/**
 * Takes our lock and Prisma's, so that neither another one of us nor the native engine migrates at the same time. They
 * are tried for, never waited for in the database: a session that waits there keeps CREATE INDEX CONCURRENTLY of the
 * holder waiting in turn, for ever.
 *
 * @throws SchemaEngineError P1002 where the waiting takes too long, or is ended
 */
export async function holdMigrationLock(
  session: Session,
  { wait = defaultWait, tell, signal, ownEngine }: WaitOptions,
): Promise<AsyncDisposable> {
  const began = Date.now()
  let told = -Infinity
  while (!(await tryLocks(session, ownEngine))) {
    const waited = Date.now() - began
    if (waited >= wait || signal?.aborted === true) throw waitedTooLong(await lockHolder(session), waited)
    if (waited - told >= 5000) {
      tell?.(`Wait until the migrations are applied by ${describeHolder(await lockHolder(session))}`)
      told = waited
    }
    await sleep(Math.min(pause + Math.random() * pause, Math.max(wait - waited, 1)))
  }
  return { [Symbol.asyncDispose]: () => unlock(session, [prismaLock, deployLock]) }
}

async function tryLocks(session: Session, ownEngine: string | undefined): Promise<boolean> {
  if (!(await tryLock(session, deployLock))) return false
  if ((await tryLock(session, prismaLock)) || (await isHeldBy(session, ownEngine))) return true
  await unlock(session, [deployLock])
  return false
}

async function tryLock(session: Session, key: number): Promise<boolean> {
  const [row] = await rowsOf(session, `SELECT pg_try_advisory_lock(${key})`)
  return row?.[0] === true
}

async function isHeldBy(session: Session, application: string | undefined): Promise<boolean> {
  if (application === undefined) return false
  const [row] = await rowsOf(
    session,
    `SELECT FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND objid = ${prismaLock} AND application_name = ${pg.escapeLiteral(application)}`,
  )
  return row !== undefined
}

/** What the session held before, as the engine's does, it goes on holding: the locks count. */
async function unlock(session: Session, keys: readonly number[]): Promise<void> {
  if (session.lost() === null)
    await rowsOf(session, `SELECT ${keys.map((key) => `pg_advisory_unlock(${key})`).join(', ')}`)
}

function waitedTooLong(holder: LockHolder | null, waited: number): SchemaEngineError {
  return new SchemaEngineError(
    'P1002',
    `Migrations are being applied by ${describeHolder(holder)}, for longer than ${Math.round(waited / 1000)} seconds; ` +
      'nothing was done here. Look what it waits for (SELECT * FROM pg_stat_activity), then run: npm run migrations -- deploy',
  )
}

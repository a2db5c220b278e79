import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { SchemaEngineError } from '../database/fault.ts'
import type { Session } from '../database/session.ts'
import { watchBlockers } from './blockers.ts'

export interface PatienceOptions {
  /** How long a statement waits for a lock before everybody else is let through, in milliseconds. */
  readonly lockTimeout?: number | undefined
  /** What people are told, a line at a time. */
  readonly tell?: ((line: string) => void) | undefined
}

/** What is tried, for people. */
interface Tried {
  /** What is said of it in the end, a sentence. */
  readonly failure: string
  /** `the migration NAME` */
  readonly what: string
  /** What a try that failed leaves behind, a sentence. */
  readonly left: string
  readonly migration: string
  /** What is to be run again: `deploy` */
  readonly command: string
}

export const defaultLockTimeout = 5000
const tries = 5

/**
 * Lets others through and tries again, while all that is in the way is somebody's lock: a statement that waits for one
 * keeps everybody waiting who comes after it.
 *
 * @throws SchemaEngineError P3018 that names who was in the way, after five tries; everything else as it is
 */
export async function patiently<Result>(
  session: Session,
  { failure, what, left, migration, command }: Tried,
  { lockTimeout = defaultLockTimeout, tell }: PatienceOptions,
  attempt: () => Promise<Result>,
): Promise<Result> {
  for (let count = 1; ; count += 1) {
    const watch = watchBlockers(session, Math.max(50, lockTimeout / 3))
    try {
      return await attempt()
    } catch (error) {
      if (!isPassing(error) || session.lost() !== null) throw error
      const blockers = watch.seen()
      const who = blockers === null ? 'Whoever it was is done by now.' : `In the way: ${blockers}.`
      const reason = `${error.message}. ${who}`
      if (count === tries) {
        throw new SchemaEngineError(
          'P3018',
          `${failure} For ${what} the locks could not be had in ${tries} tries; ${left}\n\n` +
            `ERROR: ${reason}\n\nWait for them or end them (SELECT pg_terminate_backend(PROCESS)), then run: ` +
            `npm run migrations -- ${command}`,
          {
            cause: error,
            meta: { migration_name: migration, database_error_code: error.code, database_error: reason },
          },
        )
      }
      const pause = 2 ** (count - 1) * 0.5
      tell?.(`Let everybody through and try again in ${pause} s (${count} of ${tries}): ${what}: ${reason}`)
      await sleep(pause * 1000)
    } finally {
      await watch.stop()
    }
  }
}

/** lock_timeout, deadlock, serialization failure. */
export function isPassing(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && ['55P03', '40P01', '40001'].includes(error.code ?? '')
}

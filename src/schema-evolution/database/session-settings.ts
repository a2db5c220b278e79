import pg from 'pg'
import { settlingStatements } from '../../database/settings.ts'
import type { Session } from './session.ts'

/**
 * What each migration finds, whatever the one before has set for the session.
 *
 * @param lockTimeout in milliseconds; 0: a statement waits for its locks for ever
 */
export async function resetSession(session: Session, lockTimeout: number): Promise<void> {
  // In one message: a limit that comes back would end the session before the next.
  await session.query('RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; SET idle_session_timeout = 0')
  for (const statement of settlingStatements) await session.query(statement)
  await session.query(
    `SELECT set_config('lock_timeout', '${lockTimeout}ms', false),
            set_config('search_path', ${pg.escapeLiteral(pg.escapeIdentifier(session.schema))}, false)`,
  )
  await noticeOurEnd(session)
}

/**
 * Has the server look every two seconds whether we are still there, so that a statement doesn't go on for hours, and
 * keep its locks, after its process was killed. From PostgreSQL 14 on, not on every platform.
 */
async function noticeOurEnd(session: Session): Promise<void> {
  const text = `SELECT set_config(name, '2s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'`
  await session.query(text).catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError) || session.lost() !== null) throw error
  })
}

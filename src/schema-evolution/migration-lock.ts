import type pg from 'pg'

/** The advisory lock that Prisma's engine holds while it migrates. */
export const prismaLock = 72_707_369

/** Our own, which is only ever tried for: who waits for it blocks nobody. */
export const deployLock = 72_707_370

/** Who migrates right now. */
export interface LockHolder {
  readonly pid: number
  readonly application: string
  readonly since: Date
}

/** @returns who holds one of the locks in this database; null where nobody does */
export async function lockHolder(client: pg.Pool | pg.ClientBase): Promise<LockHolder | null> {
  const { rows } = await client.query<LockHolder>(
    `SELECT l.pid, coalesce(a.application_name, '') AS application, coalesce(a.xact_start, a.backend_start, now()) AS since
     FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = ANY ($1::bigint[]::oid[])
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.pid <> pg_backend_pid()
     ORDER BY l.pid LIMIT 1`,
    [[prismaLock, deployLock]],
  )
  return rows[0] ?? null
}

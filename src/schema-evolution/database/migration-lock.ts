import { type Queryable, rowsOf } from './session.ts'

/** The advisory lock that Prisma's engine holds while it migrates. */
export const prismaLock = 72_707_369

/** Our own, which is only ever tried for: who waits for it blocks nobody. */
export const deployLock = 72_707_370

/** Who migrates right now: a session of the database. */
export interface LockHolder {
  readonly pid: number
  readonly application: string
  readonly since: Date
}

const statement = `
  SELECT l.pid, coalesce(a.application_name, '') AS application,
         coalesce(a.xact_start, a.state_change, now()) AS since
  FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
  WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid IN (${prismaLock}, ${deployLock})
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND l.pid <> pg_backend_pid()
  ORDER BY l.pid LIMIT 1`

/** @returns who holds one of the locks in this database; null if nobody else does */
export async function lockHolder(asked: Queryable): Promise<LockHolder | null> {
  const [row] = await rowsOf(asked, statement)
  if (row === undefined) return null
  const [pid, application, since] = row
  // pg reads a timestamptz as a Date.
  return { pid: Number(pid), application: String(application), since: since as Date }
}

/** For people; who has let go of it meanwhile is nobody that could be named. */
export function describeHolder(holder: LockHolder | null): string {
  if (holder === null) return 'somebody else'
  return `the database's process ${holder.pid}${holder.application && ` of ${holder.application}`}`
}

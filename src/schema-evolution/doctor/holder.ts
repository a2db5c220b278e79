import type pg from 'pg'
import { lockHolder } from '../database/migration-lock.ts'

/** Who migrates right now, and what at. */
export interface Migrating {
  readonly pid: number
  readonly application: string
  readonly since: Date
  /** `active`, `idle in transaction` ...; null where this role may not see it. */
  readonly state: string | null
  readonly query: string
  /** `Lock: relation`; null where it waits for nothing. */
  readonly waitsOn: string | null
  /** Who is in its way. */
  readonly blockers: readonly { readonly pid: number; readonly application: string; readonly query: string }[]
}

/** @returns null where nobody holds the lock of the migrations */
export async function readMigrating(client: pg.ClientBase): Promise<Migrating | null> {
  const holder = await lockHolder(client)
  if (holder === null) return null
  const { rows } = await client.query<Pick<Migrating, 'state' | 'query' | 'waitsOn'>>(
    `SELECT state, ${shortQuery} AS query,
            CASE WHEN state = 'active' THEN wait_event_type || ': ' || wait_event END AS "waitsOn"
     FROM pg_stat_activity WHERE pid = $1`,
    [holder.pid],
  )
  const { rows: blockers } = await client.query<Migrating['blockers'][0]>(
    `SELECT pid, coalesce(application_name, '') AS application, ${shortQuery} AS query
     FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY pid`,
    [holder.pid],
  )
  return { ...holder, ...(rows[0] ?? { state: null, query: '', waitsOn: null }), blockers }
}

export const shortQuery = `left(regexp_replace(coalesce(query, ''), '\\s+', ' ', 'g'), 120)`

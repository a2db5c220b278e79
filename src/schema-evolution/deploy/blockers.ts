import type pg from 'pg'
import { connectClient, type Session } from '../database/session.ts'

/** Looks, while a session may wait, who keeps it waiting: afterwards nobody could tell. */
export interface BlockerWatch {
  /** Who was in the way when it was looked last, for people; null where nobody was seen. */
  seen(): string | null
  stop(): Promise<void>
}

/**
 * @param every in milliseconds; nothing is connected before the first look, so that what is quick costs nothing
 */
export function watchBlockers(session: Session, every: number): BlockerWatch {
  let client: pg.Client | undefined
  let looking: Promise<void> | undefined
  let seen: string | null = null
  const look = async () => {
    try {
      client ??= await connectClient(session.url)
      seen = (await blockersOf(client, session.processId)) ?? seen
    } catch {
      // Where there is no connection left for it, the migration still does its work.
    }
  }
  const timer = setInterval(() => {
    looking ??= look().finally(() => (looking = undefined))
  }, every)
  return {
    seen: () => seen,
    async stop() {
      clearInterval(timer)
      await looking
      await client?.end().catch(() => {})
    },
  }
}

async function blockersOf(client: pg.Client, processId: number): Promise<string | null> {
  const { rows } = await client.query<{
    pid: number
    name: string
    state: string
    seconds: number
    query: string
  }>(
    `SELECT pid, coalesce(nullif(application_name, ''), usename, 'nobody known') AS name, coalesce(state, 'active') AS state,
            round(extract(epoch FROM clock_timestamp() - xact_start))::int AS seconds,
            left(regexp_replace(query, '\\s+', ' ', 'g'), 80) AS query
     FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY xact_start LIMIT 3`,
    [processId],
  )
  if (rows.length === 0) return null
  return rows
    .map(
      ({ pid, name, state, seconds, query }) =>
        `process ${pid} (${name}, ${state}, for ${seconds} s, ${query})`,
    )
    .join(', ')
}

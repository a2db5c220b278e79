import type pg from 'pg'
import type { Logger } from 'pino'
import type { DatabaseConnection } from '../database/connection.ts'
import { connectionBeside } from '../database/pool.ts'
import type { Streams } from './streams.ts'

/** In milliseconds: how late a change is told at most if nobody was notified of it. */
const interval = 1_000

/** What keeps a server's streams awake. */
export interface Clocks {
  stop(): Promise<void>
}

/**
 * Wakes streams when something is committed: at once by a notification, which the API's own transactions send, and by a
 * look at the clocks once a second, because a notification may be lost with its connection, and psql sends none.
 *
 * @param alsoLook called with each look
 */
export function watchClocks(
  { pool, databaseUrl, log }: { pool: pg.Pool; databaseUrl: string; log: Logger },
  streams: Streams,
  alsoLook: () => Promise<void>,
): Clocks {
  let listener: DatabaseConnection | null = null
  let looking: Promise<void> | null = null
  let isStopped = false

  const listen = async () => {
    const connection = connectionBeside(databaseUrl, 'live')
    listener = connection
    connection.on('notification', ({ payload = '' }) => streams.wake(payload))
    connection.on('end', () => {
      if (listener === connection) listener = null
    })
    try {
      await connection.connect()
      await connection.query('LISTEN programme_commits')
    } catch (error) {
      listener = null
      await connection.end().catch(() => {})
      throw error
    }
  }
  const look = async () => {
    if (streams.open === 0) return
    if (listener === null && !isStopped) await listen()
    const { rows } = await pool.query<{ id: string; seq: string | null }>(
      `SELECT id, (SELECT seq FROM programme_commits c WHERE c.event_id = e.id ORDER BY seq DESC LIMIT 1)::text AS seq
       FROM unnest($1::uuid[]) AS e(id)`,
      [streams.eventIds()],
    )
    streams.wakeBehind(new Map(rows.map(({ id, seq }) => [id, BigInt(seq ?? -1)])))
    await alsoLook()
  }
  const lookOnce = () => {
    looking ??= look()
      // The next look finds what this one missed.
      .catch((err: unknown) => log.warn({ err }, 'the clocks of the programmes could not be read'))
      .finally(() => {
        looking = null
      })
  }
  // Whoever is the first to follow needn't wait for a look before notifications are listened to.
  streams.onFirst(() => queueMicrotask(lookOnce))
  const timer = setInterval(lookOnce, interval)
  return {
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await looking
      await listener?.end().catch(() => {})
    },
  }
}

import pg from 'pg'

/**
 * The session-level advisory locks that processes keep in the embedded cluster's database `postgres`. They vanish
 * with the connection, so a process that is killed holds nothing.
 */
export const locks = {
  /** Shared by everybody who uses the cluster; who stops it takes it alone. */
  inUse: 6_736_701,
  /** Held by the one API server of the data folder. */
  server: 6_736_702,
  /** Held while the role and the database are made. */
  setUp: 6_736_703,
} as const

/** A connection of its own for a lock, which lives as long as the lock is wanted. */
export async function connect(url: string, applicationName: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // When the cluster is stopped under us, the next statement says so; without a listener the process would end.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** @returns whether the lock was to be had */
export async function tryLock(client: pg.Client, key: number, mode: 'alone' | 'shared'): Promise<boolean> {
  const call = mode === 'shared' ? 'pg_try_advisory_lock_shared($1)' : 'pg_try_advisory_lock($1)'
  const { rows } = await client.query<{ granted: boolean }>(`SELECT ${call} AS granted`, [key])
  return rows[0]?.granted === true
}

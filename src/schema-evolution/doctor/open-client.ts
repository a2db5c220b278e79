import pg from 'pg'
import { schemaOf, sessionOptions } from '../../database/pool.ts'
import { transactionUnlimited } from '../../database/settings.ts'

/** A connection as the server's own are, but without the demand that it be in UTC: that is one of the findings. */
export async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    options: sessionOptions(url),
    application_name: 'open-event-doctor',
    connectionTimeoutMillis: 10_000,
  })
  // A connection that breaks is told by the statement that meets it.
  client.on('error', () => {})
  await client.connect()
  await client.query(`SELECT ${transactionUnlimited}`)
  return client
}

/** For the rest of the transaction, also where the start-up options were dropped or overruled. */
export async function settleSession(client: pg.Client, url: string): Promise<void> {
  await client.query(
    "SELECT set_config('search_path', $1, true), set_config('TimeZone', 'UTC', true), set_config('lock_timeout', '3s', true)",
    [pg.escapeIdentifier(schemaOf(url))],
  )
}

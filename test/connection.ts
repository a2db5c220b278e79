import pg from 'pg'
import { onTestFinished } from 'vitest'

/** A connection to a database from beside the server, in UTC; it ends with the test. */
export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' })
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** The rows of one statement, on a connection for it alone. */
export async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

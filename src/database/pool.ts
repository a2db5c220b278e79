import type { Socket } from 'node:net'
import pg from 'pg'
import { Connection } from './connection.ts'

/** Where the tables are: the schema that the URL names as Prisma does (`?schema=`), `public` otherwise. */
export function schemaOf(url: string): string {
  return new URL(url).searchParams.get('schema') ?? 'public'
}

/**
 * Connections to the database, every one of them in UTC.
 *
 * UTC isn't a matter of taste here: `@prisma/adapter-pg` writes instants without an offset and reads them as if
 * the server had printed UTC, so in any other zone it stores every instant wrong by the zone's offset. The zone
 * is asked for as a start-up option and then asserted, because a pooler between us may drop the option.
 */
export function openPool(url: string, options: { max?: number } = {}): pg.Pool {
  return new pg.Pool({
    Client: Connection,
    connectionString: url,
    options: sessionOptions(url),
    application_name: 'open-event-graphql',
    connectionTimeoutMillis: 10_000,
    max: options.max ?? 10,
    // pg awaits it and gives up the connection where it throws; its types haven't heard of that.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: assertUtc,
  })
}

/** The start-up parameter that puts a session in UTC and in the schema of the URL. */
export function sessionOptions(url: string): string {
  return `-c TimeZone=UTC -c search_path=${quoteForOptions(schemaOf(url))}`
}

/** @throws Error where the session isn't in UTC; the pool then gives up the connection. */
async function assertUtc(client: pg.ClientBase): Promise<void> {
  giveUpWhenZoneChanges(client)
  const { rows } = await client.query<{ TimeZone: string }>('SHOW TimeZone')
  const zone = rows[0]?.TimeZone
  if (zone !== 'UTC') {
    throw new Error(
      `The database session is in the time zone ${zone ?? '(unknown)'} although UTC was asked for, so instants ` +
        'would be stored wrong. A connection pooler must pass the start-up option TimeZone on.',
    )
  }
}

/**
 * PostgreSQL reports every change of a session's TimeZone, whoever made it: a statement, a function, a pooler that
 * lent us another client's session. Nothing more is sent over such a connection; what it was at is rolled back.
 */
function giveUpWhenZoneChanges(client: pg.ClientBase): void {
  const { connection } = client as unknown as { connection: NodeJS.EventEmitter & { stream: Socket } }
  connection.on('parameterStatus', ({ parameterName, parameterValue }: Record<string, string>) => {
    if (parameterName !== 'TimeZone' || parameterValue === 'UTC') return
    connection.stream.destroy(new Error(`Connection terminated: its time zone became ${parameterValue}.`))
  })
}

/** An identifier as one word of the `options` start-up parameter: double quotes for SQL, backslashes for spaces. */
function quoteForOptions(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')
}

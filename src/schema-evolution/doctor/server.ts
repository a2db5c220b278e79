import type pg from 'pg'
import type { Finding } from '../files/finding.ts'
import type { Examination } from './examination.ts'

export interface ServerFacts {
  /** `180004` */
  readonly version: number
  readonly encoding: string
  /** Of this session, which asked for UTC. */
  readonly timeZone: string
}

/** Everything runs there in the tests, with each commit. */
const tested = [15, 18]
/** `xid8`, which the stamps need, is of 13; that one gets no more corrections. */
const oldest = 14

export async function examineServer(client: pg.ClientBase): Promise<Examination> {
  const { rows } = await client.query<ServerFacts>(
    `SELECT current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding,
            current_setting('TimeZone') AS "timeZone"`,
  )
  const facts = rows[0]!
  return {
    area: 'server',
    isDone: true,
    looked: `PostgreSQL ${versionOf(facts)} (tested with ${tested.join(' and ')}), ${facts.encoding}, sessions in ${facts.timeZone}`,
    findings: serverFindings(facts),
  }
}

export function serverFindings(facts: ServerFacts): Finding[] {
  const { encoding, timeZone } = facts
  const found: Finding[] = []
  const major = Math.floor(facts.version / 10_000)
  if (major < oldest) {
    found.push({
      severity: 'error',
      code: 'server-too-old',
      message: `The server is PostgreSQL ${versionOf(facts)}; this needs ${oldest} or newer.`,
      migrations: [],
      remedy: `pg_upgradecluster ${major} main`,
    })
  } else if (!tested.includes(major)) {
    found.push({
      severity: 'note',
      code: 'server-not-tested',
      message: `The server is PostgreSQL ${versionOf(facts)}; what is tested is ${tested.join(' and ')}.`,
      migrations: [],
      remedy: 'Nothing is known to be wrong with it.',
    })
  }
  if (encoding !== 'UTF8') {
    found.push({
      severity: 'error',
      code: 'encoding',
      message: `The database's encoding is ${encoding}, so it can't hold every name and title.`,
      cause: 'It is chosen when a database is made and stays.',
      migrations: [],
      remedy: 'createdb --encoding=UTF8 --template=template0 NEW_NAME, and copy the data with pg_dump',
    })
  }
  if (timeZone !== 'UTC') {
    found.push({
      severity: 'error',
      code: 'time-zone',
      message: `A session that asked for UTC is in ${timeZone}; the server refuses to start on that.`,
      cause:
        "The start-up option was dropped, by a connection pooler or by DATABASE_URL's own options=, and instants " +
        'would be stored wrong.',
      migrations: [],
      remedy:
        'Take options= out of DATABASE_URL; with PgBouncer, track_extra_parameters = TimeZone in pgbouncer.ini',
    })
  }
  return found
}

function versionOf({ version }: ServerFacts): string {
  return `${Math.floor(version / 10_000)}.${version % 10_000}`
}

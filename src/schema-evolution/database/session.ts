import pg from 'pg'
import { endsSession } from '../../database/connection.ts'
import { schemaOf } from '../../database/pool.ts'
import { assertSettings, settlingStatements, startupOptions, WrongSettings } from '../../database/settings.ts'
import { connectionFault, connectionLost, type SchemaEngineError } from './fault.ts'

/**
 * One session of the database, not a pool: the engine's advisory lock, its search_path and its transactions
 * belong to a session, so a second connection put in the place of a lost one would go on without the lock.
 */
export interface Session {
  readonly url: string
  readonly schema: string
  /** Whether the database is only there for trying migrations; what a migration does to the server isn't done again. */
  readonly isShadow?: boolean
  /** By which the database's own views know it. */
  readonly processId: number
  /** Runs one statement, or with `text` alone a whole script in one message: atomic unless it says otherwise. */
  query(query: pg.QueryArrayConfig | string): Promise<pg.QueryArrayResult>
  /** Why the session is gone; null while it is alive. */
  lost(): SchemaEngineError | null
  /** Ends what is still running and lets go of the advisory lock. Never throws. */
  close(): Promise<void>
}

/**
 * Opens a session with the settings that the server's have, whose tables are in the schema that the URL names. All options of
 * the URL, those of TLS included, mean what they mean to the server itself, since `pg` reads them in both places.
 *
 * @param application what others are told who wonder whom they wait for
 * @throws SchemaEngineError P1000, P1001, P1003, P1010, P1011; WrongSettings
 */
export async function openSession(url: string, application?: string): Promise<Session> {
  let fault: SchemaEngineError | null = null
  let closing = false
  let running = 0
  const lose = (error: unknown): void => {
    if (!closing) fault ??= connectionLost(error)
  }
  const schema = schemaOf(url)
  const { client, processId } = await connect(url, schema, application)
  client.on('error', lose)
  client.on('end', () => lose(new Error('Connection terminated unexpectedly')))
  return {
    url,
    schema,
    processId,
    lost: () => fault,
    async query(query) {
      running += 1
      try {
        // The types of pg know a text query only with rows as objects; nobody reads rows of a script.
        return await client.query(query as pg.QueryArrayConfig)
      } catch (error) {
        if (endsSession(error)) lose(error)
        throw error
      } finally {
        running -= 1
      }
    },
    async close() {
      closing = true
      if (running > 0 && fault === null) await terminate(url, processId)
      await client.end().catch(() => {})
    },
  }
}

/**
 * A connection; also used where a plain one is all that is needed. Its settings are start-up options, so that no limit of the
 * database or the role ends it before they are made; where a pooler refuses those, they are left to statements.
 *
 * @throws the driver's error
 */
export async function connectClient(url: string, application = 'prisma-schema-engine'): Promise<pg.Client> {
  const config = {
    connectionString: url,
    application_name: application,
    connectionTimeoutMillis: connectTimeoutOf(url),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  }
  try {
    return await connected({ ...config, options: startupOptions({}) })
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '08P01') throw error
    return connected(config)
  }
}

async function connected(config: pg.ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  // A connection that breaks is told by the statement that meets it.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

/** Seconds in the URL as Prisma has them (`connect_timeout`, 0: wait for ever), milliseconds here. */
function connectTimeoutOf(url: string): number {
  const seconds = Number(new URL(url).searchParams.get('connect_timeout') ?? 5)
  return Number.isFinite(seconds) ? seconds * 1000 : 5000
}

/** The settings are statements, too, because poolers refuse or drop start-up options. */
async function connect(url: string, schema: string, application?: string) {
  const client = await connectClient(url, application).catch((error: unknown) => {
    throw connectionFault(error, url)
  })
  try {
    for (const statement of settlingStatements) await client.query(statement)
    await assertSettings(client)
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pg_backend_pid() AS pid, set_config('search_path', $1, false)",
      [pg.escapeIdentifier(schema)],
    )
    return { client, processId: rows[0]?.pid ?? 0 }
  } catch (error) {
    await client.end().catch(() => {})
    throw error instanceof WrongSettings ? error : connectionFault(error, url)
  }
}

/** Without this the server would go on with the running statement, and commit it, after we are gone. */
async function terminate(url: string, processId: number): Promise<void> {
  try {
    const client = await connectClient(url)
    try {
      await client.query('SELECT pg_terminate_backend($1)', [processId])
    } finally {
      await client.end()
    }
  } catch {
    // The server is away, so is the statement.
  }
}

/**
 * The engine makes a schema that isn't there too, but falls over another process that does so at the same time,
 * as when several servers start at once.
 */
export async function ensureSchema(session: Session): Promise<void> {
  const text = `SELECT 1 FROM pg_namespace WHERE nspname = ${pg.escapeLiteral(session.schema)}`
  const { rows } = await session.query({ text, rowMode: 'array' })
  if (rows.length > 0) return
  await session.query(`CREATE SCHEMA ${pg.escapeIdentifier(session.schema)}`).catch((error: unknown) => {
    const isThereNow = error instanceof pg.DatabaseError && (error.code === '42P06' || error.code === '23505')
    if (!isThereNow) throw connectionFault(error, session.url)
  })
}

/** Whatever answers a statement: a pool, a client, or a session of ours. */
export interface Queryable {
  query(query: pg.QueryArrayConfig): Promise<pg.QueryArrayResult>
}

/** The rows of one statement, their values in the order of its columns. */
export async function rowsOf(
  asked: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<unknown[][]> {
  const { rows } = await asked.query({ text, rowMode: 'array', values: [...values] })
  return rows as unknown[][]
}

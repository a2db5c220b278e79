import { callbackify } from 'node:util'
import pg from 'pg'
import { DatabaseConnection, wireOf } from './connection.ts'
import type { PipelinedConnection } from './pipelined-reads.ts'
import { type Release, Shares } from './shares.ts'
import { assertSettings, isForeign, startupOptions } from './settings.ts'
import { currentWork } from './work.ts'

/** Where the tables are: the schema that the URL names as Prisma does (`?schema=`), `public` otherwise. */
export function schemaOf(url: string): string {
  return new URL(url).searchParams.get('schema') ?? 'public'
}

export interface PoolOptions {
  readonly max?: number
  /** After which a statement is ended, in milliseconds; without it, never. */
  readonly statementTimeout?: number
  /** For a connection, in milliseconds. */
  readonly connectionTimeout?: number
  /** For an answer, in milliseconds, after which the connection is given up; without it, for ever. For single statements. */
  readonly answerTimeout?: number
}

/**
 * Connections to the database, every one of them with the settings that we need. They are asked for as start-up options
 * and then asserted, because a pooler between us may drop the options.
 *
 * Work of requests shares them, queries and changes apart; everything else takes what is free.
 */
export function openPool(url: string, options: PoolOptions = {}): pg.Pool {
  const { max = 10 } = options
  const pool = new SharedPool({
    Client: DatabaseConnection,
    ...configOf(url, options),
    ...(options.answerTimeout === undefined ? {} : { query_timeout: options.answerTimeout }),
    max,
    // pg awaits it and gives up the connection if it throws; its types haven't heard of that.
    // oxlint-disable-next-line typescript/no-misused-promises
    onConnect: prepare,
  })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  return pool.on('error', () => {})
}

/** A connection like those of the pool, on which statements are sent without waiting for the answers to those before. */
export async function connectPipelined(url: string, options: PoolOptions): Promise<PipelinedConnection> {
  const client = new DatabaseConnection({ ...configOf(url, options), pipeline: true })
  try {
    await client.connect()
    await prepare(client)
    // A pooler between us gives the client another number.
    const { rows } = (await client.query('SELECT pg_backend_pid() AS pid')) as pg.QueryResult<{ pid: number }>
    return { client, backend: rows[0]!.pid }
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

function configOf(url: string, { statementTimeout = 0, connectionTimeout = 10_000 }: PoolOptions) {
  return {
    connectionString: url,
    options: sessionOptions(url, { statement_timeout: `${statementTimeout}ms` }),
    application_name: 'open-event-graphql',
    connectionTimeoutMillis: connectionTimeout,
  }
}

/**
 * A connection beside the pool, still to be made, for what is held as long as the server runs.
 *
 * @param purpose as pg_stat_activity names it
 */
export function connectionBeside(url: string, purpose: string): DatabaseConnection {
  return new DatabaseConnection({
    connectionString: url,
    options: sessionOptions(url),
    application_name: `open-event-graphql ${purpose}`,
    connectionTimeoutMillis: 5_000,
  })
}

/** The start-up parameters that put a session into the settings that we need, and into the schema of the URL. */
export function sessionOptions(url: string, more: Readonly<Record<string, string>> = {}): string {
  return startupOptions({ search_path: `"${schemaOf(url).replaceAll('"', '""')}"`, ...more })
}

async function prepare(client: pg.ClientBase): Promise<void> {
  giveUpWhenSettingsChange(client)
  await assertSettings(client)
}

/**
 * PostgreSQL reports every change of some settings of a session, whoever made it: a statement, a function, a pooler that
 * lent us another client's session. Nothing more is sent over such a connection; what it was at is rolled back.
 */
function giveUpWhenSettingsChange(client: pg.ClientBase): void {
  const wire = wireOf(client)
  wire.on(
    'parameterStatus',
    ({ parameterName, parameterValue }: Record<'parameterName' | 'parameterValue', string>) => {
      if (!isForeign(parameterName, parameterValue)) return
      wire.stream.destroy(new Error(`Connection terminated: its ${parameterName} became ${parameterValue}.`))
    },
  )
}

/** How many connections there are, how many of them have nothing to do, and how much work waits for one. */
export function poolState(pool: pg.Pool): { open: number; idle: number; waiting: number } {
  const shared = pool instanceof SharedPool ? pool.waitingForShare : 0
  return { open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount + shared }
}

type Taken = (error: Error | undefined, client?: pg.PoolClient, done?: pg.PoolClient['release']) => void

/** A pool in which nobody can take all places. */
class SharedPool extends pg.Pool {
  readonly #reads: Shares
  readonly #changes: Shares
  readonly #held = new WeakMap<pg.PoolClient, Release>()
  /** Made once: to make it takes longer than to take a connection that is free. */
  readonly #taken = callbackify(() => this.#take())

  constructor(config: pg.PoolConfig) {
    super(config)
    const share = (part: number) => Math.ceil(config.max! * part)
    const patience = config.connectionTimeoutMillis!
    // Neither kind can have the last third, which is the other's.
    const each = { size: share(0.7), perPayer: share(0.4), waitingPerPayer: 1_000, patience }
    this.#reads = new Shares(each)
    this.#changes = new Shares(each)
    this.on('release', (_error, client) => this.#held.get(client)?.())
    this.on('remove', (client) => this.#held.get(client)?.())
  }

  get waitingForShare(): number {
    return this.#reads.waiting + this.#changes.waiting
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: Taken): void
  override connect(callback?: Taken): Promise<pg.PoolClient> | void {
    if (callback === undefined) return this.#take()
    this.#taken((error, client) => callback(error ?? undefined, client, (broken) => client?.release(broken)))
  }

  async #take(): Promise<pg.PoolClient> {
    const work = currentWork()
    const release = work && (await (work.changes ? this.#changes : this.#reads).take(work))
    try {
      const client = await super.connect()
      if (release) this.#held.set(client, release)
      return client
    } catch (error) {
      release?.()
      throw error
    }
  }
}

import { randomUUID } from 'node:crypto'
import { Writable } from 'node:stream'
import pg from 'pg'
import type { Logger } from 'pino'
import { inject, onTestFinished } from 'vitest'
import { hashOfSecret, newSecret } from '../src/access/tokens.ts'
import { type App, type AppOptions, createApp } from '../src/app.ts'
import { type Context, operatorContext } from '../src/context.ts'
import { type OpenDatabase, openDatabase } from '../src/database/client.ts'
import { createLog } from '../src/log.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
  readonly data: any
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly errors?: { message: string; path?: (string | number)[]; extensions: any }[]
  /** What the answer tells beside its data: what the query cost. */
  readonly extensions?: Record<string, unknown>
  /** How many SQL statements the request took, finding out who asks included. */
  readonly statements: number
}

/** A database of its own. */
export interface Store {
  readonly databaseUrl: string
  /** Raw SQL from beside the server, in the cluster's own zone. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>
  /** The operator's context: the verbs, without a request. */
  readonly operator: Context
}

/** A server on such a database, as users meet it: by HTTP. */
export interface World extends Store {
  readonly app: App
  readonly token: string
  /** What the server logged, a JSON object a line. */
  readonly log: Record<string, unknown>[]
  /** Asks as anybody. */
  ask(query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>
  /** Asks as an organizer. */
  organize(query: string, variables?: object): Promise<Answer>
}

/** For what needs no server, whose start takes most of the time of a world. Ends with the test that made it. */
export async function createStore(log: Logger = createLog('silent', process.stderr)): Promise<Store> {
  const databaseUrl = await cloneDatabase()
  const beside = new pg.Client({ connectionString: databaseUrl })
  await beside.connect()
  onTestFinished(() => beside.end())
  // Made if it is asked for: a Prisma client takes longer to make than many a test to run.
  let database: OpenDatabase | undefined
  onTestFinished(() => database?.close())
  return {
    databaseUrl,
    sql: async (text, values) => (await beside.query(text, values)).rows,
    get operator() {
      database ??= openDatabase(databaseUrl, { max: 2 })
      return operatorContext(database.db, log)
    },
  }
}

/** A world that ends with the test that made it. */
export async function createWorld({
  reach = (url) => url,
  ...options
}: Partial<
  Pick<
    AppOptions,
    | 'clock'
    | 'oidc'
    | 'metrics'
    | 'httpLimits'
    | 'trustedProxies'
    | 'rateLimits'
    | 'liveLimits'
    | 'trustedDocuments'
    | 'tracing'
    | 'compiledReads'
    | 'hotAnswerBytes'
    | 'webhooks'
  >
> & {
  /** By which URL the server reaches the database. */
  readonly reach?: (databaseUrl: string) => string | Promise<string>
} = {}): Promise<World> {
  const log: Record<string, unknown>[] = []
  const logger = createLog('debug', linesInto(log))
  const store = await createStore(logger)
  const { databaseUrl, sql } = store
  const token = await organizersToken(store)
  const app = await createApp({
    databaseUrl: await reach(databaseUrl),
    migrateOnStart: false,
    host: '127.0.0.1',
    port: 0,
    oidc: null,
    // A test may ask more in a minute than anybody else.
    rateLimits: { perAddress: 0, perUser: 0, perToken: 0 },
    log: logger,
    ...options,
  })
  onTestFinished(() => app.close())

  const ask: World['ask'] = async (query, variables = {}, headers = {}) => {
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const body = (await response.json()) as Pick<Answer, 'data' | 'errors' | 'extensions'>
    const line = await logged(log, response.headers.get('x-request-id')!)
    return {
      status: response.status,
      headers: response.headers,
      statements: Number(line['statements']),
      ...body,
    }
  }
  return {
    app,
    databaseUrl,
    token,
    log,
    ask,
    organize: (query, variables) => ask(query, variables, { authorization: `Bearer ${token}` }),
    sql,
    get operator() {
      return store.operator
    },
  }
}

/** What `mintToken` would make of `organizerOfEverything`, without a Prisma client; ids grow with time, as Prisma's do. */
async function organizersToken({ sql }: Store): Promise<string> {
  const token = newSecret('oe')
  await sql(
    `INSERT INTO access_tokens (id, hash, role, label, last_modified_at) VALUES (uuidv7(), $1, 'organizer', 'test', now())`,
    [hashOfSecret(token)],
  )
  return token
}

/** A migrated, empty database of one's own; dropped with the test that made it. */
export function cloneDatabase(): Promise<string> {
  return createDatabase(`TEMPLATE "${new URL(inject('template')).pathname.slice(1)}"`)
}

/** A database without anything in it; dropped with the test that made it. */
export function emptyDatabase(): Promise<string> {
  return createDatabase('')
}

async function createDatabase(template: string): Promise<string> {
  const url = new URL(inject('template'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onSuperuser(`CREATE DATABASE "${name}" ${template} STRATEGY FILE_COPY OWNER "${url.username}"`)
  onTestFinished(() => onSuperuser(`DROP DATABASE "${name}" WITH (FORCE)`))
  url.pathname = `/${name}`
  return url.href
}

/** Runs one statement as the cluster's superuser. */
export async function onSuperuser(sql: string): Promise<void> {
  // One connection for all tests of a worker, since it takes as long to connect as to copy a database.
  superuser ??= new pg.Pool({ connectionString: inject('superuser'), max: 1, allowExitOnIdle: true }).on(
    'error',
    // A test may end everybody's connections; the next statement gets another one.
    () => {},
  )
  await superuser.query(sql)
}

let superuser: pg.Pool | undefined

function linesInto(log: Record<string, unknown>[]): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean)) log.push(JSON.parse(line) as never)
      done()
    },
  })
}

/** The request's line is written when the answer is out, so it may come a moment after it. */
async function logged(
  log: readonly Record<string, unknown>[],
  requestId: string,
): Promise<Record<string, unknown>> {
  for (let tries = 0; tries < 200; tries += 1) {
    const line = log.find((entry) => entry['msg'] === 'request' && entry['requestId'] === requestId)
    if (line !== undefined) return line
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`The request ${requestId} was never logged.`)
}

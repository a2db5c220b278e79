import type pg from 'pg'
import type { Logger } from 'pino'
import { onTestFinished } from 'vitest'
import { hashOfSecret, newSecret } from '../src/access/tokens.ts'
import type { App } from '../src/app.ts'
import type { Context } from '../src/context.ts'
import { createLog } from '../src/log.ts'
import { lastingIssuer } from './issuer.ts'
import { openPlace, openStore, type Place, type WorldOptions } from './servers.ts'

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
  return openStore(log, onTestFinished)
}

/** To start a server and to fill its caches takes longer than most tests, so the next test of this worker gets it. */
const idle: Record<'withIssuer' | 'withoutIssuer', Place[]> = { withIssuer: [], withoutIssuer: [] }

interface NewWorld extends WorldOptions {
  /** Whether it has to be a server that nobody has asked before, which remembers nothing. */
  readonly isNew?: boolean
}

/**
 * A world that ends with the test that made it. A usual one is cleaned then and used again, if the test did no more with
 * it than ask and write rows; who closes the server or takes `databaseUrl` may have done anything. WORLDS=new makes each world anew.
 */
export async function createWorld({ isNew = false, ...options }: NewWorld = {}): Promise<World> {
  const free = isNew ? null : await idleLike(options)
  const place = free?.pop() ?? (await openPlace(options, free !== null))
  const { store, app } = place
  const { sql } = store
  const log = place.lines.all
  let [isOwn, underWay] = [false, 0]
  onTestFinished(async ({ task }) => {
    const isPlain = !isOwn && underWay === 0 && task.result?.state === 'pass'
    const isClean = free && isPlain && (await sql('DISCARD ALL').then(place.clean, () => false))
    await (isClean ? free.push(place) : place.close())
  })
  const own = <Value>(value: Value): Value => {
    isOwn = true
    return value
  }

  const token = await organizersToken(store)
  const ask: World['ask'] = async (query, variables = {}, headers = {}) => {
    underWay += 1
    const response = await fetch(`${app.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, variables }),
    })
    const body = (await response.json()) as Pick<Answer, 'data' | 'errors' | 'extensions'>
    const line = await logged(log, response.headers.get('x-request-id')!)
    underWay -= 1
    return {
      status: response.status,
      headers: response.headers,
      statements: Number(line['statements']),
      ...body,
    }
  }
  return {
    app: { ...app, close: () => own(app).close() },
    get databaseUrl() {
      return own(store.databaseUrl)
    },
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

/** The places that nobody has, with an issuer or without; null if the world wants more than the usual. */
async function idleLike({ oidc = null, ...others }: WorldOptions): Promise<Place[] | null> {
  if (Object.keys(others).length > 0 || process.env['WORLDS'] === 'new') return null
  if (oidc === null) return idle.withoutIssuer
  return oidc === (await lastingIssuer()) ? idle.withIssuer : null
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

import type pg from 'pg'
import type { Logger } from 'pino'
import { createTokenReader, type OidcIssuer } from './access/oidc.ts'
import type { Network } from './addresses.ts'
import { migrationsFolder } from './config.ts'
import { openDatabase } from './database/client.ts'
import { openPool, poolState } from './database/pool.ts'
import type { SendOptions } from './features/webhook/webhook.tell.ts'
import { startWebhooks, usualSending, type WebhookWriters } from './features/webhook/webhook.writers.ts'
import { Admission } from './graphql/admission.ts'
import { startApollo } from './graphql/apollo.ts'
import { type CompiledReads, compiledReads } from './graphql/compiled-reads.ts'
import { executableSchema } from './graphql/schema.ts'
import { trustedDocuments } from './http/documents/manifest.ts'
import type { Readiness } from './http/health.ts'
import { defaultHttpLimits, type HttpLimits } from './http/http-limits.ts'
import { defaultRateLimits, type RateLimits } from './http/rate-limits.ts'
import { createMetrics, type Metrics, type MetricsServer, serveMetrics } from './http/metrics.ts'
import { createLive, defaultLiveLimits, type LiveLimits } from './http/live/live.ts'
import { createHttpServer } from './http/server.ts'
import { type Clocks, watchClocks } from './live/clocks.ts'
import { createStreams } from './live/streams.ts'
import type { Tracing } from './tracing/trace.ts'
import { type BuiltSchema, schemaState } from './schema-evolution/gate/gate.ts'
import { requireSchema } from './schema-evolution/gate/require-schema.ts'

export interface App {
  /** Where it listens, without a path: 'http://localhost:4000'. */
  readonly url: string
  /** Of what it measures; null if nobody is to see that. */
  readonly metricsUrl: string | null
  /** Takes no new requests, finishes those under way, and lets go of the database; the second time, nothing more. */
  close(): Promise<void>
}

export interface AppOptions {
  readonly databaseUrl: string
  readonly migrateOnStart: boolean
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Who signs people in; null: nobody can sign in, there are tokens only. */
  readonly oidc: OidcIssuer | null
  /** Whose X-Forwarded-For is believed; nobody's, unless it says. */
  readonly trustedProxies?: readonly Network[]
  /** Where they differ from the usual ones. */
  readonly httpLimits?: Partial<HttpLimits>
  readonly rateLimits?: Partial<RateLimits>
  /** Where Prometheus finds /metrics; nowhere, unless it says. */
  readonly metrics?: { readonly host: string; readonly port: number } | null
  readonly liveLimits?: Partial<LiveLimits>
  /** The file that lists the trusted documents (null: this project's own list), and whether no others are answered. */
  readonly trustedDocuments?: { readonly file: string | null; readonly isTrustedOnly: boolean }
  /** What traces requests; whoever began it stops it. */
  readonly tracing?: Tracing | null
  /** Whether queries are compiled to statements where that can be; they are, unless it says. */
  readonly compiledReads?: boolean
  /** What answers may take that are kept in memory to be given again; 0: none are. */
  readonly hotAnswerBytes?: number
  /** How webhooks are sent, where it differs from the usual. */
  readonly webhooks?: Partial<SendOptions>
  readonly log: Logger
  readonly clock?: () => Date
  /** Ends the waiting for somebody else who migrates. */
  readonly signal?: AbortSignal
}

/**
 * Puts the parts together and listens.
 *
 * @throws SchemaMismatch where the database isn't at this build's schema (after applying what is pending, if told to);
 *   the driver's or the network's error where the database or the address can't be had
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { databaseUrl, log, clock = () => new Date() } = options
  const database = openDatabase(databaseUrl, { statementTimeout })
  const { pool } = database
  // Of its own, so that whoever takes all of the others doesn't make the server look dead.
  const health = openPool(databaseUrl, { max: 1, connectionTimeout: 5_000, answerTimeout: 5_000 })
  let clocks: Clocks | undefined
  let webhooks: WebhookWriters | undefined
  let served: MetricsServer | undefined
  const close = async () => {
    await webhooks?.stop()
    await clocks?.stop()
    await Promise.all([database.close(), health.end(), served?.close()])
  }
  try {
    const tell = (line: string) => log.info(line)
    const { migrateOnStart: migrate, signal } = options
    const wanted = { pool, databaseUrl, migrationsFolder, migrate, tell, signal }
    const { applied, built, schema } = await requireSchema(wanted)
    if (applied.length > 0) log.info({ applied }, 'migrations applied')
    if (schema.state !== 'in sync') log.warn(schema, 'the database is ahead of this build')
    const admission = new Admission()
    const metrics = metricsOf(pool, admission)
    const graphql = executableSchema()
    const compiled = compiledReadsOf(options, admission, metrics)
    const plugin = compiled?.plugin ?? null
    const apollo = await startApollo({ schema: graphql, admission, log, compiled: plugin })
    const readiness = () => readinessOf(health, built)
    const readJwt = options.oidc && createTokenReader(options.oidc)
    const { trustedProxies = [], httpLimits } = options
    const rateLimits = { ...defaultRateLimits, ...options.rateLimits }
    const limits = { ...defaultHttpLimits, ...httpLimits }
    const streams = createStreams()
    const { db } = database
    const live = createLive(
      { schema: graphql, db, clock, log, streams },
      { ...defaultLiveLimits, ...options.liveLimits },
    )
    clocks = watchClocks({ pool, databaseUrl, log }, streams, () => live.endInvalid())
    const { file, isTrustedOnly } = options.trustedDocuments ?? { file: null, isTrustedOnly: false }
    const documents = { trusted: trustedDocuments(file), isTrustedOnly }
    const { tracing = null, hotAnswerBytes = 32 * 1_048_576 } = options
    const answering = { documents, hotAnswerBytes, schema: graphql }
    const ends = { log, readiness, live, tracing }
    const sending = { ...usualSending, ...options.webhooks }
    webhooks = startWebhooks({ db, databaseUrl, clock, log, streams }, sending)
    countWebhooks(metrics, webhooks)
    const may = { trustedProxies, limits, rateLimits, webhookNetworks: sending.allowed }
    const shared = { ...answering, metrics, apollo, compiled, db, clock, readJwt, ...ends }
    const http = await createHttpServer({ ...shared, ...may })
    if (options.metrics) served = await serveMetrics(metrics, options.metrics)
    const { host, port } = options
    const url = await http.listen({ host, port, backlog: limits.waitingConnections })
    const closeAll = async () => {
      await http.close()
      await apollo.stop()
      await close()
    }
    let closed: Promise<void> | undefined
    return {
      url: urlOf(url, host),
      metricsUrl: served?.url ?? null,
      close: () => (closed ??= closeAll()),
    }
  } catch (error) {
    await close()
    throw error
  }
}

function compiledReadsOf(
  { compiledReads: isOn = true, log }: AppOptions,
  admission: Admission,
  metrics: Metrics,
): CompiledReads | null {
  if (!isOn) return null
  const count = metrics.counter(
    'compiled_reads_total',
    'Queries by how they are answered: compiled to one statement, or why not.',
    'how',
  )
  return compiledReads({ schema: executableSchema(), admission, log, count })
}

/** What is counted beside the requests. */
function metricsOf(pool: pg.Pool, admission: Admission): Metrics {
  const metrics = createMetrics()
  metrics.gauge('queries_waiting', 'Dear queries that wait to begin.', () => admission.waiting)
  metrics.gauge(
    'pool_connections',
    'Connections to the database that work has to itself.',
    () => poolState(pool).open,
  )
  metrics.gauge('pool_idle', 'Connections to the database with nothing to do.', () => poolState(pool).idle)
  metrics.gauge('pool_waiting', 'Work that waits for a connection.', () => poolState(pool).waiting)
  return metrics
}

function countWebhooks(metrics: Metrics, webhooks: WebhookWriters): void {
  const { counts } = webhooks
  metrics.total('webhook_deliveries', 'Messages that webhooks took.', () => counts.delivered)
  metrics.total('webhook_failed_tries', 'Tries to tell webhooks that failed.', () => counts.failedTries)
  metrics.total('webhook_given_up', 'Messages to webhooks that were given up.', () => counts.givenUp)
  metrics.total('webhook_stopped', 'Webhooks that the server stopped.', () => counts.stopped)
  metrics.gauge('webhooks_writing', 'Webhooks that are being told something.', () => webhooks.writing)
}

/** Longer than any statement of a request may take, in milliseconds. */
const statementTimeout = 20_000

async function readinessOf(pool: pg.Pool, built: BuiltSchema): Promise<Readiness> {
  try {
    const { serves, ...schema } = await schemaState(pool, built)
    return { ready: serves, database: 'reachable', schema }
  } catch {
    return { ready: false, database: 'unreachable', schema: null }
  }
}

/** Fastify names the address; people type the name that they asked for. */
function urlOf(listening: string, host: string): string {
  const { port } = new URL(listening)
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

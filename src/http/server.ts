import { METHODS } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { ApolloServer } from '@apollo/server'
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { TokenReader } from '../access/oidc.ts'
import { isIn, type Network, networkOf } from '../addresses.ts'
import type { CompiledReads } from '../graphql/compiled-reads.ts'
import type { Context, RequestOutcome } from '../context.ts'
import type { Database } from '../database/client.ts'
import { beginWork, newWork } from '../database/work.ts'
import { boundAnswer } from './work-bounds.ts'
import { askers } from './asking.ts'
import { registerBodyBudget } from './body-budget.ts'
import { answerClientError } from './client-error.ts'
import { registerCompression } from './compression.ts'
import { type Completed, type Completion, watchCompletion } from './completed.ts'
import { type Connections, createConnections } from './connections.ts'
import { registerCors } from './cors.ts'
import type { DocumentOptions } from './documents/documents.ts'
import { registerExports } from './exports/exports.ts'
import { registerGraphiqlFiles } from './graphiql/graphiql.ts'
import { registerGraphql } from './graphql-route.ts'
import { registerImports } from './imports/imports.ts'
import { type Readiness, registerHealth } from './health.ts'
import type { HttpLimits } from './http-limits.ts'
import { bodyLimit, registerJsonBody } from './json-body.ts'
import type { Metrics } from './metrics.ts'
import type { Live } from './live/live.ts'
import { isEvents } from './live/sse.ts'
import { type RateLimits, registerRateLimits } from './rate-limits.ts'
import { requestIdOf, requestStart } from './start-request.ts'
import type { Tracing } from '../tracing/trace.ts'

declare module 'fastify' {
  interface FastifyRequest {
    outcome: RequestOutcome
  }
}

export interface HttpServerOptions {
  /** Whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly Network[]
  /** Where webhooks may go besides the public internet. */
  readonly webhookNetworks: readonly Network[]
  readonly limits: HttpLimits
  readonly rateLimits: RateLimits
  readonly metrics: Metrics
  readonly apollo: ApolloServer<Context>
  /** null: all queries are answered by resolvers. */
  readonly compiled: CompiledReads | null
  readonly db: Database
  readonly clock: () => Date
  readonly readJwt: TokenReader | null
  readonly log: Logger
  readonly readiness: () => Promise<Readiness>
  readonly live: Live
  readonly schema: GraphQLSchema
  readonly hotAnswerBytes: number
  readonly documents: Omit<DocumentOptions, 'persisted'>
  /** null: nobody wants traces. */
  readonly tracing: Tracing | null
}

/** All routes on one Fastify server, not listening yet. */
export async function createHttpServer(options: HttpServerOptions): Promise<FastifyInstance> {
  const { limits, trustedProxies, log } = options
  const connections = createConnections(limits, trustedProxies)
  const app = Fastify({
    serverFactory: connections.serverFactory,
    trustProxy: trustedProxies.length > 0 && ((address) => isIn(trustedProxies, address)),
    clientErrorHandler: answerClientError,
    bodyLimit,
    genReqId: requestIdOf,
    forceCloseConnections: 'idle',
  })
  app.addHttpMethod('QUERY', { hasBody: true, overrideExisting: true })
  // That each can be told 405 where the address is right.
  for (const method of METHODS) if (!app.supportedMethods.includes(method)) app.addHttpMethod(method)
  const completion = watchCompletion()
  drainWhenClosing(app, connections, completion)
  const start = requestStart({ ...options, completion, workTimeout: limits.workTimeout })
  app.decorateRequest('outcome')
  const answered = new WeakMap<FastifyRequest, () => void>()
  app.addHook('onRequest', (request, reply, done) => {
    request.outcome = newWork(networkOf(request.ip))
    answered.set(request, start(request, reply.raw, request.routeOptions.config.workTimeout))
    void reply.header('x-request-id', request.id)
    beginWork(request.outcome, done)
  })
  app.addHook('onSend', (request, reply, _payload, done) => {
    answered.get(request)?.()
    // Events are taken as they come.
    if (!isEvents(reply)) boundAnswer(reply.raw, limits.answerTimeout)
    done()
  })
  completion.tell((completed) => logLine(log, completed))
  completion.tell(options.metrics.observe)
  completion.tell(({ request: { outcome }, status }) => outcome.trace?.end(status, outcome.operation))
  options.metrics.gauge('connections', 'Open connections of clients.', () => connections.open)
  options.metrics.gauge(
    'unsent_bytes',
    "What clients haven't taken yet of what was written to them.",
    () => connections.unsent,
  )
  options.metrics.gauge(
    'connections_refused',
    'Connections refused since the start.',
    () => connections.refused,
  )
  options.metrics.gauge('requests_under_way', 'Requests that are not completed.', () => completion.underWay)
  await registerCors(app)
  await registerGraphiqlFiles(app)
  await registerCompression(app)
  registerBodyBudget(app, limits)
  registerJsonBody(app)
  registerHealth(app, options.readiness)
  app.decorateRequest('viewer')
  const asked = askers(options, registerRateLimits(app, options.rateLimits))
  const { answerTimeout } = limits
  await registerGraphql(app, { ...options, connections, askers: asked, start, answerTimeout })
  registerExports(app, { ...options, askers: asked })
  registerImports(app, { ...options, askers: asked })
  return app
}

/**
 * Requests under way when the server stops get their answers, and changes whose clients have left are made; then the
 * connections are closed, which their clients would keep open for the next request. Whoever takes longer than ten seconds
 * is cut off.
 */
function drainWhenClosing(app: FastifyInstance, connections: Connections, completion: Completion): void {
  let drained: Promise<void>
  app.addHook('preClose', (done) => {
    drained = drain(completion, 10_000).then(connections.closeAll)
    done()
  })
  // There may be no connections any more, but work.
  app.addHook('onClose', () => drained)
}

/** Until no request is under way. @param atMost milliseconds */
async function drain(completion: Completion, atMost: number): Promise<void> {
  const deadline = performance.now() + atMost
  while (completion.underWay > 0 && performance.now() < deadline) await setTimeout(50)
}

/**
 * One line a request, also if its client has left: what was asked for and how it went, never a variable, a header or a
 * token.
 */
function logLine(log: Logger, { request, status, milliseconds, isAborted }: Completed): void {
  const { viewer, operation, errors, replayed, kept, statements, cost } = request.outcome
  const url = withoutSecret(request.url.split('?', 1)[0]!)
  const line = {
    requestId: request.id,
    method: request.method,
    url,
    status,
    ms: Math.round(milliseconds * 10) / 10,
  }
  log[url?.endsWith('z') === true ? 'debug' : 'info'](
    { ...line, aborted: isAborted || undefined, viewer, operation, errors, replayed, kept, statements, cost },
    'request',
  )
}

/** What follows /calendars/ in an address is a secret. */
function withoutSecret(url: string): string {
  return url.replace(/(\/(?:c|%63)[^/]*\/).*/i, (whole, begin: string) =>
    /^\/calendars\/$/i.test(decoded(begin)) ? `${begin}SECRET` : whole,
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

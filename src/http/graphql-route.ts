import { randomUUID } from 'node:crypto'
import type { ApolloServer } from '@apollo/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { endOfProof } from '../access/authenticate.ts'
import { anonymous } from '../access/viewer.ts'
import { addressBehind, type Network, networkOf } from '../addresses.ts'
import type { CompiledReads } from '../graphql/compiled-reads.ts'
import type { Context } from '../context.ts'
import type { Database } from '../database/client.ts'
import { newWork } from '../database/work.ts'
import { translateOutsideError } from '../graphql/error-translation.ts'
import type { SubscriptionRequest } from '../graphql/subscriptions.ts'
import { requireParsable } from '../graphql/limits.ts'
import { type HttpAnswer, sendAnswer } from './answer.ts'
import type { Askers, Asking, ServedRequest } from './asking.ts'
import type { Connections } from './connections.ts'
import { leaveAsIs } from './compression.ts'
import { createQueryAnswers, type QueryAnswers } from './caching/query-answers.ts'
import { createDocuments, type DocumentOptions } from './documents/documents.ts'
import { createFront } from './front.ts'
import { answerKeyed, idempotencyKeyOf } from './idempotency.ts'
import type { Followed, Live } from './live/live.ts'
import { lastEventIdOf, sendEvents, subscriptionIn, wantsEvents } from './live/sse.ts'
import { createWebSockets } from './live/websocket.ts'
import type { Metrics } from './metrics.ts'
import { answerToError } from './outside-error.ts'
import type { StartRequest } from './start-request.ts'
import { sendPage, wantsPage } from './graphiql/graphiql.ts'
import { type WellFormed, requireWellFormed } from './well-formed.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What is asked for; there once the request is known to be well-formed. */
    asked: WellFormed
  }
}

export interface GraphqlRouteOptions {
  readonly apollo: ApolloServer<Context>
  /** null: all queries are answered by resolvers. */
  readonly compiled: CompiledReads | null
  readonly schema: GraphQLSchema
  readonly metrics: Metrics
  readonly db: Database
  readonly log: Logger
  readonly askers: Askers
  readonly live: Live
  readonly connections: Connections
  readonly start: StartRequest
  /** For a client to take the whole answer, in milliseconds. */
  readonly answerTimeout: number
  readonly documents: Omit<DocumentOptions, 'persisted'>
  readonly trustedProxies: readonly Network[]
  /** What answers may take that are kept in memory; 0: none are. */
  readonly hotAnswerBytes: number
}

/** `/graphql`: who asks is found out before GraphQL is; everything else is Apollo's. */
export async function registerGraphql(app: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { apollo, db, log, live } = options
  const { rates, identify, contextFor } = options.askers
  const documents = createDocuments({ ...options.documents, persisted: apollo.cache })
  const queries = createQueryAnswers({ ...options, bytesAtMost: options.hotAnswerBytes, contextFor })
  countQueries(options.metrics, queries)
  await app.register(async (scope) => {
    scope.decorateRequest('asked')
    scope.setErrorHandler((error: Error, request, reply) =>
      sendAnswer(reply, answerToError(error, request, log)),
    )
    scope.addHook('onRequest', async (request) => {
      request.viewer = anonymous
      await rates.admitAddress(request)
    })
    scope.addHook('onSend', (request, reply, _payload, done) => {
      request.outcome.leave?.()
      // Some statuses are kept by caches unless they are told not to.
      if (!reply.hasHeader('cache-control')) void reply.header('cache-control', 'no-store')
      done()
    })
    scope.addHook('preHandler', async (request, reply) => {
      if (request.method === 'GET' && wantsPage(request)) return sendPage(reply)
      request.asked = await documents.find(requireWellFormed(request))
      const { hash, query } = request.asked
      if (hash === null || !queries.knows(hash)) requireParsable(query ?? '')
      await identify(request, request.headers.authorization)
      return undefined
    })
    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      if (wantsEvents(request)) return sendSubscription(request, reply)
      const answered = await queries.answer(request)
      leaveAsIs(request)
      return sendAnswer(reply, answered)
    }
    scope.get('/graphql', answer)
    scope.route({ method: 'QUERY', url: '/graphql', handler: answer })
    scope.post('/graphql', async (request, reply) => {
      const key = wantsEvents(request) ? null : idempotencyKeyOf(request)
      if (key === null) return answer(request, reply)
      return answerKeyed(apollo, db, { key, request, reply }, (tx) => contextFor(request, tx))
    })
  })
  const others = app.supportedMethods.filter((method) => !answered.includes(method))
  app.route({ method: others, url: '/graphql', onRequest: refuseMethod, handler: refuseMethod })
  const webSockets = createWebSockets<Asker>({
    addressOf: (upgrade) => addressBehind(options.trustedProxies, upgrade),
    admit: async (ip, authorization) => {
      const asker: Asker = {
        ip,
        // In one piece: Node puts an id together of twenty strings, which would be held as long as the WebSocket is open.
        id: Buffer.from(randomUUID()).toString('latin1'),
        headers: { authorization },
        viewer: anonymous,
        accounts: undefined,
        outcome: newWork(networkOf(ip)),
      }
      await rates.admitAddress(asker)
      await identify(asker, authorization)
      return asker
    },
    follow: async (asker, payload) => {
      // Each subscription is paid for like a request.
      asker.accounts = []
      await (asker.viewer.kind === 'anonymous' ? rates.admitAddress(asker) : rates.admitViewer(asker))
      const { query, variables, operationName } = payload
      documents.admit(query)
      const request = { query, variables: variables ?? {}, operationName: operationName ?? null }
      const followed = follow(asker, request, null)
      await rates.charge(asker, followed.subscription.cost)
      log.info({ requestId: asker.id, viewer: asker.viewer.kind }, 'subscription')
      return followed
    },
    translate: (error) => {
      const { message, extensions } = translateOutsideError(error, log)
      return new GraphQLError(message, { extensions: extensions ?? {} })
    },
    failed: (err) => log.error({ err }, 'a WebSocket failed'),
  })
  options.connections.onWebSocket(webSockets.upgrade)
  let answeredInFront = 0
  options.metrics.total('answered_in_front', 'Requests answered before Fastify.', () => answeredInFront)
  const count = () => void (answeredInFront += 1)
  options.connections.putInFront(
    createFront({ ...options, rates, knows: queries.knows, count, answer: answerKnown }),
  )
  app.addHook('preClose', (done) => {
    // Fastify says that the server closes.
    options.connections.putInFront(null)
    webSockets.stop()
    live.stop()
    done()
  })

  /** Answers as the routes above do, step by step, what they would let through. */
  async function answerKnown(request: ServedRequest): Promise<HttpAnswer> {
    try {
      await rates.admitAddress(request)
      request.asked = await documents.find(request.asked)
      await identify(request, request.headers.authorization)
      return await queries.answer(request)
    } catch (error) {
      return answerToError(error as Error, request, log)
    } finally {
      request.outcome.leave?.()
    }
  }

  function follow(asker: Asking, request: SubscriptionRequest, lastEventId: string | null): Followed {
    const { viewer, ip: address, headers } = asker
    const expiresAt = endOfProof(headers.authorization)
    return live.follow({ viewer, address, expiresAt, context: contextFor(asker, db), lastEventId }, request)
  }

  function sendSubscription(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    try {
      const followed = follow(request, subscriptionIn(request.asked), lastEventIdOf(request))
      request.outcome.operation = 'subscription'
      request.outcome.cost = followed.subscription.cost
      return sendEvents(reply, followed)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      return reply
        .code(400)
        .type('application/json; charset=utf-8')
        .send({ errors: [error.toJSON()] })
    }
  }
}

/** What answers were given again, and what they take. */
function countQueries({ gauge }: Metrics, queries: QueryAnswers): void {
  gauge('hot_answers_given', 'Answers given again since the start.', () => queries.counts.given)
  gauge('hot_answers_made', 'Answers made to be given again, since the start.', () => queries.counts.made)
  gauge('hot_answers_bytes', 'What the answers that are kept take at most.', () => queries.counts.bytes)
  gauge('not_modified', 'Requests answered 304 since the start.', () => queries.counts.notModified)
}

const answered = ['GET', 'HEAD', 'OPTIONS', 'POST', 'QUERY']

async function refuseMethod({ method }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const message = `GraphQL is asked by POST, or by GET and QUERY for queries, not by ${method}.`
  return reply
    .code(405)
    .header('allow', 'GET, POST, QUERY')
    .header('cache-control', 'no-store')
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] })
}

type Asker = { -readonly [Name in keyof Asking]: Asking[Name] }

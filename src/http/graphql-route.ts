import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { authenticate } from '../access/authenticate.ts'
import type { TokenReader } from '../access/oidc.ts'
import { anonymous, userIdOf, type Viewer } from '../access/viewer.ts'
import type { Context } from '../context.ts'
import type { Database } from '../database/client.ts'
import { ApiError } from '../errors.ts'
import { translateOutsideError } from '../graphql/error-translation.ts'
import { requireParsable } from '../graphql/limits.ts'
import { answerKeyed, idempotencyKeyOf } from './idempotency.ts'
import { bodyLimit } from './json-body.ts'
import { type RateLimits, registerRateLimits } from './rate-limits.ts'
import { sendPage, wantsPage } from './graphiql/graphiql.ts'

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer
  }
}

export interface GraphqlRouteOptions {
  readonly apollo: ApolloServer<Context>
  readonly db: Database
  readonly clock: () => Date
  /** null: nobody can sign in. */
  readonly readJwt: TokenReader | null
  readonly log: Logger
  readonly rateLimits: RateLimits
}

/** `/graphql`: who asks is found out before GraphQL is; everything else is Apollo's. */
export async function registerGraphql(app: FastifyInstance, options: GraphqlRouteOptions): Promise<void> {
  const { apollo, db, clock, readJwt, log } = options
  const rates = registerRateLimits(app, options.rateLimits)
  const contextFor = ({ viewer, id, outcome }: FastifyRequest, handle: Context['db']): Context => ({
    viewer,
    db: handle,
    clock,
    log: log.child({ requestId: id }),
    requestId: id,
    batches: new Map(),
    outcome,
    shownOnce: [],
  })
  const handle = fastifyApolloHandler(apollo, { context: async (request) => contextFor(request, db) })
  await app.register(async (scope) => {
    scope.decorateRequest('viewer')
    scope.setErrorHandler(answerOutsideError(log))
    scope.addHook('onRequest', async (request) => {
      request.viewer = anonymous
      await rates.admitAddress(request)
    })
    scope.addHook('preHandler', async (request) => {
      requireParsable(queryOf(request))
      try {
        request.viewer = await authenticate(db, request.headers.authorization, clock(), readJwt)
      } catch (error) {
        if (error instanceof ApiError && error.code === 'UNAUTHENTICATED')
          await rates.noteUnknownToken(request)
        throw error
      }
      request.outcome.viewer = request.viewer.kind
      request.outcome.payer = payerOf(request.viewer) ?? request.outcome.payer
      await rates.admitViewer(request)
    })
    scope.post('/graphql', (request, reply) => {
      const key = idempotencyKeyOf(request)
      return key === null
        ? handle.call(scope, request, reply)
        : answerKeyed(apollo, db, { key, request, reply }, (tx) => contextFor(request, tx))
    })
    scope.get('/graphql', (request, reply) =>
      wantsPage(request) ? sendPage(reply) : handle.call(scope, request, reply),
    )
  })
}

/** Who is held to a share of the server; null: the address that asks. */
function payerOf(viewer: Viewer): string | null {
  return userIdOf(viewer) ?? (viewer.kind === 'token' ? viewer.tokenId : null)
}

/** The text of the query; empty where there is none, which is for Apollo to refuse. */
function queryOf({ body, query }: FastifyRequest): string {
  const sent = (body ?? query) as { readonly query?: unknown } | null
  return typeof sent?.query === 'string' ? sent.query : ''
}

/** What fails before GraphQL begins is answered in GraphQL's form all the same. */
function answerOutsideError(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const formatted =
      error.statusCode !== undefined && error.statusCode < 500
        ? { message: messageOf(error), extensions: { code: 'BAD_REQUEST' } }
        : translateOutsideError(error, log)
    request.outcome.errors = [String(formatted.extensions?.['code'])]
    const { retryAfter } = formatted.extensions ?? {}
    if (typeof retryAfter === 'number') void reply.header('retry-after', retryAfter)
    return reply
      .code(statusOf(error, formatted))
      .type('application/json; charset=utf-8')
      .send({ errors: [formatted] })
  }
}

function messageOf({ statusCode, message }: FastifyError): string {
  return statusCode === 413 ? `A request may have ${bodyLimit.toLocaleString('en')} bytes at most.` : message
}

function statusOf(error: FastifyError, { extensions }: GraphQLFormattedError): number {
  if (error.statusCode !== undefined && error.statusCode < 500) return error.statusCode
  switch (extensions?.['code']) {
    case 'UNAUTHENTICATED':
      return 401
    case 'QUERY_TOO_COMPLEX':
      return 400
    case 'BAD_USER_INPUT':
      return 422
    case 'RATE_LIMITED':
      return 429
    case 'UNAVAILABLE':
    case 'SCHEMA_OUT_OF_DATE':
      return 503
    default:
      return 500
  }
}

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
import { graphqlResponse, statusOfCode, takesGraphqlResponse } from '../graphql/status.ts'
import { answerKeyed, idempotencyKeyOf } from './idempotency.ts'
import { bodyLimit } from './json-body.ts'
import { type RateLimits, registerRateLimits } from './rate-limits.ts'
import { sendPage, wantsPage } from './graphiql/graphiql.ts'
import { leaveOutEmptyParameters, requireWellFormed, restorePersistedQuery } from './well-formed.ts'

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
    scope.addHook('onSend', (request, _reply, _payload, done) => {
      request.outcome.leave?.()
      done()
    })
    scope.addHook('preHandler', async (request, reply) => {
      if (request.method === 'GET' && wantsPage(request)) return sendPage(reply)
      requireWellFormed(request)
      leaveOutEmptyParameters(request)
      await restorePersistedQuery(request, apollo.cache)
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
      return undefined
    })
    scope.post('/graphql', (request, reply) => {
      const key = idempotencyKeyOf(request)
      return key === null
        ? handle.call(scope, request, reply)
        : answerKeyed(apollo, db, { key, request, reply }, (tx) => contextFor(request, tx))
    })
    scope.get('/graphql', handle)
  })
  const others = app.supportedMethods.filter((method) => !['GET', 'HEAD', 'OPTIONS', 'POST'].includes(method))
  app.route({ method: others, url: '/graphql', onRequest: refuseMethod, handler: refuseMethod })
}

async function refuseMethod({ method }: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const message = `GraphQL is asked by POST, or by GET for queries, not by ${method}.`
  return reply
    .code(405)
    .header('allow', 'GET, POST')
    .type('application/json; charset=utf-8')
    .send({ errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] })
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
    const status = statusOf(error, formatted, request)
    // RFC 9110 wants it with each 401. There is one only if a token was sent, which RFC 6750 calls invalid then.
    if (status === 401)
      void reply.header('www-authenticate', 'Bearer realm="Open Event", error="invalid_token"')
    const type = takesGraphqlResponse(request.headers.accept) ? graphqlResponse : 'application/json'
    return reply
      .code(status)
      .type(`${type}; charset=utf-8`)
      .send({ errors: [formatted] })
  }
}

function messageOf({ statusCode, message }: FastifyError): string {
  return statusCode === 413 ? `A request may have ${bodyLimit.toLocaleString('en')} bytes at most.` : message
}

function statusOf(
  error: FastifyError,
  { extensions }: GraphQLFormattedError,
  { headers }: FastifyRequest,
): number {
  if (error.statusCode !== undefined && error.statusCode < 500) return error.statusCode
  const code = String(extensions?.['code'])
  // To a client that knows no other statuses, 400 was always the answer.
  return code === 'QUERY_TOO_COMPLEX' && !takesGraphqlResponse(headers.accept) ? 400 : statusOfCode(code)
}

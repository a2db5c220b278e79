import {
  ApolloServer,
  type ApolloServerOptions,
  type ApolloServerPlugin,
  type GraphQLResponse,
  HeaderMap,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled'
import { type DocumentNode, GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { Context, RequestOutcome } from '../context.ts'
import { failing } from '../database/failing.ts'
import { queryTooComplex } from '../errors.ts'
import { createRecent } from '../recent.ts'
import type { Admission } from './admission.ts'
import { isLongerThan } from './answer-size.ts'
import { apiErrorOf, translateError } from './error-translation.ts'
import { answerText } from './json-data.ts'
import { givingWay } from './giving-way.ts'
import { operationLabel } from './known-queries.ts'
import { queryLimits, requireExecutable } from './limits.ts'
import { graphqlResponse, statusOfAnswer, statusOfCode, takesGraphqlResponse } from './status.ts'

export interface ApolloOptions {
  readonly schema: GraphQLSchema
  readonly admission: Admission
  readonly log: Logger
  /** What answers queries instead of the resolvers, as far as it can. */
  readonly compiled: ApolloServerPlugin<Context> | null
}

/** The Apollo server over our schema; started before it is returned. */
export async function startApollo({
  schema,
  admission,
  log,
  compiled,
}: ApolloOptions): Promise<ApolloServer<Context>> {
  const apollo = new ApolloServer<Context>({
    schema,
    logger: log,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // Nobody is let in by a cookie, so another site's page can do nothing in a visitor's name.
    csrfPrevention: false,
    formatError: (formatted, error) => translateError(formatted, error, log),
    documentStore: validDocuments(),
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // It looks at every field of every answer, which takes a third of the time of a page of sessions, and finds nothing.
      ApolloServerPluginCacheControlDisabled(),
      givingWay,
      boundedOperations(admission),
      // Those after it tell, and log, what it makes of an answer.
      graphqlOverHttp,
      outcomeForTheLog,
      ...(compiled === null ? [] : [compiled]),
      snapshotForResolvers,
    ],
    stringifyResult: answerText,
  })
  await apollo.start()
  return apollo
}

/** How long the valid documents that are kept may be together; parsed, they take about a hundred bytes a character. */
const charactersKept = 400_000

/** Apollo's own store counts a fifth of what documents take. */
function validDocuments(): NonNullable<ApolloServerOptions<Context>['documentStore']> {
  const documents = createRecent<DocumentNode>(charactersKept)
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => documents.set(key, document, document.loc?.end ?? charactersKept),
    delete: async () => false,
  }
}

/**
 * GraphQL over HTTP, the part that Apollo has otherwise: a client that takes application/graphql-response+json is given
 * that, with the statuses that go with it. One that takes only application/json is given 200 for a well-formed request.
 */
const graphqlOverHttp: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    willSendResponse: async ({ request, response }) => {
      if (!response.http.headers.has('cache-control')) response.http.headers.set('cache-control', 'no-store')
      if (takesGraphqlResponse(request.http?.headers.get('accept'))) {
        response.http.headers.set('content-type', `${graphqlResponse}; charset=utf-8`)
        if (response.body.kind !== 'single') return
        response.http.status = statusOfAnswer(response.body.singleResult, response.http.status)
      } else if (response.http.status === 400 && request.query !== undefined) {
        response.http.status = 200
      }
    },
  }),
}

/**
 * What the request's log line and its trace say of GraphQL: the operation's name, never its variables, and the codes of
 * its errors.
 */
const outcomeForTheLog: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ operation, contextValue: { outcome } }) => {
      if (!operation) return
      outcome.operation = operationLabel(operation)
      outcome.operationEnded ??= outcome.trace?.operation(outcome.operation)
    },
    willSendResponse: async ({ response, contextValue: { outcome } }) => {
      const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined
      if (errors) outcome.errors = [...new Set(errors.map(({ extensions }) => String(extensions?.['code'])))]
      outcome.operationEnded?.(outcome.errors ?? [])
    },
  }),
}

/**
 * Refuses what is too large or too dear, and tells the client what the rest costs. Also for documents that Apollo knows
 * already and neither parses nor validates again.
 */
const boundedOperations = (admission: Admission): ApolloServerPlugin<Context> => ({
  requestDidStart: async () => ({
    didResolveOperation: async ({ schema, document, operation, request, contextValue }) => {
      const { variables = {} } = request
      const { outcome } = contextValue
      if (!operation) return
      if (operation.operation === 'subscription') throw subscriptionWithoutStream()
      outcome.changes = operation.operation === 'mutation'
      try {
        outcome.cost = requireExecutable({ schema, document, operation, variables }).points
        // Changes are let in by the connections that there are for them.
        if (!outcome.changes)
          outcome.leave = await (outcome.admitted ??= admission.enter(outcome, outcome.cost))
      } catch (error) {
        throw refusal(error, outcome)
      }
    },
    willSendResponse: async ({ operation, response, contextValue: { outcome } }) => {
      // What a change answers is bounded by what it may change.
      if (operation?.operation === 'query') requireSendable(response)
      if (outcome.cost === undefined || response.body.kind !== 'single') return
      const cost = { points: outcome.cost, limit: queryLimits.points }
      response.body.singleResult.extensions = { ...response.body.singleResult.extensions, cost }
    },
  }),
})

/** Opened once the query may begin, and only if no statement has answered it: who waits holds no connection. */
const snapshotForResolvers: ApolloServerPlugin<Context> = {
  requestDidStart: async () => ({
    responseForOperation: async ({ contextValue }) => {
      const db = await contextValue.snapshot?.open().catch(failing)
      if (db !== undefined) Object.assign(contextValue, { db })
      return null
    },
  }),
}

/** Outside of execution Apollo knows errors of its own only; without a status it takes them for mistakes of ours. */
function refusal(error: unknown, outcome: RequestOutcome): GraphQLError {
  const known = apiErrorOf(error)
  if (known === null) throw error
  outcome.cost = Number(known.details['cost'] ?? 0)
  const { retryAfter } = known.details
  const headers = new HeaderMap(retryAfter === undefined ? [] : [['retry-after', `${Number(retryAfter)}`]])
  // To a client that knows no other statuses, 400 was always the answer to what is too large.
  const http = { status: known.code === 'QUERY_TOO_COMPLEX' ? 400 : statusOfCode(known.code), headers }
  return new GraphQLError(known.message, { extensions: { code: known.code, ...known.details, http } })
}

/** Executed as a query, a subscription would answer null, and that for a field that never is. */
function subscriptionWithoutStream(): GraphQLError {
  return new GraphQLError(
    'A subscription is followed over a WebSocket (graphql-transport-ws), or by a request that says "accept: text/event-stream".',
    { extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { status: 400 } } },
  )
}

/** Texts that aliases repeat take memory only once they are written down, which is next. */
function requireSendable({ body }: GraphQLResponse): void {
  if (body.kind !== 'single' || !isLongerThan(queryLimits.characters, body.singleResult.data)) return
  const error = queryTooComplex(`has an answer of more than ${queryLimits.characters} characters`)
  body.singleResult = { errors: [{ message: error.message, extensions: { code: error.code } }] }
}

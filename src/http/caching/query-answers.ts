import type { ApolloServer } from '@apollo/server'
import type { GraphQLSchema } from 'graphql'
import type { Beside, Context } from '../../context.ts'
import type { Database, DatabaseTransaction } from '../../database/client.ts'
import { readTogether } from '../../database/read-together.ts'
import { lazySnapshot } from '../../database/snapshot.ts'
import {
  clocksFrom,
  type ClockRequest,
  clockStatement,
  type ProgrammeClock,
  programmeClocks,
  readClocks,
} from '../../features/change/change.clock.ts'
import type { CompiledReads } from '../../graphql/compiled-reads.ts'
import { graphqlResponse, takesGraphqlResponse } from '../../graphql/status.ts'
import type { HttpAnswer } from '../answer.ts'
import { type ApolloAnswer, askApollo } from '../apollo-request.ts'
import type { ServedRequest } from '../asking.ts'
import { codingFor, inCoding } from '../compression.ts'
import { matchesAll } from '../if-none-match.ts'
import { type BoundOperation, type BoundOperations, boundOperations } from './bound.ts'
import { headersForCaches } from './headers.ts'
import { createHotAnswers, type HotAnswer, hotAnswer } from './hot-answers.ts'
import { createRecent } from '../../recent.ts'
import type { WellFormed } from '../well-formed.ts'
import { type AnswerParts, answerParts, isWhole } from './parts.ts'
import { matchingTag, type Validator, validatorOf } from './validators.ts'

export interface QueryAnswersOptions {
  readonly apollo: ApolloServer<Context>
  /** null: all queries are answered by resolvers. */
  readonly compiled: CompiledReads | null
  readonly schema: GraphQLSchema
  readonly db: Database
  readonly contextFor: (request: ServedRequest, db: Database | DatabaseTransaction) => Context
  /** What may be kept in memory; 0: nothing. */
  readonly bytesAtMost: number
}

/** How often each of these happened, and what they take. */
export interface CachingCounts {
  readonly given: number
  readonly notModified: number
  readonly made: number
  readonly bytes: number
}

export interface QueryAnswers {
  /** Whether a document was read before, so that its size needn't be looked at. */
  knows(hash: string): boolean
  /** Answers a request, whoever asks being known. */
  answer(request: ServedRequest): Promise<HttpAnswer>
  readonly counts: CachingCounts
}

/** A request whose answer follows from one programme and from who asks. */
interface Bound {
  readonly operation: BoundOperation
  readonly clock: ClockRequest
  readonly parts: AnswerParts
}

/** How long the documents may be together of which it is kept what they are bound to. */
const charactersKept = 1_000_000

/** Answers queries, those that are bound to one event out of what is kept as long as its programme is the same. */
export function createQueryAnswers(options: QueryAnswersOptions): QueryAnswers {
  const { apollo, compiled, schema, db, contextFor, bytesAtMost } = options
  const documents = createRecent<BoundOperations>(charactersKept)
  const hotAnswers = createHotAnswers(bytesAtMost)
  const readClock = readTogether({
    payer: 'clocks',
    keyOf: ({ event, asPublic }: ClockRequest) =>
      `${asPublic} ${event.by} ${event.by === 'slug' ? event.slug : event.id}`,
    readAll: (requests) => readClocks(db, requests),
  })
  const counts = { given: 0, notModified: 0, made: 0 }

  function boundIn({ method, asked, viewer }: ServedRequest): Bound | null {
    const { query, hash, operationName, variables } = asked
    if (query === null || hash === null) return null
    let operations = documents.get(hash)
    if (operations === undefined) {
      operations = boundOperations(schema, query)
      documents.set(hash, operations, query.length)
    }
    // No cache keeps what is asked by POST, and here nothing is kept.
    if (method === 'POST' && bytesAtMost === 0) return null
    const operation = operations.get(operationName)
    const event = operation?.eventOf(variables)
    const parts = event && answerParts(asked, viewer)
    return operation && event && parts
      ? { operation, clock: { event, asPublic: parts.isPublic }, parts }
      : null
  }

  async function worked(request: ServedRequest): Promise<HttpAnswer> {
    const bound = boundIn(request)
    if (bound === null) return answerPlainly(request)
    const { key } = bound.parts
    const isPopular = hotAnswers.isPopular(key)
    const [hot, underWay] = [hotAnswers.get(key), hotAnswers.underWay(key)]
    const condition = isSafe(request) ? request.headers['if-none-match'] : undefined
    if (hot === undefined && underWay === undefined && condition === undefined) {
      return isPopular || isSafe(request) ? make(request, bound) : answerPlainly(request)
    }
    const clock = await readClock(bound.clock)
    if (clock === null) return answerPlainly(request)
    if (!matchesAll(condition) && condition !== undefined) {
      const validator = validatorFor(request, bound, clock)
      const tag = matchingTag(condition, validator, codingFor(request.headers['accept-encoding']))
      if (tag !== null) return notModified(request, { bound, clock, validator, tag })
    }
    if (hot?.clock.token === clock.token) return hotBytes(request, { bound, hot, isKept: true })
    const shared = await underWay
    // What is read from a snapshot as young as the clock holds all that was committed before this request came.
    if (shared && shared.clock.eventId === clock.eventId && shared.clock.seq >= clock.seq) {
      return hotBytes(request, { bound, hot: shared, isKept: true })
    }
    return make(request, bound)
  }

  async function answerPlainly(request: ServedRequest): Promise<HttpAnswer> {
    return forNobodyToKeep(await executed(request, contextFor(request, db)))
  }

  /** Reads the clock and the data of an answer by one statement, or else in one snapshot, so that the one says exactly what the other is. */
  async function make(request: ServedRequest, bound: Bound): Promise<HttpAnswer> {
    counts.made += 1
    const made = await hotAnswers.make(bound.parts.key, async () => {
      const { snapshot, clock } = clockedSnapshot(bound.clock)
      const beside: Beside = { statement: clockStatement([bound.clock]) }
      try {
        const answered = await executed(request, { ...contextFor(request, db), snapshot, beside })
        const now = beside.found === undefined ? await clock() : clocksFrom(beside.found, 1)[0]!
        const { cost } = request.outcome
        return { answered, hot: now && isWhole(answered) ? hotAnswer(now, answered.body, cost) : null }
      } finally {
        await snapshot.close()
      }
    })
    const { answered, hot } = made
    return hot === null ? forNobodyToKeep(answered) : hotBytes(request, { bound, hot, isKept: false })
  }

  /** A snapshot of which the clock is read first; null if it wasn't opened, or there is no such programme. */
  function clockedSnapshot(request: ClockRequest) {
    const inner = lazySnapshot(db)
    let clocks: Promise<(ProgrammeClock | null)[]> | undefined
    const open = async () => {
      const tx = await inner.open()
      await (clocks ??= programmeClocks({ db: tx }, [request]))
      return tx
    }
    return { snapshot: { open, close: inner.close }, clock: async () => (await clocks)?.[0] ?? null }
  }

  async function executed(request: ServedRequest, context: Context): Promise<ApolloAnswer> {
    const { headers, asked, method } = request
    const body = await knownAnswer(asked, context)
    if (body !== null) {
      // In Apollo's order: nobody is to see whether it was asked.
      const sent: [string, string][] = [
        ['cache-control', 'no-store'],
        ['content-type', `${mediaType(request)}; charset=utf-8`],
      ]
      return { status: 200, headers: new Map(sent), body }
    }
    return askApollo(apollo, { headers, asked, isSafe: method !== 'POST' }, context)
  }

  /** The answer to a query that is known; null: ask Apollo, which also looks after documents that extensions name. */
  async function knownAnswer({ hash, operationName, variables, extensions }: WellFormed, context: Context) {
    const isNamedByExtension = (extensions?.['persistedQuery'] ?? null) !== null
    if (compiled === null || hash === null || isNamedByExtension) return null
    return compiled.answer({ hash, operationName, variables: variables ?? {} }, context)
  }

  async function hotBytes(
    request: ServedRequest,
    { bound, hot, isKept }: { bound: Bound; hot: HotAnswer; isKept: boolean },
  ): Promise<HttpAnswer> {
    const { outcome, headers } = request
    const { coding, bytes } = await hot.in(codingFor(headers['accept-encoding']))
    if (isKept) {
      counts.given += 1
      outcome.operation = bound.operation.label
      if (hot.cost !== undefined) outcome.cost = hot.cost
      outcome.kept = 'given'
    }
    const told = new Map([['content-type', `${mediaType(request)}; charset=utf-8`]])
    if (coding !== null) told.set('content-encoding', coding)
    if (!isSafe(request)) {
      told.set('vary', 'accept-encoding').set('cache-control', 'no-store')
      return { status: 200, headers: told, body: bytes }
    }
    const { clock } = hot
    const validator = validatorFor(request, bound, clock)
    const tag = matchingTag(headers['if-none-match'], validator, coding)
    if (tag !== null) return notModified(request, { bound, clock, validator, tag })
    const { isPublic } = bound.parts
    const forCaches = headersForCaches({ validator, eventId: clock.eventId, isPublic, coding })
    return { status: 200, headers: new Map([...told, ...forCaches]), body: bytes }
  }

  function notModified(
    { outcome }: ServedRequest,
    {
      bound,
      clock,
      validator,
      tag,
    }: { bound: Bound; clock: ProgrammeClock; validator: Validator; tag: string },
  ): HttpAnswer {
    counts.notModified += 1
    outcome.operation = bound.operation.label
    outcome.kept = 'not modified'
    const { isPublic } = bound.parts
    const forCaches = headersForCaches({ validator, eventId: clock.eventId, isPublic, coding: null })
    return { status: 304, headers: new Map([...forCaches, ['etag', tag]]), body: null }
  }

  return {
    knows: (hash) => documents.get(hash) !== undefined,
    answer: async (request) => inCoding(await worked(request), request.headers['accept-encoding']),
    get counts() {
      return { ...counts, bytes: hotAnswers.size }
    },
  }
}

function forNobodyToKeep({ status, headers, body }: ApolloAnswer): HttpAnswer {
  return { status, headers: new Map(headers).set('cache-control', 'no-store'), body }
}

function validatorFor(request: ServedRequest, { parts }: Bound, clock: ProgrammeClock): Validator {
  return validatorOf(clock, [parts.key, mediaType(request)])
}

/** Whether a request only reads, so that caches may keep its answer. */
function isSafe({ method }: ServedRequest): boolean {
  return method !== 'POST'
}

function mediaType({ headers }: ServedRequest): string {
  return takesGraphqlResponse(headers.accept) ? graphqlResponse : 'application/json'
}

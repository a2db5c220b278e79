import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { userIdOf, type Viewer } from '../access/viewer.ts'
import { NotCompilable } from '../compiled/data-model.ts'
import { isCut, withMarks } from '../compiled/marks.ts'
import type { CompiledAnswer } from '../compiled/answer.ts'
import { createPlanner, type PlannedAnswer } from '../compiled/plans.ts'
import type { Beside, Context, RequestOutcome } from '../context.ts'
import { type DatabaseFault, databaseFaultOf } from '../database/faults.ts'
import { failing } from '../database/failing.ts'
import { isTransaction } from '../database/is-transaction.ts'
import type { ReadStatement } from '../database/read-text.ts'
import { ApiError } from '../errors.ts'
import { type Admission, cheap } from './admission.ts'
import { isLongerThan } from './answer-size.ts'
import { turnIfLong } from './giving-way.ts'
import { answerText, JsonData } from './json-data.ts'
import { createKnownQueries, type KnownQuery } from './known-queries.ts'
import { queryLimits, requireExecutable } from './limits.ts'

export interface CompiledReadsOptions {
  readonly schema: GraphQLSchema
  readonly admission: Admission
  readonly log: Logger
  /** Is told how each query is answered: 'compiled', or why it goes the usual way. */
  count(how: string): void
}

export interface CompiledReads {
  /** Answers what Apollo has let through. */
  readonly plugin: ApolloServerPlugin<Context>
  /**
   * Answers a query that Apollo has let through before, as Apollo would: the text of the answer. null: it is for Apollo,
   * which then tells what is wrong.
   */
  answer(asked: AskedQuery, context: Context): Promise<string | null>
}

/** What is asked for by a request. */
export interface AskedQuery {
  /** SHA-256 of the document's text. */
  readonly hash: string
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * Answers queries by one statement whose text is the answer. Whatever isn't known to it, can't be said by the database as
 * JavaScript says it, or goes wrong, is left to the resolvers, which tell it at its path.
 */
export function compiledReads({ schema, admission, log, count }: CompiledReadsOptions): CompiledReads {
  const plan = createPlanner(schema)
  const known = createKnownQueries()
  const costs = new WeakMap<CompiledAnswer, number>()
  /** What the statement gave to requests that Apollo answers all the same; null if nothing. Apollo copies the context. */
  const tried = new WeakMap<RequestOutcome, JsonData | null>()

  const plannedFor = ({ document, operation }: Valid, variables: Variables, context: Context) => {
    const { viewer, outcome } = context
    const isDear = () =>
      (outcome.cost ?? requireExecutable({ schema, document, operation, variables }).points) > dear
    const asViewer = { viewer: wordFor(viewer), context: onlyViewer(viewer) }
    return plan({ document, operation, variables, ...asViewer, isDear })
  }

  const read = async (planned: () => PlannedAnswer, context: Context): Promise<JsonData | null> => {
    const { db, beside, outcome } = context
    // The verb takes a connection of its own: it would read what was committed since, and wait for a second connection.
    if (isTransaction(db)) {
      count('a snapshot')
      return null
    }
    try {
      const { answer, values } = planned()
      const { sql, constant, writers, most } = answer
      const isShort = (outcome.cost ?? Infinity) < cheap
      const row =
        sql === null ? [constant] : await db.$readTexts(withBeside({ sql, values, isShort }, beside))
      const hasBeside = sql !== null && beside !== undefined
      const texts = hasBeside ? row.slice(1) : row
      // A statement that gives no row, or a null, isn't what it was meant to be.
      const isWhole = texts.length > 0 && !texts.includes(null)
      const made = isWhole ? texts.join('') : null
      await turnIfLong(made?.length ?? 0)
      if (made !== null && isCut(made)) {
        count('too long')
        return new JsonData('', true)
      }
      const written = made === null ? null : await withMarks(made, writers, most)
      if (beside !== undefined && written !== null) beside.found = hasBeside ? row[0]! : null
      count(written === null ? 'unsayable' : 'compiled')
      return written === null ? null : new JsonData(written)
    } catch (error) {
      count(reasonOf(error))
      const fault = databaseFaultOf(error)
      // Who waited for a database that has no time for them doesn't wait again: the resolvers tell it at their paths.
      if (fault !== null && outOfReach.has(fault.kind))
        Object.assign(context, { db: failing(error), snapshot: undefined })
      else if (!isForeseen(error))
        log.warn({ err: error }, 'a query is answered without its compiled statement')
      return null
    }
  }

  const costOf = (
    { answer }: PlannedAnswer,
    { document, operation }: Valid,
    variables: Variables,
  ): number => {
    const known = costs.get(answer)
    if (known !== undefined) return known
    const { points } = requireExecutable({ schema, document, operation, variables })
    costs.set(answer, points)
    return points
  }

  const answer: CompiledReads['answer'] = async ({ hash, operationName, variables }, context) => {
    const query = known.get(hash, operationName)
    if (query === undefined || isTransaction(context.db)) return null
    const { outcome } = context
    let planned: PlannedAnswer
    let points: number
    try {
      planned = plannedFor(query, variables, context)
      points = costOf(planned, query, variables)
      // Whoever isn't let in is told so by Apollo, without waiting again.
      outcome.admitted = admission.enter(outcome, points / timesCheaper)
      outcome.leave = await outcome.admitted
    } catch {
      return null
    }
    outcome.operation = query.label
    outcome.cost = points
    outcome.operationEnded = outcome.trace?.operation(query.label)
    const data = await read(() => planned, context)
    if (data === null || isLongerThan(queryLimits.characters, data)) {
      tried.set(outcome, data)
      // Resolvers begin it anew, at their price.
      outcome.leave()
      delete outcome.admitted
      return null
    }
    await turnIfLong(data.text.length)
    outcome.operationEnded?.([])
    return answerText({ data: asData(data), extensions: { cost: { points, limit: queryLimits.points } } })
  }

  const plugin: ApolloServerPlugin<Context> = {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue, queryHash }) => {
        // One that isn't there is refused next.
        if (operation?.operation !== 'query') return null
        const query = { document, operation }
        known.add(queryHash!, request.operationName ?? null, query)
        const planned = () => plannedFor(query, request.variables ?? {}, contextValue)
        const before = tried.get(contextValue.outcome)
        const data = before === undefined ? await read(planned, contextValue) : before
        if (data === null) return null
        const http = { headers: new HeaderMap() }
        return { http, body: { kind: 'single', singleResult: { data: asData(data) } } }
      },
    }),
  }
  return { plugin, answer }
}

/** What a statement takes of the points that resolvers take, as far as others have to wait for it. */
const timesCheaper = 4

/** In points: what costs less has so few texts that short ones needn't be counted. */
const dear = 10_000

type Valid = Pick<KnownQuery, 'document' | 'operation'>
type Variables = AskedQuery['variables']

/** The statement, with what is read beside it in the first column: all of a statement is of one moment. */
function withBeside(read: ReadStatement, beside: Beside | undefined): ReadStatement {
  if (beside === undefined) return read
  const { sql, values } = read
  const { statement } = beside
  const renumbered = statement.sql.replaceAll(/\$(\d+)/g, (_all, n) => `$${Number(n) + values.length}`)
  return {
    ...read,
    sql: sql.replace('SELECT ', () => `SELECT (${renumbered}), `),
    values: [...values, ...statement.values],
  }
}

/** Apollo hands `data` on as it is, to `answerText`. */
function asData(data: JsonData): Record<string, unknown> {
  return data as unknown as Record<string, unknown>
}

/** All of a viewer that decides what they see. */
function wordFor(viewer: Viewer): string {
  if (viewer.kind === 'anonymous') return viewer.kind
  const { kind, grants, heldTo } = viewer
  return JSON.stringify([kind, userIdOf(viewer), grants, heldTo && [...heldTo]])
}

/** A context for plans that are kept: whatever changes from request to request mustn't get into them. */
export function onlyViewer(viewer: Viewer): object {
  return new Proxy(
    { viewer },
    {
      get: (context, name) => {
        if (name === 'viewer') return context.viewer
        throw new NotCompilable(`the context's ${String(name)}`)
      },
    },
  )
}

const outOfReach: ReadonlySet<DatabaseFault['kind']> = new Set([
  'unavailable',
  'busy',
  'given up',
  'too slow',
  'stopped',
  'too large',
])

function isForeseen(error: unknown): boolean {
  return error instanceof NotCompilable || error instanceof ApiError || error instanceof GraphQLError
}

function reasonOf(error: unknown): string {
  if (error instanceof NotCompilable) return error.message
  if (isForeseen(error)) return 'arguments'
  return databaseFaultOf(error)?.kind ?? 'error'
}

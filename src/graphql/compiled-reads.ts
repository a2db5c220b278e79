import { type ApolloServerPlugin, HeaderMap } from '@apollo/server'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { userIdOf, type Viewer } from '../access/viewer.ts'
import { NotCompilable } from '../compiled/data-model.ts'
import { withMarks } from '../compiled/marks.ts'
import { createPlanner, type Query } from '../compiled/plans.ts'
import type { Context } from '../context.ts'
import { type DatabaseFault, databaseFaultOf } from '../database/faults.ts'
import { isTransaction } from '../database/is-transaction.ts'
import { ApiError } from '../errors.ts'
import { JsonData } from './json-data.ts'

export interface CompiledReadsOptions {
  readonly schema: GraphQLSchema
  readonly log: Logger
  /** Is told how each query is answered: 'compiled', or why it goes the usual way. */
  count(how: string): void
}

/**
 * Answers queries by one statement whose text is the answer. Whatever isn't known to it, can't be said by the database as
 * JavaScript says it, or goes wrong, is left to the resolvers, which tell it at its path.
 */
export function compiledReads({ schema, log, count }: CompiledReadsOptions): ApolloServerPlugin<Context> {
  const plan = createPlanner(schema)

  const answerTo = async (query: Query, contextValue: Context): Promise<string | null> => {
    const { db } = contextValue
    // The verb takes a connection of its own: it would read what was committed since, and wait for a second connection.
    if (isTransaction(db)) {
      count('a snapshot')
      return null
    }
    try {
      const { sql, constant, values, writers, most } = plan(query)
      const text = sql === null ? constant : await db.$readText({ sql, values })
      const written = text === null ? null : withMarks(text, writers, most)
      count(written === null ? 'unsayable' : 'compiled')
      return written
    } catch (error) {
      count(reasonOf(error))
      const fault = databaseFaultOf(error)
      // Who waited for a database that has no time for them doesn't wait again: the resolvers tell it at their paths.
      if (fault !== null && outOfReach.has(fault.kind)) Object.assign(contextValue, { db: failing(error) })
      else if (!isForeseen(error))
        log.warn({ err: error }, 'a query is answered without its compiled statement')
      return null
    }
  }

  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue }) => {
        // One that isn't there is refused next.
        if (operation?.operation !== 'query') return null
        const { viewer } = contextValue
        const query = { document, operation, variables: request.variables ?? {} }
        const asked = { ...query, viewer: wordFor(viewer), context: onlyViewer(viewer) }
        const text = await answerTo(asked, contextValue)
        if (text === null) return null
        // Apollo hands `data` on as it is, to `answerText`.
        const data = new JsonData(text) as unknown as Record<string, unknown>
        const http = { headers: new HeaderMap() }
        return { http, body: { kind: 'single', singleResult: { data } } }
      },
    }),
  }
}

/** All of a viewer that decides what they see. */
function wordFor(viewer: Viewer): string {
  const { kind, grants, heldTo } = viewer
  return JSON.stringify([kind, userIdOf(viewer), grants, heldTo && [...heldTo]])
}

/** A context for plans that are kept: whatever changes from request to request mustn't get into them. */
function onlyViewer(viewer: Viewer): object {
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

/** A database in which everything fails by the error. */
function failing(error: unknown): object {
  const fail = () => Promise.reject(error)
  const model = new Proxy({}, { get: () => fail })
  return new Proxy({}, { get: (_db, name) => (String(name).startsWith('$') ? fail : model) })
}

function isForeseen(error: unknown): boolean {
  return error instanceof NotCompilable || error instanceof ApiError || error instanceof GraphQLError
}

function reasonOf(error: unknown): string {
  if (error instanceof NotCompilable) return error.message
  if (isForeseen(error)) return 'arguments'
  return databaseFaultOf(error)?.kind ?? 'error'
}

import { randomUUID } from 'node:crypto'
import { unwrapResolverError } from '@apollo/server/errors'
import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { type DatabaseFault, databaseFaultOf } from '../database/faults.ts'
import { currentWork } from '../database/work.ts'
import {
  ApiError,
  assertNever,
  badUserInput,
  outcomeUnknown,
  queryTooComplex,
  schemaOutOfDate,
  unavailable,
} from '../errors.ts'

/**
 * What a client reads of an error: our own errors as they are, GraphQL's own (syntax, validation, coercion) in their
 * standard form, faults of the database as far as they mean something to the client. The rest is masked: the client
 * gets an id, and the log has the error under the same id.
 */
export function translateError(
  formatted: GraphQLFormattedError,
  error: unknown,
  log: Logger,
): GraphQLFormattedError {
  const original = unwrapResolverError(error)
  if (original instanceof GraphQLError && formatted.extensions?.['code'] !== 'INTERNAL_SERVER_ERROR') {
    return withIssues(formatted)
  }
  const misfit = original instanceof GraphQLError ? faultOfArgument(original) : null
  if (misfit !== null) return { ...placeOf(formatted), ...misfit }
  const known = apiErrorOf(original)
  if (known !== null) {
    if (known.cause !== undefined)
      log.error({ err: known.cause, code: known.code }, 'a fault outside was translated')
    return {
      ...placeOf(formatted),
      message: known.message,
      extensions: { code: known.code, ...known.details },
    }
  }
  const errorId = randomUUID()
  log.error({ err: original, errorId }, 'an unforeseen error was masked')
  return {
    ...placeOf(formatted),
    message: `Something went wrong here that nobody foresaw. Tell the operator this id: ${errorId}`,
    extensions: { code: 'INTERNAL_SERVER_ERROR', errorId },
  }
}

/** The same for an error outside of GraphQL's execution, such as in finding out who asks. */
export function translateOutsideError(error: unknown, log: Logger): GraphQLFormattedError {
  return translateError({ message: '' }, error, log)
}

/** What a client can be told of an error; null if nobody foresaw it. */
export function apiErrorOf(error: unknown): ApiError | null {
  if (error instanceof ApiError) return error
  const fault = causeOf(databaseFaultOf(error))
  if (fault === null) return null
  switch (fault.kind) {
    case 'schema':
      return schemaOutOfDate(error)
    case 'unavailable':
    case 'busy':
    case 'given up':
    case 'too slow':
    case 'read only':
      return unavailable(reasons[fault.kind], { hasChanged: hasChanged(), cause: error })
    case 'stopped':
      return unavailable(`${fault.why} Ask for less at once.`, { hasChanged: hasChanged(), cause: error })
    case 'too large':
      return queryTooComplex(fault.what)
    case 'outcome unknown':
      return outcomeUnknown(error, { isKeyed: false })
    case 'taken':
      return badUserInput([
        { path: [], message: `Somebody else has just taken this value: ${fault.fields.join(', ')}.` },
      ])
    case 'overlaps':
      return badUserInput([
        {
          path: [],
          message: 'A room or a speaker would be taken twice. This event refuses double bookings.',
        },
      ])
    case 'refused':
      return badUserInput([{ path: [], message: `The database refuses this: ${fault.rule}.` }])
    default:
      return assertNever(fault)
  }
}

/** A connection that is cut because its work was stopped looks lost to whoever ends its transaction. */
function causeOf(fault: DatabaseFault | null): DatabaseFault | null {
  const stopped = currentWork()?.stopped
  return fault?.kind === 'unavailable' && stopped ? databaseFaultOf(stopped) : fault
}

/** Whether the request changed something that stays. */
function hasChanged(): boolean {
  return (currentWork()?.commits ?? 0) > 0
}

const reasons = {
  unavailable: "The database can't be reached right now.",
  busy: 'The server has too much to do right now.',
  'given up': 'Others hold or change the same at this moment, so the database gave this up.',
  'too slow': 'The database took longer over this than it may, so it was ended. Ask for less at once.',
  'read only': 'The database takes no changes right now.',
}

/** graphql-js coerces arguments while it executes: a variable that may be null and is, where an argument may not be. */
function faultOfArgument({
  message,
}: GraphQLError): Pick<GraphQLFormattedError, 'message' | 'extensions'> | null {
  const [, argument] = /^Argument "(\w+)" /.exec(message) ?? []
  if (argument === undefined) return null
  const issues = [{ path: [argument], message }]
  return { message, extensions: { code: 'BAD_USER_INPUT', issues } }
}

function placeOf({
  path,
  locations,
}: GraphQLFormattedError): Pick<GraphQLFormattedError, 'path' | 'locations'> {
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) }
}

/**
 * A variable that its type refuses is bad user input like any other, so it gets `issues` too. graphql-js tells the
 * place in its message only: 'Variable "$input" got invalid value "x" at "input.startsAt"; why'.
 */
function withIssues(formatted: GraphQLFormattedError): GraphQLFormattedError {
  const found = /^Variable "\$(\w+)" got invalid value [^]*?(?: at "([^"]+)")?; ([^]*)$/.exec(
    formatted.message,
  )
  if (formatted.extensions?.['code'] !== 'BAD_USER_INPUT' || found === null) return formatted
  const [, variable = '', place = variable, message = ''] = found
  const path = place.split(/[.[\]]+/).filter((step) => step !== '')
  const issue = { path: path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)), message }
  return { ...formatted, extensions: { ...formatted.extensions, issues: [issue] } }
}

import type { GraphQLFormattedError } from 'graphql'
import { createRecent } from '../recent.ts'

export const graphqlResponse = 'application/graphql-response+json'

/**
 * Whether a client is given `application/graphql-response+json`: it asks for that by name, and not less than for
 * `application/json`. To any other client 4xx means that something else than a GraphQL server answered.
 */
export function takesGraphqlResponse(accept: string | undefined): boolean {
  const wanted = weightsIn(accept)
  const weight = wanted.get(graphqlResponse) ?? 0
  return weight > 0 && weight >= (wanted.get('application/json') ?? 0)
}

/** Whether a client takes anything that GraphQL is answered in. */
export function takesAnyAnswer(accept: string | undefined): boolean {
  const wanted = weightsIn(accept)
  const most = (names: readonly string[]) =>
    names.map((name) => wanted.get(name)).find((weight) => weight !== undefined)
  const weights = [graphqlResponse, 'application/json'].map(
    (name) => most([name, 'application/*', '*/*']) ?? 0,
  )
  return wanted.size === 0 || weights.some((weight) => weight > 0)
}

/** Media types to how much they are wanted, 0 to 1. */
function weightsIn(accept = ''): ReadonlyMap<string, number> {
  let weights = read.get(accept)
  if (weights === undefined) read.set(accept, (weights = readWeights(accept)), accept.length + 100)
  return weights
}

/** Clients send the same few headers all day. In characters. */
const read = createRecent<ReadonlyMap<string, number>>(100_000)

function readWeights(accept: string): ReadonlyMap<string, number> {
  const ranges = accept
    .toLowerCase()
    .split(',')
    .filter((range) => range.trim() !== '')
  return new Map(
    ranges.map((range) => {
      const [name = '', ...parameters] = range.split(';').map((part) => part.trim())
      const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
      return [name, Number.isNaN(weight) ? 0 : weight]
    }),
  )
}

/**
 * The HTTP status of an answer, as GraphQL over HTTP has it for `application/graphql-response+json` (August 2026).
 *
 * @param set what was chosen before, for a reason that lies in HTTP; 400 and what is no refusal say nothing
 */
export function statusOfAnswer(
  {
    data,
    errors = [],
  }: { readonly data?: unknown; readonly errors?: readonly GraphQLFormattedError[] | undefined },
  set: number | undefined,
): number {
  if (data !== undefined) return errors.length === 0 ? 200 : partialSuccess
  return set !== undefined && set > 400 ? set : statusOfCode(String(errors[0]?.extensions?.['code']))
}

/** No status of IETF's: GraphQL over HTTP made it up. */
const partialSuccess = 294

/** The HTTP status of a request that was refused with a code. */
export function statusOfCode(code: string): number {
  switch (code) {
    case 'GRAPHQL_PARSE_FAILED':
    case 'BAD_REQUEST':
      return 400
    case 'UNAUTHENTICATED':
      return 401
    case 'FORBIDDEN':
      return 403
    case 'NOT_FOUND':
    case 'PERSISTED_QUERY_NOT_FOUND':
      return 404
    case 'RATE_LIMITED':
      return 429
    case 'UNAVAILABLE':
    case 'SCHEMA_OUT_OF_DATE':
      return 503
    case 'INTERNAL_SERVER_ERROR':
      return 500
    default:
      return 422
  }
}

import { type ApolloServer, HeaderMap } from '@apollo/server'
import type { IncomingHttpHeaders } from 'node:http'
import type { Context } from '../context.ts'
import type { WellFormed } from './well-formed.ts'

/** What a request asks Apollo for. */
export interface ApolloRequest {
  readonly headers: IncomingHttpHeaders
  readonly asked: WellFormed
  /** Whether only a query will do, as by GET. */
  readonly isSafe: boolean
}

/** What Apollo answers, whole. */
export interface ApolloAnswer {
  readonly status: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/** Has Apollo answer what was asked by whatever method. What is safe it is asked by GET, so that it refuses changes. */
export async function askApollo(
  apollo: ApolloServer<Context>,
  { headers, asked, isSafe }: ApolloRequest,
  context: Context,
): Promise<ApolloAnswer> {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, String(value))
  const { query, operationName, variables, extensions } = asked
  const sent = { query: query ?? undefined, operationName, variables, extensions }
  const response = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: isSafe
      ? { method: 'GET', headers: map, search: searchOf(sent), body: undefined }
      : { method: 'POST', headers: map, search: '', body: sent },
    context: async () => context,
  })
  if (response.body.kind !== 'complete') throw new Error('There are no answers in parts.')
  return { status: response.status ?? 200, headers: response.headers, body: response.body.string }
}

function searchOf(sent: Readonly<Record<string, unknown>>): string {
  const parameters = Object.entries(sent).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return []
    return [[name, typeof value === 'string' ? value : JSON.stringify(value)]]
  })
  return `?${new URLSearchParams(parameters).toString()}`
}

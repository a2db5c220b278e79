import type http from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { type RawAnswer, rawRequest } from './raw-request.ts'

/** A query as it is asked by an address. */
export interface Query {
  readonly query?: string
  readonly documentId?: string
  readonly variables?: object
  readonly operationName?: string
}

/** '/graphql?query=...' */
export function pathOf(query: Query): string {
  const parameters = Object.entries(query).map(([name, value]): [string, string] => {
    return [name, typeof value === 'string' ? value : JSON.stringify(value)]
  })
  return `/graphql?${new URLSearchParams(parameters).toString()}`
}

export interface GetAnswer extends RawAnswer {
  /** The body as text, decoded. */
  readonly text: string
}

/** Asks by GET, with exactly these headers. */
export async function getGraphql(
  url: string,
  query: Query,
  headers: http.OutgoingHttpHeaders = {},
  method: 'GET' | 'HEAD' = 'GET',
): Promise<GetAnswer> {
  const answer = await rawRequest(`${url}${pathOf(query)}`, { method, headers })
  return { ...answer, text: decoded(answer).toString() }
}

function decoded({ headers, body }: RawAnswer): Buffer {
  if (body.length === 0) return body
  const coding = headers['content-encoding']
  if (coding === 'br') return brotliDecompressSync(body)
  return coding === 'gzip' ? gunzipSync(body) : body
}

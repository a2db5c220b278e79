import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { takesAnyAnswer, takesGraphqlResponse } from '../graphql/status.ts'
import { wantsEvents } from './live/sse.ts'

/** What GraphQL over HTTP sends, as it came. */
interface Sent {
  readonly query?: unknown
  readonly operationName?: unknown
  readonly variables?: unknown
  readonly extensions?: unknown
}

/**
 * Refuses what is no GraphQL-over-HTTP request, before anybody acts on it.
 *
 * @throws with a status and a message, for what is answered as BAD_REQUEST
 */
export function requireWellFormed(request: FastifyRequest): void {
  const { method, body, query, headers } = request
  if (!takesAnyAnswer(headers.accept) && !wantsEvents(request)) {
    throw refusal(406, 'Accept application/graphql-response+json, or application/json.')
  }
  const sent = method === 'POST' ? body : fromSearch(query as Record<string, unknown>)
  const fault = faultOf(sent)
  // To a client that knows no other statuses, 400 was always the answer.
  if (fault !== null) throw refusal(takesGraphqlResponse(headers.accept) ? 422 : 400, fault)
}

/** @throws for what is no JSON */
function fromSearch(search: Record<string, unknown>): Sent {
  const json = (name: string): unknown => {
    const value = search[name]
    if (typeof value !== 'string') return value
    try {
      return value === '' ? null : JSON.parse(value)
    } catch {
      throw refusal(400, `The parameter "${name}" is no JSON.`)
    }
  }
  return { ...search, variables: json('variables'), extensions: json('extensions') }
}

function faultOf(sent: unknown): string | null {
  if (Array.isArray(sent)) return 'Operation batching disabled.'
  if (!isRecord(sent)) return 'The body must be a JSON object with a "query".'
  const { query, operationName = null, variables = null, extensions = null }: Sent = sent
  if (query !== undefined && query !== null && typeof query !== 'string')
    return 'GraphQL queries must be strings.'
  if (operationName !== null && typeof operationName !== 'string') return '"operationName" must be a string.'
  if (variables !== null && !isRecord(variables)) return '"variables" must be a JSON object.'
  if (extensions !== null && !isRecord(extensions)) return '"extensions" must be a JSON object.'
  const persisted = extensions?.['persistedQuery'] ?? null
  if (persisted !== null) return faultOfPersisted(persisted, query ?? null)
  return query ? null : 'There must be a "query", which is the text of a GraphQL document.'
}

function faultOfPersisted(persisted: unknown, query: string | null): string | null {
  if (!isRecord(persisted) || persisted['version'] !== 1) {
    return '"extensions.persistedQuery" must have version 1 and a "sha256Hash".'
  }
  const hash = persisted['sha256Hash']
  if (typeof hash !== 'string' || !/^[0-9a-f]{64}$/.test(hash)) {
    return '"extensions.persistedQuery.sha256Hash" must be a SHA-256 in 64 lower-case hexadecimal digits.'
  }
  if (query === null || createHash('sha256').update(query).digest('hex') === hash) return null
  return '"extensions.persistedQuery.sha256Hash" isn\'t the SHA-256 of the query that was sent with it.'
}

/** An optional parameter in the address that is empty is as good as left out; Apollo would read it. */
export function leaveOutEmptyParameters({ method, raw }: FastifyRequest): void {
  if (method !== 'GET') return
  raw.url = raw.url?.replace(/(?<=[?&])(operationName|variables|extensions)=(&|$)/g, '')
}

/**
 * Puts the text of a persisted query into the body that names it by its hash, so that whatever looks at the query from
 * here on finds it. One that isn't known stays out, and Apollo asks the client for it.
 *
 * @param persisted where Apollo keeps them
 */
export async function restorePersistedQuery(
  { body }: FastifyRequest,
  persisted: { get(key: string): Promise<string | undefined> },
): Promise<void> {
  if (!isRecord(body) || typeof body['query'] === 'string' || !isRecord(body['extensions'])) return
  const named = body['extensions']['persistedQuery']
  // Apollo keeps them under this prefix.
  const query = isRecord(named) ? await persisted.get(`apq:${String(named['sha256Hash'])}`) : undefined
  if (query !== undefined) body['query'] = query
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}

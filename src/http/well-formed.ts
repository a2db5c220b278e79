import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { isRecord } from '../is-record.ts'
import { takesAnyAnswer, takesGraphqlResponse } from '../graphql/status.ts'
import { wantsEvents } from './live/sse.ts'

/** What GraphQL over HTTP sends, as it came. */
interface Sent {
  readonly query?: unknown
  readonly documentId?: unknown
  readonly operationName?: unknown
  readonly variables?: unknown
  readonly extensions?: unknown
}

/** The same, well-formed. A document is named in one way at least. */
export interface WellFormed {
  /** The text of the document; null as long as only its hash is known. */
  readonly query: string | null
  /** The SHA-256 of the text, in lower-case hexadecimal digits; null as long as only the text is known. */
  readonly hash: string | null
  /** Whether it was named by `documentId`; otherwise by the extension `persistedQuery`, which Apollo looks after. */
  readonly isByDocumentId: boolean
  readonly operationName: string | null
  readonly variables: Readonly<Record<string, unknown>> | null
  readonly extensions: Readonly<Record<string, unknown>> | null
}

/**
 * Refuses what is no GraphQL-over-HTTP request, before anybody acts on it.
 *
 * @throws with a status and a message, for what is answered as BAD_REQUEST
 */
export function requireWellFormed(
  request: Pick<FastifyRequest, 'method' | 'headers' | 'body' | 'query'>,
): WellFormed {
  const { method, body, query, headers } = request
  if (!takesAnyAnswer(headers.accept) && !wantsEvents(request)) {
    throw refusal(406, 'Accept application/graphql-response+json, or application/json.')
  }
  const sent = hasBody(method) ? body : fromSearch(query as Record<string, unknown>)
  const fault = faultOf(sent)
  // To a client that knows no other statuses, 400 was always the answer.
  if (fault !== null) throw refusal(takesGraphqlResponse(headers.accept) ? 422 : 400, fault)
  return askedIn(sent as Sent)
}

/** Whether a request says in its body what it asks for; otherwise its address does. */
export function hasBody(method: string): boolean {
  return method === 'POST' || method === 'QUERY'
}

/** @param sent without fault */
function askedIn({ query, documentId, operationName, variables, extensions }: Sent): WellFormed {
  const named = isRecord(extensions) ? extensions['persistedQuery'] : null
  const persistedHash = isRecord(named) ? String(named['sha256Hash']) : null
  return {
    query: textOrNull(query),
    hash: typeof documentId === 'string' ? documentId.slice(prefix.length) : persistedHash,
    isByDocumentId: typeof documentId === 'string',
    operationName: textOrNull(operationName),
    variables: isRecord(variables) ? variables : null,
    extensions: isRecord(extensions) ? extensions : null,
  }
}

/** An empty text is as good as none. */
function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
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
  const { query, documentId = null, operationName = null, variables = null, extensions = null }: Sent = sent
  if (query !== undefined && query !== null && typeof query !== 'string')
    return 'GraphQL queries must be strings.'
  if (operationName !== null && typeof operationName !== 'string') return '"operationName" must be a string.'
  if (variables !== null && !isRecord(variables)) return '"variables" must be a JSON object.'
  if (extensions !== null && !isRecord(extensions)) return '"extensions" must be a JSON object.'
  const persisted = extensions?.['persistedQuery'] ?? null
  if (documentId !== null) return faultOfId(documentId, query ?? persisted ?? null)
  if (persisted !== null) return faultOfPersisted(persisted, query ?? null)
  return query ? null : 'There must be a "query", which is the text of a GraphQL document.'
}

/** What names a document by its hash says so. */
const prefix = 'sha256:'

function faultOfId(documentId: unknown, other: unknown): string | null {
  if (typeof documentId !== 'string' || !/^sha256:[0-9a-f]{64}$/.test(documentId)) {
    return '"documentId" must be "sha256:" and the SHA-256 of the document in 64 lower-case hexadecimal digits.'
  }
  return other === null ? null : 'A document is named by its "documentId" or by its text, not by both.'
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

function refusal(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode })
}

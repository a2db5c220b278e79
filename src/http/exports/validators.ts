import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { matchedTag } from '../if-none-match.ts'

/** By what a client finds out whether what it has is still what it would be given (RFC 9110, 8.8). */
export interface Validators {
  /** Weak, because the same is sent compressed, too. */
  readonly etag: string
  /** Of whole seconds; null if it isn't known, or something else could still be changed in the same second. */
  readonly lastModified: Date | null
}

/** @param parts everything that the answer depends on */
export function validatorsOf(parts: readonly unknown[], modifiedAt: Date | null, now: Date): Validators {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22)
  const second = modifiedAt && new Date(Math.floor(+modifiedAt / 1_000) * 1_000)
  return { etag: `W/"${digest}"`, lastModified: second && +now - +second >= 2_000 ? second : null }
}

/** Says how to ask again; what a token shows is kept by nobody else. */
export function tellHow(
  request: FastifyRequest,
  reply: FastifyReply,
  { etag, lastModified }: Validators,
): void {
  const isPublic = request.headers.authorization === undefined
  void reply.header('etag', etag).header('cache-control', isPublic ? 'public, no-cache' : 'private, no-cache')
  if (lastModified !== null) void reply.header('last-modified', lastModified.toUTCString())
}

/** Whether the client has it already: by If-None-Match, and only without that by If-Modified-Since. */
export function isFresh(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const known = headers['if-none-match']
  if (known !== undefined) return matchedTag(known, [etag]) !== null
  const since = Date.parse(headers['if-modified-since'] ?? '')
  return lastModified !== null && since >= +lastModified
}

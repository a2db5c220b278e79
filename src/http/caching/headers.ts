import type { FastifyReply } from 'fastify'
import type { Coding } from '../compression.ts'
import { entityTag, type Validator } from './validators.ts'

/** What a cache is told of an answer. */
export interface Told {
  readonly validator: Validator
  readonly eventId: string
  /** Whether everybody who isn't signed in is answered the same. */
  readonly isPublic: boolean
  /** By which its bytes are; null: as they are. */
  readonly coding: Coding | null
}

/**
 * An answer may be kept, and is given again only once this server has said that it still holds: by a shared cache if it is
 * public, by the client's own otherwise.
 */
export function tellCaches(reply: FastifyReply, { validator, eventId, isPublic, coding }: Told): void {
  // nginx keeps nothing that is over at once, unless it is told in this way, and before it reads the rest; it then asks each
  // time.
  if (isPublic) void reply.header('x-accel-expires', '@1')
  void reply
    .header('etag', entityTag(validator, coding))
    .header('last-modified', validator.lastModified)
    .header('vary', vary)
    .header('surrogate-key', `event-${eventId}`)
    .header('cache-control', isPublic ? 'public, max-age=0, must-revalidate' : 'private, no-cache')
}

/** The same origin may be read by all others, so answers don't vary by Origin. */
const vary = 'accept, accept-encoding, authorization'

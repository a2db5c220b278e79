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
export function headersForCaches({ validator, eventId, isPublic, coding }: Told): [string, string][] {
  const told: [string, string][] = [
    ['etag', entityTag(validator, coding)],
    ['last-modified', validator.lastModified],
    ['vary', vary],
    ['surrogate-key', `event-${eventId}`],
    ['cache-control', isPublic ? 'public, max-age=0, must-revalidate' : 'private, no-cache'],
  ]
  // nginx keeps nothing that is over at once, unless it is told in this way, and before it reads the rest; it then asks each
  // time.
  return isPublic ? [['x-accel-expires', '@1'], ...told] : told
}

/** The same origin may be read by all others, so answers don't vary by Origin. */
const vary = 'accept, accept-encoding, authorization'

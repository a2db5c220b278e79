import { createHash, randomBytes } from 'node:crypto'
import type { DatabaseTransaction } from '../database/client.ts'
import { unauthenticated } from '../errors.ts'
import type { EventRole } from '../generated/prisma/client.ts'
import { allPermissions, type Permission } from './permissions.ts'
import type { Grant, Viewer } from './viewer.ts'

/** What a new token is to be good for. */
export interface TokenValues {
  readonly label: string
  readonly role: EventRole
  /** Empty: in every event, and where no event is concerned. */
  readonly eventIds: readonly string[]
  /** Empty: all that the role may. */
  readonly permissions: readonly Permission[]
  /** null: until it is revoked. */
  readonly expiresAt: Date | null
  /** Who mints it; null: the operator. */
  readonly userId: string | null
}

/** What the operator mints where nothing else is said: an organizer of everything, for as long as it isn't revoked. */
export const organizerOfEverything = {
  role: 'ORGANIZER',
  eventIds: [],
  permissions: [],
  expiresAt: null,
  userId: null,
} as const satisfies Partial<TokenValues>

/** Mints a bearer token. @returns its id, and the token, which can't be read again */
export async function mintToken(
  db: DatabaseTransaction,
  values: TokenValues,
): Promise<{ id: string; token: string }> {
  const token = newSecret('oe')
  const data = { ...values, eventIds: [...values.eventIds], permissions: [...values.permissions] }
  const { id } = await db.accessToken.create({ data: { ...data, hash: hashOf(token) }, select: { id: true } })
  return { id, token }
}

/** 256 random bits, so that the database can do with a plain SHA-256 of them. The prefix tells people what it is. */
export function newSecret(prefix: 'oe' | 'oei'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

export function hashOf(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

interface StoredToken {
  readonly id: string
  readonly label: string
  readonly role: string
  readonly eventIds: string[]
  readonly permissions: string[]
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

/**
 * Who has the token. Notes, at most once a minute, that it is used.
 *
 * @throws UNAUTHENTICATED for one that proves nothing (any more): an expired token must not quietly see less
 */
export async function tokenViewer(db: DatabaseTransaction, token: string, now: Date): Promise<Viewer> {
  const [found] = await db.$queryRaw<StoredToken[]>`
    WITH used AS (
      UPDATE access_tokens SET last_used_at = ${now}
      WHERE hash = ${hashOf(token)} AND (last_used_at IS NULL OR last_used_at < ${new Date(now.getTime() - 60_000)})
    )
    SELECT id, label, role::text, event_ids AS "eventIds", permissions, expires_at AS "expiresAt",
           revoked_at AS "revokedAt"
    FROM access_tokens WHERE hash = ${hashOf(token)}`
  if (found === undefined) throw unauthenticated('This token is not known here. Mint a new one.')
  if (found.revokedAt !== null) throw unauthenticated('This token was revoked. Mint a new one.')
  if (found.expiresAt !== null && found.expiresAt <= now) {
    throw unauthenticated('This token has expired. Mint a new one.')
  }
  const { id, label, permissions } = found
  // What a later release no longer knows allows nothing.
  const heldTo =
    permissions.length === 0 ? null : new Set(allPermissions.filter((one) => permissions.includes(one)))
  return { kind: 'token', tokenId: id, label, heldTo, grants: grantsOf(found) }
}

function grantsOf({ role, eventIds }: StoredToken): Grant[] {
  const of = { role: role.toUpperCase() as EventRole, trackIds: [] }
  if (eventIds.length > 0) return eventIds.map((eventId) => ({ ...of, eventId }))
  return [
    { ...of, eventId: null },
    { role: 'VISITOR', eventId: null, trackIds: [] },
  ]
}

import { isDeepStrictEqual } from 'node:util'
import type { DatabaseTransaction } from '../database/client.ts'
import { type ApiError, resync, unauthenticated } from '../errors.ts'
import { tokenRevoked } from './tokens.ts'
import { type StoredUser, userColumns, userFrom } from './users.ts'
import { type Grant, grantsOfToken, userIdOf, userViewer, type Viewer } from './viewer.ts'

interface StoredToken {
  readonly id: string
  readonly isRevoked: boolean
  readonly expiresAt: Date | null
}

/**
 * Which of these viewers are no longer what they were, and why: their token was revoked or has expired, or their roles
 * are others. Two statements for all of them.
 */
export async function noLongerValid(
  db: DatabaseTransaction,
  viewers: Iterable<Viewer>,
  now: Date,
): Promise<Map<Viewer, ApiError>> {
  const all = [...viewers]
  const tokenIds = [...new Set(all.flatMap((viewer) => (viewer.kind === 'token' ? viewer.tokenId : [])))]
  const userIds = [...new Set(all.flatMap((viewer) => userIdOf(viewer) ?? []))]
  const tokens =
    tokenIds.length === 0
      ? []
      : await db.$queryRaw<StoredToken[]>`
          SELECT id, revoked_at IS NOT NULL AS "isRevoked", expires_at AS "expiresAt" FROM access_tokens
          WHERE id = ANY (${tokenIds}::uuid[])`
  const users =
    userIds.length === 0
      ? []
      : await db.$queryRaw<StoredUser[]>`
          SELECT u.id, ${userColumns} FROM users u WHERE u.id = ANY (${userIds}::uuid[])`
  const byToken = new Map(tokens.map((token) => [token.id, token]))
  const byUser = new Map(users.map((user) => [user.id, user]))
  return new Map(
    all.flatMap((viewer) => {
      const fault = faultOf(viewer, byToken, byUser, now)
      return fault === null ? [] : [[viewer, fault]]
    }),
  )
}

function faultOf(
  viewer: Viewer,
  tokens: ReadonlyMap<string, StoredToken>,
  users: ReadonlyMap<string, StoredUser>,
  now: Date,
): ApiError | null {
  if (viewer.kind === 'token') {
    const token = tokens.get(viewer.tokenId)
    if (token === undefined || token.isRevoked) return tokenRevoked()
    if (token.expiresAt !== null && token.expiresAt <= now) {
      return unauthenticated('This token has expired. Mint a new one.')
    }
  }
  const userId = userIdOf(viewer)
  if (userId === null) return null
  const stored = users.get(userId)
  if (stored === undefined) return unauthenticated('The user of this token is gone.')
  const user = userFrom(stored)
  const grants = viewer.kind === 'token' ? grantsOfToken(viewer.scope, user) : userViewer(user).grants
  return isDeepStrictEqual(inOrder(grants), inOrder(viewer.grants))
    ? null
    : resync('What you may see has changed since.')
}

function inOrder(grants: readonly Grant[]): string[] {
  return grants
    .map(({ role, eventId, trackIds, atMost }) => JSON.stringify([role, eventId, trackIds, atMost]))
    .toSorted()
}

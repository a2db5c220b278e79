import type { Context } from '../context.ts'
import { rateLimited } from '../errors.ts'
import { userIdOf } from './viewer.ts'

/** What a signed-in person may make without anybody having given them a role. Administrators and operators are free. */
export const quotas = {
  /** Events that one person makes within a day. */
  eventsADay: 20,
  /** Tokens of one person that are neither revoked nor expired. */
  tokens: 200,
}

const day = 86_400_000

/**
 * One statement. Holds the person, so that two requests of theirs at once don't make more.
 *
 * @throws RATE_LIMITED
 */
export async function requireRoomForEvent(tx: Context): Promise<void> {
  const userId = heldTo(tx)
  if (userId === null) return
  const since = new Date(tx.clock().getTime() - day)
  const [{ made }] = await tx.db.$queryRaw<[{ made: number }]>`
    SELECT (
      SELECT count(*)::integer FROM memberships m JOIN events e ON e.id = m.event_id
      WHERE m.user_id = u.id AND m.role = 'owner' AND e.created_at > ${since}
    ) AS made
    FROM users u WHERE u.id = ${userId}::uuid FOR NO KEY UPDATE`
  if (made < quotas.eventsADay) return
  throw rateLimited(`You have made ${made} events within a day, which is as many as one person may`, 3_600)
}

/** As `requireRoomForEvent`. */
export async function requireRoomForToken(tx: Context): Promise<void> {
  const userId = heldTo(tx)
  if (userId === null) return
  const [{ living }] = await tx.db.$queryRaw<[{ living: number }]>`
    SELECT (
      SELECT count(*)::integer FROM access_tokens t
      WHERE t.user_id = u.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ${tx.clock()})
    ) AS living
    FROM users u WHERE u.id = ${userId}::uuid FOR NO KEY UPDATE`
  if (living < quotas.tokens) return
  throw rateLimited(`You have ${living} tokens, which is as many as one person may. Revoke some`, 60)
}

/** Whose quota it is; null if nobody's. */
function heldTo({ viewer }: Context): string | null {
  return viewer.grants.some(({ role }) => role === 'ADMIN') ? null : userIdOf(viewer)
}

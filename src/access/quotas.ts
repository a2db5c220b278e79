import type { Context } from '../context.ts'
import { rateLimited } from '../errors.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { userIdOf } from './viewer.ts'

/** What a signed-in person may make without anybody having given them a role. Administrators and operators are free. */
export const quotas = {
  /** Events that one person makes within a day. */
  eventsADay: 20,
  /** Tokens of one person that are neither revoked nor expired. */
  tokens: 200,
  favorites: 2_000,
  /** Addresses of calendars that aren't revoked. */
  calendars: 50,
}

const day = 86_400_000

/** @throws RATE_LIMITED */
export async function requireRoomForEvent(tx: Context): Promise<void> {
  const since = new Date(tx.clock().getTime() - day)
  const made = await countOf(
    tx,
    Prisma.sql`
    memberships m JOIN events e ON e.id = m.event_id
    WHERE m.user_id = u.id AND m.role = 'owner' AND e.created_at > ${since}`,
  )
  if (made < quotas.eventsADay) return
  throw rateLimited(`You have made ${made} events within a day, which is as many as one person may`, 3_600)
}

/** @throws RATE_LIMITED */
export async function requireRoomForToken(tx: Context): Promise<void> {
  const living = await countOf(
    tx,
    Prisma.sql`
    access_tokens t
    WHERE t.user_id = u.id AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > ${tx.clock()})`,
  )
  if (living < quotas.tokens) return
  throw rateLimited(`You have ${living} tokens, which is as many as one person may. Revoke some`, 60)
}

/** @throws RATE_LIMITED */
export async function requireRoomForFavorite(tx: Context): Promise<void> {
  const kept = await countOf(tx, Prisma.sql`favorites f WHERE f.user_id = u.id`)
  if (kept < quotas.favorites) return
  throw rateLimited(`You have ${kept} favorites, which is as many as one person may. Remove some`, 60)
}

/** @throws RATE_LIMITED */
export async function requireRoomForCalendar(tx: Context): Promise<void> {
  const living = await countOf(
    tx,
    Prisma.sql`personal_calendars c WHERE c.user_id = u.id AND c.revoked_at IS NULL`,
  )
  if (living < quotas.calendars) return
  throw rateLimited(`You have ${living} calendars, which is as many as one person may. Revoke some`, 60)
}

/**
 * How many the person who asks has already, 0 if nobody counts. Holds the person first, so that two requests of theirs at
 * once don't make more than they may: a statement that waited would count by what it saw before it had to wait.
 *
 * @param theirs what is counted, of the user `u`
 */
async function countOf({ db, viewer }: Context, theirs: Prisma.Sql): Promise<number> {
  const userId = userIdOf(viewer)
  if (userId === null || viewer.grants.some(({ role }) => role === 'ADMIN')) return 0
  await db.$queryRaw`SELECT FROM users WHERE id = ${userId}::uuid FOR NO KEY UPDATE`
  const [row] = await db.$queryRaw<{ count: number }[]>`
    SELECT (SELECT count(*)::integer FROM ${theirs}) AS count FROM users u WHERE u.id = ${userId}::uuid`
  return row?.count ?? 0
}

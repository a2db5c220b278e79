import { requireMay } from '../../access/may.ts'
import { requireRoomForCalendar, requireRoomForFavorite } from '../../access/quotas.ts'
import { hashOfSecret, newSecret } from '../../access/tokens.ts'
import { userById } from '../../access/users.ts'
import { userIdOf, userViewer, type Viewer } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import type { DatabaseTransaction } from '../../database/client.ts'
import { forbidden, notFound } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { idsOfSlugs } from '../event/event.list.ts'
import type { CalendarRow } from '../rows.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'

/** A calendar with its address, which is shown this once. */
export interface NewCalendar {
  readonly calendar: CalendarRow
  readonly path: string
}

/**
 * Notes whether the viewer wants to go to a session.
 *
 * @throws FORBIDDEN unless a person asks; NOT_FOUND; RATE_LIMITED for more favorites than one person may have
 */
export async function setFavorite(ctx: Context, sessionId: string, isFavorite: boolean): Promise<void> {
  const userId = requirePerson(ctx.viewer)
  if (!isId(sessionId)) throw notFound('session', sessionId)
  await inTransaction(ctx, async (tx) => {
    if (!isFavorite) {
      const { count } = await tx.db.favorite.deleteMany({ where: { userId, sessionId } })
      if (count > 0) return
    }
    const where = { id: sessionId, AND: visibleSessionsAnywhere(tx.viewer) }
    if ((await tx.db.session.count({ where })) === 0) throw notFound('session', sessionId)
    if (!isFavorite || (await tx.db.favorite.count({ where: { userId, sessionId } })) > 0) return
    await requireRoomForFavorite(tx)
    await tx.db.favorite.createMany({ data: [{ userId, sessionId }], skipDuplicates: true })
  })
}

/** @throws FORBIDDEN unless a person asks; NOT_FOUND for the event; RATE_LIMITED */
export async function createCalendar(ctx: Context, eventSlug: string): Promise<NewCalendar> {
  const userId = requirePerson(ctx.viewer)
  return inTransaction(ctx, async (tx) => {
    const [eventId] = await idsOfSlugs(tx, [eventSlug])
    await requireRoomForCalendar(tx)
    const secret = newSecret('oec')
    const calendar = await tx.db.personalCalendar.create({
      data: { userId, eventId: eventId!, hash: hashOfSecret(secret) },
    })
    const path = `/calendars/${secret}.ics`
    ctx.shownOnce.push(path)
    return { calendar, path }
  })
}

/** Ends a calendar of the viewer's own; one that is ended stays so. @throws FORBIDDEN, NOT_FOUND */
export async function revokeCalendar(ctx: Context, id: string): Promise<void> {
  const userId = requirePerson(ctx.viewer)
  await inTransaction(ctx, async (tx) => {
    const own = isId(id) ? await tx.db.personalCalendar.count({ where: { id, userId } }) : 0
    if (own === 0) throw notFound('calendar', id)
    await tx.db.personalCalendar.updateMany({
      where: { id, userId, revokedAt: null },
      data: { revokedAt: tx.clock() },
    })
  })
}

/** Whose calendar an address is, and of what. */
export interface CalendarOwner {
  readonly viewer: Viewer
  readonly userId: string
  readonly slug: string
}

/** The owner of a calendar's address, as what they are by now; 'revoked' if it was ended, null if there is none. */
export async function calendarOwner(
  db: DatabaseTransaction,
  secret: string,
): Promise<CalendarOwner | 'revoked' | null> {
  const found = await db.personalCalendar.findUnique({
    where: { hash: hashOfSecret(secret) },
    select: { userId: true, revokedAt: true, event: { select: { slug: true } } },
  })
  if (found === null) return null
  if (found.revokedAt !== null) return 'revoked'
  const { userId, event } = found
  return { viewer: userViewer(await userById(db, userId)), userId, slug: event.slug }
}

function requirePerson(viewer: Viewer): string {
  requireMay(viewer, 'favorite:keep', { eventId: null })
  const userId = userIdOf(viewer)
  if (userId !== null) return userId
  throw forbidden('A person has favorites: sign in, or use a token that acts for you.')
}

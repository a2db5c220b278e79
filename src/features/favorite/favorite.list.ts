import { may } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, listByCreation } from '../../paging.ts'
import { pageByCreation, type WantedPage } from '../../selection/page-by-creation.ts'
import type { CalendarRow, SessionRow } from '../rows.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'

export const favoriteList = listByCreation('UserViewer.favorites', 50, 'ASC')

/** One page of the sessions that the user wants to go to and the viewer sees. */
export async function listFavorites(
  { db, viewer }: Context,
  userId: string,
  wanted: WantedPage,
): Promise<Connection<SessionRow>> {
  const where: Prisma.SessionWhereInput = {
    deletedAt: null,
    favorites: { some: { userId } },
    AND: visibleSessionsAnywhere(viewer),
  }
  return pageByCreation(db.session, { where, of: userId }, wanted)
}

/** The user's calendars that weren't revoked, newest first. */
export async function listCalendars({ db }: Context, userId: string): Promise<CalendarRow[]> {
  return db.personalCalendar.findMany({ where: { userId, revokedAt: null }, orderBy: { id: 'desc' } })
}

/** Which of the sessions are favorites of whoever asks, by id. */
export async function favoritesAmong(
  { db, viewer }: Context,
  ids: readonly string[],
): Promise<Map<string, true>> {
  const userId = userIdOf(viewer)
  if (userId === null) return new Map()
  const rows = await db.favorite.findMany({
    where: { userId, sessionId: { in: [...ids] } },
    orderBy: { sessionId: 'asc' },
    select: { sessionId: true },
  })
  return new Map(rows.map(({ sessionId }) => [sessionId, true]))
}

/** How many people want to go to each of the sessions, by id; nothing of those to whom nobody wants to go. */
export async function favoriteCounts({ db }: Context, ids: readonly string[]): Promise<Map<string, number>> {
  const groups = await db.favorite.groupBy({
    by: ['sessionId'],
    where: { sessionId: { in: [...ids] } },
    orderBy: { sessionId: 'asc' },
    _count: true,
  })
  return new Map(groups.map(({ sessionId, _count }) => [sessionId, _count]))
}

/** Whether the viewer is told how many want to go to the sessions of an event. */
export function seesFavoriteCounts(viewer: Viewer, eventId: string): boolean {
  return may(viewer, 'event:update', { eventId })
}

/** The ids of the sessions of an event that a user wants to go to. */
export async function favoriteIds({ db }: Context, userId: string, slug: string): Promise<string[]> {
  const rows = await db.favorite.findMany({
    where: { userId, session: { event: { slug } } },
    orderBy: { sessionId: 'asc' },
    select: { sessionId: true },
  })
  return rows.map(({ sessionId }) => sessionId)
}

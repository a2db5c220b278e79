import { reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { EventSpeakersArgs } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage, type OrderColumn, type Page, pageOf } from '../../paging.ts'
import { visibleSessions } from '../session/session.rules.ts'

/** A page of an event's speakers, by name. */
export function parseSpeakerList(args: EventSpeakersArgs): Page<'NAME'> {
  return pageOf(args, { first: 50, order: { field: 'NAME', direction: 'ASC' } })
}

/** The Prisma field that the list is ordered by. */
export const speakerOrderColumn: OrderColumn = { name: 'name', holds: 'text', nullable: false }

/** The Prisma arguments of one page, for the speakers of one event or of many. */
export function speakerPage(page: Page, viewer: Viewer) {
  const { where, orderBy, take } = keysetPage(page, speakerOrderColumn)
  return { where: { AND: [visibleSpeakers(viewer), where] }, orderBy, take }
}

/** The team of an event sees everybody; the public sees who holds a session that it sees, so not who was rejected. */
export function visibleSpeakers(viewer: Viewer): Prisma.SpeakerWhereInput {
  const { everywhere, eventIds, speakerOf, speaksAt } = reachOf(viewer, 'speaker:read')
  if (everywhere) return { deletedAt: null }
  const others = [
    ...(eventIds.length > 0 ? [{ eventId: { in: [...eventIds] } }] : []),
    ...(speakerOf === null ? [] : [{ userId: speakerOf, eventId: { in: [...speaksAt] } }]),
  ]
  const isPublic = { sessions: { some: { session: visibleSessions(viewer) } } }
  return { deletedAt: null, ...(others.length === 0 ? isPublic : { OR: [isPublic, ...others] }) }
}

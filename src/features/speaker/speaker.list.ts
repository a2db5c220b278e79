import { rowsById } from '../../selection/rows-by-id.ts'
import { reachOf } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { EventSpeakersArgs } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage, type List, type Page, pageOf } from '../../paging.ts'
import { asRows } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import type { SpeakerRow } from '../rows.ts'
import { visibleSessions } from '../session/session.rules.ts'

/** A page of an event's speakers, by name. */
export function parseSpeakerList(args: EventSpeakersArgs): Page {
  return pageOf(args, speakerList)
}

const speakerList: List<'NAME'> = {
  name: 'Event.speakers',
  columns: { NAME: { name: 'name', holds: 'text', nullable: false } },
  unlessSaid: { first: 50, order: { field: 'NAME', direction: 'ASC' } },
}

/** The Prisma arguments of one page, for the speakers of one event or of many. */
export function speakerPage(page: Page, viewer: Viewer) {
  const { where, orderBy, take } = keysetPage(page)
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

/** Whom of the speakers of these events the viewer is, by event. One statement; none where the viewer is no user. */
export async function ownSpeakersAt(
  { db, viewer }: Context,
  eventIds: readonly string[],
  select: Select,
): Promise<Map<string, SpeakerRow>> {
  const userId = userIdOf(viewer)
  if (userId === null) return new Map()
  const rows = asRows<SpeakerRow>(
    await db.speaker.findMany({
      where: { userId, eventId: { in: [...eventIds] }, AND: visibleSpeakers(viewer) },
      orderBy: { id: 'asc' },
      select: { ...select, eventId: true },
    }),
  )
  return new Map(rows.map((row) => [row.eventId, row]))
}

/** The selected values of speakers that the viewer is known to see, by id. */
export function speakersWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SpeakerRow>> {
  return rowsById<SpeakerRow>((args) => db.speaker.findMany(args), ids, select)
}

import { rowsById } from '../../selection/rows-by-id.ts'
import { mayAnywhere, reachOf, refusal } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { faultsOfFilter, given, instantsIn, oneOfIds } from '../../filters.ts'
import type { EventSpeakersArgs, SpeakerFilter } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage } from '../../keyset.ts'
import { isId, type List, type Page, pageOf } from '../../paging.ts'
import { asRow, asRows } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { visibleEvents } from '../event/event.rules.ts'
import type { SpeakerRow } from '../rows.ts'
import { visibleSessions } from '../session/session.rules.ts'
import { faultsOfPieces, type Piece, piecesOfFilter } from '../text/text.rules.ts'

/** A list of an event's speakers as a client asked for it. */
export interface SpeakerList {
  readonly filter: SpeakerFilter
  readonly page: Page
  /** What its text asks for; null if it has none. */
  readonly pieces: readonly Piece[] | null
  /** The speakers that the text finds, or SQL of their ids; null if it has none. Left out until they are asked for. */
  readonly matching?: readonly string[] | Prisma.Sql | null
}

/**
 * @throws BAD_USER_INPUT for a page or a filter that can't be, UNAUTHENTICATED or FORBIDDEN for source ids that aren't meant
 *   for the viewer
 */
export function parseSpeakerList(args: EventSpeakersArgs, viewer: Viewer): SpeakerList {
  const filter = args.filter ?? {}
  if (filter.sourceIds != null && !mayAnywhere(viewer, 'speaker:read')) throw refusal(viewer, 'speaker:read')
  const pieces = piecesOfFilter(filter.text)
  const faults = [...faultsOfFilter(filter), ...faultsOfPieces(['filter', 'text'], pieces ?? [])]
  return { filter, pieces, page: pageOf(args, speakerList, faults) }
}

const speakerList: List<'NAME'> = {
  name: 'Event.speakers',
  columns: { NAME: { name: 'name', holds: 'text', nullable: false } },
  unlessSaid: { first: 50, order: { field: 'NAME', direction: 'ASC' } },
}

/** The Prisma arguments of one page, for the speakers of one event or of many. */
export function speakerPage(list: SpeakerList, viewer: Viewer) {
  const { where, orderBy, take } = keysetPage(list.page)
  return { where: { AND: [...conditions(list, viewer), where] }, orderBy, take }
}

/** The speakers of all pages. */
export function speakersInList(list: SpeakerList, viewer: Viewer): Prisma.SpeakerWhereInput {
  return { AND: conditions(list, viewer) }
}

function conditions({ filter, matching }: SpeakerList, viewer: Viewer): Prisma.SpeakerWhereInput[] {
  const { ids, sourceIds, lastModifiedAt } = filter
  return [
    visibleSpeakers(viewer),
    { ...given('id', oneOfIds(ids)), ...given('lastModifiedAt', instantsIn(lastModifiedAt)) },
    // Whose source ids the viewer doesn't read, they don't find by them.
    ...(sourceIds == null ? [] : [{ sourceId: { in: [...sourceIds] }, OR: withinReach(viewer) }]),
    // Prisma's type knows nothing of SQL, and never gets it.
    ...(matching == null ? [] : [{ id: { in: matching as string[] } }]),
  ]
}

/** The team of an event sees everybody; the public sees who holds a session that it sees, so not who was rejected. */
export function visibleSpeakers(viewer: Viewer): Prisma.SpeakerWhereInput {
  if (reachOf(viewer, 'speaker:read').everywhere) return { deletedAt: null }
  const reached = withinReach(viewer)
  const isPublic = { sessions: { some: { session: visibleSessions(viewer) } } }
  return { deletedAt: null, ...(reached.length === 0 ? isPublic : { OR: [isPublic, ...reached] }) }
}

/** The same where nothing says yet that the viewer sees the event. */
export function visibleSpeakersAnywhere(viewer: Viewer): Prisma.SpeakerWhereInput {
  return { AND: [visibleSpeakers(viewer), { event: visibleEvents(viewer) }] }
}

/** The speakers whom the viewer reads all of, as alternatives. */
export function withinReach(viewer: Viewer): Prisma.SpeakerWhereInput[] {
  const { everywhere, eventIds, speakerOf, speaksAt } = reachOf(viewer, 'speaker:read')
  if (everywhere) return [{}]
  return [
    ...(eventIds.length > 0 ? [{ eventId: { in: [...eventIds] } }] : []),
    ...(speakerOf === null ? [] : [{ userId: speakerOf, eventId: { in: [...speaksAt] } }]),
  ]
}

/** @returns null where there is no such speaker that the viewer may see */
export async function speakerById(ctx: Context, id: string, select: Select): Promise<SpeakerRow | null> {
  if (!isId(id)) return null
  const where = { id, AND: visibleSpeakersAnywhere(ctx.viewer) }
  const found = await ctx.db.speaker.findFirst({ where, select })
  return found && asRow(found)
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

import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import { mayAnywhere, reachOf, refusal } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { faultsOfFilter, given, instantsIn, oneOf, oneOfIds } from '../../filters.ts'
import type { EventSessionsArgs, SessionFilter, SessionOrderField } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage } from '../../keyset.ts'
import { type List, type Page, pageOf } from '../../paging.ts'
import type { DayClock } from '../../time/days.ts'
import type { SessionRow } from '../rows.ts'
import { onDay } from './session.day.ts'
import { faultsOfPieces, type Piece, piecesOfFilter } from '../text/text.rules.ts'
import {
  isHeldAt,
  isNotOver,
  visibleOrDeletedSessions,
  visibleSessions,
  visibleSessionsAnywhere,
  within,
} from './session.rules.ts'

/** A list of an event's sessions as a client asked for it. */
export interface SessionList {
  /** The type whose field it is: 'Event', 'Track' ... */
  readonly of: string
  readonly filter: SessionFilter
  readonly page: Page
  /** What its text asks for; null if it has none. */
  readonly pieces: readonly Piece[] | null
  /** The sessions that the text finds, or SQL of their ids; null if it has none. Left out until they are asked for. */
  readonly matching?: readonly string[] | Prisma.Sql | null
  /** Of a list of one day: the clocks of the events whose sessions they are. */
  readonly clocks?: readonly DayClock[]
  /** Whether the clocks are guesses. */
  readonly areGuesses?: boolean
}

const sessionList: Omit<List<SessionOrderField>, 'name'> = {
  columns: {
    STARTS_AT: { name: 'startsAt', holds: 'instant', nullable: true },
    TITLE: { name: 'title', holds: 'text', nullable: false },
    LAST_MODIFIED_AT: { name: 'lastModifiedAt', holds: 'instant', nullable: false },
  },
  unlessSaid: { first: 50, order: { field: 'STARTS_AT', direction: 'ASC' } },
}

/**
 * @param type whose field the list is: 'Event', 'Track' ...
 * @throws BAD_USER_INPUT for a page or a filter that can't be, UNAUTHENTICATED or FORBIDDEN for rows not meant for the
 *   viewer
 */
export function parseSessionList(type: string, args: EventSessionsArgs, viewer: Viewer): SessionList {
  if (asksForDeleted(args.filter ?? {}) && !mayAnywhere(viewer, 'session:read-deleted')) {
    throw refusal(viewer, 'session:read-deleted')
  }
  if (args.filter?.sourceIds != null && !mayAnywhere(viewer, 'session:read')) {
    throw refusal(viewer, 'session:read')
  }
  const list = { ...sessionList, name: `${type}.sessions` }
  const filter = args.filter ?? {}
  const pieces = piecesOfFilter(filter.text)
  const faults = [...faultsOfFilter(filter), ...faultsOfPieces(['filter', 'text'], pieces ?? [])]
  return { of: type, filter, pieces, page: pageOf(args, list, faults) }
}

/** The Prisma arguments of one page, for the sessions of one event or of many. */
export function sessionPage(list: SessionList, viewer: Viewer) {
  const { where, orderBy, take } = keysetPage(list.page)
  return { where: { AND: [...conditions(list, viewer), where] }, orderBy, take }
}

/** The sessions of all pages. */
export function sessionsInList(list: SessionList, viewer: Viewer): Prisma.SessionWhereInput {
  return { AND: conditions(list, viewer) }
}

function conditions(
  { filter, clocks, areGuesses, matching }: SessionList,
  viewer: Viewer,
): Prisma.SessionWhereInput[] {
  const { states, speakerIds, sessionTypeIds } = filter
  const [trackId, roomId, speakerId] = [filter.trackIds, filter.roomIds, speakerIds].map(oneOfIds)
  const sessionTypeId = oneOfIds(sessionTypeIds)
  const endsAt = instantsIn(filter.endsAt)
  const isThere = { deletedAt: null }
  return [
    asksForDeleted(filter) ? visibleOrDeletedSessions(viewer) : visibleSessions(viewer),
    ...(filter.onlyDeleted === true ? [{ deletedAt: { not: null } }] : []),
    {
      ...given('id', oneOfIds(filter.ids)),
      ...given('state', oneOf(states)),
      // A session keeps the track and the room that it was in when they are deleted; nobody is shown them.
      ...given('trackId', trackId),
      ...given('track', trackId && isThere),
      ...given('roomId', roomId),
      ...given('room', roomId && isThere),
      ...given('language', oneOf(filter.languages)),
      ...given('startsAt', instantsIn(filter.startsAt)),
      ...given('sessionTypeId', sessionTypeId),
      ...given('sessionType', sessionTypeId && isThere),
      ...given('level', oneOf(filter.levels)),
      ...given('lastModifiedAt', instantsIn(filter.lastModifiedAt)),
      ...given('speakers', speakerId && { some: { speakerId, speaker: isThere } }),
    },
    ...(filter.unscheduled == null ? [] : [{ startsAt: filter.unscheduled ? null : { not: null } }]),
    ...(filter.day == null ? [] : [onDay(filter.day, clocks!, areGuesses)]),
    // By their slots, which know how long a session is that has no end of its own.
    ...[
      endsAt && { endsAt },
      filter.heldAt == null ? undefined : isHeldAt(filter.heldAt),
      filter.endsAfter == null ? undefined : isNotOver(filter.endsAfter),
    ].flatMap((slot) => (slot === undefined ? [] : [{ slot }])),
    // What the viewer may not know the source ids of isn't found by them.
    ...(filter.sourceIds == null
      ? []
      : [{ sourceId: { in: [...filter.sourceIds] }, OR: within(reachOf(viewer, 'session:read')) }]),
    // Prisma's type knows nothing of SQL, and never gets it.
    ...(matching == null ? [] : [{ id: { in: matching as string[] } }]),
  ]
}

function asksForDeleted({ includeDeleted, onlyDeleted }: SessionFilter): boolean {
  return includeDeleted === true || onlyDeleted === true
}

/** Which of these sessions the viewer is a speaker of. */
export async function ownSessions(
  { db, viewer }: Context,
  ids: readonly string[],
): Promise<Map<string, true>> {
  const userId = userIdOf(viewer)
  if (userId === null) return new Map()
  const own = { some: { speaker: { userId, deletedAt: null } } }
  const rows = await db.session.findMany({
    where: { id: { in: [...ids] }, speakers: own },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  return new Map(rows.map(({ id }) => [id, true]))
}

/** The selected values of those of the sessions that the viewer may see, by id. */
export function visibleSessionsWith(
  { db, viewer }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionRow>> {
  const visible = visibleSessionsAnywhere(viewer)
  return rowsById<SessionRow>(
    (args) => db.session.findMany({ ...args, where: { AND: [args.where, visible] } }),
    ids,
    select,
  )
}

/** The selected values of sessions that the viewer is known to see, by id. */
export function sessionsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionRow>> {
  return rowsById<SessionRow>((args) => db.session.findMany(args), ids, select)
}

import { reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { given, instantsIn, oneOfIds } from '../../filters.ts'
import type { SessionFilter } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage } from '../../keyset.ts'
import { isId } from '../../paging.ts'
import { asRows } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import type { CanceledRow, SessionRow } from '../rows.ts'
import { onDay } from './session.day.ts'
import type { SessionList } from './session.list.ts'
import { within } from './session.rules.ts'

/**
 * What the viewer sees of sessions that left a published programme, for those who don't see the sessions themselves. The
 * event may switch it off; of a deleted session nothing is seen.
 */
export function visibleCanceled(viewer: Viewer): Prisma.CanceledSessionWhereInput {
  const reach = reachOf(viewer, 'session:read')
  const seen = within(reach)
  // An empty condition in an OR would be left out, not hold for everything.
  const unseen = reach.everywhere ? { id: { in: [] } } : seen.length === 0 ? {} : { NOT: { OR: seen } }
  return {
    event: { state: 'PUBLISHED', deletedAt: null, showsCanceled: true },
    session: { deletedAt: null, ...unseen },
  }
}

/** The canceled ones in a list, by conditions that need no more than what is seen of them; null if it asks for none. */
export function canceledInList(
  { filter, clocks, areGuesses }: SessionList,
  viewer: Viewer,
): Prisma.CanceledSessionWhereInput | null {
  const { states, ids, trackIds, roomIds, startsAt, endsAt, lastModifiedAt } = filter
  const asksMore =
    filter.onlyDeleted === true ||
    Object.entries(filter).some(([name, value]) => value != null && !askable.has(name))
  if (filter.includeCanceled !== true || asksMore || states?.includes('CANCELED') === false) return null
  const [id, trackId, roomId] = [ids, trackIds, roomIds].map(oneOfIds)
  const isThere = { deletedAt: null }
  return {
    AND: [
      visibleCanceled(viewer),
      ...(filter.day == null ? [] : [onDay(filter.day, clocks!, areGuesses)]),
      {
        ...given('id', id),
        ...given('trackId', trackId),
        ...given('track', trackId && isThere),
        ...given('roomId', roomId),
        ...given('room', roomId && isThere),
        ...given('startsAt', instantsIn(startsAt)),
        ...given('endsAt', instantsIn(endsAt)),
        ...given('lastModifiedAt', instantsIn(lastModifiedAt)),
      },
    ],
  }
}

const askable = new Set<string>([
  'includeCanceled',
  'includeDeleted',
  'onlyDeleted',
  'states',
  'ids',
  'trackIds',
  'roomIds',
  'startsAt',
  'endsAt',
  'day',
  'lastModifiedAt',
] satisfies (keyof SessionFilter)[])

/** The Prisma arguments of one page of them; null if the list asks for none. */
export function canceledPage(list: SessionList, viewer: Viewer, select: Select) {
  const asked = canceledInList(list, viewer)
  if (asked === null) return null
  const { where, orderBy, take } = keysetPage(list.page)
  return { where: { AND: [asked, where] }, orderBy, take, select: canceledSelect(select) }
}

/** One page of both, in the list's order, each as it was fetched. */
export function inOneList(
  sessions: readonly SessionRow[],
  canceled: readonly CanceledRow[],
  { page }: SessionList,
): SessionRow[] {
  if (canceled.length === 0) return [...sessions]
  const { name } = page.column
  const sign = page.order.direction === 'ASC' ? 1 : -1
  // The column of the order is fetched, and both tables call it alike.
  const valueOf = (row: SessionRow) => (row as unknown as Record<string, Date | string | null>)[name] ?? null
  const compare = (one: SessionRow, other: SessionRow) =>
    nullsLast(valueOf(one), valueOf(other)) ||
    sign * (compared(valueOf(one), valueOf(other)) || compared(one.id, other.id))
  const asRead = page.from === 'start' ? compare : (one: SessionRow, other: SessionRow) => compare(other, one)
  return [...sessions, ...canceled.map(asSession)].toSorted(asRead).slice(0, page.size + 1)
}

/** What is seen of a canceled session; null if there is none of this id that the viewer may see. */
export async function canceledById(ctx: Context, id: string, select: Select): Promise<SessionRow | null> {
  return isId(id) ? ((await canceledWith(ctx, [id], select)).get(id.toLowerCase()) ?? null) : null
}

/** What is seen of these sessions, by id, if they are canceled and the viewer may see it. One statement. */
export async function canceledWith(
  { db, viewer }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionRow>> {
  const rows = await rowsById<CanceledRow>(
    async ({ where, orderBy, select: columns }) =>
      asRows<CanceledRow>(
        await db.canceledSession.findMany({
          where: { AND: [where, visibleCanceled(viewer)] },
          orderBy,
          select: columns,
        }),
      ),
    ids,
    canceledSelect(select),
  )
  return new Map([...rows].map(([id, row]) => [id, asSession(row)]))
}

/** Its own columns, and what is wanted of its event, track and room. */
function canceledSelect({ event, track, room }: Select): Select {
  return {
    ...{ id: true, eventId: true, title: true, startsAt: true, endsAt: true, createdAt: true },
    ...{ lastModifiedAt: true, version: true },
    ...(event === undefined ? {} : { event }),
    ...(track === undefined ? {} : { track }),
    ...(room === undefined ? {} : { room }),
  }
}

/** What of a canceled session isn't seen, as if it had none; and its state. */
export const unseenOfCanceled = {
  subtitle: null,
  abstract: null,
  description: null,
  language: null,
  level: null,
  slidesUrl: null,
  videoUrl: null,
  audioUrl: null,
  signupUrl: null,
  imageUrl: null,
  submittedAt: null,
  textFormat: 'PLAIN',
  links: [],
  state: 'CANCELED',
} as const

/** As a session of which nothing else is known. */
function asSession(canceled: CanceledRow): SessionRow {
  // What the plan of a session's field asks for beside these isn't seen, and isn't there.
  return {
    ...{ track: null, room: null, sessionType: null, speakers: [] },
    ...{ isLocked: false, isSpeakerListLocked: false, deletedAt: null, sourceId: null },
    ...{ ...unseenOfCanceled, ...canceled },
    canceled: { lastModifiedAt: canceled.lastModifiedAt },
  } as unknown as SessionRow
}

function nullsLast(one: unknown, other: unknown): number {
  return Number(one === null) - Number(other === null)
}

/** Texts by their code points, as the database orders them. */
function compared(one: Date | string | null, other: Date | string | null): number {
  if (one === null || other === null) return 0
  if (typeof one === 'string' && typeof other === 'string') {
    return Buffer.compare(Buffer.from(one), Buffer.from(other))
  }
  return Number(one) - Number(other)
}

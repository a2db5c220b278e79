import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { DatabaseTransaction } from '../../database/client.ts'
import { notFound } from '../../errors.ts'
import { faultsOfFilter, given, instantsIn, oneOf } from '../../filters.ts'
import type { EventFilter, EventOrderField, QueryEventsArgs } from '../../generated/graphql.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { keysetPage } from '../../keyset.ts'
import { type List, type Page, pageOf } from '../../paging.ts'
import { asRows } from '../../selection/as-rows.ts'
import { loadSets } from '../../selection/id-sets.ts'
import type { Select } from '../../selection/merge.ts'
import type { EventRow } from '../rows.ts'
import { faultsOfPieces, type Piece, piecesOfFilter } from '../text/text.rules.ts'
import { isSlug, ledToBy, visibleEvents } from './event.rules.ts'

/** A list of events as a client asked for it. */
export interface EventList {
  readonly filter: EventFilter
  readonly page: Page
  /** What its text asks for; null if it has none. */
  readonly pieces: readonly Piece[] | null
  /** The events that the text finds; null if it has none. The compiled reads take SQL of their ids. */
  readonly matching?: readonly string[] | Prisma.Sql | null
}

/** @throws BAD_USER_INPUT for a page or a filter that can't be */
export function parseEventList(args: QueryEventsArgs): EventList {
  const filter = args.filter ?? {}
  const pieces = piecesOfFilter(filter.text)
  const faults = [...faultsOfFilter(filter), ...faultsOfPieces(['filter', 'text'], pieces ?? [])]
  return { filter, pieces, page: pageOf(args, eventList, faults) }
}

/** One page of the events that the viewer may see, with the row that tells whether another page follows. */
export async function listEvents(ctx: Context, list: EventList, select: Select): Promise<EventRow[]> {
  const rows = await ctx.db.event.findMany({ ...eventPage(list, ctx.viewer), select })
  return asRows<EventRow>(rows)
}

/** How many events the list has on all its pages. */
export async function countEvents(ctx: Context, list: EventList): Promise<number> {
  return ctx.db.event.count({ where: eventsInList(list, ctx.viewer) })
}

/** The Prisma arguments of one page. */
export function eventPage(list: EventList, viewer: Viewer) {
  const { where, orderBy, take } = keysetPage(list.page)
  return { where: { AND: [...conditions(list, viewer), where] }, orderBy, take }
}

/** The events of all pages. */
export function eventsInList(list: EventList, viewer: Viewer): Prisma.EventWhereInput {
  return { AND: conditions(list, viewer) }
}

const eventList: List<EventOrderField> = {
  name: 'Query.events',
  columns: {
    STARTS_AT: { name: 'startsAt', holds: 'instant', nullable: false },
    NAME: { name: 'name', holds: 'text', nullable: false },
    LAST_MODIFIED_AT: { name: 'lastModifiedAt', holds: 'instant', nullable: false },
  },
  unlessSaid: { first: 20, order: { field: 'STARTS_AT', direction: 'ASC' } },
}

function conditions({ filter, matching }: EventList, viewer: Viewer): Prisma.EventWhereInput[] {
  return [
    visibleEvents(viewer),
    {
      ...given('state', oneOf(filter.states)),
      ...given('startsAt', instantsIn(filter.startsAt)),
      ...given('endsAt', instantsIn(filter.endsAt)),
      ...given('lastModifiedAt', instantsIn(filter.lastModifiedAt)),
    },
    // Prisma's type knows nothing of SQL, and never gets it.
    ...(matching == null ? [] : [{ id: { in: matching as string[] } }]),
  ]
}

/** The events of each of these sets of ids that the viewer may see. One statement for all sets. */
export async function visibleEventsOfSets(
  ctx: Context,
  sets: readonly string[],
  select: Select,
): Promise<Map<string, EventRow[]>> {
  return loadSets(sets, async (ids) => {
    const rows = await ctx.db.event.findMany({
      where: { id: { in: ids }, AND: visibleEvents(ctx.viewer) },
      orderBy: { id: 'asc' },
      select: { ...select, id: true },
    })
    return asRows<EventRow>(rows)
  })
}

/**
 * The event that a slug leads to; null if there is none. With the LIMIT of `findFirst` PostgreSQL would read all events, because
 * it takes those that had the slug before for many.
 *
 * @param visible what it must be besides
 */
export async function eventLedToBy<Wanted extends Prisma.EventSelect>(
  db: DatabaseTransaction,
  slug: string,
  select: Wanted,
  visible: Prisma.EventWhereInput = {},
) {
  if (!isSlug(slug)) return null
  const [event] = await db.event.findMany({ where: { ...ledToBy(slug), AND: visible }, select })
  return event ?? null
}

/** The ids of the events with these slugs that the viewer may see. @throws NOT_FOUND for one that isn't there */
export async function idsOfSlugs(ctx: Context, slugs: readonly string[]): Promise<string[]> {
  const named = { OR: [{ slug: { in: [...slugs] } }, { formerSlugs: { hasSome: [...slugs] } }] }
  const where = { ...named, AND: visibleEvents(ctx.viewer) }
  const rows = await ctx.db.event.findMany({
    where,
    orderBy: { id: 'asc' },
    select: { id: true, slug: true, formerSlugs: true },
  })
  const missing = slugs.find((slug) => !rows.some((row) => [row.slug, ...row.formerSlugs].includes(slug)))
  if (missing !== undefined) throw notFound('event', missing)
  return rows.map(({ id }) => id)
}

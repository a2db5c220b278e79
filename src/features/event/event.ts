import type { Viewer } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import { instantsIn, given, oneOf, textIn } from '../../filters.ts'
import type { EventFilter, EventOrderField } from '../../generated/graphql.ts'
import type { EventState, Prisma } from '../../generated/prisma/client.ts'
import { isId, keysetPage, type OrderColumn, type Page } from '../../paging.ts'
import type { Select } from '../../selection/merge.ts'
import { requireVersion } from '../history/history.ts'
import type { EventRow } from './event.selection.ts'
import { visibleEvents } from './event.rules.ts'

/** The values of an event that people edit. */
export interface EventValues {
  readonly slug: string
  readonly name: string
  readonly description: string | null
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly state: EventState
}

/** A list of events as a client asked for it. */
export interface EventList {
  readonly filter: EventFilter
  readonly page: Page<EventOrderField>
}

/** @returns null where there is no such event that the viewer may see */
export async function eventBySlug(ctx: Context, slug: string, select: Select): Promise<EventRow | null> {
  return asRow(await ctx.db.event.findFirst({ where: { slug, AND: visibleEvents(ctx.viewer) }, select }))
}

/** One page of the events that the viewer may see, with the row that tells whether another page follows. */
export async function listEvents(ctx: Context, list: EventList, select: Select): Promise<EventRow[]> {
  const { where, orderBy, take } = keysetPage(list.page, eventOrderColumn(list))
  const rows = await ctx.db.event.findMany({
    where: { AND: [...conditions(list, ctx.viewer), where] },
    orderBy,
    take,
    select,
  })
  return rows as object[] as EventRow[]
}

/** The selected values of each of these events, by id. */
export async function eventsWith(
  ctx: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, EventRow>> {
  const rows = (await ctx.db.event.findMany({
    where: { id: { in: [...ids] } },
    orderBy: { id: 'asc' },
    select: { ...select, id: true },
  })) as object[] as EventRow[]
  return new Map(rows.map((row) => [row.id, row]))
}

/** How many events the list has on all its pages. */
export async function countEvents(ctx: Context, list: EventList): Promise<number> {
  return ctx.db.event.count({ where: { AND: conditions(list, ctx.viewer) } })
}

/** @throws BAD_USER_INPUT where the slug is taken or the event ends before it starts */
export async function createEvent(ctx: Context, values: EventValues, select: Select): Promise<EventRow> {
  requireEndAfterStart(values, 'input')
  return inTransaction(ctx, async (tx) => {
    await requireFreeSlug(tx, values.slug, null, 'input')
    return asRow(await tx.db.event.create({ data: { ...values }, select }))
  })
}

/**
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, CONFLICT; BAD_USER_INPUT as `createEvent`
 */
export async function updateEvent(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  patch: Partial<EventValues>,
  select: Select,
): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const stored = await lockEvent(tx, id)
    await requireVersion(tx, 'EVENT', stored, expectedVersion)
    requireEndAfterStart({ ...stored, ...patch }, 'patch')
    if (patch.slug !== undefined) await requireFreeSlug(tx, patch.slug, id, 'patch')
    return asRow(await tx.db.event.update({ where: { id }, data: { ...patch }, select }))
  })
}

/** The Prisma field that a list of events is ordered by. */
export function eventOrderColumn({ page }: EventList): OrderColumn {
  return columns[page.order.field]
}

const columns: Record<EventOrderField, OrderColumn> = {
  STARTS_AT: { name: 'startsAt', holds: 'instant', nullable: false },
  NAME: { name: 'name', holds: 'text', nullable: false },
  LAST_MODIFIED_AT: { name: 'lastModifiedAt', holds: 'instant', nullable: false },
}

function conditions({ filter }: EventList, viewer: Viewer): Prisma.EventWhereInput[] {
  return [
    visibleEvents(viewer),
    {
      ...given('state', oneOf(filter.states)),
      ...given('startsAt', instantsIn(filter.startsAt)),
      ...given('endsAt', instantsIn(filter.endsAt)),
      ...given('lastModifiedAt', instantsIn(filter.lastModifiedAt)),
    },
    ...textIn(filter.text, ['name', 'description'] as const),
  ]
}

interface StoredEvent {
  readonly id: string
  readonly version: number
  readonly lastModifiedAt: Date
  readonly startsAt: Date
  readonly endsAt: Date
}

/** Holds the row until the transaction ends, so that nobody changes it between the check and the write. */
async function lockEvent({ db }: Context, id: string): Promise<StoredEvent> {
  const rows = isId(id)
    ? await db.$queryRaw<StoredEvent[]>`
        SELECT id, version, last_modified_at AS "lastModifiedAt", starts_at AS "startsAt", ends_at AS "endsAt"
        FROM events WHERE id = ${id}::uuid AND deleted_at IS NULL FOR UPDATE`
    : []
  if (rows[0] === undefined) throw notFound('event', id)
  return rows[0]
}

function requireEndAfterStart(event: { startsAt: Date; endsAt: Date }, argument: string): void {
  if (event.endsAt <= event.startsAt) {
    throw badUserInput([{ path: [argument, 'endsAt'], message: 'must be later than startsAt.' }])
  }
}

/** The unique index has the last word where two take a slug at once; this gives the usual case a good answer. */
async function requireFreeSlug(
  { db }: Context,
  slug: string,
  id: string | null,
  argument: string,
): Promise<void> {
  const taken = await db.event.findUnique({ where: { slug }, select: { id: true } })
  if (taken !== null && taken.id !== id) {
    throw badUserInput([{ path: [argument, 'slug'], message: `${JSON.stringify(slug)} is taken.` }])
  }
}

/** Prisma can't type a `select` that is only known at run time; the plans and their test answer for it. */
function asRow<Found extends object | null>(row: Found): Found extends null ? EventRow | null : EventRow {
  return row as never
}

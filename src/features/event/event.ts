import type { Viewer } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import { instantsIn, given, oneOf, textIn } from '../../filters.ts'
import type { EventFilter, EventOrderField } from '../../generated/graphql.ts'
import type { EventState, Prisma } from '../../generated/prisma/client.ts'
import { isId, keysetPage, type OrderColumn, type Page } from '../../paging.ts'
import type { Select } from '../../selection/merge.ts'
import { onClocksOf } from '../../time/shift.ts'
import type { Disambiguation } from '../../time/wall-clock.ts'
import { requireVersion } from '../history/history.ts'
import { keepWallClocks } from '../session/session.zone.ts'
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

/** When anything of each of these events' programmes last changed, by id. One statement. */
export async function programmesModifiedAt(
  { db }: Context,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const rows = await db.$queryRaw<{ id: string; moment: Date }[]>`
    SELECT e.id, (SELECT max(recorded_at) FROM revisions r WHERE r.event_id = e.id) AS moment
    FROM unnest(${[...ids]}::uuid[]) AS e(id)`
  return new Map(rows.map(({ id, moment }) => [id, moment]))
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

/** What happens to the times of an event and of its sessions when the event's zone changes. */
export interface ZoneChange {
  readonly keeps: 'INSTANTS' | 'WALL_CLOCKS'
  readonly disambiguation: Disambiguation
}

/**
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, CONFLICT; BAD_USER_INPUT as `createEvent`, and where a time that is to keep its wall clock means
 *   none or two instants in the new zone
 */
export async function updateEvent(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  patch: Partial<EventValues>,
  zoneChange: ZoneChange,
  select: Select,
): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const stored = await lockEvent(tx, id)
    await requireVersion(tx, 'EVENT', stored, expectedVersion)
    const { timeZone = stored.timeZone } = patch
    if (timeZone === stored.timeZone || zoneChange.keeps === 'INSTANTS') {
      return writeEvent(tx, stored, patch, 'patch', select)
    }
    const zones = { from: stored.timeZone, to: timeZone }
    await keepWallClocks(tx, id, zones, zoneChange.disambiguation)
    const moved = { ...timesOnClocksOf(stored, zones, zoneChange.disambiguation), ...patch }
    return writeEvent(tx, stored, moved, 'patch', select)
  })
}

/**
 * Writes the values of an event that is locked.
 *
 * @param argument where the client named the values
 */
export async function writeEvent(
  tx: Context,
  stored: StoredEvent,
  values: Partial<EventValues>,
  argument: string,
  select: Select,
): Promise<EventRow> {
  const { id } = stored
  requireEndAfterStart({ ...stored, ...values }, argument)
  if (values.slug !== undefined) await requireFreeSlug(tx, values.slug, id, argument)
  return asRow(await tx.db.event.update({ where: { id }, data: { ...values }, select }))
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
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
}

/** Holds the row until the transaction ends, so that nobody changes it between the check and the write. */
export async function lockEvent({ db }: Context, id: string): Promise<StoredEvent> {
  const rows = isId(id)
    ? await db.$queryRaw<StoredEvent[]>`
        SELECT id, version, last_modified_at AS "lastModifiedAt", time_zone AS "timeZone", starts_at AS "startsAt",
               ends_at AS "endsAt"
        FROM events WHERE id = ${id}::uuid AND deleted_at IS NULL FOR NO KEY UPDATE`
    : []
  if (rows[0] === undefined) throw notFound('event', id)
  return rows[0]
}

function timesOnClocksOf(
  { startsAt, endsAt }: StoredEvent,
  { from, to }: { from: string; to: string },
  disambiguation: Disambiguation,
): { startsAt: Date; endsAt: Date } {
  const move = (instant: Date) => onClocksOf(instant, from, to, disambiguation)
  try {
    return { startsAt: move(startsAt), endsAt: move(endsAt) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw badUserInput([{ path: ['patch', 'timeZone'], message: `The event: ${error.message}` }])
  }
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

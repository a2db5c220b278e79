import { requireMay } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import { checkAll, type Parsed } from '../../input.ts'
import type { Select } from '../../selection/merge.ts'
import { requireNoDoubleBooking } from '../booking/booking.ts'
import { eventsWith, requireVisibleEvent } from '../event/event.ts'
import { holdZone } from '../event/event.hold.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import type { EventRow } from '../rows.ts'
import { type HeldPart, holdPart, holdScheduleOfPart, holdZoneOfPart } from './part.hold.ts'
import { bookingsFollow, faultsOfOrder, nounOf, type PartEntity } from './part.rules.ts'
import { holdAll, nextPosition, setDeletedAt, writeOrder } from './part.write.ts'

/** Where a part is, or is to be. */
export interface PartPlace {
  readonly eventId: string
  /** The event's; it stays until the values are written where they depend on it. */
  readonly timeZone: string
}

/**
 * One kind of what a programme is put together from, apart from its sessions: the only things in which the kinds
 * differ. `Values` are what people edit of one, `New` what a new one is made of.
 */
export interface PartTable<Values, New extends Partial<Values>, Row> {
  readonly entity: PartEntity
  /** What it takes to edit one, and to add, delete and restore it and to read its history. */
  readonly permissions: { readonly edit: Permission; readonly manage: Permission }
  /** Whether people put them into an order; new ones go last. */
  readonly isOrdered: boolean
  dependsOnEventZone(values: Partial<Values>): boolean
  /** Checks what only the event decides; what it returns writes. @throws BAD_USER_INPUT, at `input` */
  creation(tx: Context, place: PartPlace & { position: number }, values: New): Write<{ id: string }>
  /** Checks what only the event decides; what it returns writes. @throws BAD_USER_INPUT, at `patch` */
  change(tx: Context, held: HeldPart, values: Partial<Values>): Write<unknown>
  read(tx: Context, id: string, select: Select): Promise<Row>
  /** How many of that id, 0 or 1, the viewer may see; deleted ones don't count. */
  countSeen(tx: Context, id: string): Promise<number>
}

type Write<Result> = Promise<() => Promise<Result>> | (() => Promise<Result>)

/** @throws NOT_FOUND for the event; FORBIDDEN; BAD_USER_INPUT with all faults */
export async function createPart<Values, New extends Partial<Values>, Row>(
  ctx: Context,
  table: PartTable<Values, New, Row>,
  { eventSlug, part }: { readonly eventSlug: string; readonly part: Parsed<New> },
  select: Select,
): Promise<Row> {
  const { values, issues } = part
  return inTransaction(ctx, async (tx) => {
    const event = await requireEvent(tx, eventSlug, table.permissions.manage)
    const timeZone = table.dependsOnEventZone(values) ? await holdZone(tx, event.id) : event.timeZone
    const position = table.isOrdered ? await nextPosition(tx, table.entity, event.id) : 0
    const place = { eventId: event.id, timeZone, position }
    const [create] = await checkAll(issues, [() => table.creation(tx, place, values)])
    const { id } = await create()
    return table.read(tx, id, select)
  })
}

/**
 * Writes the values that the patch names and leaves the others alone.
 *
 * @throws NOT_FOUND where the viewer may not see it, or it is deleted; FORBIDDEN, CONFLICT, BAD_USER_INPUT with
 *   all faults
 */
export async function updatePart<Values, New extends Partial<Values>, Row>(
  ctx: Context,
  table: PartTable<Values, New, Row>,
  { change, patch }: { readonly change: ChangeFor; readonly patch: Parsed<Partial<Values>> },
  select: Select,
): Promise<Row> {
  const { id } = change
  const { values, issues } = patch
  return inTransaction(ctx, async (tx) => {
    if (table.dependsOnEventZone(values)) await holdZoneOfPart(tx, table.entity, id)
    if (table.entity === 'SESSION_TYPE') await holdScheduleOfPart(tx, table.entity, id)
    const held = await holdPart(tx, table, { ...change, sent: values as object }, table.permissions.edit)
    if (held.deletedAt !== null) throw notFound(nounOf(table.entity), id)
    const [write] = await checkAll(issues, [() => table.change(tx, held, values)])
    await write()
    return table.read(tx, id, select)
  })
}

/**
 * Soft delete: what the part was used for stays, and shows it no more.
 *
 * @throws as `updatePart`; one that is deleted already is NOT_FOUND
 */
export async function deletePart<Values, New extends Partial<Values>, Row>(
  ctx: Context,
  table: PartTable<Values, New, Row>,
  change: ChangeFor,
  select: Select,
): Promise<Row> {
  const { id } = change
  return inTransaction(ctx, async (tx) => {
    if (bookingsFollow.has(table.entity)) await holdScheduleOfPart(tx, table.entity, id)
    const held = await holdPart(tx, table, change, table.permissions.manage)
    if (held.deletedAt !== null) throw notFound(nounOf(table.entity), id)
    await setDeletedAt(tx, table.entity, id, tx.clock())
    return table.read(tx, id, select)
  })
}

/**
 * Undoes a soft delete; one that isn't deleted stays as it is.
 *
 * @throws as `updatePart`; BAD_USER_INPUT where it would be booked twice and the event refuses that
 */
export async function restorePart<Values, New extends Partial<Values>, Row>(
  ctx: Context,
  table: PartTable<Values, New, Row>,
  change: ChangeFor,
  select: Select,
): Promise<Row> {
  const { id } = change
  return inTransaction(ctx, async (tx) => {
    const isBooked = bookingsFollow.has(table.entity)
    if (isBooked) await holdScheduleOfPart(tx, table.entity, id)
    const held = await holdPart(tx, table, change, table.permissions.manage)
    await setDeletedAt(tx, table.entity, id, null)
    if (isBooked) await requireNoDoubleBooking(tx, held, () => ['id'])
    return table.read(tx, id, select)
  })
}

/**
 * Puts all of one kind that an event has into an order.
 *
 * @param ids every one that isn't deleted, once
 * @returns the event
 * @throws NOT_FOUND for the event; FORBIDDEN; BAD_USER_INPUT that names every id that is wrong or missing, so that nobody
 *   orders what somebody else has just added without having seen it
 */
export async function reorderParts<Values, New extends Partial<Values>, Row>(
  ctx: Context,
  { entity, permissions }: PartTable<Values, New, Row>,
  { eventSlug, ids }: { readonly eventSlug: string; readonly ids: readonly string[] },
  select: Select,
): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const event = await requireEvent(tx, eventSlug, permissions.edit)
    // Two who write many parts lock them in orders of their own; whoever holds the event goes first.
    await holdZone(tx, event.id)
    const issues = faultsOfOrder(nounOf(entity), ids, await holdAll(tx, entity, event.id))
    if (issues.length > 0) throw badUserInput(issues)
    await writeOrder(tx, entity, ids)
    const written = (await eventsWith(tx, [event.id], select)).get(event.id)
    if (written === undefined) throw notFound('event', eventSlug)
    return written
  })
}

async function requireEvent(ctx: Context, slug: string, permission: Permission) {
  const event = await requireVisibleEvent(ctx, slug)
  requireMay(ctx.viewer, permission, { eventId: event.id })
  return event
}

import { requireMay } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { requireRoomForEvent } from '../../access/quotas.ts'
import { userIdOf } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import { checkAll, givenOnly, type Parsed } from '../../input.ts'
import { type ConflictPolicy, type EventState, Prisma } from '../../generated/prisma/client.ts'
import type { Link, Venue } from '../../links.ts'
import { isId } from '../../paging.ts'
import type { TextFormat } from '../../markup/format.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import { timesOnClocksOf } from '../../time/shift.ts'
import type { Disambiguation } from '../../time/wall-clock.ts'
import { holdScheduleAlone, requireNoDoubleBooking } from '../booking/booking.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import { keepWallClocksOfParts } from '../part/part.zone.ts'
import type { EventRow } from '../rows.ts'
import { keepWallClocks } from '../session/session.zone.ts'
import { holdEvent, type HeldEvent } from './event.hold.ts'
import { eventLedToBy } from './event.list.ts'
import { visibleEvents } from './event.rules.ts'

/** The values of an event that people edit. */
export interface EventValues {
  readonly slug: string
  readonly name: string
  readonly description: string | null
  readonly textFormat: TextFormat
  readonly websiteUrl: string | null
  readonly logoUrl: string | null
  readonly venue: Venue | null
  readonly links: readonly Link[]
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** 'HH:mm' on the clocks of the zone. */
  readonly dayStartsAt: string
  readonly state: EventState
  readonly conflictPolicy: ConflictPolicy
  /** Whether the public is told of sessions that left the programme. */
  readonly showsCanceled: boolean
}

/** How a client names one event. */
export interface EventName {
  readonly slug?: string | null | undefined
  readonly id?: string | null | undefined
}

/**
 * @returns null where there is no such event that the viewer may see
 * @throws BAD_USER_INPUT unless it is named either by a slug or by its id
 */
export async function eventNamed(ctx: Context, { slug, id }: EventName, select: Select) {
  if ((slug == null) === (id == null)) {
    throw badUserInput([{ path: ['slug'], message: 'Name the event either by its slug or by its id.' }])
  }
  const visible = visibleEvents(ctx.viewer)
  const found =
    slug == null
      ? isId(id!) && (await ctx.db.event.findFirst({ where: { id: id!, AND: visible }, select }))
      : await eventLedToBy(ctx.db, slug, select, visible)
  return found ? asRow<EventRow>(found) : null
}

/** The event in which something is to be made. @throws NOT_FOUND where the viewer may not see it */
export async function requireVisibleEvent(
  { db, viewer }: Context,
  slug: string,
): Promise<{ id: string; timeZone: string }> {
  const event = await eventLedToBy(db, slug, { id: true, timeZone: true }, visibleEvents(viewer))
  if (event === null) throw notFound('event', slug)
  return event
}

/** The selected values of events that the viewer is known to see, by id. */
export function eventsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, EventRow>> {
  return rowsById<EventRow>((args) => db.event.findMany(args), ids, select)
}

/**
 * Makes an event; a user owns it.
 *
 * @throws FORBIDDEN; BAD_USER_INPUT with all faults, also where the slug is taken or the event ends before it starts
 */
export async function createEvent(
  ctx: Context,
  { values, issues }: Parsed<EventValues>,
  select: Select,
): Promise<EventRow> {
  requireMay(ctx.viewer, 'event:create', { eventId: null })
  return inTransaction(ctx, async (tx) => {
    await checkAll(issues, [
      () => requireEndAfterStart(values, 'input'),
      () => requireFreeSlug(tx, values.slug, null, 'input'),
    ])
    await requireRoomForEvent(tx)
    const userId = userIdOf(tx.viewer)
    const owner = userId === null ? {} : { create: { userId, role: 'OWNER' as const } }
    return asRow(
      await tx.db.event.create({
        data: { ...values, venue: venueColumn(values.venue), memberships: owner },
        select,
      }),
    )
  })
}

/** What happens to the times of an event and of its sessions when the event's zone changes. */
export interface ZoneChange {
  readonly keeps: 'INSTANTS' | 'WALL_CLOCKS'
  readonly disambiguation: Disambiguation
}

/**
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT; BAD_USER_INPUT as `createEvent`, and where a time that is to keep its wall clock means
 *   none or two instants in the new zone
 */
export async function updateEvent(
  ctx: Context,
  change: ChangeFor,
  { patch, zoneChange }: { readonly patch: Parsed<Partial<EventValues>>; readonly zoneChange: ZoneChange },
  select: Select,
): Promise<EventRow> {
  const { id } = change
  return inTransaction(ctx, async (tx) => {
    const { values } = patch
    const stored = await holdEvent(tx, { ...change, sent: values }, permissionsFor(values))
    const { timeZone = stored.timeZone } = values
    // What bookings and slots follow from.
    const movesSlots = timeZone !== stored.timeZone || values.dayStartsAt !== undefined
    if (values.conflictPolicy !== undefined || movesSlots) await holdScheduleAlone(tx, id)
    if (timeZone === stored.timeZone || zoneChange.keeps === 'INSTANTS') {
      return writeEvent(tx, stored, { ...patch, argument: 'patch' }, select)
    }
    const move = { from: stored.timeZone, to: timeZone, disambiguation: zoneChange.disambiguation }
    const issues = [...patch.issues]
    const times = timesOnClocksOf('The event', stored, move, issues)
    await keepWallClocks(tx, id, move, issues)
    await keepWallClocksOfParts(tx, id, move, issues)
    return writeEvent(tx, stored, { values: { ...times, ...values }, issues, argument: 'patch' }, select)
  })
}

/**
 * Writes the values of an event that is locked.
 *
 * @param written what, and the argument in which the client named it
 * @throws BAD_USER_INPUT with all faults, also with the list of double bookings where the event refuses those now
 */
export async function writeEvent(
  tx: Context,
  stored: HeldEvent,
  { values, issues, argument }: Parsed<Partial<EventValues>> & { readonly argument: string },
  select: Select,
): Promise<EventRow> {
  const { id } = stored
  await checkAll(issues, [
    () => requireEndAfterStart({ ...stored, ...values }, argument),
    () => values.slug !== undefined && requireFreeSlug(tx, values.slug, id, argument),
  ])
  const data = { ...values, venue: venueColumn(values.venue) }
  const written = asRow<EventRow>(await tx.db.event.update({ where: { id }, data: givenOnly(data), select }))
  const { conflictPolicy = stored.conflictPolicy } = values
  if (conflictPolicy === 'REFUSE') {
    const isNew = stored.conflictPolicy !== 'REFUSE' && argument === 'patch'
    const path = isNew ? [argument, 'conflictPolicy'] : [argument]
    await requireNoDoubleBooking(tx, { eventId: id }, () => path)
  }
  return written
}

/** No venue is no JSON at all, rather than JSON's null. */
export function venueColumn<Given extends Venue | null | undefined>(venue: Given) {
  return venue === null ? Prisma.DbNull : (venue as Exclude<Given, null>)
}

function permissionsFor({ state, ...values }: Partial<EventValues>): Permission[] {
  const edits = Object.keys(values).length > 0 || state === undefined
  return [
    ...(edits ? ['event:update' as const] : []),
    ...(state === undefined ? [] : ['event:publish' as const]),
  ]
}

function requireEndAfterStart(event: { startsAt: Date; endsAt: Date }, argument: string): void {
  if (event.endsAt <= event.startsAt) {
    throw badUserInput([{ path: [argument, 'endsAt'], message: 'must be later than startsAt.' }])
  }
}

/**
 * The unique index has the last word where two take a slug at once; this gives the usual case a good answer. It is the
 * same whether the event that has the slug, or had it before, is public, a draft or deleted, so that nobody learns of one
 * by trying. An event may take back what it had itself.
 */
export async function requireFreeSlug(
  { db }: Context,
  slug: string,
  id: string | null,
  argument: string,
): Promise<void> {
  const taken = await eventLedToBy(db, slug, { id: true })
  if (taken !== null && taken.id !== id) {
    throw badUserInput([
      { path: [argument, 'slug'], message: `${JSON.stringify(slug)} isn't available. Choose another one.` },
    ])
  }
}

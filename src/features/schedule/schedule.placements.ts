import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, type InputIssue, noneInEvent } from '../../errors.ts'
import type { Parsed } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRows } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { dependsOnEventZone } from '../../time/moment.ts'
import { requireNoDoubleBooking } from '../booking/booking.ts'
import type { SessionRow } from '../rows.ts'
import { type HeldSession, holdZoneOfSessions } from '../session/session.hold.ts'
import { holdAllToChange, requireAllHeld, type SessionToHold } from './schedule.hold.ts'
import { faultOfEnd } from '../session/session.rules.ts'
import { changedSlot, exchangedSlots, type ScheduleSlot, type SlotChange } from './schedule.slots.ts'

/** Where a session is to be. */
export interface Placement extends SessionToHold {
  readonly to: SlotChange
  /** Where the client named the slot. */
  readonly toPath: InputIssue['path']
}

/**
 * Gives sessions of one event a place in the schedule, or moves them, all or none, in a number of statements that
 * doesn't grow with them.
 *
 * @returns them in the order of the placements
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT or BAD_USER_INPUT with all that is wrong and its places; BAD_USER_INPUT also for a
 *   double booking where the event refuses those
 */
export async function placeSessions(
  ctx: Context,
  { values: placements, issues }: Parsed<readonly Placement[]>,
  select: Select,
): Promise<SessionRow[]> {
  return inTransaction(ctx, async (tx) => {
    const ids = placements.map(({ id }) => id)
    if (placements.some(({ to }) => dependsOnEventZone(to))) await holdZoneOfSessions(tx, ids)
    const together = await holdAllToChange(tx, placements, 'session:place')
    const faults = [...issues]
    const slots = await slotsFor(tx, together.held, placements, faults)
    const held = requireAllHeld(together, faults)
    await writeSlots(tx, held, slots)
    await requireFree(
      tx,
      held,
      placements.map(({ toPath }) => toPath),
    )
    return readAll(tx, held, select)
  })
}

/** Exchanges the slots of two sessions. Throws as `placeSessions`. */
export async function swapSessions(
  ctx: Context,
  both: readonly [SessionToHold, SessionToHold],
  keepLengths: boolean,
  select: Select,
): Promise<SessionRow[]> {
  return inTransaction(ctx, async (tx) => {
    const held = requireAllHeld(await holdAllToChange(tx, both, 'session:place'), [])
    const slots = exchangedSlots(held[0]!, held[1]!, keepLengths)
    requireEnds(slots, both)
    await writeSlots(tx, held, slots)
    await requireFree(
      tx,
      held,
      both.map(({ path }) => path),
    )
    return readAll(tx, held, select)
  })
}

/** @throws BAD_USER_INPUT if a session would take so long where the other was that its end is out of range */
function requireEnds(slots: readonly ScheduleSlot[], both: readonly SessionToHold[]): void {
  const issues = slots.flatMap(({ endsAt }, index) => {
    const fault = faultOfEnd(endsAt)
    return fault === null ? [] : [{ path: both[index]!.path, message: fault }]
  })
  if (issues.length > 0) throw badUserInput(issues)
}

/**
 * The slots of the sessions that are seen, as far as they can be.
 *
 * @param issues every fault of a time or a room is added to them
 */
async function slotsFor(
  tx: Context,
  held: readonly (HeldSession | null)[],
  placements: readonly Placement[],
  issues: InputIssue[],
): Promise<ScheduleSlot[]> {
  const first = held.find((session) => session !== null)
  if (first == null) return []
  const rooms = await roomsOf(tx, first.eventId, placements)
  const slots = placements.map(({ to, toPath }, index) => {
    const session = held[index]
    if (session == null) return null
    const isOfEvent = session.eventId === first.eventId
    if (isOfEvent && typeof to.roomId === 'string' && !rooms.has(to.roomId.toLowerCase())) {
      issues.push(noneInEvent([...toPath, 'roomId'], 'room', to.roomId))
    }
    return changedSlot(session, to, toPath, issues)
  })
  return slots.filter((slot) => slot !== null)
}

async function roomsOf(
  { db }: Context,
  eventId: string,
  placements: readonly Placement[],
): Promise<Set<string>> {
  const ids = placements.flatMap(({ to }) => to.roomId ?? []).filter(isId)
  if (ids.length === 0) return new Set()
  const where = { eventId, deletedAt: null, id: { in: ids } }
  const rows = await db.room.findMany({ where, orderBy: { id: 'asc' }, select: { id: true } })
  return new Set(rows.map(({ id }) => id))
}

/** One statement; a session that is there already isn't changed. */
async function writeSlots(
  { db }: Context,
  held: readonly HeldSession[],
  slots: readonly ScheduleSlot[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE sessions s SET starts_at = n.starts_at, ends_at = n.ends_at, room_id = n.room_id
    FROM unnest(${held.map(({ id }) => id)}::uuid[], ${slots.map(({ startsAt }) => startsAt)}::timestamptz[],
                ${slots.map(({ endsAt }) => endsAt)}::timestamptz[], ${slots.map(({ roomId }) => roomId)}::uuid[])
      AS n(id, starts_at, ends_at, room_id)
    WHERE s.id = n.id AND (s.starts_at, s.ends_at, s.room_id) IS DISTINCT FROM (n.starts_at, n.ends_at, n.room_id)`
}

async function requireFree(
  tx: Context,
  held: readonly HeldSession[],
  paths: readonly InputIssue['path'][],
): Promise<void> {
  if (held[0]?.conflictPolicy !== 'REFUSE') return
  const sessionIds = held.map(({ id }) => id)
  await requireNoDoubleBooking(tx, { sessionIds }, (id) => paths[sessionIds.indexOf(id)] ?? [])
}

/** The sessions as the triggers left them. */
async function readAll({ db }: Context, held: readonly HeldSession[], select: Select): Promise<SessionRow[]> {
  const ids = held.map(({ id }) => id)
  const rows = asRows<SessionRow>(
    await db.session.findMany({
      where: { id: { in: ids } },
      orderBy: { id: 'asc' },
      select: { ...select, id: true },
    }),
  )
  return rows.toSorted((one, other) => ids.indexOf(one.id) - ids.indexOf(other.id))
}

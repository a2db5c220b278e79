import { requireMay } from '../../access/may.ts'
import { requireRoomForEvent } from '../../access/quotas.ts'
import { userIdOf } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, type InputIssue, notFound } from '../../errors.ts'
import { checkAll, type Parsed } from '../../input.ts'
import { linksIn, venueIn } from '../../links.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { type ClockShift, shifted } from '../../time/shift.ts'
import type { Disambiguation } from '../../time/wall-clock.ts'
import { holdScheduleAlone, requireNoDoubleBooking } from '../booking/booking.ts'
import type { EventRow } from '../rows.ts'
import { partsToCopy, shiftedParts, writeCopies } from './event.copied-parts.ts'
import { visibleEvents } from './event.rules.ts'
import { requireFreeSlug, venueColumn } from './event.ts'

/** What a copy of an event is to be. */
export interface EventCopy {
  readonly slug: string
  readonly name: string
  readonly startsAt: Date
  /** null: that of the event which is copied. */
  readonly timeZone: string | null
  readonly content: 'STRUCTURE' | 'SESSIONS'
  readonly disambiguation: Disambiguation
}

/**
 * Makes a draft after an event: with its rooms, tracks, session types and breaks, and if it is asked for, with its speakers
 * and its sessions as drafts. Whatever has a time keeps its distance from the start on the wall clock. A fixed number of
 * statements.
 *
 * @throws NOT_FOUND; FORBIDDEN for who may not make events, or doesn't see all of this one; RATE_LIMITED; BAD_USER_INPUT with
 *   all faults, among them each time that a clock change skips or doubles
 */
export async function copyEvent(
  ctx: Context,
  id: string,
  { values, issues }: Parsed<EventCopy>,
  select: Select,
): Promise<EventRow> {
  const work = async (tx: Context) => {
    const source = await holdSource(tx, id)
    const { slug, name, startsAt, timeZone, content, disambiguation } = values
    const shift: ClockShift = {
      ...{ from: source.timeZone, to: timeZone ?? source.timeZone, disambiguation },
      ...{ begins: source.startsAt, toBegin: startsAt },
    }
    const parts = await partsToCopy(tx, id, content === 'SESSIONS')
    const found: InputIssue[] = []
    const [endsAt, copies] = await checkAll(issues, [
      () => endOf(source.endsAt, shift),
      () => {
        const copied = shiftedParts(parts, shift, found)
        if (found.length > 0) throw badUserInput(found)
        return copied
      },
      () => requireFreeSlug(tx, slug, null, 'input'),
    ])
    await requireRoomForEvent(tx)
    const userId = userIdOf(tx.viewer)
    const { description, textFormat, websiteUrl, logoUrl, dayStartsAt, conflictPolicy, showsCanceled } =
      source
    const created = await tx.db.event.create({
      data: {
        ...{ slug, name, startsAt, endsAt, timeZone: shift.to, description, textFormat, websiteUrl, logoUrl },
        ...{ dayStartsAt, conflictPolicy, showsCanceled, links: linksIn(source.links) },
        venue: venueColumn(venueIn(source.venue)),
        memberships: userId === null ? {} : { create: { userId, role: 'OWNER' } },
      },
      select: { id: true },
    })
    await writeCopies(tx, created.id, copies)
    if (conflictPolicy === 'REFUSE')
      await requireNoDoubleBooking(tx, { eventId: created.id }, () => ['input'])
    return asRow<EventRow>(await tx.db.event.findUniqueOrThrow({ where: { id: created.id }, select }))
  }
  return inTransaction(ctx, work, { timeout: 60_000 })
}

/** The event as it stays until the copy is made. What isn't there for somebody isn't copied for them. */
async function holdSource(tx: Context, id: string) {
  const where = { id, AND: visibleEvents(tx.viewer) }
  if (!isId(id) || (await tx.db.event.count({ where })) === 0) throw notFound('event', id)
  requireMay(tx.viewer, 'event:create', { eventId: null })
  requireMay(tx.viewer, 'session:read', { eventId: id })
  requireMay(tx.viewer, 'speaker:read', { eventId: id })
  await holdScheduleAlone(tx, id)
  const source = await tx.db.event.findFirst({ where })
  if (source === null) throw notFound('event', id)
  return source
}

/** @throws BAD_USER_INPUT where a clock change skips or doubles it, or puts it before the start */
function endOf(endsAt: Date, shift: ClockShift): Date {
  const fault = (message: string) => badUserInput([{ path: ['input', 'startsAt'], message }])
  try {
    const end = shifted(endsAt, shift)
    if (end > shift.toBegin) return end
  } catch (error) {
    if (error instanceof RangeError) throw fault(`The end of the event: ${error.message}`)
    throw error
  }
  throw fault('A clock change would make the event end before it starts.')
}

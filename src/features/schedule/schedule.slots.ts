import type { InputIssue } from '../../errors.ts'
import { fieldOfSpan, instantsOf, type Moments } from '../../time/moment.ts'
import type { HeldSession } from '../session/session.hold.ts'
import { endAfter, faultOfEnd, faultOfTimes } from '../session/session.rules.ts'

/** When and where a session is. */
export interface ScheduleSlot {
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly roomId: string | null
}

/** What of a session's slot is to be another one; what is left out stays, but for the end, which follows the start. */
export interface SlotChange extends Moments {
  readonly roomId?: string | null | undefined
}

/**
 * The slot that a session is to have. One that is only given a start keeps its length; one that has none yet takes its
 * type's.
 *
 * @returns null where it can't be; the reasons are added to the issues
 */
export function changedSlot(
  held: HeldSession,
  change: SlotChange,
  path: InputIssue['path'],
  issues: InputIssue[],
): ScheduleSlot | null {
  const before = issues.length
  const times = instantsOf(change, { eventZone: held.timeZone, path, issues })
  if (issues.length > before) return null
  const { startsAt = held.startsAt } = times
  const { endsAt = times.startsAt === undefined ? held.endsAt : endAfter(held, startsAt) } = times
  const fault = faultOfEnd(endsAt) ?? faultOfTimes(startsAt, endsAt)
  if (fault !== null) {
    issues.push({ path: [...path, fieldOfSpan(change)], message: fault })
    return null
  }
  return { startsAt, endsAt, roomId: change.roomId === undefined ? held.roomId : change.roomId }
}

/**
 * The slots of two sessions, exchanged.
 *
 * @param keepLengths whether each only takes the other's start and room, and is as long as it was
 */
export function exchangedSlots(
  one: HeldSession,
  other: HeldSession,
  keepLengths: boolean,
): [ScheduleSlot, ScheduleSlot] {
  const slotOf = (session: HeldSession, { startsAt, endsAt, roomId }: HeldSession): ScheduleSlot => ({
    startsAt,
    endsAt: keepLengths ? endAfter(session, startsAt) : endsAt,
    roomId,
  })
  return [slotOf(one, other), slotOf(other, one)]
}

import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { fieldOfSpan, instantsOf, type Moments, type Times } from '../../time/moment.ts'
import { endAfter, faultOfEnd, faultOfTimes, type Length } from './session.rules.ts'

/**
 * The instants to write, as far as the values name them; an end that isn't named follows a new start.
 *
 * @param stored the instants that stay where the values name none
 * @throws BAD_USER_INPUT where a clock change skips or doubles a wall-clock time, or the session would end before it
 *   starts, out of range, or without a start
 */
export function resolveTimes(
  values: Moments,
  stored: Length,
  eventZone: string,
  argument: string,
): Partial<Times> {
  const issues: InputIssue[] = []
  const named = instantsOf(values, { eventZone, path: [argument], issues })
  if (issues.length > 0) throw badUserInput(issues)
  const times = withEnd(named, stored)
  const { startsAt, endsAt } = { ...stored, ...times }
  const fault = faultOfEnd(endsAt) ?? faultOfTimes(startsAt, endsAt)
  if (fault !== null) throw badUserInput([{ path: [argument, fieldOfSpan(values)], message: fault }])
  return times
}

/** How long a session type that a client named says that its sessions are. One statement; none where it named none. */
export async function minutesOfType(
  { db }: Context,
  eventId: string,
  id: string | null,
): Promise<number | null> {
  if (id === null || !isId(id)) return null
  const where = { id, eventId, deletedAt: null }
  const type = await db.sessionType.findFirst({ where, select: { durationMinutes: true } })
  return type?.durationMinutes ?? null
}

/** A start that is saved as it was leaves the end alone. */
function withEnd(named: Partial<Times>, stored: Length): Partial<Times> {
  const { startsAt } = named
  if (startsAt === undefined || named.endsAt !== undefined) return named
  if (startsAt?.getTime() === stored.startsAt?.getTime()) return named
  return { startsAt, endsAt: endAfter(stored, startsAt) }
}

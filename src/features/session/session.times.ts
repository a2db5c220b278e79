import { badUserInput, type InputIssue } from '../../errors.ts'
import { faultOfSpan, instantsOf, type Moments, type Times } from '../../time/moment.ts'

/**
 * The instants to write, as far as the values name them.
 *
 * @param stored the instants that stay where the values name none
 * @throws BAD_USER_INPUT where a clock change skips or doubles a wall-clock time, or the session would end before it
 *   starts, or end without a start
 */
export function resolveTimes(
  values: Moments,
  stored: Times,
  eventZone: string,
  argument: string,
): Partial<Times> {
  const issues: InputIssue[] = []
  const times = instantsOf(values, { eventZone, path: [argument], issues })
  if (issues.length === 0) issues.push(...faultsOfOrder(times.startsAt, times.endsAt, stored, argument))
  if (issues.length > 0) throw badUserInput(issues)
  return times
}

function faultsOfOrder(
  newStart: Date | null | undefined,
  newEnd: Date | null | undefined,
  stored: Times,
  argument: string,
): InputIssue[] {
  const startsAt = newStart === undefined ? stored.startsAt : newStart
  const endsAt = newEnd === undefined ? stored.endsAt : newEnd
  if (endsAt === null) return []
  const path = [argument, newEnd === undefined ? 'startsAt' : 'endsAt']
  if (startsAt === null)
    return [{ path, message: 'A session can only end where it starts: set both, or none.' }]
  const fault = faultOfSpan('session', { startsAt, endsAt })
  return fault === null ? [] : [{ path, message: fault }]
}

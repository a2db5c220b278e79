import { badUserInput, type InputIssue } from '../../errors.ts'
import { fieldOfSpan, instantsOf, type Moments, type Times } from '../../time/moment.ts'
import { faultOfTimes } from './session.rules.ts'

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
  if (issues.length > 0) throw badUserInput(issues)
  const { startsAt, endsAt } = { ...stored, ...times }
  const fault = faultOfTimes(startsAt, endsAt)
  if (fault !== null) throw badUserInput([{ path: [argument, fieldOfSpan(values)], message: fault }])
  return times
}

import { badUserInput, type InputIssue } from '../../errors.ts'
import { instantsOf, type Moments, type Times } from '../../time/moment.ts'
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
  if (issues.length === 0) issues.push(...faultsOfOrder(times, stored, argument))
  if (issues.length > 0) throw badUserInput(issues)
  return times
}

function faultsOfOrder(named: Partial<Times>, stored: Times, argument: string): InputIssue[] {
  const { startsAt, endsAt } = { ...stored, ...named }
  const fault = faultOfTimes(startsAt, endsAt)
  const field = named.endsAt === undefined ? 'startsAt' : 'endsAt'
  return fault === null ? [] : [{ path: [argument, field], message: fault }]
}

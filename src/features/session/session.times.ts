import { badUserInput, type InputIssue } from '../../errors.ts'
import { type Disambiguation, instantFromWallClock } from '../../time/wall-clock.ts'

/** When something is: an instant, or what a wall clock shows in a zone (null: the event's own). */
export type Moment =
  | Date
  | { readonly wallClock: string; readonly timeZone: string | null; readonly disambiguation: Disambiguation }

interface Times {
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/** Whether what the values mean depends on the event's zone, which then must stay until they are written. */
export function dependsOnEventZone(values: {
  readonly startsAt?: Moment | null
  readonly endsAt?: Moment | null
}): boolean {
  return [values.startsAt, values.endsAt].some(
    (moment) => moment != null && !(moment instanceof Date) && moment.timeZone === null,
  )
}

/**
 * The instants to write, as far as the values name them.
 *
 * @param stored the instants that stay where the values name none
 * @throws BAD_USER_INPUT where a clock change skips or doubles a wall-clock time, or the session would end before it
 *   starts, or end without a start
 */
export function resolveTimes(
  values: { readonly startsAt?: Moment | null; readonly endsAt?: Moment | null },
  stored: Times,
  eventZone: string,
  argument: string,
): Partial<Times> {
  const issues: InputIssue[] = []
  const resolve = (field: 'startsAt' | 'endsAt'): Date | null | undefined => {
    const moment = values[field]
    if (moment === undefined || moment === null || moment instanceof Date) return moment
    try {
      return instantFromWallClock(moment.wallClock, moment.timeZone ?? eventZone, moment.disambiguation)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      issues.push({ path: [argument, `${field}Local`], message: error.message })
      return undefined
    }
  }
  const startsAt = resolve('startsAt')
  const endsAt = resolve('endsAt')
  if (issues.length === 0) issues.push(...faultsOfOrder(startsAt, endsAt, stored, argument))
  if (issues.length > 0) throw badUserInput(issues)
  return { ...(startsAt === undefined ? {} : { startsAt }), ...(endsAt === undefined ? {} : { endsAt }) }
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
  if (endsAt > startsAt) return []
  const span = `${startsAt.toISOString()} to ${endsAt.toISOString()}`
  return [{ path, message: `The session would end before it starts, or at once: ${span}.` }]
}

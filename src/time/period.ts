import { badUserInput, type InputIssue } from '../errors.ts'
import { faultOfSpan, instantsOf, type MomentPlace, type Moments } from './moment.ts'

/** A span of time; a list of them is sorted, and none begins before the one before has ended. */
export interface Period {
  readonly startsAt: Date
  readonly endsAt: Date
}

/**
 * The begins and the ends of periods, in their order, whichever they came in. They may touch.
 *
 * @param path where the client named them
 * @throws BAD_USER_INPUT that names every one that is wrong
 */
export function periodColumns(
  periods: readonly Moments[],
  eventZone: string,
  path: readonly (string | number)[],
): { starts: Date[]; ends: Date[] } {
  const issues: InputIssue[] = []
  const sorted = periodsOf(periods, { eventZone, path, issues })
  if (issues.length > 0) throw badUserInput(issues)
  return { starts: sorted.map(({ startsAt }) => startsAt), ends: sorted.map(({ endsAt }) => endsAt) }
}

function periodsOf(periods: readonly Moments[], place: MomentPlace): Period[] {
  const found = periods.flatMap((moments, index) => {
    const path = [...place.path, index]
    const { startsAt, endsAt } = instantsOf(moments, { ...place, path })
    return startsAt && endsAt ? [{ startsAt, endsAt, path }] : []
  })
  const sorted = found.toSorted((a, b) => a.startsAt.getTime() - b.startsAt.getTime())
  for (const [index, { path, ...period }] of sorted.entries()) {
    const before = sorted[index - 1]
    const fault = faultOfSpan('period', period) ?? faultOfOverlap(period, before)
    if (fault !== null) place.issues.push({ path, message: fault })
  }
  return sorted.map(({ startsAt, endsAt }) => ({ startsAt, endsAt }))
}

/** What is wrong with a period that follows another; null where nothing is. */
export function faultOfOverlap({ startsAt }: Period, before: Period | undefined): string | null {
  if (before === undefined || startsAt >= before.endsAt) return null
  return `overlaps the period from ${before.startsAt.toISOString()} to ${before.endsAt.toISOString()}.`
}

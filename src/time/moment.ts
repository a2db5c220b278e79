import type { InputIssue } from '../errors.ts'
import { type Disambiguation, instantFromWallClock } from './wall-clock.ts'

/** When something is: an instant, or what a wall clock shows in a zone (null: the event's own). */
export type Moment =
  | Date
  | { readonly wallClock: string; readonly timeZone: string | null; readonly disambiguation: Disambiguation }

/** When something begins and ends, as far as it is said. */
export interface Moments {
  readonly startsAt?: Moment | null | undefined
  readonly endsAt?: Moment | null | undefined
}

/** The same in instants. */
export interface Times {
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/** Whether what the values mean depends on the event's zone, which then must stay until they are written. */
export function dependsOnEventZone({ startsAt, endsAt }: Moments): boolean {
  return [startsAt, endsAt].some(
    (moment) => moment != null && !(moment instanceof Date) && moment.timeZone === null,
  )
}

/** Where moments were named, and where their faults go. */
export interface MomentPlace {
  readonly eventZone: string
  readonly path: readonly (string | number)[]
  readonly issues: InputIssue[]
}

/** The instants that the values name; one that a clock change skips or doubles is a fault, and isn't given. */
export function instantsOf(values: Moments, { eventZone, path, issues }: MomentPlace): Partial<Times> {
  const resolve = (field: 'startsAt' | 'endsAt'): { readonly [Field in typeof field]?: Date | null } => {
    const moment = values[field]
    if (moment === undefined) return {}
    if (moment === null || moment instanceof Date) return { [field]: moment }
    try {
      const { wallClock, timeZone, disambiguation } = moment
      return { [field]: instantFromWallClock(wallClock, timeZone ?? eventZone, disambiguation) }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      issues.push({ path: [...path, `${field}Local`], message: error.message })
      return {}
    }
  }
  return { ...resolve('startsAt'), ...resolve('endsAt') }
}

/** The field in which a span is wrong: its end where that is named, as the client named it. */
export function fieldOfSpan({ startsAt, endsAt }: Moments): string {
  const [field, moment] = endsAt === undefined ? ['startsAt', startsAt] : ['endsAt', endsAt]
  return moment == null || moment instanceof Date ? field : `${field}Local`
}

/** What is wrong with a span of time, in words for the person who sent it; null where nothing is. */
export function faultOfSpan(
  what: string,
  { startsAt, endsAt }: { startsAt: Date; endsAt: Date },
): string | null {
  if (endsAt > startsAt) return null
  const span = `${startsAt.toISOString()} to ${endsAt.toISOString()}`
  return `The ${what} would end before it starts, or at once: ${span}.`
}

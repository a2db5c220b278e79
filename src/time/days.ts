import type { Period } from './period.ts'
import { latestInstantOf, wallClockOf } from './wall-clock.ts'

/** A day of an event: from when the clocks show the start of the day until they show it on the next date. */
export interface Day extends Period {
  /** 'YYYY-MM-DD' */
  readonly date: string
}

/** Where and when days begin. */
export interface DayClock {
  readonly timeZone: string
  /** 'HH:mm' */
  readonly dayStartsAt: string
}

/**
 * The days that a period touches, in their order. A day has as many hours as the clocks of the zone give it; a date that
 * the zone skips is none.
 *
 * @param most how many are given at most, from the first on
 */
export function daysOf({ startsAt, endsAt }: Period, clock: DayClock, most: number): Day[] {
  const days: Day[] = []
  let date = dayAt(startsAt, clock)
  let start = startOfDay(date, clock)
  while (start < endsAt && days.length < most) {
    const next = dateAfter(date)
    const end = startOfDay(next, clock)
    if (start < end && end > startsAt) days.push({ date, startsAt: start, endsAt: end })
    date = next
    start = end
  }
  return days
}

/** The date of the day that an instant is in, 'YYYY-MM-DD': before the day's start it is still the day before. */
export function dayAt(instant: Date, { timeZone, dayStartsAt }: DayClock): string {
  const [hour = 0, minute = 0] = dayStartsAt.split(':').map(Number)
  const hands = Date.parse(`${wallClockOf(instant, timeZone)}Z`) - (hour * 60 + minute) * 60_000
  const date = dateOf(hands)
  // Near a clock change the hands alone don't tell.
  return startOfDay(date, { timeZone, dayStartsAt }) > instant ? dateOf(hands - dayLength) : date
}

/**
 * From when until when a day is: nothing, from an instant until the same, if the zone skips the date.
 *
 * @param date 'YYYY-MM-DD'
 */
export function spanOfDay(date: string, clock: DayClock): Period {
  return { startsAt: startOfDay(date, clock), endsAt: startOfDay(dateAfter(date), clock) }
}

function startOfDay(date: string, { timeZone, dayStartsAt }: DayClock): Date {
  return latestInstantOf(`${date}T${dayStartsAt}`, timeZone)
}

function dateAfter(date: string): string {
  return dateOf(Date.parse(`${date}T00:00Z`) + dayLength)
}

function dateOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 10)
}

const dayLength = 86_400_000

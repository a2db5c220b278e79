import type { DurationReading } from './durations.ts'
import { dayAfter, isoDated, type StatedMoment, momentOf, roughMinutes } from './moments.ts'
import { lineOf, type Stated } from './stated.ts'

/** One day of the schedule. Mutable while its file is read: a JSON file may name the date after the rooms. */
export interface StatedDay {
  date?: Stated
  start?: Stated
  end?: Stated
}

export interface FrabTimes {
  readonly date: Stated
  readonly start: Stated
  readonly end: Stated
  readonly duration: Stated
}

/**
 * When a session starts: its full date where it has one (frab, pretalx), otherwise its day's date and its time of
 * day (Pentabarf), where a time before the day change belongs to the night after.
 *
 * @returns null where the file gives no time, and where it gives a wrong one, which is added to the faults
 */
export function frabStart(
  times: FrabTimes,
  day: StatedDay,
  dayChange: Stated,
  faults: string[],
): StatedMoment | null {
  const fault = (reason: string): null => {
    faults.push(`start: ${reason}`)
    return null
  }
  const date = lineOf(times.date) ?? null
  const ownDate = date === null ? null : momentOf(date)
  if (typeof ownDate === 'string') return fault(ownDate)
  if (ownDate !== null && ownDate.kind !== 'day') return ownDate

  const start = lineOf(times.start) ?? null
  if (start === null) return null
  // Some exporters put the whole moment here.
  const whole = momentOf(start)
  if (typeof whole !== 'string' && whole.kind !== 'day') return whole
  const isNextDay = /^2[4-9]:/.test(start)
  const time = timeOfDay(withoutDay(start))
  if (time === null) return fault(`${JSON.stringify(start)} isn't a time of day such as 09:30.`)
  if (ownDate !== null) return orFault(`${isNextDay ? dayAfter(ownDate.day) : ownDate.day}T${time}`, fault)

  const dayDate = dateIn(day.date ?? day.start)
  if (typeof momentOf(dayDate) === 'string') {
    return fault(`${start} needs a date: neither the session nor its day has one (YYYY-MM-DD).`)
  }
  const isLate = isNextDay || isInNightAfter(time, dayDate, day, dayChange)
  return orFault(`${isLate ? dayAfter(dayDate) : dayDate}T${time}`, fault)
}

/** The time of day that stands beside a date that is a whole moment already; null if there is none. */
export function frabClock(times: FrabTimes): string | null {
  const date = momentOf(lineOf(times.date) ?? '')
  return typeof date === 'string' || date.kind === 'day' ? null : timeOfDay(lineOf(times.start) ?? '')
}

/** What of a session's times the file says in two ways, in words for the person who imports. */
export function frabContradictions(
  times: FrabTimes,
  day: StatedDay,
  found: {
    readonly startsAt: StatedMoment | null
    readonly endsAt: StatedMoment | { minutes: number } | null
  },
  durations: DurationReading,
): string[] {
  const { startsAt, endsAt } = found
  const contradictions: string[] = []
  const minutes = durations.minutesOf(lineOf(times.duration) ?? '')
  const clocks = minutesBetween(times)
  if (typeof minutes === 'number' && clocks !== null && clocks !== minutes % aDay) {
    contradictions.push('its end is another one than follows from its duration; the duration counts.')
  }
  if (endsAt !== null && 'minutes' in endsAt && endsAt.minutes > durations.longest) {
    contradictions.push('takes longer than the whole event.')
  }
  if (startsAt?.kind === 'instant' && endsAt !== null && 'instant' in endsAt && typeof minutes === 'number') {
    if (roughMinutes(startsAt, endsAt) !== minutes) {
      contradictions.push('its end is another one than follows from its duration; the end counts.')
    }
  }
  const ownDay = momentOf(dateIn(times.date))
  const itsDay = momentOf(dateIn(day.date ?? day.start))
  if (typeof ownDay !== 'string' && typeof itsDay !== 'string') {
    // A day may begin at noon, and a date may be written in UTC.
    const days = (roughMinutes(itsDay, ownDay) - aDay) / aDay
    if (Math.abs(days) > 1)
      contradictions.push('its date is not in the day that it stands in; the date counts.')
  }
  return contradictions
}

const aDay = 24 * 60

/** When it ends: at its end where the file says so, otherwise after its duration; null where it says neither. */
export function frabEnd(
  times: FrabTimes,
  durations: DurationReading,
  faults: string[],
): StatedMoment | { minutes: number } | null {
  const end = lineOf(times.end) ?? null
  const moment = end === null ? null : momentOf(end)
  if (moment !== null && typeof moment !== 'string' && moment.kind !== 'day') return moment
  const duration = lineOf(times.duration) ?? null
  if (duration === null) {
    const minutes = minutesBetween(times)
    if (minutes !== null) return { minutes }
    if (end !== null)
      faults.push(`end: ${typeof moment === 'string' ? moment : `${end} has no time of day.`}`)
    return null
  }
  const minutes = durations.minutesOf(duration)
  if (typeof minutes === 'number') return { minutes }
  faults.push(`duration: ${minutes}`)
  return null
}

/** How long it takes by the times of day of its start and its end, less than a day; null where the end is none. */
function minutesBetween(times: FrabTimes): number | null {
  const start = timeIn(withoutDay(lineOf(times.start) ?? '')) ?? timeIn(times.date)
  const end = timeOfDay(withoutDay(lineOf(times.end) ?? ''))
  if (start === null || end === null) return null
  const seconds = (Date.parse(`2000-01-02T${end}Z`) - Date.parse(`2000-01-01T${start}Z`)) / 1000
  return (seconds / 60) % aDay
}

/** '25:30', as programmes of long nights call it, is '1:30' of the next day. */
function withoutDay(time: string): string {
  return time.replace(/^2[4-9](?=:)/, (hour) => String(Number(hour) - 24))
}

/** '9:30' and '9:30 AM' -> '09:30:00'; null for what isn't a time of day. */
function timeOfDay(text: string): string | null {
  const parts = /^(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?:\s?([ap])\.?m\.?)?$/i.exec(text)
  if (parts === null) return null
  const [, shown, minutes, seconds = '00', half] = parts
  const hours = half === undefined ? Number(shown) : hoursOf(Number(shown), half.toLowerCase() === 'p')
  if (hours === null || hours > 23) return null
  return `${String(hours).padStart(2, '0')}:${minutes}:${seconds}`
}

/** 12 AM -> 0, 12 PM -> 12; null for what no clock of twelve hours shows. */
function hoursOf(shown: number, isAfterNoon: boolean): number | null {
  if (shown < 1 || shown > 12) return null
  return (shown % 12) + (isAfterNoon ? 12 : 0)
}

/**
 * Whether a time of day belongs to the night after the day's date: if it is before the file's day change, else if that is
 * nearer to the time from the day's declared start to its end. A session before the start is early, not a day late.
 */
function isInNightAfter(time: string, date: string, day: StatedDay, dayChange: Stated): boolean {
  const change = timeOfDay(lineOf(dayChange) ?? '')
  if (change !== null) return time < change
  const startTime = timeIn(day.start)
  if (startTime === null || time >= startTime) return false
  const endTime = timeIn(day.end)
  if (endTime === null) return time < '06:00:00'
  const endDate = /^\d{4}-\d{2}-\d{2}/.exec(dateIn(day.end))?.[0]
  const end = Date.parse(`${endDate ?? (endTime <= startTime ? dayAfter(date) : date)}T${endTime}Z`)
  const early = Date.parse(`${date}T${startTime}Z`) - Date.parse(`${date}T${time}Z`)
  return Date.parse(`${dayAfter(date)}T${time}Z`) - end < early
}

/** The time of day in a moment, or alone, as 'HH:MM:SS'; null where there is none. */
export function timeIn(stated: Stated): string | null {
  const text = lineOf(stated) ?? ''
  return timeOfDay(/[T ](\d{2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?)/i.exec(text)?.[1] ?? text)
}

/** The date at the beginning of a moment, as 'YYYY-MM-DD' if it is one. */
export function dateIn(stated: Stated): string {
  return isoDated(lineOf(stated) ?? '').slice(0, 10)
}

function orFault(text: string, fault: (reason: string) => null): StatedMoment | null {
  const moment = momentOf(text)
  return typeof moment === 'string' ? fault(moment) : moment
}

import { formatInTimeZone } from 'date-fns-tz/formatInTimeZone'
import { formatInstant, isCalendarDay, isInRange, outOfRange } from './instant.ts'
import { remembering } from '../remembering.ts'

// date-fns-tz 3.2 goes through the process's own zone and is off by that zone's clock changes: seen in 12 of
// 122,640 conversions in a process in America/New_York, in none of them in UTC. So the process keeps UTC.
process.env.TZ = 'UTC'

/** What to do with a wall-clock time that a clock change doubles or skips. */
export type Disambiguation = 'REJECT' | 'EARLIER' | 'LATER'

const wallClockForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2}))?$/

/** What is wrong about a wall-clock time, in words for the person who sent it; null where it is one. */
export function faultOfWallClock(text: string): string | null {
  const parts = wallClockForm.exec(text)
  if (parts === null) {
    return `${JSON.stringify(text)} isn't a wall-clock time such as 2026-02-01T10:00:00, without an offset.`
  }
  const [, year, month, date, hour, minute, second = 0] = parts.map((part) => Number(part ?? 0))
  if (!isCalendarDay(year!, month!, date!)) return `${JSON.stringify(text)} names a day that doesn't exist.`
  if (hour! > 23 || minute! > 59 || second > 59) {
    return `${JSON.stringify(text)} names a time of day that doesn't exist (00:00:00 to 23:59:59).`
  }
  // Which instant it is depends on the zone, whose clocks are less than a day off UTC.
  const isInRangeSomewhere = [-day, day].some((shift) => isInRange(new Date(+asIfUtc(text) + shift)))
  return isInRangeSomewhere ? null : `${JSON.stringify(text)} is ${outOfRange}`
}

/** What is wrong about a date, in words for the person who sent it; null where it is one. */
export function faultOfDate(text: string): string | null {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  const [, year, month, date] = (parts ?? []).map(Number)
  if (parts !== null && isCalendarDay(year!, month!, date!)) {
    // The clocks of some zone show these dates at an instant that we take.
    return year! >= 1899 && year! <= 2201 ? null : `"${text}" is outside the years 1899 to 2201.`
  }
  return `${JSON.stringify(text.slice(0, 200))} isn't a date such as 2026-02-01.`
}

/** What is wrong about a time of day, in words for the person who sent it; null where it is one. */
export function faultOfTimeOfDay(text: string): string | null {
  if (/^([01]\d|2[0-3]):[0-5]\d$/.test(text)) return null
  return `${JSON.stringify(text.slice(0, 200))} isn't a time of day such as 04:00.`
}

/** 'YYYY-MM-DDTHH:mm:ss' on the clocks of an IANA zone; anything below a second is cut off. */
export function wallClockOf(instant: Date, timeZone: string): string {
  return clockOf(timeZone).format(instant).replace(' ', 'T')
}

// Making one takes 150 times as long as asking one, and it holds 26 kB. date-fns-tz takes 20 times as long as one.
const clockOf = remembering(
  200,
  (timeZone) =>
    // Swedish dates are written as ISO 8601 has them.
    new Intl.DateTimeFormat('sv-SE', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    }),
)

/** For people: 'YYYY-MM-DD' and 'HH:mm', with seconds where there are some, and the offset where the clock shows it twice. */
export function dayAndTimeOf(instant: Date, timeZone: string): [day: string, time: string] {
  const wallClock = wallClockOf(instant, timeZone)
  const [date, time] = wallClock.replace(/:00$/, '').split('T') as [string, string]
  // What was stored before instants had bounds is shown all the same.
  const isDoubled = isInRange(instant) && isShownTwice(instant, timeZone)
  return [date, isDoubled ? `${time} (${formatInTimeZone(instant, timeZone, 'xxx')})` : time]
}

/** Whether the clocks of the zone show the second of this instant at another instant, too: at a clock change. */
export function isShownTwice(instant: Date, timeZone: string): boolean {
  return readWallClock(wallClockOf(instant, timeZone), timeZone).exact.length > 1
}

/**
 * The instant at which the clocks of a zone show a time.
 *
 * @param wallClock 'YYYY-MM-DDTHH:mm[:ss]'
 * @throws RangeError that names both instants that it could mean, where a clock change skips or doubles the
 *   time and `disambiguation` is REJECT; for a skipped time EARLIER and LATER pick as Temporal does: by the
 *   offset after, or before, the change. Also for what is no wall-clock time, or no instant in range.
 */
export function instantFromWallClock(
  wallClock: string,
  timeZone: string,
  disambiguation: Disambiguation = 'REJECT',
): Date {
  const fault = faultOfWallClock(wallClock)
  if (fault !== null) throw new RangeError(fault)
  const { exact, candidates } = readWallClock(wallClock, timeZone)
  if (!candidates.every((instant) => isInRange(instant))) {
    throw new RangeError(`${wallClock} in ${timeZone} is ${outOfRange}`)
  }
  if (exact.length === 1) return exact[0]!
  if (disambiguation === 'EARLIER') return candidates[0]!
  if (disambiguation === 'LATER') return candidates.at(-1)!
  const happens = exact.length === 0 ? 'is skipped by' : 'happens twice at'
  throw new RangeError(
    `${wallClock} ${happens} a clock change in ${timeZone}: it could mean ` +
      `${candidates.map(formatInstant).join(' or ')}. Send an instant, or say which by "disambiguation".`,
  )
}

/** The last instant that a time on the clocks of a zone could mean; of a skipped time as by the offset before the change. */
export function latestInstantOf(wallClock: string, timeZone: string): Date {
  const { exact, candidates } = readWallClock(wallClock, timeZone)
  return exact.at(-1) ?? candidates.at(-1)!
}

/** `exact`: the instants that show this time, none in a gap and two in an overlap. `candidates`: what it could mean. */
function readWallClock(wallClock: string, timeZone: string): { exact: Date[]; candidates: Date[] } {
  const shown = asIfUtc(wallClock)
  // The offset in force at this wall-clock time is the one a day before or the one a day after.
  const offsets = new Set([-day, day].map((shift) => offsetAt(new Date(+shown + shift), timeZone)))
  const candidates = [...offsets].map((offset) => new Date(+shown - offset)).sort((a, b) => +a - +b)
  return {
    candidates,
    exact: candidates.filter((instant) => +instant + offsetAt(instant, timeZone) === +shown),
  }
}

/** The milliseconds by which the clocks of the zone are ahead of UTC. The instant is one of whole seconds. */
export function offsetAt(instant: Date, timeZone: string): number {
  return +asIfUtc(wallClockOf(instant, timeZone)) - +instant
}

/** The instant at which clocks in UTC show the time. */
function asIfUtc(wallClock: string): Date {
  return new Date(`${wallClock}Z`)
}

const day = 86_400_000

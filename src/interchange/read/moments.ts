import { faultOfInstant, parseInstant } from '../../time/instant.ts'
import { faultOfWallClock, instantFromWallClock } from '../../time/wall-clock.ts'

/**
 * A moment as a file states it. Only one with an offset is an instant already; the others wait for the zone of the
 * event, which a file may name after its sessions, or not at all.
 */
export type StatedMoment =
  | { readonly kind: 'instant'; readonly instant: Date; readonly offset: string }
  | { readonly kind: 'wallClock'; readonly wallClock: string }
  /** A whole day: its first moment where something starts, the first one after it where something ends. */
  | { readonly kind: 'day'; readonly day: string }

export type TimedMoment = Exclude<StatedMoment, { readonly kind: 'day' }>

/**
 * Reads what programmes write: '2019-12-27T11:00:00+01:00', the same without seconds, with a blank for the T, with
 * '+0100', without an offset, or the day alone, which may be written '27.12.2019'.
 *
 * @returns the moment, or in words what is wrong
 */
export function momentOf(text: string): StatedMoment | string {
  const parts = momentForm.exec(isoDated(text.trim()))
  if (parts === null)
    return `${JSON.stringify(text)} isn't a date and time such as 2019-12-27T11:00:00+01:00.`
  const [, day, hourAndMinute, second = '00', fraction = '', offset] = parts
  if (hourAndMinute === undefined) {
    return faultOfWallClock(`${day}T00:00`) ?? { kind: 'day', day: day! }
  }
  const wallClock = `${day}T${hourAndMinute}:${second}`
  if (offset === undefined) return faultOfWallClock(wallClock) ?? { kind: 'wallClock', wallClock }
  const instant = `${wallClock}${fraction}${spelledOffset(offset)}`
  const fault = faultOfInstant(instant)
  return fault ?? { kind: 'instant', instant: parseInstant(instant), offset: spelledOffset(offset) }
}

/** '1.5.2027 10:00' -> '2027-05-01 10:00': with dots, the day comes first wherever people write so. */
export function isoDated(text: string): string {
  return text.replace(
    /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/,
    (_date, day: string, month: string, year: string) =>
      [year, month.padStart(2, '0'), day.padStart(2, '0')].join('-'),
  )
}

const momentForm =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d{1,9})?)?\s*(Z|z|[+-]\d{1,2}:?\d{2}|[+-]\d{2})?)?$/

/** 'Z' or '+HH:MM', as RFC 3339 wants it. */
function spelledOffset(offset: string): string {
  if (/^z$/i.test(offset)) return 'Z'
  const [, sign, hours, minutes = '00'] = /^([+-])(\d{1,2}?):?(\d{2})?$/.exec(offset)!
  return `${sign}${hours!.padStart(2, '0')}:${minutes}`
}

/**
 * @param timeZone needed for everything but an instant
 * @param dayStartsAt 'HH:mm', when days begin
 * @throws RangeError that names both instants that a wall-clock time could mean where a clock change skips or
 *   doubles it
 */
export function instantOf(
  moment: StatedMoment,
  timeZone: string,
  edge: 'start' | 'end',
  dayStartsAt = '00:00',
): Date {
  switch (moment.kind) {
    case 'instant':
      return moment.instant
    case 'wallClock':
      return instantFromWallClock(moment.wallClock, timeZone)
    case 'day':
      // A zone whose clocks skip midnight begins its day later, which is what LATER picks.
      return instantFromWallClock(
        `${edge === 'start' ? moment.day : dayAfter(moment.day)}T${dayStartsAt}`,
        timeZone,
        'LATER',
      )
  }
}

/** '2019-12-31' -> '2020-01-01' */
export function dayAfter(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() + 1)
  return date.toISOString().slice(0, 10)
}

/** How far it is from one moment to another in minutes, as if all were in one zone: near enough to judge durations by. */
export function roughMinutes(from: StatedMoment, until: StatedMoment): number {
  return (roughTime(until, 'end') - roughTime(from, 'start')) / 60_000
}

/** By their instants if both have an offset, else as the clocks show them. */
export function isEarlier(moment: StatedMoment, other: StatedMoment): boolean {
  if (moment.kind === 'instant' && other.kind === 'instant') return moment.instant < other.instant
  return clockOf(moment) < clockOf(other)
}

/** In milliseconds, as if the clocks showed UTC. */
function clockOf(moment: StatedMoment): number {
  if (moment.kind !== 'instant') return roughTime(moment, 'start')
  return moment.instant.getTime() + minutesOfOffset(moment.offset) * 60_000
}

/** 'Z' -> 0, '-03:30' -> -210 */
export function minutesOfOffset(offset: string): number {
  if (offset === 'Z') return 0
  const [hours, minutes] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * (hours! * 60 + minutes!)
}

function roughTime(moment: StatedMoment, edge: 'start' | 'end'): number {
  if (moment.kind === 'instant') return moment.instant.getTime()
  if (moment.kind === 'wallClock') return Date.parse(`${moment.wallClock}Z`)
  return Date.parse(`${edge === 'start' ? moment.day : dayAfter(moment.day)}T00:00Z`)
}

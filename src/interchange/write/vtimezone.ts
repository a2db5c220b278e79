import { remembering } from '../../remembering.ts'
import { type Transition, transitionsOf } from '../../time/transitions.ts'
import { offsetAt } from '../../time/wall-clock.ts'
import { type Component, component, property, text } from './icalendar-components.ts'

/**
 * The definition of a zone that is right from one year until another. If its clock changes follow one rule in those
 * years, it has that rule from 1970 on, as Outlook wants it; otherwise it has each clock change by itself, without RDATE,
 * which Outlook ignores.
 *
 * @param years the first and the last year in UTC in which something is, 1971 to 2036
 */
export function zoneComponent(timeZone: string, [first, last]: readonly [number, number]): Component {
  return zones(`${timeZone} ${first} ${last}`)
}

const zones = remembering(200, (key): Component => {
  const [timeZone, first, last] = key.split(' ') as [string, string, string]
  // A year more on both sides: local dates differ from those in UTC, and what holds on 1 January began before.
  const [from, until] = [startOf(Number(first) - 1), startOf(Number(last) + 2)]
  const transitions = transitionsOf(timeZone, from, until)
  const initial = offsetAt(from, timeZone)
  const rules = yearlyRules(transitions, Number(last) - Number(first) + 3)
  const observances = rules ?? [
    observance(epoch, initial, initial),
    ...transitions.map(({ at, before, after }) => observance(localTime(at, before), before, after)),
  ]
  return component('VTIMEZONE', [text('TZID', timeZone)], observances)
})

const epoch = '1970-01-01T00:00:00'

function startOf(year: number): Date {
  return new Date(Date.UTC(year, 0, 1))
}

/** Two rules if the zone changes its clocks twice in each of the years, always by them; else null. */
function yearlyRules(transitions: readonly Transition[], years: number): Component[] | null {
  if (transitions.length !== 2 * years) return null
  const rules = [0, 1].map((which) => ruleOf(transitions.filter((_, index) => index % 2 === which)))
  return rules.every((rule) => rule !== null) ? rules : null
}

/** The rule by which these happen, such as at 2:00 on the last Sunday of March; null if there is none. */
function ruleOf(transitions: readonly Transition[]): Component | null {
  const [{ before, after }] = transitions as [Transition]
  const places = transitions.map(({ at, before: itsBefore, after: itsAfter }) => {
    const isSame = itsBefore === before && itsAfter === after
    return isSame ? placesInYear(localTime(at, before)) : []
  })
  const years = new Set(transitions.map(({ at, before: offset }) => localTime(at, offset).slice(0, 4)))
  const place = places[0]!.find((one) => places.every((others) => others.includes(one)))
  if (place === undefined || years.size !== transitions.length) return null
  const [month, day, time] = place.split(' ') as [string, string, string]
  const rule = property('RRULE', 'recur', `FREQ=YEARLY;BYMONTH=${month};BYDAY=${day}`)
  return observance(`${firstDateOf(Number(month), day)}T${time}`, before, after, rule)
}

/** A local time as the places that it has in its year: '3 -1SU 02:00:00', and '3 4SU 02:00:00'. */
function placesInYear(local: string): string[] {
  const date = new Date(`${local}Z`)
  const [month, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()]
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), month, 0)).getUTCDate()
  const ordinals =
    dayOfMonth + 7 > daysInMonth ? [-1, Math.ceil(dayOfMonth / 7)] : [Math.ceil(dayOfMonth / 7)]
  return ordinals.map((ordinal) => `${month} ${ordinal}${weekdays[date.getUTCDay()]} ${local.slice(11)}`)
}

const weekdays = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA']

/** In 1970: (3, '-1SU') -> '1970-03-29' */
function firstDateOf(month: number, day: string): string {
  const [ordinal, weekday] = [Number.parseInt(day, 10), weekdays.indexOf(day.slice(-2))]
  const edge = new Date(Date.UTC(1970, ordinal > 0 ? month - 1 : month, ordinal > 0 ? 1 : 0))
  const days =
    ordinal > 0
      ? ((weekday - edge.getUTCDay() + 7) % 7) + 7 * (ordinal - 1)
      : -((edge.getUTCDay() - weekday + 7) % 7)
  return new Date(+edge + days * 86_400_000).toISOString().slice(0, 10)
}

/** What the clocks show at the first instant of a clock change, by the offset before it. */
function localTime(at: Date, before: number): string {
  return new Date(+at + before).toISOString().slice(0, 19)
}

function observance(start: string, before: number, after: number, rule?: ReturnType<typeof property>) {
  return component(after > before ? 'DAYLIGHT' : 'STANDARD', [
    property('DTSTART', 'date-time', start),
    property('TZOFFSETFROM', 'utc-offset', offsetText(before)),
    property('TZOFFSETTO', 'utc-offset', offsetText(after)),
    text('TZNAME', offsetText(after)),
    rule ?? null,
  ])
}

/** '+01:00', and with the seconds that some zones had: '-00:44:30'. */
function offsetText(milliseconds: number): string {
  const seconds = Math.abs(milliseconds) / 1_000
  const parts = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60]
  const written = (parts[2] === 0 ? parts.slice(0, 2) : parts).map((part) => String(part).padStart(2, '0'))
  return `${milliseconds < 0 ? '-' : '+'}${written.join(':')}`
}

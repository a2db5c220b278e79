import ICAL from 'ical.js'
import { faultOfInstant } from '../../time/instant.ts'
import { faultOfWallClock } from '../../time/wall-clock.ts'
import type { FoundSession } from './found.ts'
import { takeUnreadableTimes } from './icalendar-mended.ts'
import { keyOf, momentIn } from './icalendar-times.ts'
import { zoneCalled } from './zone-names.ts'
import { cleanLine } from '../../text.ts'

/** One event of a calendar, or one occurrence of an event that recurs. */
export interface CalendarEntry extends Pick<FoundSession, 'startsAt' | 'endsAt'> {
  /** Where its values stand: those of an occurrence may be its own. */
  readonly component: ICAL.Component
  readonly ids: string[]
  /** Why it can't be taken. */
  readonly faults: string[]
  /** What is wrong with its end alone. */
  readonly faultsOfEnd: string[]
  /** The IANA zone of its start; null: it has none. */
  readonly zone: string | null
}

/** How many sessions one event may become; more is no programme. */
const mostOccurrences = 500

export function calendarEntries(calendar: ICAL.Component): CalendarEntry[] {
  const zones = new Map(
    calendar.getAllSubcomponents('vtimezone').map((zone) => {
      return [String(zone.getFirstPropertyValue('tzid')), new ICAL.Timezone(zone)]
    }),
  )
  const components = calendar.getAllSubcomponents('vevent')
  const faults = new Map(components.map((one) => [one, takeUnreadableTimes(one, zones)]))
  const withFaults = (entry: CalendarEntry): CalendarEntry => {
    const { ofEnd, others } = faults.get(entry.component)!
    const startFault = faultOfBounds(entry.startsAt)
    const endFault = faultOfBounds(entry.endsAt)
    // What is wrong with its start is said already.
    const own = others.length > 0 ? entry.faults.filter((fault) => fault !== noStart) : entry.faults
    return {
      ...entry,
      startsAt: startFault === null ? entry.startsAt : null,
      endsAt: startFault === null && endFault === null ? entry.endsAt : null,
      faults: [...own, ...others, ...(startFault === null ? [] : [`DTSTART: ${startFault}`])],
      faultsOfEnd: [...ofEnd, ...(endFault === null ? [] : [`DTEND: ${endFault}`])],
    }
  }
  const isOverride = (component: ICAL.Component) => component.hasProperty('recurrence-id')
  const overridesOf = (uid: string) => components.filter((one) => isOverride(one) && uidOf(one) === uid)
  const masters = components.filter((component) => !isOverride(component))
  const known = new Set(masters.map(uidOf))
  // An occurrence can be sent alone, without the event that it is one of.
  const alone = components.filter((component) => isOverride(component) && !known.has(uidOf(component)))
  const single = (component: ICAL.Component) => entryOf(component, component, null, zones)
  return [
    ...masters.flatMap((component) => {
      if (!component.hasProperty('rrule') && !component.hasProperty('rdate')) return single(component)
      return occurrencesOf(component, overridesOf(uidOf(component)), zones)
    }),
    ...alone.map((component) => entryOf(component, component, recurrenceOf(component), zones)),
  ].map(withFaults)
}

const noStart = 'has no DTSTART.'

/** What every zone can show has bounds, in words where a moment is beyond them. */
function faultOfBounds(moment: CalendarEntry['startsAt'] | CalendarEntry['endsAt']): string | null {
  if (moment === null || !('kind' in moment)) return null
  if (moment.kind === 'instant') return faultOfInstant(moment.instant.toISOString())
  return faultOfWallClock(moment.kind === 'day' ? `${moment.day}T00:00` : moment.wallClock)
}

type Zones = ReadonlyMap<string, ICAL.Timezone>

function occurrencesOf(
  master: ICAL.Component,
  overrides: readonly ICAL.Component[],
  zones: Zones,
): CalendarEntry[] {
  const start = timeOf(master, 'dtstart', zones)
  if (start === null) return [entryOf(master, master, null, zones)]
  const zoneId = zoneIdOf(master.getFirstProperty('dtstart'))
  const excluded = new Set(keysOf(master, 'exdate', zones))
  const entries: CalendarEntry[] = []
  const occurrences = new ICAL.RecurExpansion({ component: master, dtstart: start })
  for (let next = occurrences.next(); next; next = occurrences.next()) {
    if (entries.length === mostOccurrences) {
      const fault = `recurs more than ${mostOccurrences} times; end its RRULE by an UNTIL or a COUNT.`
      return [{ ...entryOf(master, master, null, zones), faults: [fault] }]
    }
    const at = next.toString()
    const moment = keyOf(momentIn(next, zoneId))
    if (excluded.has(moment)) continue
    const own = overrides.find((component) => keysOf(component, 'recurrence-id', zones).includes(moment))
    entries.push(own === undefined ? movedTo(master, next, zones) : entryOf(own, master, at, zones))
  }
  return entries
}

/** An occurrence that has nothing of its own but its time. */
function movedTo(master: ICAL.Component, start: ICAL.Time, zones: Zones): CalendarEntry {
  const began = timeOf(master, 'dtstart', zones)!
  const ended = endOf(master, began, zones)
  const end = ended === null ? null : start.clone()
  if (end !== null) end.addDuration(ended!.subtractDate(began))
  return { ...entryOf(master, master, start.toString(), zones), ...momentsOf(master, start, end) }
}

function entryOf(
  component: ICAL.Component,
  master: ICAL.Component,
  recurrence: string | null,
  zones: Zones,
): CalendarEntry {
  const uid = uidOf(component)
  const start = timeOf(component, 'dtstart', zones)
  const zoneId = zoneIdOf(component.getFirstProperty('dtstart') ?? master.getFirstProperty('dtstart'))
  return {
    component,
    ids: uid === '' ? [] : idsOfEntry(uid, recurrence),
    faults: [
      ...(uid === '' ? ['has no UID, which tells it from others.'] : []),
      ...(start === null ? [noStart] : []),
    ],
    faultsOfEnd: [],
    zone: zoneId === null ? null : zoneCalled(zoneId),
    ...(start === null
      ? { startsAt: null, endsAt: null }
      : momentsOf(component, start, endOf(component, start, zones))),
  }
}

function momentsOf(component: ICAL.Component, start: ICAL.Time, end: ICAL.Time | null) {
  const zoneId = zoneIdOf(component.getFirstProperty('dtstart'))
  const endZoneId = zoneIdOf(component.getFirstProperty('dtend')) ?? zoneId
  const startsAt = momentIn(start, zoneId)
  if (end === null) return { startsAt, endsAt: null }
  return { startsAt, endsAt: momentIn(end, endZoneId) }
}

function endOf(component: ICAL.Component, start: ICAL.Time, zones: Zones): ICAL.Time | null {
  const end = timeOf(component, 'dtend', zones)
  if (end !== null) return end
  const duration = component.getFirstPropertyValue('duration')
  const after = start.clone()
  if (duration instanceof ICAL.Duration) after.addDuration(duration)
  else if (start.isDate) after.adjust(1, 0, 0, 0)
  else return null
  return after
}

function timeOf(component: ICAL.Component, name: string, zones: Zones): ICAL.Time | null {
  const property = component.getFirstProperty(name)
  const time = property?.getFirstValue()
  return property && time instanceof ICAL.Time ? inZone(time, property, zones) : null
}

/** In the calendar's own zone, not in that of another calendar. */
function inZone(time: ICAL.Time, property: ICAL.Property, zones: Zones): ICAL.Time {
  const zone = zones.get(zoneIdOf(property) ?? '')
  const own = time.clone()
  if (zone !== undefined) own.zone = zone
  return own
}

/** The moments that properties of the name list. */
function keysOf(component: ICAL.Component, name: string, zones: Zones): string[] {
  return component.getAllProperties(name).flatMap((property) =>
    property.getValues().flatMap((time) => {
      return time instanceof ICAL.Time
        ? keyOf(momentIn(inZone(time, property, zones), zoneIdOf(property)))
        : []
    }),
  )
}

function recurrenceOf(component: ICAL.Component): string {
  return String(component.getFirstPropertyValue('recurrence-id'))
}

function zoneIdOf(property: ICAL.Property | null): string | null {
  const zone = property?.getFirstParameter('tzid')
  return zone === undefined ? null : zone
}

/** An occurrence of a series is known by its time, and by its day if all of the series begins at another time. */
function idsOfEntry(uid: string, recurrence: string | null): string[] {
  if (recurrence === null) return [uid]
  return [...new Set([`${uid} ${recurrence}`, `${uid} ${recurrence.slice(0, 'YYYY-MM-DD'.length)}`])]
}

/** Without marks that nobody sees; '' where there is none. */
function uidOf(component: ICAL.Component): string {
  return cleanLine(String(component.getFirstPropertyValue('uid') ?? ''), Number.MAX_SAFE_INTEGER) ?? ''
}

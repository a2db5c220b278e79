import ICAL from 'ical.js'

/**
 * The entries of a calendar as ical.js reads them, on the zones that the calendar itself defines.
 *
 * @param calendar iCalendar, or what it is as jCal
 */
export function entriesByIcalJs(calendar: string | unknown[]): ICAL.Event[] {
  const root = new ICAL.Component(typeof calendar === 'string' ? ICAL.parse(calendar) : calendar)
  ICAL.TimezoneService.reset()
  for (const zone of root.getAllSubcomponents('vtimezone')) ICAL.TimezoneService.register(zone)
  return root.getAllSubcomponents('vevent').map((entry) => new ICAL.Event(entry))
}

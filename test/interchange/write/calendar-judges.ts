import type { Judge } from '../../judges.ts'

/**
 * Calendar programs and the libraries that others are made of, by name. Each prints title, start and end of every entry, in
 * seconds since 1970, by the zone that the calendar itself defines. Where an end is open, each has an idea of its own.
 */
export const calendarJudges: Readonly<Record<string, Judge>> = {
  libical: {
    packages: 'python3-gi and gir1.2-ical-3.0',
    imports: `
import json, sys, gi
gi.require_version('ICalGLib', '3.0')
from gi.repository import ICalGLib`,
    script: `
calendar = ICalGLib.Component.new_from_string(text)
kind = ICalGLib.ComponentKind.VEVENT_COMPONENT
def instant(time):
    return time.as_timet_with_zone(time.get_timezone())
entries = []
entry = calendar.get_first_component(kind)
while entry is not None:
    entries.append([entry.get_summary(), instant(entry.get_dtstart()), instant(entry.get_dtend())])
    entry = calendar.get_next_component(kind)
print(json.dumps(entries))`,
  },
  icalendar: {
    packages: 'python3-icalendar',
    imports: 'import icalendar, json, sys',
    script: `
calendar = icalendar.Calendar.from_ical(text)
zones = {str(zone['TZID']): zone.to_tz() for zone in calendar.walk('VTIMEZONE')}
def instant(entry, name):
    moment = entry[name].dt
    zone = entry[name].params.get('TZID')
    if zone is not None:
        moment = zones[zone].localize(moment.replace(tzinfo=None))
    return moment.timestamp()
print(json.dumps([[str(entry['SUMMARY']), instant(entry, 'DTSTART'), instant(entry, 'DTEND' if 'DTEND' in entry else 'DTSTART')] for entry in calendar.walk('VEVENT')]))`,
  },
  vobject: {
    packages: 'python3-vobject',
    imports: 'import json, sys, vobject',
    script: `
entries = vobject.readOne(text).vevent_list
print(json.dumps([[entry.summary.value, entry.dtstart.value.timestamp(),
                   getattr(entry, 'dtend', entry.dtstart).value.timestamp()] for entry in entries]))`,
  },
  // As its server takes a whole calendar that is put to it, and looks for what is in a span of time.
  radicale: {
    packages: 'radicale',
    imports: 'import json, sys, radicale.item, radicale.item.filter, vobject',
    script: `
calendars = radicale.item.read_components(text)
radicale.item.check_and_sanitize_items(calendars, is_collection=True, tag='VCALENDAR')
entries = []
def note(title):
    return lambda start, end, is_recurrence: entries.append([title, start.timestamp(), end.timestamp()])
for calendar in calendars:
    for entry in calendar.vevent_list:
        alone = vobject.iCalendar()
        alone.add(entry)
        radicale.item.filter.visit_time_ranges(alone, 'VEVENT', note(entry.summary.value), lambda start: False)
print(json.dumps(entries))`,
  },
  // As it imports a calendar and shows it in UTC. It has entries in no order. Of a zone whose name it knows it takes tables of
  // its own, maybe of another year than ours: the zone is given a name that it doesn't know.
  khal: {
    packages: 'khal',
    imports: 'import json, re, sys, pytz, khal.icalendar\nfrom khal.khalendar.event import Event',
    script: `
text = re.sub('(?<=TZID[:=])[^:\\r]+', f'zone {hash(text)}', text)
locale = { 'default_timezone': pytz.UTC, 'local_timezone': pytz.UTC }
events = [Event.fromString(one, locale=locale, calendar='x') for one in khal.icalendar.split_ics(text, False, pytz.UTC)]
entries = [[str(event.summary), event.start_local.timestamp(), event.end_local.timestamp()] for event in events]
print(json.dumps(entries))`,
  },
}

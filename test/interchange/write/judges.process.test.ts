import { expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { judgedByPython } from '../../judges.ts'
import { options, programmeOf, sessionOf } from './programme.ts'

// Zones with rules that repeat, that ended, and that never were; half-hours over clock changes, the doubled hour included.
test.each([
  ['Europe/Berlin', '2027-10-30T18:00:00Z'],
  ['Europe/Brussels', '2024-02-03T08:00:00Z'],
  ['America/Sao_Paulo', '2018-11-03T18:00:00Z'],
  ['Australia/Lord_Howe', '2027-04-03T08:00:00Z'],
  ['Asia/Kolkata', '2027-03-27T08:00:00Z'],
  ['Africa/Casablanca', '2027-02-06T18:00:00Z'],
])(
  'python3-icalendar finds every instant of a calendar of %s again, by the zone that it defines',
  (timeZone, from) => {
    const sessions = Array.from({ length: 40 }, (_, n) => {
      const startsAt = new Date(Date.parse(from) + n * 1_800_000)
      return sessionOf({ title: `„${n}“, a; b`, startsAt, endsAt: new Date(+startsAt + 2_700_000) })
    })
    const calendar = [
      ...writeFormats['schedule.ics'].write(programmeOf(sessions, { timeZone }), options),
    ].join('')
    const judged = judgedByPython(python, calendar, ['icalendar'])
    if (judged === null) return
    expect(judged).toEqual(
      sessions.map(({ title, startsAt, endsAt }) => [title, +startsAt! / 1_000, +endsAt! / 1_000]),
    )
  },
)

const python = `
import icalendar, json, sys
calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
zones = {str(zone['TZID']): zone.to_tz() for zone in calendar.walk('VTIMEZONE')}
def instant(event, name):
    moment = event[name].dt
    zone = event[name].params.get('TZID')
    if zone is not None:
        moment = zones[zone].localize(moment.replace(tzinfo=None))
    return moment.timestamp()
print(json.dumps([[str(event['SUMMARY']), instant(event, 'DTSTART'), instant(event, 'DTEND')] for event in calendar.walk('VEVENT')]))
`

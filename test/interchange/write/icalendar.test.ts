import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { entriesByIcalJs } from './ical-js.ts'
import { options, programmeOf, sessionOf, uuidOf } from './programme.ts'

type Parameters = Parameters_<typeof programmeOf>
type Parameters_<F extends (...values: never[]) => unknown> = F extends (...values: infer V) => unknown
  ? V
  : never

const write = (...programme: Parameters) =>
  [...writeFormats['schedule.ics'].write(programmeOf(...programme), options)].join('')

const read = (calendar: string) => ({ entries: entriesByIcalJs(calendar) })

const unfolded = (calendar: string) => calendar.replace(/\r\n /g, '').split('\r\n')

test('an entry says all that is known of a session', () => {
  const part = (name: string) => ({
    ...{ id: uuidOf(name), guid: uuidOf(name), sourceId: name, number: 1, version: 1, name },
    ...{ createdAt: new Date('2026-10-01T00:00:00Z'), lastModifiedAt: new Date('2026-10-01T00:00:00Z') },
  })
  const nothing = {
    textFormat: 'PLAIN' as const,
    biography: null,
    organisation: null,
    country: null,
    photoUrl: null,
    websiteUrl: null,
    links: [],
  }
  const session = sessionOf({
    title: 'Clocks, and; why',
    subtitle: 'A history',
    abstract: '<p>First &amp; <b>second</b>.</p><ul><li>one</li><li>two</li></ul>',
    description: 'See https://example.org/a?b=c&d.',
    textFormat: 'HTML',
    language: 'de',
    startsAt: new Date('2027-03-27T09:00:00Z'),
    endsAt: new Date('2027-03-27T09:45:00Z'),
    slidesUrl: 'https://example.org/slides',
    track: { ...part('Time'), description: null, color: null },
    room: {
      ...part('Hall'),
      floor: 'Ground floor',
      capacity: 5,
      lastModifiedAt: new Date('2026-12-01T00:00:00Z'),
    },
    sessionType: { ...part('Talk'), durationMinutes: 45 },
    speakers: [
      { ...part('Ada'), ...nothing },
      { ...part('Bo'), ...nothing },
    ],
  })
  const lines = unfolded(write([session]))
  const id = uuidOf('Clocks, and; why')
  const entry = lines.slice(lines.indexOf('BEGIN:VEVENT'), lines.indexOf('END:VEVENT') + 1)
  expect(entry).toEqual([
    'BEGIN:VEVENT',
    `UID:${id}`,
    'SEQUENCE:3',
    'DTSTAMP:20261201T000000Z',
    'LAST-MODIFIED:20261201T000000Z',
    'CREATED:20261101T080000Z',
    'DTSTART;TZID=Europe/Berlin:20270327T100000',
    'DTEND;TZID=Europe/Berlin:20270327T104500',
    'SUMMARY;LANGUAGE=de:Clocks\\, and\\; why',
    'STATUS:CONFIRMED',
    'LOCATION:Hall\\, Ground floor',
    'CATEGORIES:Time,Talk',
    'DESCRIPTION:A history\\n\\nSpeakers: Ada\\, Bo\\n\\nFirst & second.\\n\\n * one\\n * two\\n\\n' +
      'See https://example.org/a?b=c&d.\\n\\nSlides: https://example.org/slides',
    expect.stringMatching(
      /^X-ALT-DESC;FMTTYPE=text\/html:<html><body><p>A history<\/p>.*<b>second<\/b>.*<a href="https:\/\/example.org\/slides" /,
    ),
    `URL:https://api.example.org/sessions/${id}.ics`,
    'ORGANIZER;CN=Spring meeting:invalid:nomail',
    'END:VEVENT',
  ])
})

test('a rule that repeats is written as Outlook wants it: from 1970, one of each', () => {
  const calendar = write([sessionOf({ title: 'A', startsAt: new Date('2027-03-27T09:00:00Z') })])
  const lines = unfolded(calendar)
  expect(lines.slice(lines.indexOf('BEGIN:VTIMEZONE'), lines.indexOf('END:VTIMEZONE') + 1)).toEqual([
    'BEGIN:VTIMEZONE',
    'TZID:Europe/Berlin',
    ...['BEGIN:DAYLIGHT', 'DTSTART:19700329T020000', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
    ...['TZNAME:+02:00', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'END:DAYLIGHT'],
    ...['BEGIN:STANDARD', 'DTSTART:19701025T030000', 'TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100'],
    ...['TZNAME:+01:00', 'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'END:STANDARD'],
    'END:VTIMEZONE',
  ])
})

test.each([
  ['America/Sao_Paulo', '2018-11-04T12:00:00Z'],
  ['Pacific/Apia', '2010-09-26T12:00:00Z'],
  ['Africa/Casablanca', '2027-03-27T12:00:00Z'],
])('clock changes of %s that follow no rule are written one by one, none as RDATE', (timeZone, at) => {
  const calendar = write([sessionOf({ title: 'A', startsAt: new Date(at) })], { timeZone })
  expect(calendar).not.toMatch(/RRULE|RDATE/)
  const starts = unfolded(calendar).filter((line) => /^DTSTART:\d{8}T\d{6}$/.test(line))
  expect(starts.length).toBeGreaterThan(1)
})

describe('every instant is found again', () => {
  test('in every IANA zone, 1970 to 2037, by the zone that the calendar defines', () => {
    for (const timeZone of Intl.supportedValuesOf('timeZone')) {
      // Two calendars a zone, each of a few years as events are, at hours that meet clock changes.
      for (const start of [seedOf(timeZone) % 64, 64 - (seedOf(timeZone) % 60)]) {
        const first = Date.UTC(1970 + start, 0, 1)
        const sessions = Array.from({ length: 14 }, (_, n) => {
          const startsAt = new Date(first + n * 53.7 * 86_400_000 - ((n * 7) % 24) * 1_800_000)
          return sessionOf({ title: `${timeZone} ${n}`, startsAt, endsAt: new Date(+startsAt + 5_400_000) })
        })
        expect(lostIn(sessions, timeZone)).toEqual([])
      }
    }
  })

  test('half-hour by half-hour over clock changes, the doubled hour included', () => {
    for (const [timeZone, change] of [
      ['Europe/Berlin', '2027-10-31T01:00:00Z'],
      ['Europe/Berlin', '2027-03-28T01:00:00Z'],
      ['America/New_York', '2027-11-07T06:00:00Z'],
      ['Australia/Lord_Howe', '2027-04-03T15:00:00Z'],
      ['America/Santiago', '2027-04-04T03:00:00Z'],
    ] as const) {
      const sessions = Array.from({ length: 24 }, (_, n) =>
        sessionOf({ title: String(n), startsAt: new Date(Date.parse(change) + (n - 12) * 1_800_000) }),
      )
      expect(lostIn(sessions, timeZone)).toEqual([])
    }
  })

  /** The starts that ical.js reads as another instant, or with another end. */
  function lostIn(sessions: readonly ReturnType<typeof sessionOf>[], timeZone: string): string[] {
    const { entries } = read(write(sessions, { timeZone }))
    const wrong = sessions.filter(({ startsAt, endsAt }, index) => {
      const { startDate, endDate } = entries[index]!
      const isEnd = endsAt === null || +endDate.toJSDate() === Math.floor(+endsAt / 1_000) * 1_000
      return +startDate.toJSDate() !== Math.floor(+startsAt! / 1_000) * 1_000 || !isEnd
    })
    return wrong.map(({ startsAt }) => `${timeZone} ${startsAt?.toISOString()}`)
  }
})

test('every text comes back as it was, in lines of at most 75 octets that are UTF-8 each by itself', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constantFrom('\\', ';', ',', '\n', '"', '^', 'ü', '🕰️', ':', '\r\n', '\\n'),
    ),
    minLength: 1,
    maxLength: 120,
  })
  fc.assert(
    fc.property(text, (title) => {
      const calendar = write([sessionOf({ title, startsAt: new Date('2027-03-27T09:00:00Z') })], {
        name: title,
      })
      for (const line of calendar.split('\r\n')) {
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
        expect(line.isWellFormed()).toBe(true)
      }
      const { entries } = read(calendar)
      // Control characters are in no calendar, and every kind of line break is one.
      const kept = title
        .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
        // oxlint-disable-next-line no-control-regex
        .replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '')
      expect(entries[0]!.summary).toBe(kept)
    }),
    { numRuns: 300 },
  )
})

/** A small number that is always the same for a word. */
function seedOf(word: string): number {
  return Number.parseInt(uuidOf(word).slice(0, 6), 16)
}

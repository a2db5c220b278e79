import { describe, expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { transitionsOf } from '../../../src/time/transitions.ts'
import { judgedEachByPython } from '../../judges.ts'
import { zones } from '../../time/zones.ts'
import { calendarJudges } from './calendar-judges.ts'
import { entriesByIcalJs } from './ical-js.ts'
import { options, programmeOf, sessionOf } from './programme.ts'

/** Title, start and end, in seconds since 1970. */
type Entry = readonly [title: string, start: number, end: number]

/** Days left out, half-hours, winter time that is the exception, Ramadan, offsets with seconds, rules that ended. */
const oddZones = [
  ...['Africa/El_Aaiun', 'Africa/Monrovia', 'America/Caracas', 'America/Scoresbysund', 'Antarctica/Troll'],
  ...[
    'Asia/Gaza',
    'Asia/Pyongyang',
    'Australia/Lord_Howe',
    'Europe/Dublin',
    'Pacific/Apia',
    'Pacific/Kwajalein',
  ],
]

/** EVERY_ZONE=1 asks about all zones. */
const asked = process.env['EVERY_ZONE'] === '1' ? zones : oddZones

/** How many years of a zone become a calendar each, spread over those in which its clocks change. */
const yearsOfZone = 3

/** An event in some of the years in which the zone's clocks change, with sessions around each change. */
function programmesOf(timeZone: string) {
  const changes = transitionsOf(timeZone, new Date('1971-01-01T00:00:00Z'), new Date('2037-01-01T00:00:00Z'))
  const years = [...new Set(changes.map(({ at }) => at.getUTCFullYear()))]
  const step = Math.max(1, (years.length - 1) / (yearsOfZone - 1))
  const chosen = new Set(Array.from({ length: yearsOfZone }, (_, n) => years[Math.round(n * step)]))
  return [...chosen].flatMap((year, round) => {
    const near = changes.filter(({ at }) => at.getUTCFullYear() === year)
    const sessions = near.flatMap(({ at }) =>
      [-150, -90, -60, -30, 0, 30, 60, 90, 1_500].map((minutes) => {
        const startsAt = new Date(+at + minutes * 60_000)
        const endsAt = new Date(+startsAt + 2_700_000)
        return sessionOf({ title: `${timeZone} ${startsAt.toISOString()}`, startsAt, endsAt })
      }),
    )
    return sessions.length === 0 ? [] : [{ sessions, timeZone, round }]
  })
}

const byTitle = (entries: readonly Entry[]) => entries.toSorted(([one], [other]) => (one < other ? -1 : 1))

describe('around the clock changes of zones with odd rules, or of all', { timeout: 1_200_000 }, () => {
  const programmes = asked.flatMap(programmesOf)
  const calendars = programmes.map(({ sessions, timeZone }) =>
    [...writeFormats['schedule.ics'].write(programmeOf(sessions, { timeZone }), options)].join(''),
  )
  const expected = programmes.map(({ sessions }) =>
    byTitle(
      sessions.map(({ title, startsAt, endsAt }): Entry => [title, +startsAt! / 1_000, +endsAt! / 1_000]),
    ),
  )

  test('ical.js finds every instant again', () => {
    expect(programmes.length).toBeGreaterThan(asked.length)
    expect(wrongIn(calendars.map(readByIcalJs), expected)).toEqual([])
  })

  test.each(Object.entries(calendarJudges))('%s finds every instant again', (_name, judge) => {
    // A zone's calendars are read by a process each, as vobject keeps the first definition that it meets of a zone's name.
    for (let round = 0; round < yearsOfZone; round += 1) {
      const inRound = programmes.flatMap((programme, index) => (programme.round === round ? [index] : []))
      const found = judgedEachByPython(
        judge,
        inRound.map((index) => calendars[index]!),
      ) as Entry[][] | null
      if (found === null) return
      expect(
        wrongIn(
          found,
          inRound.map((index) => expected[index]!),
        ),
      ).toEqual([])
    }
  })

  /** The entries that are found otherwise than they are. */
  function wrongIn(found: readonly (readonly Entry[])[], right: readonly (readonly Entry[])[]): unknown[] {
    expect(found).toHaveLength(right.length)
    return right.flatMap((entries, index) => {
      const others = byTitle(found[index]!)
      return entries.flatMap((entry, n) =>
        String(entry) === String(others[n]) ? [] : [{ expected: entry, found: others[n] }],
      )
    })
  }
})

function readByIcalJs(calendar: string): Entry[] {
  return entriesByIcalJs(calendar).map(({ summary, startDate, endDate }) => [
    summary,
    +startDate.toJSDate() / 1_000,
    +endDate.toJSDate() / 1_000,
  ])
}

import { describe, expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { remembering } from '../../../src/remembering.ts'
import { type Transition, transitionsOf } from '../../../src/time/transitions.ts'
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

/** EVERY_ZONE=1 asks about all zones, and says on standard error where it is. */
const isWhole = process.env['EVERY_ZONE'] === '1'
const asked = isWhole ? zones : oddZones

/** How many years of a zone become a calendar each, spread over those in which its clocks change. */
const yearsOfZone = 3

/** So many zones are read by a process. */
const zonesAtOnce = 20

/** A calendar, and what is in it by title. */
interface Written {
  readonly calendar: string
  readonly entries: readonly Entry[]
}

/** Calendars of a zone: of some of the years in which its clocks change, and of all of them. */
const writtenOf = remembering(zones.length, (timeZone): Written[] => {
  const changes = transitionsOf(timeZone, new Date('1971-01-01T00:00:00Z'), new Date('2037-01-01T00:00:00Z'))
  const years = [...new Set(changes.map(({ at }) => at.getUTCFullYear()))]
  const step = Math.max(1, (years.length - 1) / (yearsOfZone - 1))
  const chosen = new Set(Array.from({ length: yearsOfZone }, (_, n) => years[Math.round(n * step)]))
  const ofYears = [...chosen].map((year) => changes.filter(({ at }) => at.getUTCFullYear() === year))
  const each = chosen.size < years.length ? [...ofYears, changes] : ofYears
  return each.filter(({ length }) => length > 0).map((near) => written(timeZone, near))
})

/** An event with sessions around clock changes. */
function written(timeZone: string, near: readonly Transition[]): Written {
  const starts = near.flatMap(({ at }) =>
    [-150, -90, -60, -30, 0, 30, 60, 90, 1_500].map((minutes) => +at + minutes * 60_000),
  )
  const sessions = [...new Set(starts)].map((start) => {
    const [startsAt, endsAt] = [new Date(start), new Date(start + 2_700_000)]
    return sessionOf({ title: `${timeZone} ${startsAt.toISOString()}`, startsAt, endsAt })
  })
  const calendar = [...writeFormats['schedule.ics'].write(programmeOf(sessions, { timeZone }), options)]
  const entries = sessions.map(({ title, startsAt, endsAt }): Entry => {
    return [title, +startsAt! / 1_000, +endsAt! / 1_000]
  })
  return { calendar: calendar.join(''), entries: byTitle(entries) }
}

const byTitle = (entries: readonly Entry[]) => entries.toSorted(([one], [other]) => (one < other ? -1 : 1))

type Reading = (calendars: readonly string[]) => Entry[][] | null

const readings: readonly (readonly [string, Reading])[] = [
  ['ical.js', (calendars) => calendars.map(readByIcalJs)],
  ...Object.entries(calendarJudges).map(([name, judge]) => {
    return [
      name,
      (calendars: readonly string[]) => judgedEachByPython(judge, calendars) as Entry[][] | null,
    ] as const
  }),
]

describe('around the clock changes of zones with odd rules, or of all', { timeout: 7_200_000 }, () => {
  test.each(readings)('%s finds every instant again', (name, read) => {
    for (let first = 0; first < asked.length; first += zonesAtOnce) {
      const some = asked.slice(first, first + zonesAtOnce)
      say(`${name}: ${some[0]}, ${first + 1} of ${asked.length} zones`)
      // A process for each calendar of a zone, as vobject keeps the first definition that it meets of a zone's name. The last
      // one, of all years, isn't khal's: it reads the definition again for each entry.
      for (let round = 0; round < (name === 'khal' ? yearsOfZone : yearsOfZone + 1); round += 1) {
        const right = some.flatMap((zone) => writtenOf(zone)[round] ?? [])
        const found = read(right.map(({ calendar }) => calendar))
        if (found === null) return
        expect(wrongIn(found, right)).toEqual([])
      }
    }
  })

  /** The entries that are found otherwise than they are. */
  function wrongIn(found: readonly (readonly Entry[])[], right: readonly Written[]): unknown[] {
    expect(found).toHaveLength(right.length)
    return right.flatMap(({ entries }, index) => {
      const others = byTitle(found[index]!)
      return entries.flatMap((entry, n) =>
        String(entry) === String(others[n]) ? [] : [{ expected: entry, found: others[n] }],
      )
    })
  }
})

function say(where: string): void {
  if (isWhole) process.stderr.write(`${new Date().toISOString()} ${where}\n`)
}

function readByIcalJs(calendar: string): Entry[] {
  return entriesByIcalJs(calendar).map(({ summary, startDate, endDate }) => [
    summary,
    +startDate.toJSDate() / 1_000,
    +endDate.toJSDate() / 1_000,
  ])
}

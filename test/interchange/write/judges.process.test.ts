import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDemoIfEmpty } from '../../../src/features/demo/demo-conference.ts'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { importAt } from '../../features/importing.ts'
import { judgedByPython } from '../../judges.ts'
import { createWorld, type World } from '../../world.ts'
import { realData, realDataIsThere, withRealData } from '../files.ts'
import { calendarJudges } from './calendar-judges.ts'
import { options, programmeOf, sessionOf } from './programme.ts'

// Zones with rules that repeat, that ended, and that never were; half-hours over clock changes, the doubled hour included.
const calendars = [
  ['Europe/Berlin', '2027-10-30T18:00:00Z'],
  ['Europe/Brussels', '2024-02-03T08:00:00Z'],
  ['America/Sao_Paulo', '2018-11-03T18:00:00Z'],
  ['Australia/Lord_Howe', '2027-04-03T08:00:00Z'],
  ['Asia/Kolkata', '2027-03-27T08:00:00Z'],
  ['Africa/Casablanca', '2027-02-06T18:00:00Z'],
] as const

describe.each(Object.entries(calendarJudges))('%s', (_name, judge) => {
  test.each(calendars)(
    'finds every instant of a calendar of %s again, by the zone that it defines',
    (timeZone, from) => {
      const sessions = Array.from({ length: 40 }, (_, n) => {
        const startsAt = new Date(Date.parse(from) + n * 1_800_000)
        return sessionOf({ title: `„${n}“, a; b`, startsAt, endsAt: new Date(+startsAt + 2_700_000) })
      })
      const calendar = [
        ...writeFormats['schedule.ics'].write(programmeOf(sessions, { timeZone }), options),
      ].join('')
      const judged = judgedByPython(judge, calendar) as [string, number, number][] | null
      if (judged === null) return
      expect(judged.toSorted(([, one], [, other]) => one - other)).toEqual(
        sessions.map(({ title, startsAt, endsAt }) => [title, +startsAt! / 1_000, +endsAt! / 1_000]),
      )
    },
  )
})

test('all of them find every instant of the demo event again', async () => {
  const world = await createWorld()
  await loadDemoIfEmpty(world.operator)
  const { expected, found } = await instantsOf(world, 'demo-conference')
  for (const entries of found) expect(entries).toEqual({ ...entries, entries: expected })
})

describe.skipIf(!realDataIsThere)(`real programmes${withRealData}`, { timeout: 300_000 }, () => {
  test.each([
    ['fosdem-2024.pentabarf.xml', 'Europe/Brussels'],
    ['36c3.schedule.xml', null],
    ['linux_conf_au_2020.ics', null],
  ] as const)('all of them find every instant of %s again', async (file, timeZone) => {
    const world = await createWorld()
    const { event } = await importAt(world, path.join(realData, file), { skipInvalid: true, timeZone })
    const { expected, found } = await instantsOf(world, event.slug)
    for (const entries of found) expect(entries).toEqual({ ...entries, entries: expected })
  })
})

/** Title, start and end, in seconds since 1970. */
type Entry = readonly [title: string, start: number, end: number]

function byTitleAndStart([one, start]: Entry, [other, otherStart]: Entry): number {
  return one === other ? start - otherStart : one < other ? -1 : 1
}

/** What the judges find in the calendar, and what PostgreSQL has; of an entry whose end is open, its start. */
async function instantsOf(world: World, slug: string) {
  const response = await fetch(`${world.app.url}/events/${slug}/schedule.ics`)
  const calendar = await response.text()
  const sessions = await world.sql<{ title: string; start: number; end: number }>(
    `SELECT title, floor(extract(epoch FROM starts_at))::integer AS start,
            floor(extract(epoch FROM coalesce(ends_at, starts_at)))::integer AS "end"
     FROM sessions WHERE event_id = (SELECT id FROM events WHERE slug = $1) AND deleted_at IS NULL
       AND state IN ('accepted', 'confirmed') AND starts_at IS NOT NULL`,
    [slug],
  )
  const expected = sorted(sessions.map(({ title, start, end }): Entry => [title, start, end]))
  const open = new Set(
    sessions.flatMap(({ title, start, end }) => (start === end ? [`${start} ${title.trim()}`] : [])),
  )
  const withoutOpenEnd = ([title, start, end]: Entry): Entry => {
    return [title, start, open.has(`${start} ${title.trim()}`) ? start : end]
  }
  const found = Object.entries(calendarJudges).flatMap(([name, judge]) => {
    const judged = judgedByPython(judge, calendar) as Entry[] | null
    return judged === null ? [] : [{ name, entries: sorted(judged.map(withoutOpenEnd)) }]
  })
  if (expected.length === 0) throw new Error(`${slug} has no sessions.`)
  return { expected, found }
}

/** By title and start; libraries differ in whether they keep blanks at the ends of a title. */
function sorted(entries: readonly Entry[]): Entry[] {
  const trimmed = entries.map(([title, start, end]): Entry => [title.trim(), start, end])
  return trimmed.toSorted(byTitleAndStart)
}

import { describe, expect, test } from 'vitest'
import { loadDemoIfEmpty } from '../../../src/features/demo/demo-conference.ts'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { judgedByPython } from '../../judges.ts'
import { createWorld } from '../../world.ts'
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
  const response = await fetch(`${world.app.url}/events/demo-conference/schedule.ics`)
  const calendar = await response.text()
  const sessions = await world.sql(`
    SELECT title, extract(epoch FROM starts_at)::integer AS start, extract(epoch FROM ends_at)::integer AS "end"
    FROM sessions WHERE state IN ('accepted', 'confirmed') AND starts_at IS NOT NULL ORDER BY title`)
  const expected = sessions.map(({ title, start, end }) => [title, start, end])
  expect(expected.length).toBeGreaterThan(0)
  for (const [name, judge] of Object.entries(calendarJudges)) {
    const judged = judgedByPython(judge, calendar) as [string, number, number][] | null
    if (judged === null) continue
    const byTitle = judged.toSorted(([one], [other]) => (one < other ? -1 : 1))
    expect([name, byTitle]).toEqual([name, expected])
  }
})

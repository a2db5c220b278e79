import { expect, test } from 'vitest'
import { importRows } from '../../src/cli/import-rows.ts'
import { createWorld, type World } from '../world.ts'
import { importFile } from './importing.ts'

type Day = Readonly<Record<string, unknown>> & { readonly date: string; readonly at?: string }

/** A schedule whose days have a talk each, at 12:00 unless the day says otherwise. */
function schedule(days: readonly Day[], more: object = {}) {
  const dates = { start: '2031-05-01', end: '2031-05-02', time_zone_name: 'Europe/Berlin' }
  const withTalk = days.map(({ at = '12:00', ...day }, index) => ({
    ...day,
    rooms: { Hall: [{ id: index + 1, title: `Talk ${index + 1}`, start: at, duration: '00:30' }] },
  }))
  return {
    schedule: { conference: { title: 'Inventia', acronym: 'inventia', ...dates, ...more, days: withTalk } },
  }
}

async function daysOf(world: World) {
  const { data } = await world.ask('{ event(slug: "inventia") { dayStartsAt days { date } } }')
  return [data.event.dayStartsAt, data.event.days.map(({ date }: { date: string }) => date)]
}

const first = { date: '2031-05-01', day_start: '2031-05-01T04:00:00+02:00' }
const second = { date: '2031-05-02', day_start: '2031-05-02T04:00:00+02:00' }

test.for<[string, readonly Day[], object, string]>([
  ['when all days say they do', [first, second], {}, '04:00'],
  [
    'when all days say they do in UTC',
    [{ ...first, day_start: '2031-05-01T02:00:00Z' }, second],
    {},
    '04:00',
  ],
  ['at the day change', [{ date: '2031-05-01' }, second], { day_change: '09:00:00' }, '09:00'],
  [
    'at midnight where the days differ',
    [first, { ...second, day_start: '2031-05-02T05:00:00+02:00' }],
    {},
    '00:00',
  ],
  ['at midnight where one says nothing', [first, { date: '2031-05-02' }], {}, '00:00'],
  [
    'at midnight where a session is earlier',
    [{ ...first, day_start: '2031-05-01T09:00', at: '08:30' }],
    {},
    '00:00',
  ],
  ['at midnight where they say an afternoon', [{ ...first, day_start: '13:00', at: '14:00' }], {}, '00:00'],
])('the days of an imported event begin %s', async ([, days, more, start]) => {
  const world = await createWorld()
  const report = await importFile(world, schedule(days, more))
  expect(await daysOf(world)).toEqual([start, ['2031-05-01', '2031-05-02']])
  const told = /dayStartsAt: "(.*?)"/.exec(importRows(report).join('\n'))
  expect(told?.[1] ?? '00:00').toBe(start)
})

test('the start of days comes in with a later edition, and stays as it was changed here', async () => {
  const world = await createWorld()
  await importFile(world, schedule([{ date: '2031-05-01' }]))
  const edition = schedule([first, second])
  const { event } = await importFile(world, edition)
  expect([event.outcome, (await daysOf(world))[0]]).toEqual(['changed', '04:00'])
  expect((await importFile(world, edition)).event.outcome).toBe('unchanged')
  await world.sql(`UPDATE events SET day_starts_at = '05:00'`)
  expect((await importFile(world, edition)).event.outcome).toBe('unchanged')
  expect((await daysOf(world))[0]).toBe('05:00')
})

test('the table of an import tells which of the two is meant by a time that the clocks show twice', async () => {
  const world = await createWorld()
  const at = (start: string) => {
    const talk = { id: 1, title: 'Late talk', date: start, start: start.slice(11, 16), duration: '00:10' }
    const days = [{ date: '2031-10-26', rooms: { Hall: [talk] } }]
    const conference = { title: 'Inventia', acronym: 'inventia', time_zone_name: 'Europe/Berlin', days }
    return { schedule: { conference } }
  }
  const tableOf = async (start: string) => importRows(await importFile(world, at(start))).join('\n')
  expect(await tableOf('2031-10-26T02:30:00+02:00')).toContain('startsAt: 2031-10-26 02:30 (+02:00)')
  expect(await tableOf('2031-10-26T02:30:00+01:00')).toContain(
    'startsAt: 2031-10-26 02:30 (+02:00) -> 2031-10-26 02:30 (+01:00)',
  )
})

import { expect, test } from 'vitest'
import { createStore } from '../world.ts'
import { importFile } from './importing.ts'

const at = (index: number) => `schedule.conference.days[0].rooms.Hall[${index}]`

function schedule(events: readonly object[], more: object = {}) {
  const named = events.map((event, id) => ({ id, title: `Talk ${id}`, duration: '00:30', ...event }))
  const dates = { start: '2031-05-01', end: '2031-05-02', time_zone_name: 'America/Toronto' }
  const days = [{ date: '2031-05-01', rooms: { Hall: named } }]
  return { schedule: { conference: { title: 'Inventia', ...dates, days, ...more } } }
}

test('what says one thing in two ways that agree is not told', async () => {
  const { notes } = await importFile(
    await createStore(),
    schedule([
      { date: '2031-05-01T10:00:00-04:00', start: '10:00', room: 'Hall' },
      { date: '2031-05-01T14:00:00Z', start: '10:00' },
      { date: '2031-05-01T14:00:00Z' },
      { date: '2031-05-02T01:00:00-04:00', start: '01:00', end: '2031-05-02T01:30:00-04:00' },
    ]),
  )
  expect(notes).toEqual([])
})

test.for([
  [
    'a date in UTC beside a start on the clock',
    { date: '2031-05-01T10:00:00+00:00', start: '10:00' },
    'its date and its start are different times in America/Toronto; the date counts.',
  ],
  [
    "an offset that isn't the zone's",
    { date: '2031-05-01T10:00:00+02:00' },
    'its time has another offset than America/Toronto has then; the offset counts.',
  ],
  [
    'a local date beside another start',
    { date: '2031-05-01T10:00:00', start: '11:00' },
    'its date and its start are different times in America/Toronto; the date counts.',
  ],
  [
    'an end beside another duration',
    { date: '2031-05-01T10:00:00-04:00', end: '2031-05-01T11:00:00-04:00' },
    'its end is another one than follows from its duration; the end counts.',
  ],
  [
    'a time of day as the end beside another duration',
    { date: '2031-05-01T10:00:00-04:00', end: '11:00' },
    'its end is another one than follows from its duration; the duration counts.',
  ],
  [
    'a duration of weeks',
    { date: '2031-05-01T10:00:00-04:00', duration: '14 days' },
    'takes longer than the whole event.',
  ],
  [
    'a date in another day than it stands in',
    { date: '2031-05-03T10:00:00-04:00', start: '10:00' },
    'its date is not in the day that it stands in; the date counts.',
  ],
  [
    'a room in another one',
    { date: '2031-05-01T10:00:00-04:00', room: 'Attic' },
    'names another room than the one that it stands in; where it stands counts.',
  ],
] as const)('%s is imported by the rule, and told with how many', async ([, event, reason]) => {
  const store = await createStore()
  const agreeing = { date: '2031-05-01T20:00:00-04:00', start: '20:00' }
  const { notes } = await importFile(store, schedule([agreeing, event, event]))
  expect(notes).toEqual([`2 times, first at ${at(1)}: ${reason}`])
})

test('sessions on none of the days of the event are told', async () => {
  const at = (date: string) => ({ date: `${date}T10:00:00-04:00` })
  const days = ['2031-05-02', '2031-05-09'].map((date) => ({
    date,
    rooms: { Hall: [{ id: date, title: 'A talk', ...at(date) }] },
  }))
  const { notes } = await importFile(await createStore(), schedule([], { days }))
  expect(notes).toEqual([
    `schedule.conference.days[1].rooms.Hall[0]: takes place on none of the event's days.`,
  ])
})

test('a second zone that a file names is told, unless it is another name of the first', async () => {
  const talks = [{ date: '2031-05-01T10:00:00-04:00' }]
  const same = { timezone: 'Eastern Time (US & Canada)', time_zone_name: 'America/New_York' }
  expect((await importFile(await createStore(), schedule(talks, same))).notes).toEqual([])
  const other = { timezone: 'Asia/Tokyo' }
  expect((await importFile(await createStore(), schedule(talks, other))).notes).toEqual([
    'schedule.conference.timezone: names another time zone than America/Toronto, which counts.',
  ])
})

test.for(['24:30', '00:30'])(
  'a start at %s belongs to the night after, and an end may be a time of day',
  async (start) => {
    const store = await createStore()
    const dayStart = { day_start: '2031-05-01T09:00:00-04:00', day_end: '2031-05-02T04:00:00-04:00' }
    const rooms = { Hall: [{ id: 1, title: 'Late', start, end: '01:15' }] }
    await importFile(store, schedule([], { days: [{ date: '2031-05-01', ...dayStart, rooms }] }))
    expect(await store.sql('SELECT starts_at AS start, ends_at AS end FROM sessions')).toEqual([
      { start: new Date('2031-05-02T04:30:00Z'), end: new Date('2031-05-02T05:15:00Z') },
    ])
  },
)

test('an id that has another name in its own list counts, and is told', async () => {
  const store = await createStore()
  const event = {
    id: 1,
    name: 'Inventia',
    timezone: 'UTC',
    'starts-at': '2031-05-01T00:00:00Z',
    'ends-at': '2031-05-02T00:00:00Z',
  }
  const sessions = [{ id: 9, title: 'A talk', microlocation: { id: 1, name: 'Hall 2' }, speakers: [] }]
  const { notes } = await importFile(store, { event, microlocations: [{ id: 1, name: 'Hall 1' }], sessions })
  expect(notes).toEqual([
    'programme sessions[0]: names another microlocation than the one that has the id which it refers to; the id counts.',
  ])
  expect(await store.sql('SELECT name FROM rooms')).toEqual([{ name: 'Hall 1' }])
})

import { expect, test } from 'vitest'
import { anonymous } from '../../src/access/viewer.ts'
import { beginWork, newWork } from '../../src/database/work.ts'
import { eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { type ImportOptions, importProgramme } from '../../src/features/programme/import-programme.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from '../interchange/files.ts'
import { frabJson, frabXml, type InventedEvent } from '../interchange/frab-files.ts'
import { createStore, createWorld, type Store } from '../world.ts'
import { importFile } from './importing.ts'

const conference = {
  title: 'Inventia 2031',
  acronym: 'Inventia31',
  start: '2031-05-01',
  end: '2031-05-02',
  time_zone_name: 'Europe/Berlin',
}

const ada = { id: 1, name: 'Ada Mustermann' }
const bo = { id: 2, name: 'Bo Example' }
const opening: InventedEvent = {
  ...{ guid: 'opening', title: 'Opening', date: '2031-05-01T10:00:00+02:00', duration: '00:30' },
  ...{ room: 'Hall', track: 'Time', type: 'lecture', persons: [ada, bo] },
}
const night: InventedEvent = {
  ...{ guid: 'night', title: 'Night', date: '2031-05-01T23:30:00+02:00', duration: '01:00' },
  ...{ room: 'Cellar', track: 'Data', type: 'workshop', persons: [bo] },
}

async function importEvents(
  store: Store,
  events: readonly InventedEvent[],
  options: Partial<ImportOptions> = {},
) {
  return importFile(store, frabXml(conference, [{ date: '2031-05-01', events }]), options)
}

/** id, version and stamp of every row, by a name for people. */
async function stamps(store: Store): Promise<Record<string, unknown>> {
  const named = {
    events: 'slug',
    tracks: 'name',
    rooms: 'name',
    session_types: 'name',
    speakers: 'name',
    sessions: 'title',
  }
  const each = Object.entries(named).map(
    ([table, name]) =>
      `SELECT '${table} ' || ${name} AS what, id || ' ' || version || ' ' || last_modified_at AS stamp FROM ${table}`,
  )
  const rows = await store.sql<{ what: string; stamp: string }>(each.join(' UNION ALL '))
  return Object.fromEntries(rows.map(({ what, stamp }) => [what, stamp]))
}

/** The rows that an import touched. */
async function touchedBy(store: Store, work: () => Promise<unknown>): Promise<string[]> {
  const before = await stamps(store)
  await work()
  const after = await stamps(store)
  return Object.keys(after).filter((what) => after[what] !== before[what])
}

const counts = (created: number, changed: number, unchanged: number, removed: number, skipped = 0) => ({
  ...{ created, changed, unchanged, removed, skipped },
})

test('a new programme is a published event with confirmed sessions, which everybody sees', async () => {
  const world = await createWorld()
  const report = await importEvents(world, [opening, night])
  expect(report).toEqual({
    event: { slug: 'inventia31', name: 'Inventia 2031', timeZone: 'Europe/Berlin', outcome: 'created' },
    counts: {
      sessions: counts(2, 0, 0, 0),
      speakers: counts(2, 0, 0, 0),
      rooms: counts(2, 0, 0, 0),
      tracks: counts(2, 0, 0, 0),
      sessionTypes: counts(2, 0, 0, 0),
    },
    ...{ source: 'main', rows: expect.any(Array), skips: [], notes: [], isDryRun: false },
  })
  const { data, errors } = await world.ask(`{ event(slug: "inventia31") {
    name timeZone startsAt endsAt state
    sessions { nodes { title state startsAt endsAt room { name } track { name } sessionType { name } speakers { name } version } }
  } }`)
  expect(errors).toBeUndefined()
  expect(data.event).toEqual({
    ...{ name: 'Inventia 2031', timeZone: 'Europe/Berlin', state: 'PUBLISHED' },
    ...{ startsAt: '2031-04-30T22:00:00.000Z', endsAt: '2031-05-02T22:00:00.000Z' },
    sessions: {
      nodes: [
        {
          ...{ title: 'Opening', state: 'CONFIRMED', version: 1 },
          ...{ startsAt: '2031-05-01T08:00:00.000Z', endsAt: '2031-05-01T08:30:00.000Z' },
          ...{ room: { name: 'Hall' }, track: { name: 'Time' }, sessionType: { name: 'lecture' } },
          speakers: [{ name: 'Ada Mustermann' }, { name: 'Bo Example' }],
        },
        {
          ...{ title: 'Night', state: 'CONFIRMED', version: 1 },
          ...{ startsAt: '2031-05-01T21:30:00.000Z', endsAt: '2031-05-01T22:30:00.000Z' },
          ...{ room: { name: 'Cellar' }, track: { name: 'Data' }, sessionType: { name: 'workshop' } },
          speakers: [{ name: 'Bo Example' }],
        },
      ],
    },
  })
})

test('the same programme again touches nothing, also as JSON, in a number of statements that does not grow', async () => {
  const store = await createStore()
  const events = Array.from({ length: 40 }, (_, index) => ({
    ...opening,
    guid: `g${index}`,
    title: `Talk ${index}`,
  }))
  await importEvents(store, events)
  const work = newWork('test')
  const again = () => beginWork(work, () => importEvents(store, events))
  expect(await touchedBy(store, again)).toEqual([])
  expect(work.statements).toBeLessThanOrEqual(14)
  const json = frabJson(conference, [{ date: '2031-05-01', events }])
  expect(await touchedBy(store, () => importFile(store, json))).toEqual([])
})

test('texts whose line ends or normal form differ from edition to edition are no changes', async () => {
  const store = await createStore()
  const event = {
    ...opening,
    title: 'Caf\u00e9',
    abstract: 'One\nTwo',
    persons: [{ id: 1, name: 'Jos\u00e9' }],
  }
  await importEvents(store, [event])
  const json = frabJson(conference, [
    {
      date: '2031-05-01',
      events: [
        { ...event, title: 'Cafe\u0301', abstract: 'One\r\nTwo', persons: [{ id: 1, name: 'Jose\u0301' }] },
      ],
    },
  ])
  expect(await touchedBy(store, () => importFile(store, json))).toEqual([])
})

test('a later edition changes just what differs', async () => {
  const store = await createStore()
  const third = { ...opening, guid: 'third', title: 'Third', persons: [ada] }
  await importEvents(store, [opening, night, third])
  const moved = { ...night, date: '2031-05-01T22:00:00+02:00', room: 'Hall' }
  const swapped = { ...third, persons: [bo, ada] }
  const added = { ...opening, guid: 'added', title: 'Added' }
  const touched = await touchedBy(store, async () => {
    const report = await importEvents(store, [opening, moved, swapped, added])
    expect(report.event.outcome).toBe('unchanged')
    expect(report.counts.sessions).toEqual(counts(1, 2, 1, 0))
    expect(report.counts.rooms).toEqual(counts(0, 0, 1, 1))
  })
  expect(touched.toSorted()).toEqual(['rooms Cellar', 'sessions Added', 'sessions Night', 'sessions Third'])
  const versions = await store.sql('SELECT title, version FROM sessions ORDER BY title')
  expect(versions).toEqual([
    { title: 'Added', version: 1 },
    { title: 'Night', version: 2 },
    { title: 'Opening', version: 1 },
    { title: 'Third', version: 2 },
  ])
})

test('what is gone from the programme is deleted softly, and comes back as the same session', async () => {
  const store = await createStore()
  await importEvents(store, [opening, night])
  const [before] = await store.sql(`SELECT id FROM sessions WHERE source_id = 'night'`)
  const gone = await importEvents(store, [opening])
  expect([gone.counts.sessions, gone.counts.tracks]).toEqual([counts(0, 0, 1, 1), counts(0, 0, 1, 1)])
  const deleted = await store.sql(
    `SELECT id, version, deleted_at IS NOT NULL AS deleted FROM sessions WHERE source_id = 'night'`,
  )
  expect(deleted).toEqual([{ ...before, version: 2, deleted: true }])
  expect(await touchedBy(store, () => importEvents(store, [opening]))).toEqual([])

  const back = await importEvents(store, [opening, night])
  expect(back.counts.sessions).toEqual(counts(0, 1, 1, 0))
  const restored = await store.sql(`SELECT id, version, deleted_at FROM sessions WHERE source_id = 'night'`)
  expect(restored).toEqual([{ ...before, version: 3, deleted_at: null }])
})

const talks = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...opening, guid: `g${index}`, title: `Talk ${index}` }))

test('an edition that lacks a fifth of the sessions removes them', async () => {
  const store = await createStore()
  await importEvents(store, talks(5))
  const { counts: edition } = await importEvents(store, talks(4), { allowRemovals: false })
  expect(edition.sessions.removed).toBe(1)
})

test.for([
  [9, 7],
  [2, 0],
] as const)(
  'of %d sessions an edition with %d is refused, until that is allowed',
  async ([before, after]) => {
    const store = await createStore()
    await importEvents(store, talks(before))
    const lacking = `lacks ${before - after} of the ${before} sessions that came from earlier editions, more than a fifth`
    await expect(importEvents(store, talks(after), { allowRemovals: false })).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringContaining(`line 3: ${lacking}`),
    })
    expect(await store.sql('SELECT FROM sessions WHERE deleted_at IS NULL')).toHaveLength(before)
    const allowed = await importEvents(store, talks(after), { allowRemovals: true })
    expect(allowed.counts.sessions.removed).toBe(before - after)
  },
)

test('what was removed before, or was made here, does not count for how much an edition lacks', async () => {
  const store = await createStore()
  await importEvents(store, talks(10))
  await importEvents(store, talks(5))
  await store.sql(`INSERT INTO sessions (id, event_id, title, last_modified_at)
    SELECT gen_random_uuid(), id, 'By hand', now() FROM events, generate_series(1, 20)`)
  const edition = importEvents(store, talks(3), { allowRemovals: false })
  await expect(edition).rejects.toThrow('lacks 2 of the 5 sessions')
})

test('what organizers made or added, and the file does not know, is left alone', async () => {
  const store = await createStore()
  await importEvents(store, [opening, night])
  await store.sql(
    `UPDATE sessions SET video_url = 'https://example.org/video', state = 'canceled', is_locked = true WHERE source_id = 'opening'`,
  )
  await store.sql(`UPDATE speakers SET biography = 'Hers.' WHERE source_id = '1'`)
  await store.sql(`UPDATE rooms SET capacity = 100, position = 7 WHERE name = 'Hall'`)
  await store.sql(`INSERT INTO rooms (id, event_id, name, last_modified_at)
    SELECT gen_random_uuid(), id, 'Foyer', now() FROM events`)
  await store.sql(`INSERT INTO sessions (id, event_id, title, room_id, last_modified_at)
    SELECT gen_random_uuid(), event_id, 'By hand', id, now() FROM rooms WHERE name = 'Cellar'`)
  expect(await touchedBy(store, () => importEvents(store, [opening, night]))).toEqual([])

  // The cellar is gone from the file, but the session that was made by hand is in it.
  const { counts: after } = await importEvents(store, [opening])
  expect(after.rooms).toEqual(counts(0, 0, 1, 0))
  const rooms = await store.sql('SELECT name, deleted_at, position FROM rooms ORDER BY name')
  expect(rooms).toEqual([
    { name: 'Cellar', deleted_at: null, position: 1 },
    { name: 'Foyer', deleted_at: null, position: 0 },
    { name: 'Hall', deleted_at: null, position: 7 },
  ])
})

test('a dry run says what would be and writes nothing', async () => {
  const store = await createStore()
  const first = await importEvents(store, [opening, night], { isDryRun: true })
  expect([first.isDryRun, first.event.outcome, first.counts.sessions]).toEqual([
    true,
    'created',
    counts(2, 0, 0, 0),
  ])
  expect(await stamps(store)).toEqual({})
  await importEvents(store, [opening, night])
  const touched = await touchedBy(store, async () => {
    const later = await importEvents(store, [{ ...opening, title: 'Renamed' }], { isDryRun: true })
    expect(later.counts.sessions).toEqual(counts(0, 1, 0, 1))
  })
  expect(touched).toEqual([])
})

test('two imports of one programme at the same time: one creates, the other finds it done', async () => {
  const store = await createStore()
  const content = frabXml(conference, [{ date: '2031-05-01', events: [opening, night] }])
  const programme = await readProgramme(await fileWith(content))
  // Warm connections, so that the two really meet.
  await Promise.all([1, 2].map(() => store.operator.db.event.count()))
  for (const slug of ['first', 'second', 'third']) {
    const options = { slug, timeZone: null, isDryRun: false, skipInvalid: false }
    const imports = [1, 2].map(() => importProgramme(store.operator, programme, options))
    const outcomes = (await Promise.all(imports)).map(({ event }) => event.outcome)
    expect(outcomes.toSorted()).toEqual(['created', 'unchanged'])
  }
})

test('an export that is an event alone leaves the sessions alone', async () => {
  const store = await createStore()
  await importEvents(store, [opening, night])
  const event = {
    ...{ name: 'Inventia 2031, renamed', timezone: 'Europe/Berlin', state: 'draft' },
    ...{ 'starts-at': '2031-05-01T00:00:00+02:00', 'ends-at': '2031-05-03T00:00:00+02:00' },
  }
  const touched = await touchedBy(store, () => importFile(store, event, { slug: 'inventia31' }))
  expect(touched).toEqual(['events inventia31'])
  const [row] = await store.sql('SELECT name, state, version FROM events')
  expect(row).toEqual({ name: 'Inventia 2031, renamed', state: 'draft', version: 2 })
})

test('the states of an Open Event export are stored, and change with the export', async () => {
  const store = await createStore()
  const exportOf = (state: string) => ({
    event: {
      ...{ name: 'Inventia 2031', timezone: 'Europe/Berlin', state: 'Published' },
      ...{ start_time: '2031-05-01T08:00:00+02:00', end_time: '2031-05-02T18:00:00+02:00' },
    },
    sessions: [
      {
        id: 1,
        title: 'Of clocks',
        state,
        start_time: '2031-05-01T10:00:00',
        end_time: '2031-05-01T11:00:00',
      },
    ],
  })
  await importFile(store, exportOf('pending'))
  await importFile(store, exportOf('rejected'))
  const rows = await store.sql('SELECT title, state, starts_at, version FROM sessions')
  expect(rows).toEqual([
    { title: 'Of clocks', state: 'rejected', starts_at: new Date('2031-05-01T08:00:00Z'), version: 2 },
  ])
})

test('only organizers import', async () => {
  const store = await createStore()
  const programme = await readProgramme(await fileWith(frabXml(conference, [])))
  const options = { slug: null, timeZone: null, isDryRun: false, skipInvalid: false }
  await expect(
    importProgramme({ ...store.operator, viewer: anonymous }, programme, options),
  ).rejects.toMatchObject({
    code: 'UNAUTHENTICATED',
  })
})

test('does not bring back a person who was erased', async () => {
  const store = await createStore()
  await importEvents(store, [opening, night])
  const speakers = () => store.sql('SELECT name, erased_at IS NOT NULL AS erased FROM speakers ORDER BY name')
  const [{ id }] = (await store.sql(`SELECT id FROM speakers WHERE name = 'Bo Example'`)) as [{ id: string }]
  await eraseSpeaker(store.operator, id)
  const again = await importEvents(store, [opening, { ...night, title: 'Nights' }])
  expect(again.counts).toMatchObject({
    speakers: { created: 0, changed: 0, unchanged: 2 },
    sessions: { changed: 1 },
  })
  expect(await speakers()).toEqual([
    { name: '(erased)', erased: true },
    { name: 'Ada Mustermann', erased: false },
  ])
})

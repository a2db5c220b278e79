import { describe, expect, test } from 'vitest'
import type { ImportOptions } from '../../src/features/programme/import-programme.ts'
import type { ImportReport } from '../../src/features/programme/report.ts'
import { frabXml, type InventedEvent } from '../interchange/frab-files.ts'
import { createWorld, type World } from '../world.ts'
import { importFile } from './importing.ts'

const conference = {
  ...{ title: 'Inventia 2031', acronym: 'inventia', start: '2031-05-01', end: '2031-05-02' },
  time_zone_name: 'Europe/Berlin',
}
const ada = { id: 1, name: 'Ada Mustermann' }
const bo = { id: 2, name: 'Bo Example' }
const cy = { id: 3, name: 'Cy Specimen' }

const talk = (id: number, fields: Partial<InventedEvent> = {}): InventedEvent => ({
  ...{ id, title: `Talk ${id}`, date: `2031-05-01T1${id}:00:00+02:00`, duration: '00:30' },
  ...{ room: 'Hall', track: 'Time', type: 'lecture', persons: [ada], ...fields },
})

async function importTalks(
  world: World,
  events: readonly InventedEvent[],
  { title, ...options }: Partial<ImportOptions> & { title?: string } = {},
) {
  const content = frabXml({ ...conference, ...(title ? { title } : {}) }, [{ date: '2031-05-01', events }])
  return importFile(world, content, { slug: 'inventia', ...options })
}

/** All that must not move when nothing changes: rows with their stamps, the history, the clock. */
async function everything(world: World): Promise<unknown> {
  const tables = ['events', 'tracks', 'rooms', 'session_types', 'speakers', 'sessions', 'session_speakers']
  const all = [...tables, 'revisions', 'programme_commits'].map(
    (table) => `SELECT '${table}' AS what, to_jsonb(t)::text AS row FROM ${table} t`,
  )
  return world.sql(`${all.join(' UNION ALL ')} ORDER BY 1, 2`)
}

/** Changes values as an organizer does. */
async function edit(world: World, type: string, name: string, patch: object): Promise<void> {
  const column = type === 'Session' ? 'title' : 'name'
  const [row] = await world.sql<{ id: string; version: number }>(
    `SELECT id, version FROM ${type.toLowerCase()}s WHERE ${column} = $1`,
    [name],
  )
  const { errors } = await world.organize(
    `mutation ($id: ID!, $version: Int!, $patch: ${type}Patch!) {
      update${type}(id: $id, expectedVersion: $version, patch: $patch) { __typename } }`,
    { id: row!.id, version: row!.version, patch },
  )
  expect(errors).toBeUndefined()
}

const remove = async (world: World, type: string, name: string) => {
  const column = type === 'Session' ? 'title' : 'name'
  const [row] = await world.sql<{ id: string }>(
    `SELECT id FROM ${type.toLowerCase()}s WHERE ${column} = $1`,
    [name],
  )
  const { errors } = await world.organize(`mutation { delete${type}(id: "${row!.id}") { __typename } }`)
  expect(errors).toBeUndefined()
}

const sessionsIn = (world: World) =>
  world.sql<{
    title: string
    at: string
    speakers: string | null
  }>(`SELECT s.title, s.subtitle, to_char(s.starts_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI') AS at, r.name AS room,
      (SELECT string_agg(p.name, ', ' ORDER BY l.position) FROM session_speakers l JOIN speakers p ON p.id = l.speaker_id
       WHERE l.session_id = s.id) AS speakers
    FROM sessions s LEFT JOIN rooms r ON r.id = s.room_id WHERE s.deleted_at IS NULL ORDER BY s.source_id`)

const rowIn = ({ rows }: ImportReport, name: string) => rows.find((row) => row.name === name)

const first = [talk(1), talk(2, { room: 'Cellar', persons: [ada, bo] }), talk(3), talk(4)]

/** After the first import people change one thing of each kind. */
async function edited(): Promise<World> {
  const world = await createWorld()
  await importTalks(world, first)
  await edit(world, 'Session', 'Talk 1', { title: 'Talk 1, better' })
  await edit(world, 'Session', 'Talk 2', { subtitle: 'Ours' })
  await edit(world, 'Session', 'Talk 3', { startsAt: '2031-05-01T16:00:00+02:00' })
  await edit(world, 'Speaker', 'Ada Mustermann', { name: 'Ada M.' })
  await edit(world, 'Room', 'Hall', { name: 'Great hall' })
  await remove(world, 'Session', 'Talk 4')
  return world
}

const second = [
  talk(1, { title: 'Talk one', room: 'Cellar' }),
  talk(2, { room: 'Hall', persons: [bo, cy] }),
  talk(3, { date: '2031-05-01T13:30:00+02:00', room: 'Cellar' }),
  talk(4, { title: 'Talk four' }),
]
const at = (time: string) => `2031-05-01T${time}:00.000Z`

describe('an edition of a programme that people changed here', () => {
  test('brings what the source changed, keeps what was changed here, and tells what both changed', async () => {
    const world = await edited()
    const before = await everything(world)
    expect((await importTalks(world, first)).rows).toMatchObject([{ name: 'Talk 4', outcome: 'deletedHere' }])
    expect(await everything(world)).toEqual(before)

    const report = await importTalks(world, second)
    expect(await sessionsIn(world)).toEqual([
      { title: 'Talk 1, better', subtitle: null, at: '11:00', room: 'Cellar', speakers: 'Ada M.' },
      {
        title: 'Talk 2',
        subtitle: 'Ours',
        at: '12:00',
        room: 'Great hall',
        speakers: 'Bo Example, Cy Specimen',
      },
      { title: 'Talk 3', subtitle: null, at: '16:00', room: 'Great hall', speakers: 'Ada M.' },
    ])
    expect(rowIn(report, 'Talk 1, better')).toEqual({
      ...{
        kind: 'sessions',
        id: expect.any(String),
        sourceId: '1',
        name: 'Talk 1, better',
        outcome: 'changed',
      },
      changes: [{ field: 'room', before: 'Great hall', after: 'Cellar' }],
      conflicts: [
        { field: 'title', base: 'Talk 1', ours: 'Talk 1, better', theirs: 'Talk one', taken: 'ours' },
      ],
      changedHere: [],
    })
    // A room of theirs at a time of ours is a place that nobody chose.
    expect(rowIn(report, 'Talk 3')?.conflicts).toMatchObject([
      { field: 'startsAt', base: at('11:00'), ours: at('14:00'), theirs: at('11:30') },
      { field: 'endsAt', base: at('11:30'), ours: at('14:30'), theirs: at('12:00') },
      { field: 'room', base: 'Great hall', ours: 'Great hall', theirs: 'Cellar', taken: 'ours' },
    ])
    expect(rowIn(report, 'Talk 4')?.outcome).toBe('deletedHere')
    const after = await everything(world)
    expect((await importTalks(world, second)).counts.sessions).toMatchObject({ changed: 0, unchanged: 4 })
    expect(await everything(world)).toEqual(after)
  })

  test('prefers the source if that is said, for what both changed and for nothing else', async () => {
    const world = await edited()
    const rehearsed = await importTalks(world, second, { prefer: 'theirs', isDryRun: true })
    const report = await importTalks(world, second, { prefer: 'theirs' })
    expect(report.rows.map(({ id: _id, ...row }) => row)).toEqual(
      rehearsed.rows.map(({ id: _id, ...row }) => row),
    )
    expect(await sessionsIn(world)).toEqual([
      { title: 'Talk one', subtitle: null, at: '11:00', room: 'Cellar', speakers: 'Ada M.' },
      {
        title: 'Talk 2',
        subtitle: 'Ours',
        at: '12:00',
        room: 'Great hall',
        speakers: 'Bo Example, Cy Specimen',
      },
      { title: 'Talk 3', subtitle: null, at: '13:30', room: 'Cellar', speakers: 'Ada M.' },
    ])
  })

  test('keeps by the history what was changed here before it was kept what sources say', async () => {
    const world = await edited()
    await world.sql('DELETE FROM imported_rows')
    const before = await everything(world)
    await importTalks(world, first)
    expect(await everything(world)).toEqual(before)
    await world.sql('DELETE FROM imported_rows')
    const report = await importTalks(world, second)
    expect(rowIn(report, 'Talk 1, better')?.conflicts).toMatchObject([{ field: 'title', base: 'Talk 1' }])
    expect((await sessionsIn(world)).map(({ title, at }) => `${title} ${at}`)).toEqual([
      ...['Talk 1, better 11:00', 'Talk 2 12:00', 'Talk 3 16:00'],
    ])
  })

  test('leaves alone the event, and deleted and restored things, as people left them', async () => {
    const world = await createWorld()
    await importTalks(world, [talk(1), talk(2), talk(3, { track: 'Gone', persons: [bo] })])
    await world.sql(`UPDATE events SET name = 'Ours'`)
    await importTalks(world, [talk(1), talk(2)])
    const [gone] = await world.sql(`SELECT id FROM sessions WHERE title = 'Talk 3'`)
    const restored = await world.organize(
      `mutation { restoreSession(id: "${gone!['id']}") { session { title } } }`,
    )
    expect(restored.errors).toBeUndefined()
    await edit(world, 'Session', 'Talk 1', { speakerIds: [] })
    await edit(world, 'Session', 'Talk 2', { speakerIds: [] })
    await remove(world, 'Speaker', 'Ada Mustermann')
    const before = await everything(world)
    const again = await importTalks(world, [talk(1), talk(2)])
    expect(again.rows).toMatchObject([{ kind: 'speakers', outcome: 'deletedHere' }])
    expect(await everything(world)).toEqual(before)
    // A new session of the source doesn't bring her back either.
    const report = await importTalks(world, [talk(1), talk(2), talk(4)], { title: 'Theirs' })
    expect((await sessionsIn(world)).map(({ title, speakers }) => [title, speakers])).toEqual([
      ...[
        ['Talk 1', null],
        ['Talk 2', null],
        ['Talk 3', 'Bo Example'],
        ['Talk 4', null],
      ],
    ])
    expect(report.event).toMatchObject({ name: 'Ours', outcome: 'unchanged' })
    expect(report.rows[0]).toMatchObject({ kind: 'event', conflicts: [{ field: 'name', ours: 'Ours' }] })
  })
})

describe('several sources of one event', () => {
  const lightning = [
    talk(1, { title: 'Lightning 1', room: 'Attic' }),
    talk(5, { title: 'Opening', room: 'Hall', persons: [bo] }),
  ]
  const opening = talk(5, { title: 'Opening', persons: [bo] })

  test('have ids of their own, remove only what is theirs, and share what is called the same', async () => {
    const world = await createWorld()
    await importTalks(world, [talk(1), talk(2), opening])
    const report = await importTalks(world, lightning, { source: 'lightning', title: 'Lightning talks' })
    expect([report.source, report.counts.sessions.created, report.counts.sessions.removed]).toEqual([
      ...['lightning', 1, 0],
    ])
    expect(report.event).toMatchObject({ name: 'Inventia 2031', outcome: 'unchanged' })
    const titles = async () => (await sessionsIn(world)).map(({ title }) => title).toSorted()
    expect(await titles()).toEqual(['Lightning 1', 'Opening', 'Talk 1', 'Talk 2'])
    const people = await world.sql('SELECT name FROM speakers ORDER BY name')
    expect(people.map(({ name }) => name)).toEqual(['Ada Mustermann', 'Bo Example'])

    const before = await everything(world)
    await importTalks(world, lightning, { source: 'lightning', title: 'Lightning talks' })
    await importTalks(world, [talk(1), talk(2), opening])
    expect(await everything(world)).toEqual(before)

    // What two sources have goes with the last of them.
    await importTalks(world, [talk(1)])
    expect(await titles()).toEqual(['Lightning 1', 'Opening', 'Talk 1'])
    await importTalks(world, [lightning[0]!], { source: 'lightning' })
    expect(await titles()).toEqual(['Lightning 1', 'Talk 1'])
    await importTalks(world, [talk(1), opening])
    expect(await titles()).toEqual(['Lightning 1', 'Opening', 'Talk 1'])
    const ids = await world.sql(
      'SELECT title, source_id FROM sessions WHERE deleted_at IS NULL ORDER BY title',
    )
    expect(ids.map(({ source_id }) => source_id)).toEqual(['lightning:1', '5', '1'])
  })

  test('tell them apart also if the first was imported before sources had names', async () => {
    const world = await createWorld()
    await importTalks(world, [talk(1), opening])
    await world.sql('DELETE FROM imported_rows')
    await importTalks(world, lightning, { source: 'lightning' })
    await importTalks(world, [lightning[0]!], { source: 'lightning' })
    expect((await sessionsIn(world)).map(({ title }) => title)).toEqual(['Talk 1', 'Opening', 'Lightning 1'])
  })

  test('a source has a name', async () => {
    const world = await createWorld()
    await expect(importTalks(world, [], { source: 'No Name' })).rejects.toThrow(
      `"No Name" can't name a source: lower-case letters, digits and single hyphens.`,
    )
  })
})

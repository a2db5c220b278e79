import { expect, test } from 'vitest'
import { createStore, type Store } from '../world.ts'
import { importFile } from './importing.ts'

const guid = (digit: number) => `${digit}1111111-1111-5111-8111-111111111111`

interface Talk {
  readonly [field: string]: unknown
  readonly persons?: readonly object[]
  readonly room?: string
}

const talk = (fields: Talk): Talk => ({
  ...{ title: 'Of clocks', date: '2031-05-01T10:00:00+02:00', duration: '00:30', room: 'Hall' },
  ...fields,
})

async function importTalks(store: Store, talks: readonly Talk[], rooms: readonly object[] = []) {
  return importFile(store, talksJson(talks, rooms))
}

function talksJson(talks: readonly Talk[], rooms: readonly object[] = []): object {
  const byRoom = (name: string) => talks.filter(({ room }) => room === name)
  const names = [...new Set(talks.map(({ room }) => room!))]
  const days = [{ date: '2031-05-01', rooms: Object.fromEntries(names.map((name) => [name, byRoom(name)])) }]
  const dates = { start: '2031-05-01', end: '2031-05-02', time_zone_name: 'Europe/Berlin' }
  const conference = { title: 'Inventia', acronym: 'inventia', ...dates, rooms, days }
  return { schedule: { conference } }
}

/** The ids of all rows of a table that aren't deleted, by what tells them apart. */
async function idsIn(store: Store, table: string, by: string): Promise<Record<string, string>> {
  const rows = await store.sql<{ what: string; id: string }>(
    `SELECT ${by} AS what, id FROM ${table} WHERE deleted_at IS NULL ORDER BY 1, 2`,
  )
  return Object.fromEntries(rows.map(({ what, id }) => [what, id]))
}

const versions = (store: Store) =>
  store.sql(`SELECT id, version FROM sessions UNION ALL SELECT id, version FROM rooms
    UNION ALL SELECT id, version FROM speakers ORDER BY 1`)

test('a session stays itself when the source begins to write guids, leaves them out, or writes them alone', async () => {
  const store = await createStore()
  await importTalks(store, [talk({ id: 1 })])
  const before = await versions(store)
  for (const ids of [
    { id: 1, guid: guid(1) },
    { id: 1 },
    { guid: guid(1) },
    { guid: guid(1), code: 'ABC' },
    { code: 'ABC' },
  ]) {
    const { counts } = await importTalks(store, [talk(ids)])
    expect([ids, counts.sessions.unchanged, await versions(store)]).toEqual([ids, 1, before])
  }
})

test('a person stays the same when the source names it by an id, a guid, or its name alone', async () => {
  const store = await createStore()
  const name = 'Kim Muster'
  const persons = [
    { id: 7, public_name: name },
    { guid: guid(4), code: 'KIMMUS', public_name: name },
    { code: 'KIMMUS', public_name: name },
    { public_name: name },
    { id: 7, public_name: name },
  ]
  await importTalks(store, [talk({ id: 1, persons: [persons[0]!] })])
  const before = await versions(store)
  for (const person of persons) {
    await importTalks(store, [talk({ id: 1, persons: [person] })])
    expect([person, await versions(store)]).toEqual([person, before])
  }
  await importTalks(store, [talk({ id: 1, persons: [{ guid: guid(4), public_name: 'Kim Example' }] })])
  expect(await store.sql('SELECT name, deleted_at FROM speakers')).toEqual([
    { name: 'Kim Example', deleted_at: null },
  ])
})

test('a room stays the same when the source begins to write guids, and is renamed by them', async () => {
  const store = await createStore()
  await importTalks(store, [talk({ id: 1 })])
  const before = await versions(store)
  await importTalks(store, [talk({ id: 1 })], [{ name: 'Hall', guid: guid(3) }])
  expect(await versions(store)).toEqual(before)
  const { Hall: id } = await idsIn(store, 'rooms', 'name')
  await importTalks(store, [talk({ id: 1, room: 'Great hall' })], [{ name: 'Great hall', guid: guid(3) }])
  expect(await idsIn(store, 'rooms', 'name')).toEqual({ 'Great hall': id })
})

test('what has another name only in the size or the width of its letters stays itself', async () => {
  const store = await createStore()
  const persons = [{ public_name: 'Kim Muster' }]
  await importTalks(store, [talk({ id: 1, room: 'Saal Zwei', track: 'Science', persons })])
  const before = await Promise.all(
    ['rooms', 'speakers', 'tracks'].map((table) => idsIn(store, table, "'one'")),
  )
  const { counts } = await importTalks(store, [
    talk({ id: 1, room: 'SAAL ＺＷＥＩ', track: 'SCIENCE', persons: [{ public_name: 'Kim MUSTER' }] }),
  ])
  expect(counts).toMatchObject({ rooms: { changed: 1 }, speakers: { changed: 1 }, tracks: { changed: 1 } })
  const after = await Promise.all(
    ['rooms', 'speakers', 'tracks'].map((table) => idsIn(store, table, "'one'")),
  )
  expect(after).toEqual(before)
  // Two that a file tells apart by nothing else stay two.
  await importTalks(store, [talk({ id: 1, room: 'Saal ZWEI' }), talk({ id: 2, room: 'Saal zwei' })])
  expect(Object.keys(await idsIn(store, 'rooms', 'name'))).toHaveLength(2)
})

test('a guid is the same in braces, without hyphens, and as a URN', async () => {
  const store = await createStore()
  await importTalks(store, [talk({ guid: guid(1) })])
  const before = await idsIn(store, 'sessions', "'one'")
  for (const spelled of [`{${guid(1)}}`, guid(1).replaceAll('-', ''), `urn:uuid:${guid(1).toUpperCase()}`]) {
    const { counts } = await importTalks(store, [talk({ guid: spelled, title: spelled })])
    expect([counts.sessions.changed, await idsIn(store, 'sessions', "'one'")]).toEqual([1, before])
  }
})

test('a session that goes to a room which gets another name is told by the names of then and now', async () => {
  const store = await createStore()
  const rooms = [{ name: 'Saal 2', guid: guid(2) }]
  await importTalks(store, [talk({ id: 1 }), talk({ id: 2, room: 'Saal 2' })], rooms)
  const { rows } = await importTalks(
    store,
    [talk({ id: 1, room: 'Great Hall' }), talk({ id: 2, room: 'Great Hall' })],
    [{ name: 'Great Hall', guid: guid(2) }],
  )
  expect(rows.find(({ kind, name }) => kind === 'sessions' && name === 'Of clocks')?.changes).toEqual([
    { field: 'room', before: 'Hall', after: 'Great Hall' },
  ])
})

test('a guid is the same in capitals, also where a file refers to it', async () => {
  const store = await createStore()
  const [talkId, personId, roomId] = ['A', 'B', 'C'].map((letter) => guid(1).replaceAll('1', letter))
  const written = (spell: (id: string) => string, title: string) =>
    importTalks(
      store,
      [talk({ guid: spell(talkId!), title, persons: [{ guid: spell(personId!), public_name: title }] })],
      [{ name: 'Hall', guid: spell(roomId!) }],
    )
  await written((id) => id, 'Of clocks')
  const before = await idsIn(store, 'sessions', `'id'`)
  await store.sql('UPDATE sessions SET source_id = upper(source_id)')
  await written((id) => id.toLowerCase(), 'Of watches')
  expect(await idsIn(store, 'sessions', `'id'`)).toEqual(before)
  expect(Object.keys(await idsIn(store, 'speakers', 'name'))).toEqual(['Of watches'])
})

test('sessions and persons that are numbered anew in each edition stay themselves', async () => {
  const store = await createStore()
  // As a program does that numbers from one what it has.
  const numbered = (letters: string) =>
    importTalks(
      store,
      Array.from(letters, (letter, index) =>
        talk({
          id: index + 1,
          title: letter,
          date: `2031-05-01T1${'ABCD'.indexOf(letter)}:00:00+02:00`,
          persons: [{ id: index + 1, public_name: `Kim ${letter}` }],
        }),
      ),
    )
  await numbered('ABCD')
  const before = [await idsIn(store, 'sessions', 'title'), await idsIn(store, 'speakers', 'name')]
  await numbered('BCD')
  const { A: _session, ...sessions } = before[0]!
  const { 'Kim A': _speaker, ...speakers } = before[1]!
  expect([await idsIn(store, 'sessions', 'title'), await idsIn(store, 'speakers', 'name')]).toEqual([
    sessions,
    speakers,
  ])
  const versionsThen = await versions(store)
  await numbered('BCD')
  expect(await versions(store)).toEqual(versionsThen)
})

test('two sessions that change their times keep their numbers', async () => {
  const store = await createStore()
  const at = (id: number, hour: number) =>
    talk({ id, title: `No. ${id}`, date: `2031-05-01T${hour}:00:00+02:00` })
  await importTalks(store, [at(1, 10), at(2, 11)])
  const before = await idsIn(store, 'sessions', 'title')
  await importTalks(store, [at(1, 11), at(2, 10)])
  expect(await idsIn(store, 'sessions', 'title')).toEqual(before)
})

test('two ids beyond what JavaScript counts exactly stay two, and the same again', async () => {
  // Both are 9007199254740992 to JSON.parse.
  const [one, other] = ['9007199254740992', '9007199254740993']
  // JSON.stringify would lose the digits as well.
  const digits = (file: object) => JSON.stringify(file).replace(/"(900719925474099\d)"/g, '$1')
  const people = [one, other].map((id) => ({ id, fullName: `Kim ${id}` }))
  const item = { startsAt: '2031-05-01T10:00:00', status: 'Accepted', roomId: other }
  const sessions = [one, other].map((id) => ({ ...item, id, title: `Of ${id}`, speakers: [id] }))
  const talks = [one, other].map((id) =>
    talk({ id, title: `Of ${id}`, room: `Room ${id}`, persons: [{ id, public_name: `Kim ${id}` }] }),
  )
  const times = { 'starts-at': '2031-05-01T10:00:00+02:00', state: 'draft' }
  const openEvent = {
    event: { id: 1, name: 'Inventia', timezone: 'Europe/Berlin', ...times },
    speakers: people.map(({ id, fullName: name }) => ({ id, name })),
    microlocations: [one, other].map((id) => ({ id, name: `Room ${id}` })),
    sessions: sessions.map(({ id, title }) => ({ id, title, ...times, microlocation: id, speakers: [id] })),
  }
  const sessionize = { sessions, speakers: people, rooms: [{ id: other, name: 'Hall' }], categories: [] }
  for (const file of [talksJson(talks), openEvent, sessionize].map(digits)) {
    const store = await createStore()
    const options = { slug: 'inventia', timeZone: 'Europe/Berlin' }
    await importFile(store, file, options)
    const before = await versions(store)
    await importFile(store, file, options)
    expect(await versions(store)).toEqual(before)
    const rows = await store.sql(
      `SELECT s.source_id, s.title, p.name FROM sessions s JOIN session_speakers l ON l.session_id = s.id
       JOIN speakers p ON p.id = l.speaker_id ORDER BY s.source_id`,
    )
    expect(rows).toEqual([one, other].map((id) => ({ source_id: id, title: `Of ${id}`, name: `Kim ${id}` })))
  }
})

test('two of one name are not taken for each other', async () => {
  const store = await createStore()
  const kim = (id: number) => ({ id, public_name: 'Kim Muster' })
  await importTalks(store, [talk({ id: 1, persons: [kim(7), kim(8)] })])
  const before = await idsIn(store, 'speakers', 'source_id')
  await importTalks(store, [talk({ id: 1, persons: [kim(8), kim(9)] })])
  const after = await idsIn(store, 'speakers', 'source_id')
  expect(Object.keys(after)).toEqual(['8', '9'])
  expect(after['8']).toBe(before['8'])
  expect(Object.values(before)).not.toContain(after['9'])
})

test('a session whose number went to another one, which its guid tells, is not taken for it', async () => {
  const store = await createStore()
  await importTalks(store, [
    talk({ guid: guid(1), id: 1, title: 'One' }),
    talk({ guid: guid(2), id: 2, title: 'Two', room: 'Attic' }),
  ])
  const before = await idsIn(store, 'sessions', 'title')
  await importTalks(store, [
    talk({ guid: guid(2), id: 1, title: 'Two', room: 'Attic' }),
    talk({ guid: guid(3), id: 2, title: 'Three' }),
  ])
  const after = await idsIn(store, 'sessions', 'title')
  expect(Object.keys(after)).toEqual(['Three', 'Two'])
  expect(after['Two']).toBe(before['Two'])
  expect(Object.values(before)).not.toContain(after['Three'])
})

const yoga = (time: string, fields: object = {}) =>
  talk({ id: 5, guid: guid(5), title: 'Yoga', date: `2031-05-01T${time}:00+02:00`, ...fields })
const byStart = `to_char(starts_at AT TIME ZONE 'Europe/Berlin', 'HH24:MI')`

test('one guid in several slots is a session for each slot, stable over editions', async () => {
  const store = await createStore()
  await importTalks(store, [yoga('15:00'), talk({ id: 1 })])
  const first = await idsIn(store, 'sessions', byStart)
  await importTalks(store, [yoga('12:00'), yoga('15:00'), talk({ id: 1 })])
  const second = await idsIn(store, 'sessions', byStart)
  expect(Object.keys(second)).toEqual(['10:00', '12:00', '15:00'])
  expect(second).toMatchObject(first)

  const before = await versions(store)
  await importTalks(store, [yoga('15:00'), talk({ id: 1 }), yoga('12:00')])
  expect(await versions(store)).toEqual(before)

  // One earlier is new, one that moved is itself, and one that is gone leaves the others alone.
  await importTalks(store, [yoga('08:00'), yoga('12:00'), yoga('15:00'), talk({ id: 1 })])
  const third = await idsIn(store, 'sessions', byStart)
  expect(third).toMatchObject(second)
  await importTalks(store, [yoga('08:00'), yoga('16:00'), yoga('12:00'), talk({ id: 1 })])
  expect(await idsIn(store, 'sessions', byStart)).toEqual({
    ...{ '08:00': third['08:00'], '10:00': third['10:00'] },
    ...{ '12:00': third['12:00'], '16:00': third['15:00'] },
  })
  await importTalks(store, [yoga('16:00'), talk({ id: 1 })])
  expect(await idsIn(store, 'sessions', byStart)).toEqual({
    '10:00': third['10:00'],
    '16:00': third['15:00'],
  })
})

test('one guid twice in one slot, with different values, is named as twice', async () => {
  const store = await createStore()
  await expect(importTalks(store, [yoga('12:00'), yoga('12:00', { title: 'Tai chi' })])).rejects.toThrow(
    `has the guid or id of the session at schedule.conference.days[0].rooms.Hall[0], at the same time in the same room: ${guid(5)}.`,
  )
})

test('a session that is in the file twice, the same in all, is taken once, and told', async () => {
  const store = await createStore()
  const twice = [talk({ guid: guid(1) }), talk({ guid: guid(1) })]
  const { counts, notes } = await importTalks(store, twice)
  expect([counts.sessions.created, notes]).toEqual([
    1,
    ['schedule.conference.days[0].rooms.Hall[1]: says again what another session says. It was left out.'],
  ])
  expect((await importTalks(store, twice)).counts.sessions.unchanged).toBe(1)
})

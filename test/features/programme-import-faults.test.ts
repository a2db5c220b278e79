import { expect, test } from 'vitest'
import type { ImportOptions } from '../../src/features/programme/import-programme.ts'
import { frabJson, frabXml, type InventedEvent } from '../interchange/frab-files.ts'
import { createStore, createWorld, type Store } from '../world.ts'
import { importFile } from './importing.ts'

const conference = { title: 'Inventia 2031', start: '2031-03-29', end: '2031-03-31' }
const talk = (guid: string, fields: InventedEvent = {}): InventedEvent => ({
  ...{ guid, title: `Talk ${guid}`, date: '2031-03-29T10:00:00+01:00', duration: '00:30' },
  ...fields,
})

const json = (events: readonly InventedEvent[], more: Record<string, string> = {}) =>
  frabJson({ ...conference, ...more }, [{ date: '2031-03-29', events }])
const xml = (events: readonly InventedEvent[], more: Record<string, string> = {}) =>
  frabXml({ ...conference, ...more }, [{ date: '2031-03-29', events }])

const at = (index: number) => `schedule.conference.days[0].rooms.Hall[${index}]`

async function isEmpty(store: Store): Promise<boolean> {
  const [row] = await store.sql(
    'SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM speakers) AS rows',
  )
  return row!['rows'] === '0'
}

const faulty = [
  talk('good'),
  talk('dateless', { date: 'soon' }),
  talk('good', { title: 'Again' }),
  talk('blank', { title: ' ' }),
  talk('long', { title: 'x'.repeat(501) }),
  talk('link', { video_download_url: 'http: //example.org' }),
  talk('bounds', { end: '2031-03-29T09:00:00+01:00' }),
]

const faults = [
  [at(1), 'start: "soon" isn\'t a date and time such as 2019-12-27T11:00:00+01:00.', true],
  [at(2), `has the guid or id of the session at ${at(0)}, at the same time in the same room: good.`, true],
  [at(3), 'title must not be blank.', false],
  [at(4), 'title must be at most 500 characters long.', false],
  [at(5), 'videoUrl: "http: //example.org" isn\'t an absolute http(s) URL.', false],
  [at(6), 'ends at 2031-03-29T08:00:00.000Z, not after its start 2031-03-29T09:00:00.000Z.', false],
] as const

test('faults of sessions are collected, each with its place, and nothing is written', async () => {
  const store = await createStore()
  await expect(importFile(store, json(faulty))).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: [
      ...faults.map(([place, reason]) => `${place}: ${reason}`),
      'Nothing was imported. Mend the file, or leave out what is faulty by --skip-invalid.',
    ].join('\n'),
    details: { issues: faults.map(([place, message]) => ({ path: [place], message })) },
  })
  expect(await isEmpty(store)).toBe(true)
})

test('in XML the place is the line', async () => {
  const store = await createStore()
  const text = xml(faulty)
  const line = text.slice(0, text.indexOf('guid="dateless"')).split('\n').length
  await expect(importFile(store, text)).rejects.toThrow(`line ${line}: start: "soon" isn't a date`)
})

test('with skipInvalid a session goes without what is wrong with it, and only where it can not be without it', async () => {
  const store = await createStore()
  const report = await importFile(store, json(faulty), { skipInvalid: true })
  expect(report.counts.sessions).toEqual({ created: 5, changed: 0, unchanged: 0, removed: 0, skipped: 2 })
  const skips = faults.map(([place, reason, isWhole]) => ({ kind: 'sessions', place, reason, isWhole }))
  expect(report.skips).toEqual(skips)
  const rows = await store.sql('SELECT source_id, title, video_url, ends_at FROM sessions ORDER BY source_id')
  const usual = { video_url: null, ends_at: new Date('2031-03-29T09:30:00Z') }
  expect(rows).toEqual([
    { ...usual, source_id: 'blank', title: '(untitled)' },
    { ...usual, source_id: 'bounds', title: 'Talk bounds', ends_at: null },
    { ...usual, source_id: 'good', title: 'Talk good' },
    { ...usual, source_id: 'link', title: 'Talk link' },
    { ...usual, source_id: 'long', title: `${'x'.repeat(499)}…` },
  ])
})

test('a session that takes no time is kept with an open end, and told', async () => {
  const store = await createStore()
  const events = [
    talk('a', { duration: '00:00' }),
    talk('b', { end: '2031-03-29T10:00:00+01:00', duration: undefined }),
    talk('c'),
  ]
  const report = await importFile(store, json(events, { time_zone_name: 'Europe/Berlin' }))
  expect(report.notes).toEqual([`2 times, first at ${at(0)}: takes no time, so its end is left open.`])
  const rows = await store.sql('SELECT source_id FROM sessions WHERE ends_at IS NULL ORDER BY source_id')
  expect(rows).toEqual([{ source_id: 'a' }, { source_id: 'b' }])
})

const apiRefuses = `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }`

test.for([
  ['subtitle', 'x'.repeat(501)],
  ['abstract', 'x'.repeat(100_001)],
  ['language', 'de, '.repeat(38)],
  ['subtitle', 'evil \u202E txet'],
] as const)(
  'a %s that the API refuses is refused by the import in the same words',
  async ([field, value]) => {
    const world = await createWorld()
    await importFile(world, json([talk('a', { [field]: 'As it was' })]))
    const { errors } = await world.organize(apiRefuses, {
      input: { eventSlug: 'inventia-2031', title: 'A', [field]: value },
    })
    const inWords = errors![0]!.message.replace(`input.${field}: `, '')
    const wrong = json([talk('a', { title: 'Renamed', [field]: value })])
    await expect(importFile(world, wrong)).rejects.toThrow(`${at(0)}: ${field} ${inWords}`)
    // What is wrong says nothing, so what is stored stays.
    await importFile(world, wrong, { skipInvalid: true })
    expect(await world.sql(`SELECT title, ${field} AS value FROM sessions`)).toEqual([
      { title: 'Renamed', value: 'As it was' },
    ])
  },
)

test("an event's name that the API refuses is refused, and cut where that is allowed", async () => {
  const store = await createStore()
  const long = json([talk('a')], { title: 'Inventia '.repeat(40), acronym: 'inventia' })
  await expect(importFile(store, long)).rejects.toThrow(
    "schedule.conference: the event's name must be at most 300 characters long.",
  )
  const { event } = await importFile(store, long, { skipInvalid: true })
  expect(event.name).toBe(`${'Inventia '.repeat(34).slice(0, 299)}…`)
})

test('more rooms, or more speakers in a session, than there may be are refused', async () => {
  const store = await createStore()
  const rooms = Array.from({ length: 201 }, (_, index) => talk(`g${index}`, { room: `Room ${index}` }))
  await expect(importFile(store, json(rooms), { skipInvalid: true })).rejects.toThrow(
    'schedule.conference: an event has 150 rooms at most.',
  )
  const persons = Array.from({ length: 51 }, (_, index) => ({ id: index, name: `Person ${index}` }))
  const crowded = json([talk('a', { persons })])
  await expect(importFile(store, crowded)).rejects.toThrow(
    `${at(0)}: names 51 speakers, and 50 is the most that a session may have.`,
  )
  await importFile(store, crowded, { skipInvalid: true })
  expect(await store.sql('SELECT FROM session_speakers')).toHaveLength(50)
})

test.for([
  ['ends nothing', 'Muster\u2069 talk', 'Muster talk', 'left out U+2069, which ended nothing.'],
  ['does not end', 'copied \u2068from a chat', 'copied from a chat', 'left out U+2068, which had no end.'],
  [
    'does not end in a text of both directions',
    'a \u2067\u05E9\u05DC\u05D5\u05DD b',
    'a \u2067\u05E9\u05DC\u05D5\u05DD b\u2069',
    'added U+2069, which ends what U+2067 begins.',
  ],
  [
    'ends in another order',
    '\u2066a \u202Bb\u2069 c',
    '\u2066a \u202Bb\u202C\u2069 c',
    'added U+202C, which ends what U+202B begins.',
  ],
] as const)('an invisible mark that %s is mended, and told', async ([, stray, mended, note]) => {
  for (const write of [json, xml]) {
    const store = await createStore()
    const persons = [{ name: stray }]
    const content = write([talk('a', { title: stray, abstract: `One\n${stray}\nthree`, persons })], {
      time_zone_name: 'Europe/Berlin',
    })
    const { notes } = await importFile(store, content)
    expect(notes).toEqual([expect.stringMatching(/^3 times, first at .*: /)])
    expect(notes[0]).toContain(note)
    const rows = await store.sql(
      `SELECT s.title, s.abstract, p.name FROM sessions s JOIN session_speakers l ON l.session_id = s.id
       JOIN speakers p ON p.id = l.speaker_id`,
    )
    expect(rows).toEqual([{ title: mended, abstract: `One\n${mended}\nthree`, name: mended }])
  }
})

test('a session that is faulty in a later edition stays as it is stored, instead of being deleted', async () => {
  const store = await createStore()
  await importFile(store, json([talk('a'), talk('b')]))
  const report = await importFile(store, json([talk('a'), talk('b', { date: 'soon' })]), {
    skipInvalid: true,
  })
  expect(report.counts.sessions).toEqual({ created: 0, changed: 0, unchanged: 1, removed: 0, skipped: 1 })
  const rows = await store.sql('SELECT source_id, deleted_at, version FROM sessions ORDER BY source_id')
  expect(rows).toEqual([
    { source_id: 'a', deleted_at: null, version: 1 },
    { source_id: 'b', deleted_at: null, version: 1 },
  ])
})

test('a wall-clock time that a clock change skips or doubles names the instants that it could mean', async () => {
  const store = await createStore()
  const local = (guid: string, date: string) => talk(guid, { date, start: '10:00' })
  const changes = json([
    local('skipped', '2031-03-30T02:30:00'),
    local('doubled', '2031-10-26T02:30:00'),
    local('plain', '2031-03-30T03:30:00'),
  ])
  const options = { timeZone: 'Europe/Berlin' }
  const [skipped, doubled] = [
    `${at(0)}: start: 2031-03-30T02:30:00 is skipped by a clock change in Europe/Berlin: it could mean ` +
      '2031-03-30T00:30:00.000Z or 2031-03-30T01:30:00.000Z. Write it with its offset.',
    `${at(1)}: start: 2031-10-26T02:30:00 happens twice at a clock change in Europe/Berlin: it could mean ` +
      '2031-10-26T00:30:00.000Z or 2031-10-26T01:30:00.000Z. Write it with its offset.',
  ]
  await expect(importFile(store, changes, options)).rejects.toThrow(`${skipped}\n${doubled}\n`)
  const report = await importFile(store, changes, { ...options, skipInvalid: true })
  expect(report.counts.sessions).toMatchObject({ created: 1, skipped: 2 })
  expect(await store.sql('SELECT starts_at FROM sessions')).toEqual([
    { starts_at: new Date('2031-03-30T01:30:00Z') },
  ])
})

test('a duration runs through a clock change by elapsed time', async () => {
  const store = await createStore()
  const party = talk('party', { date: '2031-03-30T01:30:00', duration: '02:00' })
  await importFile(store, json([party], { time_zone_name: 'Europe/Berlin' }))
  expect(await store.sql('SELECT starts_at, ends_at FROM sessions')).toEqual([
    { starts_at: new Date('2031-03-30T00:30:00Z'), ends_at: new Date('2031-03-30T02:30:00Z') },
  ])
})

test("the zone is the given one, else the file's, else the stored event's, else the offset that all times share", async () => {
  const store = await createStore()
  const local = talk('a', { date: '2031-03-29T10:00' })
  const zoneOf = async (content: object, options: Partial<ImportOptions> = {}) => {
    const { event, notes } = await importFile(store, content, { slug: 'inventia', ...options })
    const [{ starts_at: startsAt } = {}] = await store.sql('SELECT starts_at FROM sessions')
    return [event.timeZone, (startsAt as Date).toISOString(), notes.length]
  }
  await expect(zoneOf(json([local]))).rejects.toThrow(
    `schedule.conference: has wall-clock times without a zone (the first at ${at(0)}), and names none for the event. ` +
      'Say which: --time-zone ZONE, such as --time-zone America/New_York.',
  )
  expect(await zoneOf(json([talk('a')]))).toEqual(['Etc/GMT-1', '2031-03-29T09:00:00.000Z', 1])
  expect(await zoneOf(json([local]))).toEqual(['Etc/GMT-1', '2031-03-29T09:00:00.000Z', 0])
  const named = json([local], { time_zone_name: 'Asia/Kolkata' })
  expect(await zoneOf(named)).toEqual(['Asia/Kolkata', '2031-03-29T04:30:00.000Z', 0])
  expect(await zoneOf(named, { timeZone: 'America/St_Johns' })).toEqual([
    ...['America/St_Johns', '2031-03-29T12:30:00.000Z', 0],
  ])
})

test.for([
  ['half an hour off', '2031-03-29T10:00:00+05:30'],
  ['nothing at all', ''],
])('offsets that are %s make no zone, so one has to be named', async ([, date]) => {
  const store = await createStore()
  const events = [talk('a', { date })]
  await expect(importFile(store, json(events))).rejects.toThrow(
    /names (no time zone|none) for the event\. Say which: --time-zone/,
  )
  const report = await importFile(store, json(events), { timeZone: 'Asia/Kolkata' })
  expect(report.event.timeZone).toBe('Asia/Kolkata')
})

test('a time outside the years 1900 to 2200 is refused with its place, and so is the end that follows from it', async () => {
  const store = await createStore()
  const far = json([
    talk('far', { date: '9999-12-31T23:00:00+00:00' }),
    talk('old', { date: '0001-01-01T10:00:00+00:00' }),
    talk('local', { date: '1850-01-01T10:00:00' }),
    talk('late', { date: '2200-12-31T23:50:00+00:00' }),
  ])
  const reason = 'outside the years 1900 to 2200 in UTC.'
  await expect(importFile(store, far, { timeZone: 'Europe/Berlin' })).rejects.toThrow(
    [
      `${at(0)}: start: "9999-12-31T23:00:00+00:00" is ${reason}`,
      `${at(1)}: start: "0001-01-01T10:00:00+00:00" is ${reason}`,
      `${at(2)}: start: "1850-01-01T10:00:00" is ${reason}`,
      `${at(3)}: ends ${reason}`,
    ].join('\n'),
  )
})

test("a zone's name is stored in IANA's spelling, whether the file or the caller names it", async () => {
  const store = await createStore()
  const named = await importFile(store, json([talk('a')], { time_zone_name: 'asia/kolkata' }))
  expect(named.event.timeZone).toBe('Asia/Kolkata')
  const given = await importFile(store, json([talk('a')]), { timeZone: 'EUROPE/BERLIN' })
  expect(given.event.timeZone).toBe('Europe/Berlin')
})

test.for([
  ['Berlin', 'Europe/Berlin'],
  ['Eastern Time (US & Canada)', 'America/New_York'],
  ['(GMT-08:00) Pacific Time (US & Canada)', 'America/Los_Angeles'],
  ['W. Europe Standard Time', 'Europe/Berlin'],
  ['Europe/\u200BBerlin', 'Europe/Berlin'],
] as const)(
  'a zone that Rails or Windows calls %s, or that holds what nobody sees, is read as %s, and told',
  async ([name, zone]) => {
    const store = await createStore()
    const local = talk('a', { date: '2031-03-29T10:00:00' })
    const { event, notes } = await importFile(store, xml([local], { time_zone_name: name }))
    expect([event.timeZone, notes]).toEqual([
      zone,
      [`The file calls its time zone ${JSON.stringify(name)}, which is read as ${zone}.`],
    ])
  },
)

test('an unknown zone is refused with its place, whether the file or the caller names it', async () => {
  const store = await createStore()
  const wrong = json([talk('a')], { time_zone_name: 'US / Eastern' })
  await expect(importFile(store, wrong)).rejects.toThrow(
    'schedule.conference.time_zone_name: "US / Eastern" isn\'t an IANA time zone. Name the right one: --time-zone ZONE',
  )
  await expect(importFile(store, json([]), { timeZone: 'US / Eastern' })).rejects.toThrow(RangeError)
  expect(await isEmpty(store)).toBe(true)
})

test('a fault of a track, a room, a type or a speaker says whose it is', async () => {
  const [name, track, type] = ['p', 't', 'y'].map((letter) => letter.repeat(501)) as [string, string, string]
  const events = [talk('a', { persons: [{ name }], track, type, room: 'r'.repeat(501) })]
  const refusal = await importFile(await createStore(), json(events)).catch(String)
  for (const whose of ['speaker', 'room', 'track', 'session type']) {
    expect(refusal).toContain(`: the ${whose}'s name must be at most 500 characters long.`)
  }
})

test('a capacity or a colour that is none is told', async () => {
  const dates = { start: '2031-03-29', end: '2031-03-31', time_zone_name: 'Europe/Berlin' }
  const rooms = [
    { name: 'Hall', capacity: 'many' },
    { name: 'Attic', capacity: 0 },
    { name: 'Cellar', capacity: '' },
  ]
  const lists = { rooms, tracks: [{ name: 'Art', color: 'red' }], days: [] }
  const { notes } = await importFile(await createStore(), {
    schedule: { conference: { title: 'Inventia', ...dates, ...lists } },
  })
  expect(notes.slice(1)).toEqual([
    'schedule.conference.rooms[0]: has the capacity "many", which is no number of seats. It was left out.',
    'schedule.conference.tracks[0]: has the color "red", which is none such as #ff8800. It was left out.',
  ])
})

test('an event that can not be stored is refused, skipInvalid or not', async () => {
  const store = await createStore()
  const options = { timeZone: 'UTC', skipInvalid: true, slug: 'inventia' }
  const refused = async (more: Record<string, string>, events: InventedEvent[] = []) =>
    importFile(store, json(events, more), options).then(
      String,
      (error: Error) => error.message.split('\n')[0],
    )
  expect(await refused({ title: '' })).toBe("schedule.conference: the event's name must not be blank.")
  expect(await refused({ end: '2031-03-01' })).toMatch(/: the event ends at .*, not after its start /)
  expect(await refused({ start: 'soon' })).toMatch(/: start: "soon" isn't a date and time/)
  expect(await isEmpty(store)).toBe(true)
})

test('without dates of its own the event lasts from its first session to its last', async () => {
  const store = await createStore()
  const event = { name: 'Inventia', timezone: 'UTC', state: 'Published' }
  const sessions = [
    { id: 1, title: 'A', starts_at: '2031-05-01T10:00:00Z', ends_at: '2031-05-01T11:00:00Z' },
    { id: 2, title: 'B', starts_at: '2031-05-01T09:00:00Z', ends_at: '2031-05-01T09:30:00Z' },
    { id: 3, title: 'C' },
  ]
  await importFile(store, { event, sessions })
  expect(await store.sql('SELECT starts_at, ends_at FROM events')).toEqual([
    { starts_at: new Date('2031-05-01T09:00:00Z'), ends_at: new Date('2031-05-01T11:00:00Z') },
  ])
  await expect(importFile(store, { event, sessions: [] }, { slug: 'empty' })).rejects.toThrow(
    "says neither when the event is nor any session's time.",
  )
})

test('a slug made of a name never hits another year, unless the slug is given', async () => {
  const store = await createStore()
  await importFile(store, json([talk('a')]))
  const nextYear = json([talk('b', { date: '2032-03-29T10:00:00+02:00' })], {
    start: '2032-03-29',
    end: '2032-03-31',
  })
  await expect(importFile(store, nextYear)).rejects.toThrow(
    'There is an event "inventia-2031" at another time (from 2031-03-28T23:00:00.000Z). ' +
      'If it is the same event, say so by --event inventia-2031; if not, choose another slug: --event SLUG.',
  )
  expect((await importFile(store, nextYear, { slug: 'inventia-2032' })).event.outcome).toBe('created')
  const same = await importFile(store, nextYear, { slug: 'inventia-2031' })
  expect(same.event.outcome).toBe('changed')
})

test('a deleted event and a slug that is none are refused', async () => {
  const store = await createStore()
  await importFile(store, json([talk('a')]))
  await store.sql('UPDATE events SET deleted_at = now()')
  await expect(importFile(store, json([talk('a')]))).rejects.toThrow('The event "inventia-2031" was deleted.')
  await expect(importFile(store, json([]), { slug: 'Not A Slug' })).rejects.toThrow(RangeError)
  await expect(importFile(store, json([], { title: '???' }))).rejects.toThrow('Choose one: --event SLUG.')
})

test('of a faulty speaker only the wrong value is left out, and a name that is too long is cut', async () => {
  const store = await createStore()
  const content = {
    event: {
      name: 'Inventia',
      timezone: 'UTC',
      starts_at: '2031-05-01T09:00:00Z',
      ends_at: '2031-05-02T09:00:00Z',
    },
    speakers: [{ id: 1, name: 'Ada Mustermann', website: 'www.example.org', country: 'Germany' }],
    microlocations: [{ id: 2, name: 'x'.repeat(501) }],
    sessions: [{ id: 3, title: 'A', state: 'accepted', speakers: [{ id: 1 }], microlocation: { id: 2 } }],
  }
  const reasons = [
    "programme microlocations[0]: the room's name must be at most 500 characters long.",
    'programme speakers[0]: the speaker\'s websiteUrl: "www.example.org" isn\'t an absolute http(s) URL.',
  ]
  await expect(importFile(store, content)).rejects.toThrow(reasons.join('\n'))
  const report = await importFile(store, content, { skipInvalid: true })
  expect(report.skips.map(({ kind, isWhole }) => [kind, isWhole])).toEqual([
    ['rooms', false],
    ['speakers', false],
  ])
  const rows = await store.sql(
    `SELECT s.title, r.name AS room, p.country, p.website_url FROM sessions s JOIN rooms r ON r.id = s.room_id
     JOIN session_speakers l ON l.session_id = s.id JOIN speakers p ON p.id = l.speaker_id`,
  )
  expect(rows).toEqual([{ title: 'A', room: `${'x'.repeat(499)}…`, country: 'Germany', website_url: null }])
})

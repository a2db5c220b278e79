import { expect, test } from 'vitest'
import { type ImportOptions, importProgramme } from '../../src/features/programme/import-programme.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from '../interchange/files.ts'
import { frabJson, frabXml, type InventedEvent } from '../interchange/frab-files.ts'
import { createWorld, type World } from '../world.ts'

const conference = { title: 'Inventia 2031', start: '2031-03-29', end: '2031-03-31' }
const talk = (guid: string, fields: InventedEvent = {}): InventedEvent => ({
  ...{ guid, title: `Talk ${guid}`, date: '2031-03-29T10:00:00+01:00', duration: '00:30' },
  ...fields,
})

async function importFile(world: World, content: string | object, options: Partial<ImportOptions> = {}) {
  const defaults = { slug: null, timeZone: null, isDryRun: false, skipInvalid: false }
  const programme = await readProgramme(await fileWith(content))
  return importProgramme(world.operator, programme, { ...defaults, ...options })
}

const json = (events: readonly InventedEvent[], more: Record<string, string> = {}) =>
  frabJson({ ...conference, ...more }, [{ date: '2031-03-29', events }])
const xml = (events: readonly InventedEvent[], more: Record<string, string> = {}) =>
  frabXml({ ...conference, ...more }, [{ date: '2031-03-29', events }])

const at = (index: number) => `schedule.conference.days[0].rooms.Hall[${index}]`

async function isEmpty(world: World): Promise<boolean> {
  const [row] = await world.sql(
    'SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM speakers) AS rows',
  )
  return row!['rows'] === '0'
}

const faulty = [
  talk('good'),
  talk('zero', { duration: '00:00' }),
  talk('good', { title: 'Again' }),
  talk('blank', { title: ' ' }),
  talk('long', { title: 'x'.repeat(501) }),
  talk('link', { video_download_url: 'http: //example.org' }),
  talk('bounds', { end: '2031-03-29T09:00:00+01:00' }),
]

const faults = [
  [at(1), 'ends at 2031-03-29T09:00:00.000Z, not after its start 2031-03-29T09:00:00.000Z.'],
  [at(2), `has the guid or id of the session at ${at(0)}: good.`],
  [at(3), 'title must not be blank.'],
  [at(4), 'title must be at most 500 characters long.'],
  [at(5), 'videoUrl: "http: //example.org" isn\'t an absolute http(s) URL.'],
  [at(6), 'ends at 2031-03-29T08:00:00.000Z, not after its start 2031-03-29T09:00:00.000Z.'],
] as const

test('faults of sessions are collected, each with its place, and nothing is written', async () => {
  const world = await createWorld()
  await expect(importFile(world, json(faulty))).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
    message: [
      ...faults.map(([place, reason]) => `${place}: ${reason}`),
      'Nothing was imported. Mend the file, or leave out what is faulty by --skip-invalid.',
    ].join('\n'),
    details: { issues: faults.map(([place, message]) => ({ path: [place], message })) },
  })
  expect(await isEmpty(world)).toBe(true)
})

test('in XML the place is the line', async () => {
  const world = await createWorld()
  const text = xml(faulty)
  const line = text.slice(0, text.indexOf('guid="zero"')).split('\n').length
  await expect(importFile(world, text)).rejects.toThrow(`line ${line}: ends at 2031-03-29T09:00:00.000Z`)
})

test('with skipInvalid the rest is imported and what was left out is reported', async () => {
  const world = await createWorld()
  const report = await importFile(world, json(faulty), { skipInvalid: true })
  expect(report.counts.sessions).toEqual({ created: 1, changed: 0, unchanged: 0, removed: 0, skipped: 6 })
  const skips = faults.map(([place, reason]) => ({ kind: 'sessions', place, reason, isWhole: true }))
  expect(report.skips).toEqual(skips)
})

test('a session that is faulty in a later edition stays as it is stored, instead of being deleted', async () => {
  const world = await createWorld()
  await importFile(world, json([talk('a'), talk('b')]))
  const report = await importFile(world, json([talk('a'), talk('b', { duration: '00:00' })]), {
    skipInvalid: true,
  })
  expect(report.counts.sessions).toEqual({ created: 0, changed: 0, unchanged: 1, removed: 0, skipped: 1 })
  const rows = await world.sql('SELECT source_id, deleted_at, version FROM sessions ORDER BY source_id')
  expect(rows).toEqual([
    { source_id: 'a', deleted_at: null, version: 1 },
    { source_id: 'b', deleted_at: null, version: 1 },
  ])
})

test('a wall-clock time that a clock change skips or doubles names the instants that it could mean', async () => {
  const world = await createWorld()
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
  await expect(importFile(world, changes, options)).rejects.toThrow(`${skipped}\n${doubled}\n`)
  const report = await importFile(world, changes, { ...options, skipInvalid: true })
  expect(report.counts.sessions).toMatchObject({ created: 1, skipped: 2 })
  expect(await world.sql('SELECT starts_at FROM sessions')).toEqual([
    { starts_at: new Date('2031-03-30T01:30:00Z') },
  ])
})

test('a duration runs through a clock change by elapsed time', async () => {
  const world = await createWorld()
  const party = talk('party', { date: '2031-03-30T01:30:00', duration: '02:00' })
  await importFile(world, json([party], { time_zone_name: 'Europe/Berlin' }))
  expect(await world.sql('SELECT starts_at, ends_at FROM sessions')).toEqual([
    { starts_at: new Date('2031-03-30T00:30:00Z'), ends_at: new Date('2031-03-30T02:30:00Z') },
  ])
})

test("the zone is the given one, else the file's, else the stored event's, else the offset that all times share", async () => {
  const world = await createWorld()
  const local = talk('a', { date: '2031-03-29T10:00' })
  const zoneOf = async (content: object, options: Partial<ImportOptions> = {}) => {
    const { event, notes } = await importFile(world, content, { slug: 'inventia', ...options })
    const [{ starts_at: startsAt } = {}] = await world.sql('SELECT starts_at FROM sessions')
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
  const world = await createWorld()
  const events = [talk('a', { date })]
  await expect(importFile(world, json(events))).rejects.toThrow(
    /names (no time zone|none) for the event\. Say which: --time-zone/,
  )
  const report = await importFile(world, json(events), { timeZone: 'Asia/Kolkata' })
  expect(report.event.timeZone).toBe('Asia/Kolkata')
})

test('a time outside the years 1900 to 2200 is refused with its place, and so is the end that follows from it', async () => {
  const world = await createWorld()
  const far = json([
    talk('far', { date: '9999-12-31T23:00:00+00:00' }),
    talk('old', { date: '0001-01-01T10:00:00+00:00' }),
    talk('local', { date: '1850-01-01T10:00:00' }),
    talk('late', { date: '2200-12-31T23:50:00+00:00' }),
  ])
  const reason = 'outside the years 1900 to 2200 in UTC.'
  await expect(importFile(world, far, { timeZone: 'Europe/Berlin' })).rejects.toThrow(
    [
      `${at(0)}: start: "9999-12-31T23:00:00+00:00" is ${reason}`,
      `${at(1)}: start: "0001-01-01T10:00:00+00:00" is ${reason}`,
      `${at(2)}: start: "1850-01-01T10:00:00" is ${reason}`,
      `${at(3)}: ends ${reason}`,
    ].join('\n'),
  )
})

test("a zone's name is stored in IANA's spelling, whether the file or the caller names it", async () => {
  const world = await createWorld()
  const named = await importFile(world, json([talk('a')], { time_zone_name: 'asia/kolkata' }))
  expect(named.event.timeZone).toBe('Asia/Kolkata')
  const given = await importFile(world, json([talk('a')]), { timeZone: 'EUROPE/BERLIN' })
  expect(given.event.timeZone).toBe('Europe/Berlin')
})

test('an unknown zone is refused with its place, whether the file or the caller names it', async () => {
  const world = await createWorld()
  const wrong = json([talk('a')], { time_zone_name: 'US / Eastern' })
  await expect(importFile(world, wrong)).rejects.toThrow(
    'schedule.conference.time_zone_name: "US / Eastern" isn\'t an IANA time zone. Name the right one: --time-zone ZONE',
  )
  await expect(importFile(world, json([]), { timeZone: 'US / Eastern' })).rejects.toThrow(RangeError)
  expect(await isEmpty(world)).toBe(true)
})

test('an event that can not be stored is refused, skipInvalid or not', async () => {
  const world = await createWorld()
  const options = { timeZone: 'UTC', skipInvalid: true, slug: 'inventia' }
  const refused = async (more: Record<string, string>, events: InventedEvent[] = []) =>
    importFile(world, json(events, more), options).then(
      String,
      (error: Error) => error.message.split('\n')[0],
    )
  expect(await refused({ title: '' })).toBe("schedule.conference: the event's name must not be blank.")
  expect(await refused({ end: '2031-03-01' })).toMatch(/: the event ends at .*, not after its start /)
  expect(await refused({ start: 'soon' })).toMatch(/: start: "soon" isn't a date and time/)
  expect(await isEmpty(world)).toBe(true)
})

test('without dates of its own the event lasts from its first session to its last', async () => {
  const world = await createWorld()
  const event = { name: 'Inventia', timezone: 'UTC', state: 'Published' }
  const sessions = [
    { id: 1, title: 'A', starts_at: '2031-05-01T10:00:00Z', ends_at: '2031-05-01T11:00:00Z' },
    { id: 2, title: 'B', starts_at: '2031-05-01T09:00:00Z', ends_at: '2031-05-01T09:30:00Z' },
    { id: 3, title: 'C' },
  ]
  await importFile(world, { event, sessions })
  expect(await world.sql('SELECT starts_at, ends_at FROM events')).toEqual([
    { starts_at: new Date('2031-05-01T09:00:00Z'), ends_at: new Date('2031-05-01T11:00:00Z') },
  ])
  await expect(importFile(world, { event, sessions: [] }, { slug: 'empty' })).rejects.toThrow(
    "says neither when the event is nor any session's time.",
  )
})

test('a slug made of a name never hits another year, unless the slug is given', async () => {
  const world = await createWorld()
  await importFile(world, json([talk('a')]))
  const nextYear = json([talk('b', { date: '2032-03-29T10:00:00+02:00' })], {
    start: '2032-03-29',
    end: '2032-03-31',
  })
  await expect(importFile(world, nextYear)).rejects.toThrow(
    'There is an event "inventia-2031" at another time (from 2031-03-28T23:00:00.000Z). ' +
      'If it is the same event, say so by --event inventia-2031; if not, choose another slug: --event SLUG.',
  )
  expect((await importFile(world, nextYear, { slug: 'inventia-2032' })).event.outcome).toBe('created')
  const same = await importFile(world, nextYear, { slug: 'inventia-2031', allowRemovals: true })
  expect(same.event.outcome).toBe('changed')
})

test('a deleted event and a slug that is none are refused', async () => {
  const world = await createWorld()
  await importFile(world, json([talk('a')]))
  await world.sql('UPDATE events SET deleted_at = now()')
  await expect(importFile(world, json([talk('a')]))).rejects.toThrow('The event "inventia-2031" was deleted.')
  await expect(importFile(world, json([]), { slug: 'Not A Slug' })).rejects.toThrow(RangeError)
  await expect(importFile(world, json([], { title: '???' }))).rejects.toThrow('Choose one: --event SLUG.')
})

test('of a faulty speaker only the wrong value is left out, of a nameless room the room', async () => {
  const world = await createWorld()
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
    'programme microlocations[0]: name must be at most 500 characters long.',
    'programme speakers[0]: websiteUrl: "www.example.org" isn\'t an absolute http(s) URL.',
  ]
  await expect(importFile(world, content)).rejects.toThrow(reasons.join('\n'))
  const report = await importFile(world, content, { skipInvalid: true })
  expect(report.skips.map(({ kind, isWhole }) => [kind, isWhole])).toEqual([
    ['rooms', true],
    ['speakers', false],
  ])
  const rows = await world.sql(
    `SELECT s.title, s.room_id, p.country, p.website_url FROM sessions s
     JOIN session_speakers l ON l.session_id = s.id JOIN speakers p ON p.id = l.speaker_id`,
  )
  expect(rows).toEqual([{ title: 'A', room_id: null, country: 'Germany', website_url: null }])
})

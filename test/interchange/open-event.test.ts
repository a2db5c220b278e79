import path from 'node:path'
import { expect, test } from 'vitest'
import type { FoundProgramme } from '../../src/interchange/read/found.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith, folderWith } from './files.ts'

const snake = {
  event: {
    id: 1,
    name: 'Inventia',
    start_time: '2031-05-01T09:00:00+02:00',
    end_time: '2031-05-02T18:00:00+02:00',
    timezone: 'Europe/Berlin',
    state: 'Published',
    description: '<p>Invented.</p>',
  },
  tracks: [{ id: 3, name: 'Time', color: '#C62', description: null }],
  microlocations: [{ id: 4, name: 'Hall', floor: 2 }],
  session_types: [{ id: 5, name: 'Talk', length: '00:25' }],
  speakers: [
    {
      id: 6,
      name: 'Ada Mustermann',
      short_biography: 'Short.',
      long_biography: '',
      organisation: 'Invented Clocks',
      country: 'Germany',
      photo: '/images/speakers/ada.jpg',
      website: 'https://example.org/ada',
      email: 'ada@example.org',
    },
  ],
  sessions: [
    {
      id: 7,
      title: 'Of clocks',
      subtitle: '',
      short_abstract: 'Short.',
      long_abstract: 'Long.',
      level: 'Advanced',
      language: 'English',
      start_time: '2031-05-01T10:00:00+02:00',
      end_time: '2031-05-01T10:25:00+02:00',
      state: 'accepted',
      slides: 'https://example.org/slides',
      video: null,
      audio: '',
      signup_url: null,
      submitted_at: '2031-01-01T00:00:00+00:00',
      track: { id: 3, name: 'Time' },
      microlocation: { id: 4, name: 'Hall' },
      session_type: { id: 5, name: 'Talk', length: '00:25' },
      speakers: [{ id: 6, name: 'Ada Mustermann' }],
    },
  ],
}

/** The keys of the later servers: hyphens, and other names for times and links. */
function hyphenated(value: unknown): unknown {
  const renamed: Record<string, string> = {
    start_time: 'starts-at',
    end_time: 'ends-at',
    slides: 'slides-url',
    video: 'video-url',
    audio: 'audio-url',
    photo: 'photo-url',
  }
  if (Array.isArray(value)) return value.map(hyphenated)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => [
    renamed[key] ?? hyphens(key),
    hyphenated(inner),
  ])
  return Object.fromEntries(entries)
}

const hyphens = (key: string) => key.replaceAll('_', '-')

/** JSON:API: references by relationships, and everything in one list. */
function jsonApi(): object {
  const resource = (type: string, record: Record<string, unknown>, relationships = {}) => {
    const isAttribute = ([key]: [string, unknown]) =>
      key !== 'id' && !Object.hasOwn(relationships, hyphens(key))
    const attributes = hyphenated(Object.fromEntries(Object.entries(record).filter(isAttribute)))
    return { type, id: String(record['id']), attributes, relationships }
  }
  const to = (type: string, id: number) => ({ data: { type, id: String(id) } })
  return {
    data: resource('event', snake.event),
    included: [
      resource('session', snake.sessions[0]!, {
        track: to('track', 3),
        microlocation: to('microlocation', 4),
        'session-type': to('session-type', 5),
        speakers: { data: [{ type: 'speaker', id: '6' }] },
        feedbacks: { links: { self: '/feedbacks' } },
      }),
      resource('track', snake.tracks[0]!),
      resource('microlocation', snake.microlocations[0]!),
      resource('session-type', snake.session_types[0]!),
      resource('speaker', snake.speakers[0]!),
      { type: 'sponsor', id: '1', attributes: { name: 'Nobody' } },
    ],
    jsonapi: { version: '1.0' },
  }
}

const asFolder = (files: object, extension = '.json') =>
  folderWith(
    Object.fromEntries(Object.entries(files).map(([name, content]) => [`${name}${extension}`, content])),
  )

/** Without the places, and with what sessions refer to by its source id. */
function gist({ format, event, tracks, rooms, sessionTypes, speakers, sessions }: FoundProgramme) {
  const parts = (list: FoundProgramme['speakers'] | FoundProgramme['tracks']) =>
    list?.map(({ sourceId, values, faults }) => ({ sourceId, values, faults }))
  const { place: _place, ...ofEvent } = event
  return {
    ...{ format, event: { ...ofEvent, timeZone: event.timeZone?.name } },
    ...{
      tracks: parts(tracks),
      rooms: parts(rooms),
      sessionTypes: parts(sessionTypes),
      speakers: parts(speakers),
    },
    sessions: sessions?.map(({ place: __place, track, room, sessionType, ...session }) => ({
      ...session,
      speakers: session.speakers.map(({ sourceId }) => sourceId),
      refers: [track?.sourceId, room?.sourceId, sessionType?.sourceId],
    })),
  }
}

const expected = {
  format: 'Open Event JSON',
  event: {
    acronym: null,
    name: 'Inventia',
    textFormat: 'HTML',
    description: '<p>Invented.</p>',
    timeZone: 'Europe/Berlin',
    startsAt: { kind: 'instant', instant: new Date('2031-05-01T07:00:00Z'), offset: '+02:00' },
    endsAt: { kind: 'instant', instant: new Date('2031-05-02T16:00:00Z'), offset: '+02:00' },
    state: { value: 'PUBLISHED', isStated: true },
    faults: [],
  },
  tracks: [{ sourceId: '3', values: { name: 'Time', color: '#cc6622', description: null }, faults: [] }],
  rooms: [{ sourceId: '4', values: { name: 'Hall', floor: '2' }, faults: [] }],
  sessionTypes: [{ sourceId: '5', values: { name: 'Talk', durationMinutes: 25 }, faults: [] }],
  speakers: [
    {
      sourceId: '6',
      values: {
        name: 'Ada Mustermann',
        biography: 'Short.',
        textFormat: 'HTML',
        organisation: 'Invented Clocks',
        country: 'Germany',
        websiteUrl: 'https://example.org/ada',
      },
      faults: [],
    },
  ],
  sessions: [
    {
      sourceId: '7',
      ids: ['7'],
      graveFaults: [],
      values: {
        title: 'Of clocks',
        subtitle: null,
        abstract: 'Short.',
        textFormat: 'HTML',
        description: 'Long.',
        language: 'English',
        level: 'ADVANCED',
        slidesUrl: 'https://example.org/slides',
      },
      startsAt: { kind: 'instant', instant: new Date('2031-05-01T08:00:00Z'), offset: '+02:00' },
      endsAt: { kind: 'instant', instant: new Date('2031-05-01T08:25:00Z'), offset: '+02:00' },
      submittedAt: { kind: 'instant', instant: new Date('2031-01-01T00:00:00Z'), offset: '+00:00' },
      state: { value: 'ACCEPTED', isStated: true },
      speakers: ['6'],
      refers: ['3', '4', '5'],
      faults: [],
    },
  ],
}

test('a folder with snake_case keys', async () => {
  expect(gist(await readProgramme(await asFolder(snake)))).toEqual(expected)
})

test('a folder with hyphenated keys, and one whose files have no extension', async () => {
  const hyphens = hyphenated(snake) as object
  expect(gist(await readProgramme(await asFolder(hyphens)))).toEqual(expected)
  expect(gist(await readProgramme(await asFolder(snake, '')))).toEqual(expected)
})

test('one file, in whichever order and style', async () => {
  const backwards = (files: object) => Object.fromEntries(Object.entries(files).reverse())
  for (const files of [snake, hyphenated(snake) as object, backwards(snake)]) {
    expect(gist(await readProgramme(await fileWith(files)))).toEqual(expected)
  }
})

test('JSON:API in one file, and as documents in a folder', async () => {
  expect(gist(await readProgramme(await fileWith(jsonApi())))).toEqual(expected)
  const { data, included } = jsonApi() as { data: object; included: { type: string }[] }
  const list = (type: string) => ({ data: included.filter((record) => record.type === type) })
  const folder = await folderWith({
    'event.json': { data },
    'tracks.json': list('track'),
    'microlocations.json': list('microlocation'),
    'session-types.json': list('session-type'),
    'speakers.json': list('speaker'),
    'sessions.json': list('session'),
  })
  expect(gist(await readProgramme(folder))).toEqual(expected)
})

test('places name the file and the path into it', async () => {
  const { sessions, event } = await readProgramme(await asFolder(snake))
  expect([event.timeZone!.place, sessions![0]!.place]).toEqual(['event.json timezone', 'sessions.json [0]'])
  const whole = await readProgramme(await fileWith(snake, 'whole.json'))
  expect(whole.sessions![0]!.place).toBe('whole.json sessions[0]')
})

test('every state of the server is read, and an unknown one is a fault', async () => {
  const states = [
    'accepted',
    'confirmed',
    'pending',
    'rejected',
    'draft',
    'canceled',
    'Withdrawn',
    'recording',
    null,
  ]
  const sessions = states.map((state, id) => ({ ...snake.sessions[0], id, state }))
  const programme = await readProgramme(await fileWith({ ...snake, sessions }))
  const unknown =
    'state: "recording" is none of draft, pending, accepted, confirmed, rejected, canceled, cancelled, withdrawn.'
  expect(programme.sessions!.map(({ state, faults }) => [state.value, state.isStated, ...faults])).toEqual([
    ['ACCEPTED', true],
    ['CONFIRMED', true],
    ['PENDING', true],
    ['REJECTED', true],
    ['DRAFT', true],
    ['CANCELED', true],
    ['WITHDRAWN', true],
    ['DRAFT', false, unknown],
    ['DRAFT', false],
  ])
})

test.for([
  ['Draft', 'DRAFT'],
  ['Published', 'PUBLISHED'],
  ['Completed', 'PUBLISHED'],
] as const)('an event that is %s there is %s here', async ([state, expectedState]) => {
  const { event } = await readProgramme(await fileWith({ ...snake, event: { ...snake.event, state } }))
  expect(event.state).toEqual({ value: expectedState, isStated: true })
})

test('an export without sessions says nothing about them', async () => {
  const { tracks, rooms, sessionTypes, speakers, sessions } = await readProgramme(
    await asFolder({ event: snake.event }),
  )
  expect({ tracks, rooms, sessionTypes, speakers, sessions }).toEqual({
    ...{ tracks: null, rooms: null, sessionTypes: null, speakers: null, sessions: null },
  })
  const empty = await readProgramme(await asFolder({ event: snake.event, sessions: [] }))
  expect(empty.sessions).toEqual([])
})

test('deleted sessions are not in the programme, and a reference to nothing is a fault', async () => {
  const sessions = [
    { ...snake.sessions[0], id: 1, deleted_at: '2031-01-01T00:00:00Z' },
    { ...snake.sessions[0], id: 2, deleted_at: '', track: 99, speakers: [{ id: '', name: '' }] },
  ]
  const programme = await readProgramme(await fileWith({ ...snake, sessions }))
  expect(
    programme.sessions!.map(({ sourceId, faults, speakers }) => ({ sourceId, faults, speakers })),
  ).toEqual([
    { sourceId: '2', faults: ["refers to the track 99, which the export doesn't have."], speakers: [] },
  ])
})

test('two people with one id, as in exports edited by hand, stay two', async () => {
  const speakers = [...snake.speakers, { id: 6, name: 'Bo Example' }]
  const both = [
    { id: 6, name: 'Bo Example' },
    { id: 6, name: 'Ada Mustermann' },
  ]
  const sessions = [{ ...snake.sessions[0], speakers: both }]
  const programme = await readProgramme(await fileWith({ ...snake, speakers, sessions }))
  expect(programme.sessions![0]!.speakers.map(({ sourceId }) => sourceId)).toEqual([
    '6 Bo Example',
    '6 Ada Mustermann',
  ])
})

test.for([
  ['00:25', 25],
  ['00.50', 50],
  ['1.00', 60],
  [0.3, 30],
  [1, 60],
  [0.05, 5],
  ['', null],
  ['00:00', null],
] as const)('the session type length %j is %j minutes', async ([length, minutes]) => {
  const programme = await readProgramme(
    await fileWith({ ...snake, session_types: [{ id: 5, name: 'Talk', length }] }),
  )
  expect(programme.sessionTypes![0]!.values.durationMinutes).toBe(minutes)
})

test('a broken file of a folder is named', async () => {
  const folder = await folderWith({ 'event.json': snake.event, 'sessions.json': '[{"id": 1}\n{"id": 2}]' })
  await expect(readProgramme(folder)).rejects.toThrow(
    'sessions.json line 2, column 1: isn\'t JSON: unexpected "{".',
  )
  const file = path.join(await asFolder({ sessions: snake.sessions }), 'sessions.json')
  await expect(readProgramme(file)).rejects.toThrow('name the folder instead')
})

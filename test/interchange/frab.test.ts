import { expect, test } from 'vitest'
import type { FoundProgramme } from '../../src/interchange/read/found.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from './files.ts'
import { frabJson, frabXml, type InventedEvent } from './frab-files.ts'

const conference = { title: 'Inventia 2031', acronym: 'inventia31', start: '2031-05-01', end: '2031-05-02' }
const talk: InventedEvent = {
  id: 7,
  guid: 'guid-7',
  date: '2031-05-01T10:00:00+02:00',
  start: '10:00',
  duration: '00:45',
  title: 'Of clocks',
  subtitle: '',
  abstract: 'First line\n\nSecond line',
  track: 'Time',
  type: 'lecture',
  language: 'en',
  persons: [{ id: 1, name: 'Ada Mustermann' }, { name: 'Bo Example' }],
}
const days = [{ date: '2031-05-01', events: [talk] }]

async function read(content: string | Uint8Array | object): Promise<FoundProgramme> {
  return readProgramme(await fileWith(content))
}

/** The sessions without their places, which differ between formats by nature. */
function sessionsIn({ sessions }: FoundProgramme) {
  return sessions!.map(({ values, startsAt, endsAt, sourceId, state, faults, ...refers }) => ({
    ...{ values, startsAt, endsAt, sourceId, state, faults },
    track: refers.track?.sourceId,
    room: refers.room?.sourceId,
    sessionType: refers.sessionType?.sourceId,
    speakers: refers.speakers.map((speaker) => [speaker.sourceId, speaker.values.name]),
  }))
}

const expected = {
  values: {
    title: 'Of clocks',
    subtitle: null,
    textFormat: 'MARKDOWN',
    abstract: 'First line\n\nSecond line',
    language: 'en',
  },
  startsAt: { kind: 'instant', instant: new Date('2031-05-01T08:00:00Z'), offset: '+02:00' },
  endsAt: { minutes: 45 },
  sourceId: 'guid-7',
  state: { value: 'CONFIRMED', isStated: false },
  faults: [],
  track: 'Time',
  room: 'Hall',
  sessionType: 'lecture',
  speakers: [
    ['1', 'Ada Mustermann'],
    ['Bo Example', 'Bo Example'],
  ],
}

test('XML and JSON of one schedule give the same event and sessions', async () => {
  const xml = await read(frabXml(conference, days))
  const json = await read(frabJson(conference, days))
  expect(sessionsIn(xml)).toEqual([expected])
  expect(sessionsIn(json)).toEqual([expected])
  const event = {
    acronym: 'inventia31',
    name: 'Inventia 2031',
    timeZone: null,
    startsAt: { kind: 'day', day: '2031-05-01' },
    endsAt: { kind: 'day', day: '2031-05-02' },
    state: { value: 'PUBLISHED', isStated: false },
    faults: [],
  }
  expect(xml.event).toEqual({ ...event, place: 'line 3' })
  expect(json.event).toEqual({ ...event, place: 'schedule.conference' })
  expect([xml.format, json.format]).toEqual(['Pentabarf or frab XML', 'schedule.json'])
})

test('what is an attribute may be an element, and the other way round', async () => {
  const programme = await read(`<schedule>
    <conference title="Inventia 2031" time_zone_name="Europe/Vienna"><acronym>inventia31</acronym></conference>
    <day><date>2031-05-01</date><room><name>Hall</name>
      <event start="10:00" duration="0:45" title="Of clocks" guid="guid-7"><id>7</id></event>
    </room></day></schedule>`)
  expect(sessionsIn(programme)).toMatchObject([
    {
      sourceId: 'guid-7',
      values: { title: 'Of clocks' },
      room: 'Hall',
      startsAt: { kind: 'wallClock', wallClock: '2031-05-01T10:00:00' },
      endsAt: { minutes: 45 },
    },
  ])
  expect(programme.event).toMatchObject({
    name: 'Inventia 2031',
    timeZone: { name: 'Europe/Vienna', place: 'line 2' },
  })
})

test('what the file has no word for is unknown, which differs from empty', async () => {
  const { date, title } = talk
  const [session] = (
    await read(frabXml(conference, [{ date: '2031-05-01', events: [{ id: 7, date, title }] }]))
  ).sessions!
  expect(session!.values).toEqual({ title: 'Of clocks' })
})

test('a time before the day change belongs to the night after, in both formats', async () => {
  const at = (start: string): InventedEvent => ({ id: start, title: start, start, duration: '00:10' })
  const pentabarf = { ...conference, day_change: '09:00:00' }
  const nights = [{ date: '2031-02-28', events: [at('09:00'), at('23:30'), at('00:15'), at('8:59')] }]
  const starts = ['2031-02-28T09:00:00', '2031-02-28T23:30:00', '2031-03-01T00:15:00', '2031-03-01T08:59:00']
  for (const content of [frabXml(pentabarf, nights), frabJson(pentabarf, nights)]) {
    const { sessions } = await read(content)
    expect(sessions!.map(({ startsAt }) => startsAt)).toEqual(
      starts.map((wallClock) => ({ kind: 'wallClock', wallClock })),
    )
  }
})

test.for([
  ['09:00', '2031-05-01', '11:00', '2031-05-02T04:00', '2031-05-01'],
  ['02:30', '2031-05-01', '11:00', '2031-05-02T04:00', '2031-05-02'],
  ['04:00', '2031-05-01', '11:00', '2031-05-02T04:00', '2031-05-02'],
  ['11:00', '2031-05-01', '11:00', '2031-05-02T04:00', '2031-05-01'],
  ['08:00', '2031-05-01', '09:00', '2031-05-01T18:00', '2031-05-01'],
  ['03:58', '2031-05-01', '04:00', '2031-05-02T03:59', '2031-05-02'],
  ['09:00', '2031-05-01', '11:00', '', '2031-05-01'],
  ['02:30', '2031-05-01', '11:00', '', '2031-05-02'],
] as const)(
  'a session at %s of the day %s from %s to %s is on %s',
  async ([start, date, from, until, on]) => {
    const events = [{ id: 1, title: 'Yoga', start, duration: '00:30' }]
    for (const offset of ['', '+02:00']) {
      const end = until === '' ? undefined : `${until}:00${offset}`
      const day = { date, day_start: `${date}T${from}:00${offset}`, day_end: end, rooms: { Hall: events } }
      const { sessions } = await read({ conference: { title: 'X', days: [day] } })
      expect(sessions![0]!.startsAt).toEqual({ kind: 'wallClock', wallClock: `${on}T${start}:00` })
    }
  },
)

test('a schedule.json may name the zone and the day after the rooms, and come without its wrapping', async () => {
  const event = { id: 1, title: 'Late', start: '10:00', duration: '1:00' }
  const days = [{ rooms: { Hall: [event] }, date: '2031-05-01' }]
  const { sessions, event: found } = await read({
    conference: { days, title: 'X', time_zone_name: 'Asia/Tokyo' },
  })
  expect(sessions![0]).toMatchObject({
    sourceId: '1',
    place: 'conference.days[0].rooms.Hall[0]',
    startsAt: { wallClock: '2031-05-01T10:00:00' },
  })
  expect(found.timeZone).toEqual({ name: 'Asia/Tokyo', place: 'conference.time_zone_name' })
})

test('an id that two names share identifies neither, so that merged schedules keep their people apart', async () => {
  const persons = [
    { id: 5, name: 'Ada Mustermann' },
    { id: 5, name: 'Bo Example' },
    { id: 6, name: 'Chidi Placeholder' },
    { id: 6, name: 'Chidi Placeholder' },
  ]
  const { speakers, sessions } = await read(
    frabJson(conference, [{ date: '2031-05-01', events: [{ ...talk, persons }] }]),
  )
  const ids = ['5 Ada Mustermann', '5 Bo Example', '6']
  expect(speakers!.map(({ sourceId }) => sourceId)).toEqual(ids)
  expect(sessions![0]!.speakers.map(({ sourceId }) => sourceId)).toEqual(ids)
})

test('pretalx rooms with one guid for two names stay two rooms', async () => {
  const rooms = [
    { name: 'Gray', guid: 'same', capacity: 30 },
    { name: 'Tan', guid: 'same', capacity: null },
    { name: 'Blue', guid: 'own' },
  ]
  const programme = await read({ schedule: { conference: { ...conference, rooms, days: [] } } })
  expect(programme.rooms!.map(({ sourceId, values }) => ({ sourceId, ...values }))).toEqual([
    { sourceId: 'same Gray', name: 'Gray', capacity: 30 },
    { sourceId: 'same Tan', name: 'Tan', capacity: null },
    { sourceId: 'own', name: 'Blue' },
  ])
})

test('links count where they are absolute or the file names their base; a wrong one is a fault', async () => {
  const slides = (url: string) => ({ ...talk, attachments: [{ url, type: 'slides', title: 'Slides' }] })
  const linked = async (url: string, base: object = {}) => {
    const days = [{ date: '2031-05-01', rooms: { Hall: [slides(url)] } }]
    const { sessions } = await read({ schedule: { ...base, conference: { ...conference, days } } })
    return { url: sessions![0]!.values.slidesUrl, faults: sessions![0]!.faults }
  }
  expect(await linked('https://example.org/a.pdf')).toEqual({ url: 'https://example.org/a.pdf', faults: [] })
  expect(await linked('/a.pdf', { base_url: 'https://example.org/x/' })).toEqual({
    url: 'https://example.org/a.pdf',
    faults: [],
  })
  expect(await linked('/a.pdf')).toEqual({ url: undefined, faults: [] })
  for (const wrong of ['javascript:alert(1)', 'http: //example.org', 'example', 'www.example.org/a']) {
    expect(await linked(wrong)).toEqual({
      url: undefined,
      faults: [`slidesUrl: ${JSON.stringify(wrong)} isn't an absolute http(s) URL.`],
    })
  }
})

test('times that can not be read are faults of their session, each named', async () => {
  const wrong = (fields: InventedEvent) => ({ ...talk, ...fields })
  const events = [
    wrong({ date: '2031-05-01T25:00:00+02:00' }),
    wrong({ date: '', start: 'noon' }),
    wrong({ duration: 'long' }),
    wrong({ date: '2031-02-30' }),
  ]
  const { sessions } = await read(frabXml(conference, [{ date: '2031-05-01', events }]))
  expect(sessions!.map(({ faults, graveFaults }) => [...faults, ...graveFaults])).toEqual([
    [expect.stringMatching(/^start: .*time of day that doesn't exist/)],
    ['start: "noon" isn\'t a time of day such as 09:30.'],
    [expect.stringMatching(/^duration: "long" isn't a duration/)],
    [expect.stringMatching(/^start: .*day that doesn't exist/)],
  ])
})

test('clocks of twelve hours and days written with dots are read as they are meant', async () => {
  const at = (start: string): InventedEvent => ({ id: start, title: start, start, duration: '00:10' })
  const events = [at('9:30 AM'), at('12:05 p.m.'), at('11:45pm'), at('12:15 AM')]
  const dotted = { ...conference, start: '1.5.2031', end: '02.05.2031', day_change: '4:00 AM' }
  const { event, sessions } = await read(frabXml(dotted, [{ date: '1.5.2031', events }]))
  expect(sessions!.map(({ startsAt, faults }) => [startsAt, faults])).toEqual(
    ['2031-05-01T09:30:00', '2031-05-01T12:05:00', '2031-05-01T23:45:00', '2031-05-02T00:15:00'].map(
      (wallClock) => [{ kind: 'wallClock', wallClock }, []],
    ),
  )
  expect(event).toMatchObject({
    startsAt: { kind: 'day', day: '2031-05-01' },
    endsAt: { kind: 'day', day: '2031-05-02' },
  })
})

test.for(['13:30 PM', '0:30 AM', '9:30 XM', '9:75 AM'])('%s is no time of day', async (start) => {
  const events = [{ ...talk, date: '', start }]
  const { sessions } = await read(frabXml(conference, [{ date: '2031-05-01', events }]))
  expect(sessions![0]!.faults.concat(sessions![0]!.graveFaults)).toEqual([
    `start: "${start}" isn't a time of day such as 09:30.`,
  ])
})

test('a session without guid and id can not be recognised again, which is a fault', async () => {
  const { id: _id, guid: _guid, ...anonymous } = talk
  const { sessions } = await read(frabXml(conference, [{ date: '2031-05-01', events: [anonymous] }]))
  expect(sessions![0]).toMatchObject({
    sourceId: null,
    graveFaults: ['has neither a guid nor an id, so it could not be recognised next time.'],
  })
})

const aGuid = '44444444-4444-5444-8444-444444444444'

test.for([
  ['speakers', { id: 7, public_name: 'Ada', biography: 'Winds clocks.', image: 'https://example.org/a.png' }],
  ['persons', { id: 7, name: 'Ada', description: 'Winds clocks.', photo: 'https://example.org/a.png' }],
  [
    'persons',
    { id: 7, name: 'Ada', abstract: 'Winds clocks.', avatar: { url: 'https://example.org/a.png' } },
  ],
] as const)(
  'what a list of %s says of a person comes in, whatever it is called, in both formats',
  async ([list, person]) => {
    const persons = [{ id: 7, name: 'Ada' }]
    const json = frabJson(conference, [{ date: '2031-05-01', events: [{ ...talk, persons }] }])
    const xml = frabXml(conference, [{ date: '2031-05-01', events: [{ ...talk, persons }] }])
    const element = ([name, value]: [string, string | number | object]) =>
      typeof value === 'object'
        ? `<${name} url="${String(Object.values(value)[0])}"/>`
        : `<${name}>${value}</${name}>`
    const item = `<${list.slice(0, -1)}>${Object.entries(person).map(element).join('')}</${list.slice(0, -1)}>`
    const schedule = { ...(json as { schedule: object }).schedule, [list]: [person] }
    for (const file of [{ schedule }, xml.replace('</schedule>', `<${list}>${item}</${list}></schedule>`)]) {
      const { speakers, told } = await read(file)
      expect(speakers).toMatchObject([
        { values: { name: 'Ada', biography: 'Winds clocks.', photoUrl: 'https://example.org/a.png' } },
      ])
      expect(told).toEqual([])
    }
  },
)

test('who speaks may be named by an id of the list of persons, or stand under "speakers"', async () => {
  const persons = [{ code: 'ADA', name: 'Ada Mustermann', biography: 'Winds clocks.' }]
  const event = (more: object) => ({ ...talk, persons: undefined, ...more })
  const reading = async (more: object) => {
    const days = [{ date: '2031-05-01', rooms: { Hall: [event(more)] } }]
    const { speakers, sessions } = await read({ schedule: { persons, conference: { ...conference, days } } })
    return [speakers!.length, sessions![0]!.speakers.map(({ values }) => values.name)]
  }
  expect(await reading({ persons: ['ADA'] })).toEqual([1, ['Ada Mustermann']])
  expect(await reading({ speakers: [{ code: 'ADA', name: 'Ada Mustermann' }] })).toEqual([
    1,
    ['Ada Mustermann'],
  ])
})

test('a person whom the file names in two ways by one guid is one, and that is told', async () => {
  const persons = [{ guid: aGuid, name: 'Ada Mustermann', biography: 'Winds clocks.' }]
  const days = [
    { date: '2031-05-01', rooms: { Hall: [{ ...talk, persons: [{ guid: aGuid, name: 'A. Mustermann' }] }] } },
  ]
  const { speakers, sessions, told } = await read({
    schedule: { persons, conference: { ...conference, days } },
  })
  expect(speakers!.map(({ values }) => values.name)).toEqual(['Ada Mustermann'])
  expect(sessions![0]!.speakers).toEqual(speakers)
  expect(told).toMatchObject([{ reason: expect.stringContaining('by the same guid') as string }])
})

test('what a person has, and nobody reads, is told', async () => {
  const persons = [{ name: 'Ada', twitter: '@ada', answers: [] }]
  const days = [{ date: '2031-05-01', rooms: { Hall: [{ ...talk, persons }] } }]
  const { told } = await read({ schedule: { conference: { ...conference, days } } })
  expect(told).toMatchObject([
    { reason: 'a person has "twitter", for which there is no place here. It was left out.' },
  ])
})

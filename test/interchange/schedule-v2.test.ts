import { expect, test } from 'vitest'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from './files.ts'

const conference = {
  acronym: 'inventia31',
  title: 'Inventia 2031',
  start: '2031-05-01T09:00:00+02:00',
  end: '2031-05-02T18:00:00+02:00',
  time_zone_name: 'Europe/Berlin',
  tracks: [{ guid: 'track-1', slug: 'time', name: 'Time', colors: { light: '#AB00CD', dark: '#000000' } }],
  rooms: [{ guid: 'room-1', slug: 'hall', name: 'Hall', capacity: 30 }],
  days: [
    {
      index: 1,
      date: '2031-05-01',
      start: '2031-05-01T06:00:00+02:00',
      end: '2031-05-02T06:00:00+02:00',
    },
  ],
}
const talk = {
  guid: 'talk-1',
  slug: 'of-clocks',
  title: 'Of clocks',
  subtitle: null,
  type: 'talk',
  start: '2031-05-01T10:00:00+02:00',
  end: '2031-05-01T10:45:00+02:00',
  room: { guid: 'room-1' },
  track: { slug: 'time' },
  participants: [{ guid: 'person-1', name: 'Ada Mustermann', role: 'speaker' }],
}
const persons = [
  {
    guid: 'person-1',
    name: 'Ada Mustermann',
    biography: 'Grows tomatoes.',
    avatar: { url: 'https://example.org/ada.png' },
    url: 'https://example.org/ada',
  },
]

test('version 2 of schedule.json has its sessions in one list, which refers to rooms, tracks and persons', async () => {
  const schedule = { version: '2', events: [talk], persons, conference }
  const { sessions, event, rooms, tracks, speakers } = await readProgramme(await fileWith({ schedule }))
  expect(event).toMatchObject({ name: 'Inventia 2031', timeZone: { name: 'Europe/Berlin' }, faults: [] })
  expect(sessions).toMatchObject([
    {
      place: 'schedule.events[0]',
      sourceId: 'talk-1',
      values: { title: 'Of clocks', subtitle: null },
      startsAt: { instant: new Date('2031-05-01T08:00:00Z') },
      endsAt: { instant: new Date('2031-05-01T08:45:00Z') },
      room: { values: { name: 'Hall', capacity: 30 } },
      track: { values: { name: 'Time', color: '#ab00cd' } },
      sessionType: { values: { name: 'talk' } },
      faults: [],
    },
  ])
  expect([rooms, tracks, speakers].map((parts) => parts!.length)).toEqual([1, 1, 1])
  expect(speakers![0]!.values).toEqual({
    name: 'Ada Mustermann',
    textFormat: 'MARKDOWN',
    biography: 'Grows tomatoes.',
    photoUrl: 'https://example.org/ada.png',
    websiteUrl: 'https://example.org/ada',
  })
})

test("biographies and pictures of the schedule's own list of persons are read, wherever the list stands", async () => {
  const list = `<persons><person id="7"><name>Ada Mustermann</name><slug>ada</slug>
    <biography>Grows tomatoes.</biography><avatar>https://example.org/ada.png</avatar></person></persons>`
  const head = '<conference><title>Inventia 2031</title></conference>'
  const days = `<day date="2031-05-01"><room name="Hall"><event id="1"><title>Of clocks</title><start>10:00</start>
    <persons><person id="7">Ada Mustermann</person></persons></event></room></day>`
  for (const inner of [`${list}${head}${days}`, `${head}${days}${list}`]) {
    const { speakers, sessions } = await readProgramme(await fileWith(`<schedule>${inner}</schedule>`))
    expect(speakers).toHaveLength(1)
    expect(sessions![0]!.speakers).toEqual(speakers)
    expect(speakers![0]).toMatchObject({
      sourceId: '7',
      values: { biography: 'Grows tomatoes.', photoUrl: 'https://example.org/ada.png' },
    })
  }
})

test('a person whom the list knows by an id, and a session by name alone, is one person', async () => {
  const schedule = { events: [{ ...talk, participants: [{ name: 'Ada Mustermann' }] }], persons, conference }
  const { speakers } = await readProgramme(await fileWith({ schedule }))
  expect(speakers!.map(({ sourceId }) => sourceId)).toEqual(['person-1'])
})

test('a guid or a slug in the place of a name is what the file lists under it, and what it lists nowhere is told', async () => {
  const { rooms, tracks } = conference
  const events = [
    { ...talk, guid: 'talk-2', room: rooms[0]!.guid, track: tracks[0]!.slug },
    { ...talk, guid: 'talk-3', room: { slug: 'attic' }, track: { slug: 'space' } },
  ]
  const found = await readProgramme(await fileWith({ schedule: { version: '2', events, conference } }))
  expect(found.sessions!.map(({ room, track }) => [room?.values.name, track?.values.name])).toEqual([
    ['Hall', 'Time'],
    [undefined, undefined],
  ])
  expect([found.rooms, found.tracks].map((list) => list!.map(({ values }) => values.name))).toEqual([
    ['Hall'],
    ['Time'],
  ])
  expect(found.told.map(({ place, reason }) => `${place} ${reason}`)).toEqual(
    expect.arrayContaining([
      "schedule.events[1] refers to the room attic, which the file doesn't list. It was left out.",
      "schedule.events[1] refers to the track space, which the file doesn't list. It was left out.",
    ]),
  )
})

test.for([
  [
    'JSON without a conference',
    { schedule: { '2031-05-01': { Hall: { 1: talk } } } },
    'it has no "conference"',
  ],
  ['JSON whose schedule is a list', { schedule: [talk] }, 'it has no "conference"'],
  ['XML without a conference', '<schedule><talk/></schedule>', 'has no <conference>'],
  [
    'XML with its events elsewhere',
    '<schedule><conference/>\n<events><event id="1"/></events></schedule>',
    'its <event> at line 2 stands in no <day>',
  ],
  [
    'XML with other elements for events',
    '<schedule><conference/>\n<day><talk><title>A</title><start>10:00</start></talk></day></schedule>',
    'its <talk> at line 2 is no <event> in a <day>',
  ],
  [
    'JSON with its sessions elsewhere',
    { schedule: { conference, sessions: [talk, talk] } },
    'what look like sessions stand in schedule.sessions',
  ],
  [
    'JSON with its sessions in the rooms',
    { schedule: { conference: { ...conference, rooms: [{ name: 'Hall', talks: [talk] }] } } },
    'what look like sessions stand in schedule.conference.rooms[].talks',
  ],
] as const)('%s is refused as a format that is not known', async ([, content, reason]) => {
  await expect(readProgramme(await fileWith(content))).rejects.toThrow(reason)
  await expect(readProgramme(await fileWith(content))).rejects.toThrow('Known are Pentabarf/frab XML')
})

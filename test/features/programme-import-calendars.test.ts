import { expect, test } from 'vitest'
import type { ImportOptions } from '../../src/features/programme/import-programme.ts'
import { createStore, createWorld, type Store } from '../world.ts'
import { importFile } from './importing.ts'
import { createProgramme, createSession } from './programme.ts'

const importInventia = (store: Store, content: string | object, options: Partial<ImportOptions> = {}) =>
  importFile(store, content, { slug: 'inventia', ...options })

const sessionsIn = (store: Store) =>
  store.sql(`SELECT s.source_id AS id, s.title, s.state, s.starts_at AS start, s.ends_at AS end, s.description, s.text_format AS format,
      r.name AS room, t.name AS track, y.name AS type, s.level,
      (SELECT string_agg(p.name, ', ' ORDER BY l.position) FROM session_speakers l JOIN speakers p ON p.id = l.speaker_id
       WHERE l.session_id = s.id) AS speakers
    FROM sessions s LEFT JOIN rooms r ON r.id = s.room_id LEFT JOIN tracks t ON t.id = s.track_id
    LEFT JOIN session_types y ON y.id = s.session_type_id WHERE s.deleted_at IS NULL ORDER BY s.starts_at, s.title`)

const stamps = (store: Store) =>
  store.sql(`SELECT id, version, last_modified_at::text AS at FROM sessions UNION ALL SELECT id, version, last_modified_at::text FROM events
    UNION ALL SELECT id, version, last_modified_at::text FROM rooms UNION ALL SELECT id, version, last_modified_at::text FROM tracks
    UNION ALL SELECT id, version, last_modified_at::text FROM speakers ORDER BY 1`)

const at = (time: string) => new Date(`2031-${time}:00.000Z`)

const calendar = (...lines: string[]) =>
  [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Somebody//EN',
    'X-WR-CALNAME:Inventia',
    ...lines,
    'END:VCALENDAR',
    '',
  ].join('\r\n')
const entry = (...lines: string[]) =>
  ['BEGIN:VEVENT', 'DTSTAMP:20310101T000000Z', ...lines, 'END:VEVENT'].join('\r\n')

/** A zone that no database of zones knows, three hours ahead of UTC. */
const ship = [
  'BEGIN:VTIMEZONE\r\nTZID:Ship\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000',
  'TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE',
].join('\r\n')

test('a calendar is a programme: zones, floating times, whole days, recurrences and what is canceled', async () => {
  const store = await createStore()
  const content = calendar(
    ship,
    entry(
      'UID:zoned',
      'SUMMARY:Zoned',
      'DTSTART;TZID=Europe/Berlin:20310501T100000',
      'DURATION:PT45M',
      'LOCATION:Hall\\, left',
      'CATEGORIES:Time,Other',
      'DESCRIPTION:<p>Of <b>clocks</b></p>',
      'STATUS:CONFIRMED',
    ),
    entry(
      'UID:ship',
      'SUMMARY:At sea',
      'DTSTART;TZID=Ship:20310501T120000',
      'DTEND;TZID=Ship:20310501T130000',
    ),
    entry(
      'UID:floating',
      'SUMMARY:Floating',
      'DTSTART:20310501T133000',
      'DTEND:20310501T140000',
      'DESCRIPTION:Two\\nlines',
    ),
    entry(
      'UID:day',
      'SUMMARY:All day',
      'DTSTART;VALUE=DATE:20310503',
      'DTEND;VALUE=DATE:20310505',
      'STATUS:CANCELLED',
    ),
    entry(
      'UID:yoga',
      'SUMMARY:Yoga',
      'DTSTART;TZID=Europe/Berlin:20310510T070000',
      'DTEND;TZID=Europe/Berlin:20310510T080000',
      'RRULE:FREQ=DAILY;COUNT=4',
      'EXDATE;TZID=Europe/Berlin:20310512T070000',
    ),
    entry(
      'UID:yoga',
      'RECURRENCE-ID:20310511T050000Z',
      'SUMMARY:Yoga, late',
      'DTSTART:20310511T060000Z',
      'DTEND:20310511T070000Z',
      'STATUS:CANCELLED',
    ),
  )
  await expect(importInventia(store, content)).resolves.toMatchObject({
    event: { timeZone: 'Europe/Berlin' },
  })
  const plain = { description: null, format: 'plain', room: null, track: null, state: 'confirmed' }
  const rows = (await sessionsIn(store)).map(
    ({ type: _type, level: _level, speakers: _speakers, ...row }) => row,
  )
  expect(rows).toEqual([
    {
      ...plain,
      id: 'zoned',
      title: 'Zoned',
      start: at('05-01T08:00'),
      end: at('05-01T08:45'),
      room: 'Hall, left',
      track: 'Time',
      description: '<p>Of <b>clocks</b></p>',
      format: 'html',
    },
    { ...plain, id: 'ship', title: 'At sea', start: at('05-01T09:00'), end: at('05-01T10:00') },
    {
      ...plain,
      id: 'floating',
      title: 'Floating',
      start: at('05-01T11:30'),
      end: at('05-01T12:00'),
      description: 'Two\nlines',
    },
    {
      ...plain,
      id: 'day',
      title: 'All day',
      start: at('05-02T22:00'),
      end: at('05-04T22:00'),
      state: 'canceled',
    },
    {
      ...plain,
      id: 'yoga 2031-05-10T07:00:00',
      title: 'Yoga',
      start: at('05-10T05:00'),
      end: at('05-10T06:00'),
    },
    {
      ...plain,
      id: 'yoga 2031-05-11T07:00:00',
      title: 'Yoga, late',
      start: at('05-11T06:00'),
      end: at('05-11T07:00'),
      state: 'canceled',
    },
    {
      ...plain,
      id: 'yoga 2031-05-13T07:00:00',
      title: 'Yoga',
      start: at('05-13T05:00'),
      end: at('05-13T06:00'),
    },
  ])
  const before = await stamps(store)
  await importInventia(store, content)
  expect(await stamps(store)).toEqual(before)
  await importInventia(
    store,
    calendar(
      entry(
        'UID:one',
        'SUMMARY:One',
        'DTSTART:20310601T100000',
        'URL:https://example.org/one',
        'ATTACH:https://example.org/slides.pdf',
      ),
    ),
    {
      slug: 'other',
      timeZone: 'Asia/Tokyo',
    },
  )
  expect((await sessionsIn(store)).find(({ id }) => id === 'one')).toMatchObject({
    start: at('06-01T01:00'),
    end: null,
  })
  const [one] = await store.sql(`SELECT links FROM sessions WHERE source_id = 'one'`)
  expect(one?.['links']).toMatchObject([
    { url: 'https://example.org/one', kind: 'WEBSITE' },
    { url: 'https://example.org/slides.pdf' },
  ])
})

test.each([
  [
    'no UID',
    entry('SUMMARY:A', 'DTSTART:20310501T100000Z'),
    'programme event 1: has no UID, which tells it from others.',
  ],
  ['no start', entry('UID:a', 'SUMMARY:A'), 'programme event 1: has no DTSTART.'],
  [
    'no end of recurring',
    entry('UID:a', 'SUMMARY:A', 'DTSTART:20310501T100000Z', 'RRULE:FREQ=DAILY'),
    'programme event 1: recurs more than 500 times; end its RRULE by an UNTIL or a COUNT.',
  ],
  ['broken', 'BEGIN:VEVENT\r\nUID', "programme: isn't iCalendar that can be read"],
] as const)('a calendar with %s is refused with the place', async (_what, lines, reason) => {
  const store = await createStore()
  await expect(importInventia(store, calendar(lines), { timeZone: 'UTC' })).rejects.toThrow(reason)
})

test.each([
  ['a date that is not called so', 'DTSTART:20310501', '05-01T00:00', '05-02T00:00'],
  ['hyphens and colons', 'DTSTART:2031-05-01T09:30:00Z', '05-01T09:30', null],
  ['no seconds', 'DTSTART:20310501T0930Z', '05-01T09:30', null],
  ['an offset', 'DTSTART:20310501T093000+0200', '05-01T07:30', null],
])('a calendar time with %s is read as what it is, and told', async (_, line, start, end) => {
  const store = await createStore()
  const content = calendar(entry('UID:a', 'SUMMARY:A', line))
  const { notes } = await importInventia(store, content, { timeZone: 'UTC' })
  expect(notes).toEqual([expect.stringContaining(`read ${line} as DTSTART`)])
  const before = await stamps(store)
  expect(await sessionsIn(store)).toMatchObject([{ start: at(start), end: end === null ? null : at(end) }])
  await importInventia(store, content, { timeZone: 'UTC' })
  expect(await stamps(store)).toEqual(before)
})

test('calendar times that are none are refused with their place, all at once, and left out one by one', async () => {
  const store = await createStore()
  const content = calendar(
    entry('UID:a', 'SUMMARY:A', 'DTSTART:soon'),
    entry('UID:b', 'SUMMARY:B', 'DTSTART:20310230T100000Z'),
    entry('UID:c', 'SUMMARY:C', 'DTSTART:20310501T100000Z', 'DTEND:later'),
    entry('UID:d', 'SUMMARY:D', 'DTSTART:20310501T110000Z', 'DURATION:long'),
    entry('UID:e', 'SUMMARY:E', 'DTSTART;TZID=Nowhere/Land:20310501T100000'),
    entry('UID:f', 'SUMMARY:F', 'DTSTART:20310501T120000Z', 'RRULE:FREQ=DAILY;COUNT=2', 'EXDATE:never'),
    entry('UID:far', 'SUMMARY:Far', 'DTSTART:99991231T235900Z'),
    entry('UID:old', 'SUMMARY:Old', 'DTSTART;VALUE=DATE:18000101'),
    entry('UID:g', 'SUMMARY:G', 'DTSTART:20310501T130000Z', 'DTEND:20310501T140000Z'),
  )
  const aTime = "isn't a day such as 20270501, or a time such as 20270501T090000Z."
  const unknown = `DTSTART is in the zone "Nowhere/Land", which isn't known, and of which the calendar doesn't say what it is.`
  await expect(importInventia(store, content, { timeZone: 'UTC' })).rejects.toThrow(
    [
      `programme event 1: DTSTART ${aTime}`,
      `programme event 2: DTSTART ${aTime}`,
      `programme event 3: DTEND ${aTime}`,
      `programme event 4: DURATION isn't a duration such as PT45M.`,
      `programme event 5: ${unknown}`,
      `programme event 6: EXDATE ${aTime}`,
      `programme event 7: EXDATE ${aTime}`,
      'programme event 8: DTSTART: "9999-12-31T23:59:00.000Z" is outside the years 1900 to 2200 in UTC.',
      'programme event 9: DTSTART: "1800-01-01T00:00" is outside the years 1900 to 2200 in UTC.',
    ].join('\n'),
  )
  await importInventia(store, content, { timeZone: 'UTC', skipInvalid: true })
  expect((await sessionsIn(store)).map(({ title, end }) => [title, end])).toEqual([
    ['C', null],
    ['D', null],
    ['G', at('05-01T14:00')],
  ])
})

test.for(['\u2069', '\u202A', '\u0085'])(
  'the stray mark %j wherever a calendar has a text refuses nothing',
  async (mark) => {
    const store = await createStore()
    const texts = ['DESCRIPTION', 'LOCATION', 'CATEGORIES', 'X-ALT-DESC;FMTTYPE=text/html'].map(
      (name) => `${name}:Of ${mark}clocks`,
    )
    const lines = [`UID:a${mark}`, `SUMMARY;LANGUAGE=e${mark}n:Of ${mark}clocks`, 'DTSTART:20310501T100000Z']
    const { notes } = await importInventia(store, calendar(entry(...lines, ...texts)), { timeZone: 'UTC' })
    expect(notes).toEqual([expect.stringMatching(/event 1: (left out|added|read)/)])
    const [session] = await sessionsIn(store)
    expect(session).toMatchObject({ id: 'a', format: 'html' })
    const marks = [session!['room'], session!['track'], session!['title'], session!['description']]
    expect(new Set(marks.map((text) => String(text).replace(/[\u202A\u202C…]/g, '')))).toEqual(
      new Set(['Of clocks']),
    )
  },
)

test('a calendar whose only time is faulty is told so, and not that it has none', async () => {
  const store = await createStore()
  const content = calendar(entry('UID:a', 'SUMMARY:A', 'DTSTART:soon'))
  await expect(importInventia(store, content, { timeZone: 'UTC' })).rejects.toThrow(
    /^programme: doesn't say when the event is, and none of its sessions .*\nprogramme event 1: DTSTART isn't a day/,
  )
})

test('a session that a calendar no longer calls canceled takes place again, unless it was changed here', async () => {
  const store = await createStore()
  const time = 'DTSTART:20310501T100000Z'
  const edition = (...status: string[]) => calendar(entry('UID:a', 'SUMMARY:A', time, ...status))
  const stateAfter = async (content: string) => {
    await importInventia(store, content, { timeZone: 'UTC' })
    return (await sessionsIn(store)).map(({ state }) => state)
  }
  expect(await stateAfter(edition())).toEqual(['confirmed'])
  expect(await stateAfter(edition('STATUS:CANCELLED'))).toEqual(['canceled'])
  expect(await stateAfter(edition())).toEqual(['confirmed'])
  await store.sql("UPDATE sessions SET state = 'withdrawn'")
  expect(await stateAfter(edition())).toEqual(['withdrawn'])
})

test('a text that is broken into lines without a blank before them is read whole, and told', async () => {
  const store = await createStore()
  const description = 'DESCRIPTION:One\r\ntwo\r\n\r\nthree'
  const content = calendar(
    entry('UID:a', 'SUMMARY:A', 'DTSTART:20310501T100000Z', description, 'LOCATION:Hall'),
  )
  const { notes } = await importInventia(store, content, { timeZone: 'UTC' })
  expect(await sessionsIn(store)).toMatchObject([{ description: 'One\ntwo\nthree', room: 'Hall' }])
  expect(notes).toEqual([
    'programme: read "two" as going on the line before.',
    'programme: read "three" as going on the line before.',
  ])
})

test('an entry that a calendar calls private is told to become public', async () => {
  const content = calendar(entry('UID:a', 'SUMMARY:A', 'CLASS:PRIVATE', 'DTSTART:20310501T100000Z'))
  const { notes } = await importInventia(await createStore(), content, { timeZone: 'UTC' })
  expect(notes).toEqual([
    'programme event 1: is PRIVATE in the calendar; here it is as public as the others.',
  ])
})

test('a zone that has the name of its registry before it is known', async () => {
  const start = 'DTSTART;TZID=/freeassociation.sourceforge.net/Europe/Berlin:20310501T100000'
  const { event } = await importInventia(await createStore(), calendar(entry('UID:a', 'SUMMARY:A', start)))
  expect(event.timeZone).toBe('Europe/Berlin')
})

test('what Sessionize was answered, and choices that have no place here, are told; a language has one', async () => {
  const store = await createStore()
  const items = (id: number, name: string) => [{ id, name }]
  const session = {
    ...{ id: 1, title: 'A', startsAt: '2031-05-01T10:00:00', endsAt: '2031-05-01T11:00:00' },
    ...{ categoryItems: [1, 2], questionAnswers: [{ questionId: 1, answerValue: 'none' }] },
  }
  const { notes } = await importInventia(
    store,
    {
      ...{ sessions: [session], speakers: [], rooms: [] },
      categories: [
        { title: 'Language', items: items(1, 'German') },
        { title: 'Mood', items: items(2, 'Good') },
      ],
    },
    { timeZone: 'Europe/Berlin' },
  )
  expect(notes).toEqual([
    'sessions[0]: has a choice of "Mood", which is left out.',
    'sessions[0]: has answers to questions, which are left out.',
  ])
  expect(await store.sql('SELECT language FROM sessions')).toEqual([{ language: 'German' }])
})

test('a calendar that was exported here changes nothing, and brings the titles and times that were edited in it', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await world.sql(`UPDATE rooms SET floor = '2nd, left' WHERE name = 'Hall'`)
  const { tracks, rooms, types, speakers } = programme
  const placed = { trackId: tracks[0], roomId: rooms[0], sessionTypeId: types[0], speakerIds: speakers }
  const times = { startsAt: '2027-03-27T09:00:00Z', endsAt: '2027-03-27T09:45:00Z' }
  await createSession(world, programme, {
    ...placed,
    ...times,
    title: 'Opening; all',
    subtitle: 'Sub',
    abstract: '*Of* it',
    textFormat: 'MARKDOWN',
  })
  await createSession(world, programme, {
    title: 'Open end',
    startsAt: '2027-03-28T00:30:00Z',
    state: 'ACCEPTED',
    language: 'de',
  })
  for (const state of ['DRAFT', 'PENDING', 'REJECTED', 'WITHDRAWN', 'CONFIRMED']) {
    await createSession(world, programme, { title: state, startsAt: '2027-03-27T15:00:00Z', state })
  }
  await world.sql(`UPDATE sessions SET state = 'canceled' WHERE title = 'CONFIRMED'`)
  await createSession(world, programme, { title: 'No time yet' })
  const { errors } = await world.organize(
    `mutation { createBreak(input: { eventSlug: "spring", name: "Lunch", startsAt: "2027-03-27T11:00:00Z", endsAt: "2027-03-27T12:00:00Z" }) { break { id } } }`,
  )
  expect(errors).toBeUndefined()
  const response = await fetch(`${world.app.url}/events/spring/schedule.ics?breaks=true`, {
    headers: { authorization: `Bearer ${world.token}` },
  })
  const exported = await response.text()
  const before = await stamps(world)
  const report = await importInventia(world, exported, { slug: 'spring' })
  expect(report.rows).toEqual([])
  expect(await stamps(world)).toEqual(before)
  await importInventia(world, exported.replace('Opening\\; all', 'Welcome').replace('T100000', 'T101500'), {
    slug: 'spring',
  })
  const [welcome] = (await sessionsIn(world)).filter(({ title }) => title === 'Welcome')
  expect(welcome).toMatchObject({
    start: new Date('2027-03-27T09:15:00Z'),
    room: 'Hall',
    speakers: 'Ada, Bo',
    description: null,
  })
})

const sessionize = {
  sessions: [
    {
      ...{
        id: '101',
        title: 'Of clocks',
        description: 'They tick.',
        startsAt: '2031-05-01T10:00:00',
        endsAt: '2031-05-01T10:45:00',
      },
      ...{
        isServiceSession: false,
        speakers: ['a1', 'b2'],
        categoryItems: [11, 21, 31],
        roomId: 7,
        status: 'Accepted',
      },
      ...{ isConfirmed: true, recordingUrl: 'https://example.org/v' },
    },
    {
      ...{
        id: 'lunch',
        title: 'Lunch',
        description: null,
        startsAt: '2031-05-01T12:00:00',
        endsAt: '2031-05-01T13:00:00',
      },
      ...{ isServiceSession: true, speakers: [], categoryItems: [], roomId: 7, status: null },
    },
    {
      id: '102',
      title: 'Waiting',
      startsAt: null,
      endsAt: null,
      speakers: ['b2'],
      categoryItems: [],
      roomId: null,
      status: 'Waitlisted',
    },
  ],
  speakers: [
    {
      id: 'a1',
      firstName: 'Ada',
      lastName: 'Mustermann',
      fullName: 'Ada Mustermann',
      bio: 'Grows tomatoes.',
      tagLine: 'Gardener',
      profilePicture: 'https://example.org/a.png',
      links: [
        { title: 'Blog', url: 'https://example.org/a', linkType: 'Blog' },
        { title: 'LinkedIn', url: 'https://example.org/in', linkType: 'LinkedIn' },
      ],
    },
    { id: 'b2', firstName: 'Bo', lastName: 'Example', fullName: 'Bo Example', bio: null, links: [] },
  ],
  questions: [],
  categories: [
    { id: 1, title: 'Track', items: [{ id: 11, name: 'Time' }] },
    { id: 2, title: 'Session format', items: [{ id: 21, name: 'Talk' }] },
    { id: 3, title: 'Level', items: [{ id: 31, name: 'Introductory and overview' }] },
  ],
  rooms: [{ id: 7, name: 'Hall', sort: 0 }],
}
const grid = [
  {
    ...{ date: '2031-05-01T00:00:00', isDefault: false },
    rooms: [
      {
        ...{ id: 7, name: 'Hall' },
        sessions: sessionize.sessions.slice(0, 2).map(({ speakers, categoryItems, ...session }) => ({
          ...session,
          speakers: speakers.map((id) => ({ id, name: id === 'a1' ? 'Ada Mustermann' : 'Bo Example' })),
          categories: sessionize.categories.map(({ id, title, items }) => ({
            id,
            name: title,
            categoryItems: items.filter((item) => categoryItems.some((id) => id === item.id)),
          })),
        })),
      },
    ],
    timeSlots: [],
  },
]

test('a calendar of Outlook names the zones as Windows does', async () => {
  const store = await createStore()
  const zone = 'TZID=W. Europe Standard Time'
  const times = [`DTSTART;${zone}:20310701T100000`, `DTEND;${zone}:20310701T103000`]
  const { event } = await importInventia(store, calendar(entry('UID:a', 'SUMMARY:Of clocks', ...times)))
  expect(event.timeZone).toBe('Europe/Berlin')
  expect(await store.sql('SELECT starts_at, ends_at FROM sessions')).toEqual([
    { starts_at: at('07-01T08:00'), ends_at: at('07-01T08:30') },
  ])
})

test('an export changes nothing of texts that came in another format', async () => {
  const world = await createWorld()
  const times = ['DTSTART:20310501T080000Z', 'DTEND:20310501T090000Z']
  const talk = entry('UID:a', 'SUMMARY:Of clocks', 'DESCRIPTION:They *tick*.', ...times)
  await importInventia(world, calendar(talk))
  const before = await stamps(world)
  for (const name of ['schedule.xml', 'schedule.json']) {
    const exported = await fetch(`${world.app.url}/events/inventia/${name}`)
    await importInventia(world, await exported.text())
    expect([name, await stamps(world)]).toEqual([name, before])
  }
})

test('what Sessionize gives is a programme, all data as well as the grid', async () => {
  const store = await createStore()
  await expect(importInventia(store, sessionize)).rejects.toThrow('--time-zone ZONE')
  const { event, notes } = await importInventia(store, sessionize, { timeZone: 'Europe/Berlin' })
  expect([event.name, notes]).toEqual([
    'inventia',
    [expect.stringContaining('has a tag line, which is left out.')],
  ])
  const none = { description: null, format: 'plain', track: null, type: null, level: null, speakers: null }
  const sessions = [
    {
      ...none,
      id: '101',
      title: 'Of clocks',
      state: 'confirmed',
      start: at('05-01T08:00'),
      end: at('05-01T08:45'),
      description: 'They tick.',
      room: 'Hall',
      track: 'Time',
      type: 'Talk',
      level: 'beginner',
      speakers: 'Ada Mustermann, Bo Example',
    },
    {
      ...none,
      id: 'lunch',
      title: 'Lunch',
      state: 'confirmed',
      start: at('05-01T10:00'),
      end: at('05-01T11:00'),
      room: 'Hall',
    },
    {
      ...none,
      id: '102',
      title: 'Waiting',
      state: 'pending',
      start: null,
      end: null,
      room: null,
      speakers: 'Bo Example',
    },
  ]
  expect(await sessionsIn(store)).toEqual(sessions)
  expect(
    await store.sql(
      `SELECT name, biography, photo_url, website_url, links->0->>'url' AS link FROM speakers ORDER BY name`,
    ),
  ).toEqual([
    {
      name: 'Ada Mustermann',
      biography: 'Grows tomatoes.',
      photo_url: 'https://example.org/a.png',
      website_url: 'https://example.org/a',
      link: 'https://example.org/in',
    },
    { name: 'Bo Example', biography: null, photo_url: null, website_url: null, link: null },
  ])
  const before = await stamps(store)
  await importInventia(store, sessionize)
  expect(await stamps(store)).toEqual(before)
  const other = { slug: 'grid', timeZone: 'Europe/Berlin' }
  await importInventia(store, grid, other)
  const [, ...ofGrid] = await store.sql(
    `SELECT title FROM sessions WHERE event_id = (SELECT id FROM events WHERE slug = 'grid')`,
  )
  expect(ofGrid).toEqual([{ title: 'Lunch' }])
  // The same programme in the same event: what the grid doesn't know stays, and what has no time isn't in it.
  const again = await importInventia(store, grid)
  expect(again.rows).toMatchObject([{ name: 'Waiting', outcome: 'removed' }])
})

test('the sessions that Sessionize gives in groups are a programme, and who or what is listed nowhere is told', async () => {
  const store = await createStore()
  const times = { startsAt: '2031-05-01T10:00:00', endsAt: '2031-05-01T10:30:00' }
  const sessions = [
    { id: '1', title: 'One', ...times, speakers: [{ id: 'a', name: 'Kim' }], roomId: 5, room: 'Hall' },
    { id: '2', title: 'Two', ...times, speakers: ['b'], roomId: 6 },
  ]
  const groups = [{ groupId: null, groupName: 'All', sessions }]
  const { notes } = await importInventia(store, groups, { timeZone: 'Europe/Berlin' })
  expect(await sessionsIn(store)).toMatchObject([
    { id: '1', title: 'One', room: 'Hall', speakers: 'Kim' },
    { id: '2', title: 'Two', room: null, speakers: null },
  ])
  expect(notes).toEqual([
    "[0].sessions[1]: refers to the room 6, which the file doesn't list. It was left out.",
    "[0].sessions[1]: refers to the speaker b, whom the file doesn't list. They were left out.",
  ])
})

test('the occurrences of a series stay themselves when all of it begins at another time', async () => {
  const store = await createStore()
  const series = (time: string) =>
    calendar(entry('UID:yoga', 'SUMMARY:Yoga', `DTSTART:20310501T${time}Z`, 'RRULE:FREQ=DAILY;COUNT=3'))
  const ids = async () =>
    (await store.sql('SELECT id FROM sessions WHERE deleted_at IS NULL ORDER BY starts_at')).map(
      ({ id }) => id,
    )
  await importInventia(store, series('080000'))
  const before = await ids()
  expect(before).toHaveLength(3)
  await importInventia(store, series('083000'), { allowRemovals: false })
  expect(await ids()).toEqual(before)
})

test('of an event that is in the file in several editions counts the one of the highest SEQUENCE', async () => {
  const store = await createStore()
  const edition = (sequence: number, hour: string) =>
    entry(
      ...['UID:moved', `SEQUENCE:${sequence}`, `SUMMARY:Edition ${sequence}`],
      `DTSTART:20310501T${hour}0000Z`,
    )
  const content = calendar(edition(1, '09'), edition(10, '12'), edition(2, '10'))
  const { notes } = await importInventia(store, content, { timeZone: 'Europe/Berlin' })
  expect(await store.sql('SELECT title, starts_at AS start FROM sessions')).toEqual([
    { title: 'Edition 10', start: at('05-01T12:00') },
  ])
  expect(notes.join()).toContain('left out 2 that a later edition of it')
})

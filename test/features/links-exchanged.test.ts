import { expect, test } from 'vitest'
import { importRows } from '../../src/cli/import-rows.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith, folderWith } from '../interchange/files.ts'
import { createWorld } from '../world.ts'
import { importAt, importFile } from './importing.ts'
import { createProgramme, createSession } from './programme.ts'

const everything = [
  { url: 'https://example.org/talk', title: null, kind: 'WEBSITE' },
  { url: 'https://example.org/a.zip', title: 'Data', kind: 'FILE' },
  { url: 'https://example.org/a.pdf', title: 'Slides', kind: 'SLIDES' },
  { url: 'https://example.org/chat/1', title: 'Chat & more', kind: 'CHAT' },
  { url: 'https://youtu.be/x', title: null, kind: 'VIDEO' },
  { url: 'https://example.org/rate', title: null, kind: 'FEEDBACK' },
]

test('links, pictures and the venue are exported, and come back as they were', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, {
    ...{ links: everything, imageUrl: 'https://example.org/i.png', speakerIds: [programme.speakers[0]] },
    ...{ startsAt: '2027-03-27T10:00:00+01:00', endsAt: '2027-03-27T10:30:00+01:00' },
  })
  const { errors } = await world.organize(
    `mutation ($id: ID!, $speaker: ID!) {
      updateEvent(id: $id, patch: { websiteUrl: "https://example.org/event", logoUrl: "https://example.org/logo.png",
        venue: { name: "House", address: "Street 1\\n10115 Berlin", latitude: 52.5, longitude: -13.405 } }) { event { id } }
      updateSpeaker(id: $speaker, patch: { links: [{ url: "https://github.com/ada", title: "Code", kind: REPOSITORY }] }) { speaker { id } } }`,
    { id: programme.eventId, speaker: programme.speakers[0] },
  )
  expect(errors).toBeUndefined()
  const exported = async (name: string) => (await fetch(`${world.app.url}/events/spring/${name}`)).text()
  const stamps = () =>
    world.sql('SELECT id, version, links FROM sessions UNION ALL SELECT id, version, links FROM events')
  const before = await stamps()
  for (const name of ['schedule.xml', 'schedule.json']) {
    const text = await exported(name)
    await importFile(world, text, { slug: 'spring' })
    expect([name, await stamps()]).toEqual([name, before])
    const other = await createWorld()
    await importFile(other, text)
    const { data } = await other.ask(
      `{ event(slug: "spring") { websiteUrl logoUrl sessions { nodes { imageUrl videoUrl links { url title kind } } } speakers { nodes { links { url } } } } }`,
    )
    expect(data.event).toEqual({
      ...{ websiteUrl: 'https://example.org/event', logoUrl: 'https://example.org/logo.png' },
      sessions: { nodes: [{ imageUrl: 'https://example.org/i.png', videoUrl: null, links: everything }] },
      speakers: { nodes: [{ links: name === 'schedule.json' ? [{ url: 'https://github.com/ada' }] : [] }] },
    })
  }
  const calendar = (await exported('schedule.ics')).replaceAll('\r\n ', '')
  for (const line of [
    'URL:https://example.org/event',
    'IMAGE;VALUE=URI;DISPLAY=BADGE:https://example.org/logo.png',
    'LOCATION:House\\, Street 1\\, 10115 Berlin',
    'GEO:52.500000;-13.405000',
    'URL:https://example.org/talk',
    'IMAGE;VALUE=URI;DISPLAY=BADGE:https://example.org/i.png',
    'ATTACH:https://example.org/a.zip',
  ]) {
    expect(calendar.split('\r\n')).toContain(line)
  }
  expect(calendar).toContain('Chat & more: https://example.org/chat/1')
  expect(await exported('schedule.xcal')).toContain('<latitude>52.500000</latitude>')
  expect(await exported('schedule.csv')).toContain(
    `https://example.org/i.png,${everything.map(({ url }) => url).join(' ')}\r\n`,
  )
})

test('the table of an import shows links by address, title and kind', async () => {
  const world = await createWorld()
  const talk = {
    ...{ id: 1, title: 'A talk', start: '10:00', duration: '0:30' },
    links: [{ url: 'https://github.com/ada', title: 'Code' }, { url: 'https://example.org/plain' }],
  }
  const days = [{ date: '2027-03-27', rooms: { Hall: [talk] } }]
  const conference = { acronym: 'spring', title: 'Spring', time_zone_name: 'Europe/Berlin', days }
  const report = await importFile(world, { schedule: { conference } })
  const told = importRows(report).find((line) => line.includes('links: '))
  expect(told).toContain('links: https://github.com/ada Code REPOSITORY, https://example.org/plain OTHER;')
})

test('an address that schemas take only escaped is exported so, and stays as it is where it came from', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const page = 'https://bücher.example/ü?a=[1]|{2}'
  const escaped = 'https://xn--bcher-kva.example/%C3%BC?a=%5B1%5D%7C%7B2%7D'
  await createSession(world, programme, {
    ...{ links: [{ url: page, kind: 'WEBSITE' }], slidesUrl: page },
    ...{ startsAt: '2027-03-27T10:00:00+01:00', endsAt: '2027-03-27T10:30:00+01:00' },
  })
  const stored = () => world.sql('SELECT id, version, links, slides_url FROM sessions')
  const before = await stored()
  for (const name of ['schedule.xml', 'schedule.json', 'schedule.ics', 'schedule.xcal']) {
    const text = await (await fetch(`${world.app.url}/events/spring/${name}`)).text()
    expect([name, text.replaceAll('\r\n ', '').includes(escaped)]).toEqual([name, true])
    if (name !== 'schedule.xml' && name !== 'schedule.json') continue
    await importFile(world, text, { slug: 'spring', prefer: 'theirs' })
    expect([name, await stored()]).toEqual([name, before])
  }
})

test('imports keep links of every spelling, and tell which they leave out', async () => {
  const talk = {
    ...{ guid: 'b2c6f6ee-3b0a-4a5e-9d39-6e2d1b0f7a11', title: 'A talk', start: '10:00', duration: '0:30' },
    ...{ logo: '/logos/1.png', feedback_url: 'https://example.org/feedback/1', url: '/talks/1' },
    persons: [
      {
        id: 1,
        name: 'Ada',
        avatar: '/ada.png',
        links: [{ url: 'https://chaos.example/@ada' }, { url: 'https://in.linkedin.com/in/ada' }],
      },
    ],
    attachments: [
      { url: '/files/1.pdf', title: 'Slides' },
      { url: '/files/2.pdf', title: 'Presentation slides' },
    ],
    links: [
      'https://example.org/plain',
      { url: 'https://matrix.to/#/!x', title: '  Chat\nroom ' },
      { url: 'HTTPS://EXAMPLE.org/plain', title: 'again' },
      { url: 'www.example.org' },
      { url: 'https://ada:secret@example.org/' },
      { url: 'javascript:alert(1)' },
      { url: 'https://video.example.org/1.webm', title: 'Video recording (WebM) - 90 MB' },
    ],
  }
  const conference = {
    ...{
      acronym: 'spring',
      title: 'Spring',
      time_zone_name: 'Europe/Berlin',
      logo: 'x/y.svg',
      venue: 'Hall',
    },
    days: [{ date: '2027-03-27', rooms: { Hall: [talk] } }],
  }
  const read = async (base: object) => readProgramme(await fileWith({ schedule: { ...base, conference } }))
  const { sessions, speakers, event, told } = await read({ base_url: 'https://example.org/2027/' })
  expect(sessions![0]!.values).toMatchObject({
    ...{ slidesUrl: 'https://example.org/files/1.pdf', imageUrl: 'https://example.org/logos/1.png' },
    links: [
      { url: 'https://example.org/talks/1', kind: 'WEBSITE' },
      { url: 'https://example.org/files/2.pdf', title: 'Presentation slides', kind: 'SLIDES' },
      { url: 'https://example.org/plain', kind: 'OTHER' },
      { url: 'https://matrix.to/#/!x', title: 'Chat room', kind: 'CHAT' },
      { url: 'https://video.example.org/1.webm', title: 'Video recording (WebM) - 90 MB', kind: 'VIDEO' },
      { url: 'https://example.org/feedback/1', kind: 'FEEDBACK' },
    ],
  })
  expect(speakers![0]!.values).toMatchObject({
    photoUrl: 'https://example.org/ada.png',
    links: [
      { url: 'https://chaos.example/@ada', kind: 'OTHER' },
      { url: 'https://in.linkedin.com/in/ada', kind: 'SOCIAL' },
    ],
  })
  expect(event).toMatchObject({ logoUrl: 'https://example.org/2027/x/y.svg', venue: { name: 'Hall' } })
  const wrong = "has a link that isn't an absolute http(s) address without a password. It was left out."
  expect(told.map(({ reason }) => reason)).toEqual([wrong, wrong, wrong])
  const baseless = await read({})
  const relative = 'has a relative address, which leads nowhere without a base_url. It was left out.'
  expect(baseless.told.filter(({ reason }) => reason === relative)).toHaveLength(4)
  expect(baseless.sessions![0]!.faults).toEqual([])
})

test('what a file has and nobody keeps is told, each kind with how many', async () => {
  const talk = { title: 'A talk', start: '10:00', duration: '0:30', do_not_record: true, answers: [] }
  const talks = ['a', 'b'].map((guid) => ({ ...talk, guid, start: guid === 'a' ? '10:00' : '11:00' }))
  const days = [{ date: '2027-03-27', rooms: { Hall: talks } }]
  const conference = { acronym: 'spring', title: 'Spring', time_zone_name: 'Europe/Berlin', days }
  const world = await createWorld()
  const { notes } = await importFile(world, { schedule: { conference } })
  expect(notes).toEqual([
    '2 times, first at schedule.conference.days[0].rooms.Hall[0]: has "do_not_record", for which there is no place here. It was left out.',
  ])
})

test('an Open Event export brings its pages, its position and the networks of its speakers', async () => {
  const folder = await folderWith({
    'event.json': {
      ...{ id: 1, name: 'Spring', timezone: 'Europe/Berlin', starts_at: '2027-03-27T09:00:00+01:00' },
      ...{ ends_at: '2027-03-27T18:00:00+01:00', latitude: '1.3196856', longitude: 103.892495 },
      ...{
        location_name: 'Institute',
        logo_url: 'https://example.org/l.png',
        event_url: 'http://example.org',
      },
      social_links: [
        { id: 1, name: 'Blog', link: 'https://example.org/blog' },
        { id: 2, name: 'Chirps', link: 'https://chirps.example/x' },
      ],
      ticket_url: 'https://example.org/tickets',
    },
    'sessions.json': [],
    'speakers.json': [
      {
        id: 1,
        name: 'Ada',
        twitter: 'https://twitter.com/ada',
        github: 'https://github.com/ada',
        linkedin: '',
      },
    ],
  })
  const world = await createWorld()
  await importAt(world, folder, { slug: 'spring' })
  const again = await importAt(world, folder, { slug: 'spring' })
  expect(again.event.outcome).toBe('unchanged')
  const { data } = await world.organize(
    `{ event(slug: "spring") { websiteUrl logoUrl venue { name address latitude longitude } links { url title kind }
       speakers { nodes { links { url title kind } } } } }`,
  )
  expect(data.event).toEqual({
    ...{ websiteUrl: 'http://example.org', logoUrl: 'https://example.org/l.png' },
    venue: { name: 'Institute', address: null, latitude: 1.319686, longitude: 103.892495 },
    links: [
      { url: 'https://example.org/blog', title: 'Blog', kind: 'WEBSITE' },
      { url: 'https://chirps.example/x', title: 'Chirps', kind: 'SOCIAL' },
      { url: 'https://example.org/tickets', title: 'Tickets', kind: 'OTHER' },
    ],
    speakers: {
      nodes: [
        {
          links: [
            { url: 'https://twitter.com/ada', title: 'Twitter', kind: 'SOCIAL' },
            { url: 'https://github.com/ada', title: 'GitHub', kind: 'REPOSITORY' },
          ],
        },
      ],
    },
  })
})

import { expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const copy = (world: World, id: string, input: object) =>
  world.organize(
    `mutation ($id: ID!, $input: CopyEventInput!) { copyEvent(id: $id, input: $input) {
      event { id slug name state timeZone startsAt endsAt dayStartsAt conflictPolicy websiteUrl venue { name } links { url } version
        tracks { name position } rooms { name openingHours { startsAtLocal endsAtLocal } } sessionTypes { name durationMinutes }
        breaks { name startsAtLocal room { name } } speakers { nodes { name biography availability { startsAt } links { url } } }
        sessions(filter: { states: [DRAFT] }) { totalCount nodes { title state startsAtLocal endsAtLocal slidesUrl videoUrl submittedAt sourceId
          track { name } room { name } sessionType { name } speakers { name } } } } } }`,
    { id, input },
  )

async function createSource(world: World) {
  const programme = await createProgramme(world)
  const { tracks, rooms, types, speakers } = programme
  const [hall, attic] = rooms
  await world.sql(
    `UPDATE events SET venue = '{"name": "House"}', website_url = 'https://e.org', links = '[{"url": "https://e.org/x", "kind": "OTHER"}]',
       day_starts_at = '04:00', conflict_policy = 'refuse' WHERE id = $1`,
    [programme.eventId],
  )
  await world.sql(
    `UPDATE rooms SET open_from = ARRAY['2027-03-27 08:00Z', '2027-03-28 07:00Z']::timestamptz[],
       open_until = ARRAY['2027-03-27 20:00Z', '2027-03-28 19:00Z']::timestamptz[] WHERE id = $1`,
    [hall],
  )
  await world.sql(`UPDATE rooms SET deleted_at = now() WHERE id = $1`, [attic])
  await world.sql(
    `INSERT INTO breaks (id, event_id, name, starts_at, ends_at, room_id) SELECT gen_random_uuid(), $1, n, '2027-03-28 10:00Z', '2027-03-28 11:00Z', r
     FROM (VALUES ('Lunch', NULL::uuid), ('Coffee', $2), ('Gone', $3)) v(n, r)`,
    [programme.eventId, hall, attic],
  )
  await world.sql(
    `UPDATE speakers SET biography = 'Who', available_from = ARRAY['2027-03-27 08:00Z']::timestamptz[], available_until = ARRAY['2027-03-27 18:00Z']::timestamptz[],
       links = '[{"url": "https://e.org/me", "kind": "SOCIAL"}]', source_id = 'p1' WHERE id = $1`,
    [speakers[0]],
  )
  await createSession(world, programme, {
    ...{
      title: 'Kept',
      trackId: tracks[1],
      roomId: hall,
      sessionTypeId: types[0],
      speakerIds: [speakers[1], speakers[0]],
    },
    // On the second day, after the clocks went forward at night.
    ...{ startsAt: '2027-03-28T10:00:00+02:00', endsAt: '2027-03-28T11:00:00+02:00' },
    ...{ slidesUrl: 'https://e.org/s', videoUrl: 'https://e.org/v' },
  })
  await createSession(world, programme, { title: 'Placeless', state: 'PENDING' })
  const rejected = await createSession(world, programme, { title: 'Rejected', state: 'PENDING' })
  await world.sql(`UPDATE sessions SET state = 'rejected' WHERE id = $1`, [rejected])
  await world.sql(`UPDATE sessions SET source_id = 's1' WHERE title = 'Kept'`)
  return programme
}

test('a copy keeps the clocks of its times, over clock changes and in another zone', async () => {
  const world = await createWorld()
  const { eventId } = await createSource(world)
  const { data, errors } = await copy(world, eventId, {
    ...{ slug: 'next', name: 'Next', content: 'SESSIONS', timeZone: 'America/New_York' },
    startsAt: '2028-06-10T10:00:00-04:00',
  })
  expect(errors).toBeUndefined()
  expect(data.copyEvent.event).toEqual({
    ...{
      id: expect.any(String),
      slug: 'next',
      name: 'Next',
      state: 'DRAFT',
      timeZone: 'America/New_York',
      version: 1,
    },
    // It opened at 9:00 and opens at 10:00, so all is an hour later on the clocks.
    ...{ startsAt: '2028-06-10T14:00:00.000Z', endsAt: '2028-06-11T23:00:00.000Z' },
    ...{
      dayStartsAt: '04:00',
      conflictPolicy: 'REFUSE',
      websiteUrl: 'https://e.org',
      venue: { name: 'House' },
    },
    links: [{ url: 'https://e.org/x' }],
    tracks: [
      { name: 'Time', position: 0 },
      { name: 'Data', position: 1 },
    ],
    rooms: [
      {
        name: 'Hall',
        openingHours: [
          { startsAtLocal: '2028-06-10T10:00:00', endsAtLocal: '2028-06-10T22:00:00' },
          { startsAtLocal: '2028-06-11T10:00:00', endsAtLocal: '2028-06-11T22:00:00' },
        ],
      },
    ],
    sessionTypes: [
      { name: 'Talk', durationMinutes: null },
      { name: 'Workshop', durationMinutes: null },
    ],
    breaks: expect.arrayContaining([
      { name: 'Coffee', startsAtLocal: '2028-06-11T13:00:00', room: { name: 'Hall' } },
      { name: 'Lunch', startsAtLocal: '2028-06-11T13:00:00', room: null },
    ]),
    speakers: {
      nodes: [
        { name: 'Ada', biography: 'Who', availability: [], links: [{ url: 'https://e.org/me' }] },
        { name: 'Bo', biography: null, availability: [], links: [] },
      ],
    },
    sessions: {
      totalCount: 2,
      nodes: [
        {
          ...{ title: 'Kept', state: 'DRAFT', submittedAt: null, sourceId: null },
          ...{ startsAtLocal: '2028-06-11T11:00:00', endsAtLocal: '2028-06-11T12:00:00' },
          ...{ slidesUrl: 'https://e.org/s', videoUrl: null },
          ...{ track: { name: 'Data' }, room: { name: 'Hall' }, sessionType: { name: 'Talk' } },
          speakers: [{ name: 'Bo' }, { name: 'Ada' }],
        },
        expect.objectContaining({ title: 'Placeless', startsAtLocal: null, room: null, speakers: [] }),
      ],
    },
  })
  expect(data.copyEvent.event.breaks).toHaveLength(2)
})

test('a time that a clock change skips is refused by name, and taken as it is said; nothing is left of what was refused', async () => {
  const world = await createWorld()
  const { eventId } = await createSource(world)
  // The night of the copy is the one in which Berlin sets its clocks forward; the talk at 10:00 becomes one at 2:30.
  const input = { slug: 'next', name: 'Next', content: 'SESSIONS', startsAt: '2028-03-25T01:30:00+01:00' }
  const refused = await copy(world, eventId, { ...input, name: ' ', slug: 'spring' })
  expect(refused.errors?.[0]?.extensions.issues).toEqual([
    { path: ['input', 'name'], message: 'must not be blank.' },
    {
      path: ['input', 'startsAt'],
      message:
        'The session "Kept": 2028-03-26T02:30:00 is skipped by a clock change in Europe/Berlin: it could mean ' +
        '2028-03-26T00:30:00.000Z or 2028-03-26T01:30:00.000Z. Send an instant, or say which by "disambiguation".',
    },
    { path: ['input', 'slug'], message: '"spring" isn\'t available. Choose another one.' },
  ])
  expect(await world.sql('SELECT 1 FROM events')).toHaveLength(1)
  const earlier = await copy(world, eventId, { ...input, disambiguation: 'EARLIER' })
  expect(earlier.errors).toBeUndefined()
  expect(earlier.data.copyEvent.event.sessions.nodes[0]).toMatchObject({
    startsAtLocal: '2028-03-26T01:30:00',
  })
  const structure = await copy(world, eventId, { ...input, slug: 'empty', content: 'STRUCTURE' })
  expect(structure.data.copyEvent.event).toMatchObject({
    speakers: { nodes: [] },
    sessions: { totalCount: 0 },
  })
})

test('who does not see all of an event does not copy it; a large one takes as many statements as a small one', async () => {
  const world = await createWorld()
  const { eventId } = await createSource(world)
  const mutation = `mutation ($id: ID!, $slug: String!) { copyEvent(id: $id, input: { slug: $slug, name: "N", startsAt: "2028-06-10T08:00:00Z", content: SESSIONS }) { event { id } } }`
  const anybody = await world.ask(mutation, { id: eventId, slug: 'x' })
  expect(anybody.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  const none = await world.organize(mutation, { id: '01a21a1b-0000-7000-8000-000000000000', slug: 'x' })
  expect(none.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  const small = await world.organize(mutation, { id: eventId, slug: 'small' })
  await world.sql(
    `INSERT INTO sessions (id, event_id, title, state, starts_at, ends_at)
     SELECT gen_random_uuid(), $1, 'Talk ' || n, 'confirmed', '2027-03-27 09:00Z', '2027-03-27 09:30Z' FROM generate_series(1, 2000) n`,
    [eventId],
  )
  const large = await world.organize(mutation, { id: eventId, slug: 'large' })
  expect([small.errors, large.errors]).toEqual([undefined, undefined])
  expect(large.statements).toBe(small.statements)
  const [{ count } = {}] = await world.sql<{ count: number }>(
    `SELECT count(*)::int AS count FROM sessions WHERE event_id = $1 AND version = 1`,
    [large.data.copyEvent.event.id],
  )
  expect(count).toBe(2002)
  // Nothing of people, tokens, webhooks or imports came along.
  const [{ left } = {}] = await world.sql<{ left: number }>(
    `SELECT (SELECT count(*) FROM source_ids WHERE event_id <> $1) + (SELECT count(*) FROM invitations WHERE event_id <> $1)
       + (SELECT count(*) FROM webhooks WHERE event_id <> $1) + (SELECT count(*) FROM memberships WHERE event_id <> $1)
       + (SELECT count(*) FROM sessions WHERE event_id <> $1 AND source_id IS NOT NULL) AS left`,
    [eventId],
  )
  expect(Number(left)).toBe(0)
})

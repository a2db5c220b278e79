import { expect, test } from 'vitest'
import { eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const links = [
  { url: 'https://example.org/code', title: 'Code', kind: 'REPOSITORY' },
  { url: 'https://EXAMPLE.org/chat', title: null, kind: 'CHAT' },
]
const venue = { name: 'Hall', address: 'Street 1\n10115 Berlin', latitude: 52.52, longitude: -13.405 }
/** As the history has them: what isn't there isn't named. */
const stored = [links[0]!, { url: 'https://EXAMPLE.org/chat', kind: 'CHAT' }]
const fields = 'links { url title kind }'

test('links, pictures and the venue are read as they were sent', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { imageUrl: 'https://example.org/i.png', links })
  const { data, errors } = await world.organize(
    `mutation ($event: ID!, $speaker: ID!, $links: [LinkInput!], $venue: VenueInput) {
      updateEvent(id: $event, patch: { websiteUrl: "https://e.org", logoUrl: "https://e.org/l.svg", venue: $venue, links: $links }) { event { version } }
      updateSpeaker(id: $speaker, patch: { links: [{ url: "https://e.org/me" }] }) { speaker { version } } }`,
    { event: programme.eventId, speaker: programme.speakers[0], links, venue },
  )
  expect({ data, errors }).toEqual({
    data: { updateEvent: { event: { version: 2 } }, updateSpeaker: { speaker: { version: 2 } } },
    errors: undefined,
  })
  const seen = await world.ask(
    `query ($id: ID!) { event(slug: "spring") { websiteUrl logoUrl venue { name address latitude longitude } ${fields} }
      session(id: $id) { imageUrl ${fields} } }`,
    { id },
  )
  expect(seen.data).toEqual({
    event: { websiteUrl: 'https://e.org', logoUrl: 'https://e.org/l.svg', venue, links },
    session: { imageUrl: 'https://example.org/i.png', links },
  })
  const own = await world.organize(`query ($id: ID!) { speaker(id: $id) { ${fields} } }`, {
    id: programme.speakers[0],
  })
  expect(own.data.speaker.links).toEqual([{ url: 'https://e.org/me', title: null, kind: 'OTHER' }])
  // A save of the same is no change.
  const again = await world.organize(
    `mutation ($event: ID!, $links: [LinkInput!], $venue: VenueInput) {
      updateEvent(id: $event, patch: { venue: $venue, links: $links }) { event { version } } }`,
    { event: programme.eventId, links, venue },
  )
  expect(again.data.updateEvent.event.version).toBe(2)
})

test('tells all that is wrong about links and a venue at once', async () => {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  const patch = (values: object) =>
    world.organize(
      'mutation ($id: ID!, $patch: EventPatch!) { updateEvent(id: $id, patch: $patch) { event { id } } }',
      { id: eventId, patch: values },
    )
  const issuesOf = async (values: object) => (await patch(values)).errors?.[0]?.extensions.issues
  expect(
    await issuesOf({
      name: '',
      links: [
        { url: 'https://example.org', title: 'two\nlines' },
        { url: 'https://example.ORG:443/', title: ' ' },
      ],
      venue: { address: '\u0007', latitude: 91 },
    }),
  ).toEqual([
    { path: ['patch', 'name'], message: 'must not be blank.' },
    {
      path: ['patch', 'venue', 'address'],
      message: 'holds the control character U+0007.',
    },
    { path: ['patch', 'venue'], message: 'latitude and longitude go together.' },
    {
      path: ['patch', 'links', 0, 'title'],
      message: 'holds the control character U+000A, and must be one line.',
    },
    {
      path: ['patch', 'links', 1, 'url'],
      message: 'is the address of links[0] again. Send it once.',
    },
    { path: ['patch', 'links', 1, 'title'], message: 'must not be blank.' },
  ])
  expect(await issuesOf({ venue: { latitude: 91, longitude: 0 } })).toEqual([
    {
      path: ['patch', 'venue'],
      message: 'latitude is -90 to 90 and longitude -180 to 180, in degrees.',
    },
  ])
  expect(await issuesOf({ venue: {} })).toEqual([
    { path: ['patch', 'venue'], message: 'says nothing. Send null for no venue.' },
  ])
  const many = Array.from({ length: 21 }, (_, index) => ({ url: `https://e.org/${index}` }))
  expect(await issuesOf({ links: many })).toEqual([
    { path: ['patch', 'links'], message: 'must list 20 at most.' },
  ])
  for (const url of [
    'javascript:alert(1)',
    '/x',
    'ftp://e.org',
    'https://a:b@e.org',
    'https://e.org/\u0000',
  ]) {
    const { errors } = await patch({ links: [{ url }], logoUrl: url })
    expect(errors).toHaveLength(2)
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
  }
})

test('history, the past, reverts and conflicts know links and the venue', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, {})
  const [{ now } = { now: new Date() }] = await world.sql<{ now: Date }>('SELECT clock_timestamp() AS now')
  const { data, errors } = await world.organize(
    `mutation ($id: ID!, $event: ID!, $links: [LinkInput!], $venue: VenueInput) {
      updateSession(id: $id, patch: { links: $links }) { session { history(first: 1) { nodes { changes { field before after } } } } }
      updateEvent(id: $event, patch: { venue: $venue, links: $links }) { event { history(first: 1) { nodes { changes { field before after } } } } }
      stale: updateSession(id: $id, expectedVersion: 1, onConflict: MERGE, patch: { links: [{ url: "https://e.org/mine" }] }) { session { id } }
      staleEvent: updateEvent(id: $event, expectedVersion: 1, patch: { venue: { name: "Mine" } }) { event { id } } }`,
    { id, event: programme.eventId, links, venue },
  )
  expect(data.updateSession.session.history.nodes[0].changes).toEqual([
    { field: 'links', before: [], after: stored },
  ])
  expect(data.updateEvent.event.history.nodes[0].changes).toEqual([
    { field: 'links', before: [], after: stored },
    { field: 'venue', before: null, after: venue },
  ])
  expect(errors?.map(({ extensions }) => extensions.conflicts)).toEqual([
    [
      {
        ...{ field: 'links', base: [], stored },
        sent: [{ url: 'https://e.org/mine', kind: 'OTHER' }],
      },
    ],
    [
      { field: 'links', base: [], stored },
      {
        ...{ field: 'venue', base: null, stored: venue },
        sent: { name: 'Mine' },
      },
    ],
  ])
  const past = await world.organize(
    `query ($id: ID!, $at: DateTime!) { session(id: $id, asOf: $at) { ${fields} event { venue { name } ${fields} } } }`,
    { id, at: now.toISOString() },
  )
  expect(past.data.session).toEqual({ links: [], event: { venue: null, links: [] } })
  const back = await world.organize(
    `mutation ($id: ID!, $event: ID!) {
      revertSession(id: $id, toVersion: 1, fields: ["links"]) { session { ${fields} } }
      empty: revertEvent(id: $event, toVersion: 1) { event { venue { name } ${fields} } }
      full: revertEvent(id: $event, toVersion: 2) { event { venue { name } ${fields} } } }`,
    { id, event: programme.eventId },
  )
  expect(back.data).toEqual({
    revertSession: { session: { links: [] } },
    empty: { event: { venue: null, links: [] } },
    full: { event: { venue: { name: 'Hall' }, links } },
  })
  const [{ same } = {}] = await world.sql<{ same: boolean }>(`SELECT links = $1::jsonb AS same FROM events`, [
    JSON.stringify(stored),
  ])
  expect(same).toBe(true)
})

test('of who is erased no link stays, and a canceled session shows none', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { links, imageUrl: 'https://example.org/i.png' })
  const [speaker] = programme.speakers
  const { data, errors } = await world.organize(
    `mutation ($id: ID!, $speaker: ID!, $links: [LinkInput!]) {
      updateSpeaker(id: $speaker, patch: { links: $links, photoUrl: "https://example.org/me.png" }) { speaker { id } }
      changeSessionState(id: $id, to: CANCELED) { session { ${fields} } } }`,
    { id, speaker, links },
  )
  expect(errors).toBeUndefined()
  expect(data.changeSessionState.session.links).toEqual(links)
  const canceled = await world.ask(`query ($id: ID!) { session(id: $id) { state imageUrl ${fields} } }`, {
    id,
  })
  expect(canceled.data.session).toEqual({ state: 'CANCELED', imageUrl: null, links: [] })
  await eraseSpeaker(world.operator, speaker!)
  const left = await world.sql(
    `SELECT 1 FROM speakers s WHERE to_jsonb(s)::text ~ 'example.org'
     UNION ALL SELECT 1 FROM revisions WHERE entity = 'speaker' AND (before::text || after::text) ~ 'example.org'`,
  )
  expect(left).toEqual([])
})

import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const unknown = '00000000-0000-7000-8000-000000000000'

test('anything that has an id is found by it, in the order asked, in one statement', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const draft = await createSession(world, programme, { title: 'A draft', state: 'DRAFT' })
  const shown = await createSession(world, programme, { title: 'Shown', speakerIds: [programme.speakers[0]] })
  const ids = [
    ...[shown, programme.rooms[0]!, 'x', unknown, programme.eventId, draft, programme.tracks[0]!],
    ...[programme.types[0]!, programme.speakers[0]!, programme.speakers[1]!, shown.toUpperCase()],
  ]
  const query = `query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id
    ... on Session { title room { name } } ... on Room { name event { slug } } ... on Versioned { version } } }`
  const seen = await world.ask(query, { ids })
  expect(seen.errors).toBeUndefined()
  expect(seen.data.nodes.map((node: { __typename: string } | null) => node?.__typename ?? null)).toEqual([
    ...['Session', 'Room', null, null, 'Event', null, 'Track', 'SessionType', 'Speaker', null, 'Session'],
  ])
  expect(seen.data.nodes[0]).toEqual({
    ...{ __typename: 'Session', id: shown, title: 'Shown', room: null, version: expect.any(Number) },
  })
  expect(seen.data.nodes[1]).toMatchObject({ name: 'Hall', event: { slug: 'spring' } })
  expect(seen.statements).toBe(1)
  const { data } = await world.organize(query, { ids })
  expect(data.nodes[5]).toMatchObject({ title: 'A draft' })
  const one = await world.ask(`{ node(id: "${shown}") { ... on Session { title } } }`)
  expect([one.data.node, one.statements]).toEqual([{ title: 'Shown' }, 1])

  const many = await world.ask(query, { ids: Array.from({ length: 101 }, () => unknown) })
  expect(many.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    issues: [{ path: ['ids'], message: 'must list 100 at most.' }],
  })
})

test('members and tokens are found by their ids by who may see them in their lists, and by nobody else', async () => {
  const { as, programme } = await createTeam()
  const list = `{ event(slug: "spring") { members { nodes { id } } } }`
  const { id } = (await as.OWNER(list)).data.event.members.nodes[0]
  const minted = await as.OWNER(
    `mutation { mintToken(input: { label: "x", eventIds: ["${programme.eventId}"] }) { token { id } } }`,
  )
  const token = minted.data.mintToken.token.id as string
  const query = `{ nodes(ids: ["${id}", "${token}"]) { __typename id ... on AccessToken { label } ... on Member { role } } }`
  expect((await as.OWNER(query)).data.nodes).toMatchObject([{ __typename: 'Member' }, { label: 'x' }])
  expect((await as.REVIEWER(query)).data.nodes).toMatchObject([{ __typename: 'Member' }, null])
  expect((await as.VISITOR(query)).data.nodes).toEqual([null, null])
})

test('a speaker, a track, a room or a session type is one statement away by its id, with what is around it', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { tracks, rooms, types, speakers, eventId } = programme
  const place = { trackId: tracks[0], roomId: rooms[0], sessionTypeId: types[0], speakerIds: [speakers[0]] }
  await createSession(world, programme, { title: 'Shown', ...place })
  const rest = 'name event { slug rooms { name } } sessions { totalCount nodes { title } }'
  for (const [field, id] of Object.entries({
    speaker: speakers[0],
    track: tracks[0],
    room: rooms[0],
    sessionType: types[0],
  })) {
    const { data, errors, statements } = await world.ask(`{ ${field}(id: "${id}") { ${rest} } }`)
    expect([field, errors, statements]).toEqual([field, undefined, 1])
    expect(data[field]).toMatchObject({
      event: { slug: 'spring', rooms: [{ name: 'Hall' }, { name: 'Attic' }] },
      sessions: { totalCount: 1, nodes: [{ title: 'Shown' }] },
    })
    for (const wrong of ['x', unknown, eventId]) {
      const missed = await world.ask(`{ ${field}(id: "${wrong}") { id } }`)
      expect([field, wrong, missed.data]).toEqual([field, wrong, { [field]: null }])
    }
  }
  // Who speaks in nothing that is public is nobody to the public; a draft's parts are its team's.
  const hidden = `{ speaker(id: "${speakers[1]}") { name } }`
  expect((await world.ask(hidden)).data.speaker).toBeNull()
  expect((await world.organize(hidden)).data.speaker).toEqual({ name: 'Bo' })
  await world.organize(`mutation { updateEvent(id: "${eventId}", patch: { state: DRAFT }) { event { id } } }`)
  const parts = `{ room(id: "${rooms[0]}") { name } speaker(id: "${speakers[0]}") { name } node(id: "${rooms[0]}") { id } }`
  expect((await world.ask(parts)).data).toEqual({ room: null, speaker: null, node: null })
  expect((await world.organize(parts)).data.room).toEqual({ name: 'Hall' })
})

test('an event is found by its id, and by the slugs that it had; nobody else takes those', async () => {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  const rename = (slug: string) =>
    world.organize(
      `mutation { updateEvent(id: "${eventId}", patch: { slug: "${slug}" }) { event { slug } } }`,
    )
  await rename('summer')
  await rename('autumn')
  for (const named of ['slug: "spring"', 'slug: "summer"', 'slug: "autumn"', `id: "${eventId}"`]) {
    const { data, statements } = await world.ask(`{ event(${named}) { slug } }`)
    expect([named, data.event, statements]).toEqual([named, { slug: 'autumn' }, 1])
  }
  // Changes and feeds are found by it as well.
  await createSession(world, { slug: 'spring' }, { title: 'Late' })
  const feed = await world.ask('{ sessionChanges(eventSlug: "summer") { changes { session { title } } } }')
  expect(feed.data.sessionChanges.changes).toMatchObject([{ session: { title: 'Late' } }])

  const taken = `mutation { createEvent(input: { slug: "summer", name: "S", timeZone: "UTC",
    startsAt: "2028-01-01T00:00:00Z", endsAt: "2028-01-02T00:00:00Z" }) { event { id } } }`
  const refused = await world.organize(taken)
  expect(refused.errors?.[0]?.extensions.issues).toMatchObject([{ path: ['input', 'slug'] }])
  await expect(
    world.sql(`INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, last_modified_at)
      VALUES (gen_random_uuid(), 'summer', 'S', 'UTC', '2028-01-01Z', '2028-01-02Z', '2028-01-01Z')`),
  ).rejects.toThrow('had the slug summer before')
  // It may have its own again; then that is the one of now.
  expect((await rename('summer')).data.updateEvent.event).toEqual({ slug: 'summer' })
  expect((await world.ask('{ event(slug: "autumn") { slug } }')).data.event).toEqual({ slug: 'summer' })
  const history = `{ event(slug: "spring") { history { nodes { changes { field } } } } }`
  const fields = (await world.organize(history)).data.event.history.nodes[0].changes
  expect(fields).toEqual([{ field: 'slug' }])

  for (const both of [``, `(slug: "x", id: "${eventId}")`, '(slug: null)']) {
    const { errors } = await world.ask(`{ event${both} { id } }`)
    expect([both, errors?.[0]?.extensions.code]).toEqual([both, 'BAD_USER_INPUT'])
  }
})

test('speakers are filtered by text, ids and when they last changed', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const [ada, bo] = programme.speakers
  await world.sql(`UPDATE speakers SET organisation = 'Clock Works' WHERE id = $1`, [bo])
  const names = async (filter: string) => {
    const { data, errors } = await world.organize(
      `{ event(slug: "spring") { speakers(filter: ${filter}) { totalCount nodes { name } } } }`,
    )
    if (errors !== undefined) return errors[0]!.extensions.issues
    const { nodes, totalCount } = data.event.speakers
    expect(totalCount).toBe(nodes.length)
    return nodes.map(({ name }: { name: string }) => name)
  }
  expect(await names(`{ ids: ["${ada}", "x", "${unknown}"] }`)).toEqual(['Ada'])
  expect(await names('{ ids: [] }')).toEqual([])
  expect(await names('{ text: "clock" }')).toEqual(['Bo'])
  const [latest] = await world.sql<{ stamp: Date }>('SELECT max(last_modified_at) AS stamp FROM speakers')
  expect(await names(`{ lastModifiedAt: { gte: "${latest!.stamp.toISOString()}" } }`)).toEqual(['Bo'])
  expect(await names('{}')).toEqual(['Ada', 'Bo'])
  expect(await names(`{ text: "a\\u0000b" }`)).toMatchObject([{ path: ['filter', 'text'] }])
})

test('speakers are filtered by words, as search finds them, in one event only', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const other = await createProgramme(world, 'autumn')
  const [ada, bo] = programme.speakers
  await createSession(world, programme, { speakerIds: [bo] })
  const write = (id: string, name: string, biography: string) =>
    world.sql(`UPDATE speakers SET name = $2, biography = $3, text_format = 'html' WHERE id = $1`, [
      id,
      name,
      biography,
    ])
  await write(ada!, 'Ada Zélie', '<p>Builds quiet clocks.</p>')
  await write(bo!, 'Bo Larsson', '<p>Repairs <b>clocks</b> in a <a href="https://example.org">tower</a>.</p>')
  await write(other.speakers[0]!, 'Elsewhere', 'Clocks.')
  const query = `query ($text: String) { event(slug: "spring") {
    speakers(filter: { text: $text }) { totalCount nodes { name } edges { cursor } } } }`
  const names = async (text: string, ask = world.organize) => {
    const { nodes, totalCount, edges } = (await ask(query, { text })).data.event.speakers
    expect([totalCount, edges.length]).toEqual([nodes.length, nodes.length])
    return nodes.map(({ name }: { name: string }) => name)
  }
  // Who asks, and the page with whom the words find.
  expect((await world.organize(query, { text: 'clocks' })).statements).toBe(2)
  expect(await names('clocks')).toEqual(['Ada Zélie', 'Bo Larsson'])
  expect(await names('tower lars')).toEqual(['Bo Larsson'])
  expect(await names('"quiet clocks"')).toEqual(['Ada Zélie'])
  expect(await names('zelie')).toEqual(['Ada Zélie'])
  // Neither markup nor the middle of a word.
  for (const nothing of ['href', 'ower', '...']) expect(await names(nothing)).toEqual([])
  expect(await names(' ')).toEqual(['Ada Zélie', 'Bo Larsson'])
  expect(await names('clocks', world.ask)).toEqual(['Bo Larsson'])
})

test('integrators read and find by the ids of their sources; the public is told of none', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'Known', speakerIds: [programme.speakers[0]] })
  await createSession(world, programme, { title: 'Made here' })
  await world.sql(`UPDATE sessions SET source_id = 'talk-7' WHERE id = $1`, [id])
  await world.sql(`UPDATE speakers SET source_id = 'person-1' WHERE name = 'Ada'`)
  await world.sql(`UPDATE rooms SET source_id = 'room-1' WHERE name = 'Hall'`)
  const known = `{ event(slug: "spring") { rooms { sourceId }
    sessions(filter: { sourceIds: ["talk-7"] }) { nodes { title sourceId } }
    speakers(filter: { sourceIds: ["person-1"] }) { nodes { name sourceId } } } }`
  expect((await world.organize(known)).data.event).toEqual({
    rooms: [{ sourceId: 'room-1' }, { sourceId: null }],
    sessions: { nodes: [{ title: 'Known', sourceId: 'talk-7' }] },
    speakers: { nodes: [{ name: 'Ada', sourceId: 'person-1' }] },
  })
  const { errors } = await world.ask(known)
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
  const open = await world.ask(
    '{ event(slug: "spring") { rooms { sourceId } sessions { nodes { sourceId } } } }',
  )
  expect(JSON.stringify(open.data)).not.toMatch(/talk-7|room-1/)
})

import { expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

test('a deleted event is nowhere to be seen, and comes back with all that was in it', async () => {
  const { world, programme, as } = await createTeam()
  const id = await createSession(world, programme, { title: 'A talk' })
  const { eventId } = programme
  const remove = `mutation ($id: ID!, $version: Int) { deleteEvent(id: $id, expectedVersion: $version) { event { slug version } } }`
  const restore = `mutation ($id: ID!) { restoreEvent(id: $id) { event { slug version sessions { nodes { title } } } } }`
  const look = async (ask: typeof world.ask | typeof as.OWNER) => {
    const { data } = await ask(
      `{ event(slug: "spring") { id } events { nodes { slug } } session(id: "${id}") { title } node(id: "${programme.tracks[0]}") { id } }`,
    )
    return data
  }
  const before = await look(world.ask)
  expect(before.session).toEqual({ title: 'A talk' })
  for (const member of ['ORGANIZER', 'VISITOR'] as const) {
    expect((await as[member](remove, { id: eventId })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  }
  const stale = await as.OWNER(remove, { id: eventId, version: 7 })
  expect(stale.errors?.[0]?.extensions.code).toBe('CONFLICT')
  const gone = await as.OWNER(remove, { id: eventId, version: 1 })
  expect(gone.data).toEqual({ deleteEvent: { event: { slug: 'spring', version: 2 } } })

  const nothing = { event: null, events: { nodes: [] }, session: null, node: null }
  for (const ask of [world.ask, as.OWNER, world.organize]) expect(await look(ask)).toEqual(nothing)
  const changes = await world.organize(
    `mutation { updateSession(id: "${id}", patch: { title: "x" }) { session { id } }
      updateTrack(id: "${programme.tracks[0]}", patch: { name: "x" }) { track { id } }
      updateEvent(id: "${eventId}", patch: { name: "x" }) { event { id } } }`,
  )
  expect(changes.errors?.map(({ extensions }) => extensions.code)).toEqual([
    'NOT_FOUND',
    'NOT_FOUND',
    'NOT_FOUND',
  ])
  expect((await as.OWNER(remove, { id: eventId })).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  expect((await as.ORGANIZER(restore, { id: eventId })).errors?.[0]?.extensions.code).toBe('NOT_FOUND')

  // Whoever may restore it is shown that it is there; of others' deleted events an owner is told nothing.
  await createProgramme(world, 'autumn')
  await world.sql(`UPDATE events SET deleted_at = '2026-01-01T00:00:00Z' WHERE slug = 'autumn'`)
  const bin = async (ask: typeof as.OWNER, first = 100) => {
    const { data, errors } = await ask(
      'query ($first: Int!) { deletedEvents(first: $first) { id slug name version } }',
      { first },
    )
    return errors?.[0]?.extensions.code ?? data.deletedEvents
  }
  const spring = { id: eventId, slug: 'spring', name: 'Spring meeting', version: 2 }
  expect(await bin(as.OWNER)).toEqual([spring])
  const everywhere = await mintToken(world.operator.db, {
    ...organizerOfEverything,
    role: 'OWNER',
    label: 'all',
  })
  const all: typeof as.OWNER = (query, variables) =>
    world.ask(query, variables, { authorization: `Bearer ${everywhere.token}` })
  expect(await bin(all)).toMatchObject([spring, { slug: 'autumn' }])
  expect(await bin(all, 1)).toEqual([spring])
  expect(await bin(all, 1_001)).toBe('BAD_USER_INPUT')
  expect([await bin(as.ORGANIZER), await bin(world.ask)]).toEqual(['FORBIDDEN', 'UNAUTHENTICATED'])

  const back = await as.OWNER(restore, { id: eventId })
  expect(back.data.restoreEvent.event).toEqual({
    slug: 'spring',
    version: 3,
    sessions: { nodes: [{ title: 'A talk' }] },
  })
  expect(await look(world.ask)).toEqual(before)
  expect((await as.OWNER(restore, { id: eventId })).data.restoreEvent.event.version).toBe(3)
})

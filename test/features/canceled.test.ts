import { expect, test } from 'vitest'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const seen = `id title subtitle abstract abstractHtml description language level state startsAt endsAt startsAtLocal slidesUrl
  track { name } room { name } sessionType { name } speakers { name } isLocked submittedAt deletedAt canceledAt version lastModifiedAt
  availableTransitions event { slug }`
const one = `query ($id: ID!) { session(id: $id) { ${seen} } node(id: $id) { ... on Session { title state } } }`
const patch = `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { version lastModifiedAt } } }`
const lists = `query ($after: String) { event(slug: "spring") {
  programmeModifiedAt
  plain: sessions { totalCount nodes { title } }
  sessions(first: 2, after: $after, filter: { includeCanceled: true }) {
    totalCount nodes { title state } pageInfo { endCursor hasNextPage } }
  only: sessions(filter: { includeCanceled: true, states: [CANCELED] }) { nodes { title canceledAt } }
  latest: sessions(filter: { includeCanceled: true }, orderBy: { field: TITLE, direction: DESC }) { nodes { title } }
  searched: sessions(filter: { includeCanceled: true, text: "Gone" }) { nodes { title } }
  tracks { name sessions(filter: { includeCanceled: true }) { nodes { title } } }
} }`

test('a session that the public has seen and that left the programme is seen as it was last public, and no more', async () => {
  const { world, programme, as } = await createTeam()
  const at = (hour: number) => ({
    startsAt: `2027-03-27T${hour}:00:00Z`,
    endsAt: `2027-03-27T${hour}:30:00Z`,
  })
  await createSession(world, programme, { title: 'A first', ...at(10) })
  const id = await createSession(world, programme, {
    ...{ title: 'Gone talk', subtitle: 'Sub', abstract: 'Text', language: 'en', level: 'EXPERT', ...at(11) },
    ...{ trackId: programme.tracks[0], roomId: programme.rooms[0], speakerIds: [programme.speakers[1]] },
  })
  await createSession(world, programme, { title: 'Z last', ...at(12) })
  const unknown = await createSession(world, programme, {
    title: 'Never public',
    state: 'PENDING',
    ...at(11),
  })
  await world.organize(patch, { id: unknown, patch: { state: 'REJECTED' } })

  // The same change renames it: nobody has seen that.
  const left = await world.organize(patch, {
    id,
    patch: { state: 'WITHDRAWN', title: 'Secret', roomId: programme.rooms[1] },
  })
  expect(left.errors).toBeUndefined()
  const since = left.data.updateSession.session
  await world.organize(patch, {
    id,
    patch: { title: 'More secret', abstract: 'Secret', trackId: programme.tracks[1], ...at(15) },
  })
  const expected = {
    ...{ id, title: 'Gone talk', subtitle: null, abstract: null, abstractHtml: null, description: null },
    ...{ language: null, level: null, state: 'CANCELED', slidesUrl: null, sessionType: null, speakers: [] },
    ...{ startsAt: '2027-03-27T11:00:00.000Z', endsAt: '2027-03-27T11:30:00.000Z' },
    ...{ startsAtLocal: '2027-03-27T12:00:00', track: { name: 'Time' }, room: { name: 'Hall' } },
    ...{ isLocked: false, submittedAt: null, deletedAt: null, canceledAt: since.lastModifiedAt },
    ...{ version: since.version, lastModifiedAt: since.lastModifiedAt, availableTransitions: [] },
    event: { slug: 'spring' },
  }
  for (const ask of [world.ask, as.VISITOR, as.SPEAKER]) {
    const { data, errors } = await ask(one, { id })
    expect(errors).toBeUndefined()
    expect(data).toEqual({ session: expected, node: { title: 'Gone talk', state: 'CANCELED' } })
    expect((await ask(one, { id: unknown })).data).toEqual({ session: null, node: null })
  }
  const organizer = await as.ORGANIZER(one, { id })
  expect(organizer.data.session).toMatchObject({
    title: 'More secret',
    state: 'WITHDRAWN',
    canceledAt: since.lastModifiedAt,
  })

  const { data, errors } = await world.ask(lists)
  expect(errors).toBeUndefined()
  const { event } = data
  expect(event).toMatchObject({
    plain: { totalCount: 2, nodes: [{ title: 'A first' }, { title: 'Z last' }] },
    sessions: {
      totalCount: 3,
      nodes: [
        { title: 'A first', state: 'CONFIRMED' },
        { title: 'Gone talk', state: 'CANCELED' },
      ],
      pageInfo: { hasNextPage: true },
    },
    only: { nodes: [{ title: 'Gone talk', canceledAt: since.lastModifiedAt }] },
    latest: { nodes: [{ title: 'Z last' }, { title: 'Gone talk' }, { title: 'A first' }] },
    searched: { nodes: [] },
    tracks: [
      { name: 'Time', sessions: { nodes: [{ title: 'Gone talk' }] } },
      { name: 'Data', sessions: { nodes: [] } },
    ],
  })
  const next = await world.ask(lists, { after: event.sessions.pageInfo.endCursor })
  expect(next.data.event.sessions.nodes).toEqual([{ title: 'Z last', state: 'CONFIRMED' }])
  const all = await as.ORGANIZER(lists)
  expect(all.data.event.latest.nodes).toHaveLength(4)

  // Drafts of what left aren't news; that it is deleted, or restored, is.
  const modifiedAt = async () => (await world.ask(lists)).data.event.programmeModifiedAt
  const before = await modifiedAt()
  await world.organize(patch, { id, patch: { title: 'Still secret' } })
  expect(await modifiedAt()).toBe(before)
  await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
  const after = await modifiedAt()
  expect(after > before).toBe(true)
  expect((await world.ask(one, { id })).data.session).toBeNull()
  expect((await world.ask(lists)).data.event.only.nodes).toEqual([])
  await world.organize(`mutation { restoreSession(id: "${id}") { session { id } } }`)
  expect((await modifiedAt()) > after).toBe(true)
  expect((await world.ask(one, { id })).data.session).toEqual(expected)

  const show = (showsCanceled: boolean) =>
    world.organize(
      `mutation { updateEvent(id: "${programme.eventId}", patch: { showsCanceled: ${showsCanceled} }) { event { showsCanceled } } }`,
    )
  await show(false)
  expect((await world.ask(one, { id })).data.session).toBeNull()
  expect((await world.ask(lists)).data.event.only.nodes).toEqual([])
  await show(true)
  await world.organize(patch, { id, patch: { state: 'ACCEPTED' } })
  const back = await world.ask(one, { id })
  expect(back.data.session).toMatchObject({
    title: 'Still secret',
    state: 'ACCEPTED',
    canceledAt: null,
    abstract: 'Secret',
  })
})

test('what was never public when it changed stays unknown', async () => {
  const { world, programme } = await createTeam()
  const draft = { ...(await createProgramme(world, 'draft')), slug: 'draft' }
  await world.organize(
    `mutation { updateEvent(id: "${draft.eventId}", patch: { state: DRAFT }) { event { id } } }`,
  )
  const hidden = await createSession(world, draft, { title: 'In a draft' })
  await world.organize(patch, { id: hidden, patch: { state: 'CANCELED' } })
  await world.organize(
    `mutation { updateEvent(id: "${draft.eventId}", patch: { state: PUBLISHED }) { event { id } } }`,
  )
  const brief = await createSession(world, programme, { title: 'For no time', state: 'PENDING' })
  await world.sql(`BEGIN`)
  await world.sql(`UPDATE sessions SET state = 'confirmed' WHERE id = $1`, [brief])
  await world.sql(`UPDATE sessions SET state = 'canceled' WHERE id = $1`, [brief])
  await world.sql(`COMMIT`)
  for (const id of [hidden, brief]) expect((await world.ask(one, { id })).data.session).toBeNull()
})

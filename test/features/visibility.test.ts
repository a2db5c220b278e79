import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const states = ['DRAFT', 'PENDING', 'ACCEPTED', 'CONFIRMED', 'REJECTED', 'CANCELED', 'WITHDRAWN']

describe('an anonymous reader', () => {
  test('sees accepted and confirmed sessions, their speakers, and counts nothing else', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [ada, bo] = programme.speakers
    const ids = new Map<string, string>()
    for (const state of states) {
      const speakerIds = state === 'REJECTED' ? [bo] : [ada]
      // One that was public before would still be told of.
      const id = await createSession(world, programme, { title: state, speakerIds, state: 'DRAFT' })
      ids.set(state, id)
      await world.sql(`UPDATE sessions SET state = $1::session_state WHERE id = $2`, [
        state.toLowerCase(),
        id,
      ])
    }
    const { data } = await world.ask(`{ event(slug: "spring") {
      sessions(orderBy: { field: TITLE }) { totalCount nodes { title } }
      hidden: sessions(filter: { states: [PENDING, REJECTED] }) { totalCount nodes { title } }
      speakers { totalCount nodes { name sessions { nodes { title } } } } } }`)
    expect(data.event).toEqual({
      sessions: { totalCount: 2, nodes: [{ title: 'ACCEPTED' }, { title: 'CONFIRMED' }] },
      hidden: { totalCount: 0, nodes: [] },
      speakers: {
        totalCount: 1,
        nodes: [
          {
            name: 'Ada',
            sessions: { nodes: expect.arrayContaining([{ title: 'ACCEPTED' }, { title: 'CONFIRMED' }]) },
          },
        ],
      },
    })
    expect(data.event.speakers.nodes[0].sessions.nodes).toHaveLength(2)
    for (const state of states) {
      const { data: one } = await world.ask(`query ($id: ID!) { session(id: $id) { title } }`, {
        id: ids.get(state),
      })
      expect(one.session).toEqual(['ACCEPTED', 'CONFIRMED'].includes(state) ? { title: state } : null)
    }
    const organizers = await world.organize(
      `{ event(slug: "spring") { sessions { totalCount } speakers { totalCount } } }`,
    )
    expect(organizers.data.event).toEqual({ sessions: { totalCount: 7 }, speakers: { totalCount: 2 } })
  })

  test('sees nothing of an event that is a draft', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, {})
    await world.organize(
      `mutation ($id: ID!) { updateEvent(id: $id, patch: { state: DRAFT }) { event { state } } }`,
      { id: programme.eventId },
    )
    const query = `query ($id: ID!) { event(slug: "spring") { name } events { totalCount nodes { slug } } session(id: $id) { title } }`
    expect((await world.ask(query, { id })).data).toEqual({
      event: null,
      events: { totalCount: 0, nodes: [] },
      session: null,
    })
    expect((await world.organize(query, { id })).data).toMatchObject({
      event: { name: 'Spring meeting' },
      session: { title: 'A talk' },
    })
  })

  test('can change nothing, and learns nothing about what is there', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, {})
    const before = await world.sql('SELECT * FROM sessions')
    const mutations = [
      `mutation { createEvent(input: { slug: "a", name: "a", timeZone: "UTC", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { id } } }`,
      `mutation { updateEvent(id: "${programme.eventId}", patch: { name: "b" }) { event { id } } }`,
      `mutation { createSession(input: { eventSlug: "spring", title: "" }) { session { id } } }`,
      `mutation { createSession(input: { eventSlug: "nowhere", title: "x" }) { session { id } } }`,
      `mutation { updateSession(id: "${id}", patch: { title: "b" }) { session { id } } }`,
      `mutation { deleteSession(id: "${id}") { session { id } } }`,
      `mutation { restoreSession(id: "${id}") { session { id } } }`,
    ]
    for (const mutation of mutations) {
      const { data, errors } = await world.ask(mutation)
      expect(Object.values(data)).toEqual([null])
      expect(errors).toEqual([
        expect.objectContaining({
          message: 'Changes need you to sign in, or a token: send "Authorization: Bearer TOKEN".',
          extensions: { code: 'UNAUTHENTICATED' },
        }),
      ])
    }
    expect(await world.sql('SELECT * FROM sessions')).toEqual(before)
    expect(await world.sql('SELECT slug FROM events')).toEqual([{ slug: 'spring' }])
  })
})

describe('a deleted session', () => {
  const stale = {
    updateSession: `mutation ($id: ID!) {
      updateSession(id: $id, expectedVersion: 9, patch: { title: "Mine" }) { session { id } } }`,
    changeSessionState: `mutation ($id: ID!) {
      changeSessionState(id: $id, expectedVersion: 9, to: PENDING) { session { id } } }`,
  }

  test('is no conflict, but not there, for members and speakers who see none', async () => {
    const { world, programme, as } = await createTeam()
    const { tracks, speakers } = programme
    const id = await createSession(world, programme, { trackId: tracks[1], speakerIds: [speakers[0]] })
    await world.organize('mutation ($id: ID!) { deleteSession(id: $id) { session { id } } }', { id })
    for (const member of ['TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER', 'SPEAKER', 'VISITOR'] as const) {
      for (const mutation of Object.values(stale)) {
        const { errors } = await as[member](mutation, { id })
        expect([member, errors?.[0]?.extensions]).toEqual([member, { code: 'NOT_FOUND' }])
      }
    }
    const { errors } = await as.CO_ORGANIZER(stale.updateSession, { id })
    expect(errors?.[0]?.extensions.code).toBe('CONFLICT')
  })

  test('shows its texts to no token that sees none', async () => {
    const { world, programme, as } = await createTeam()
    const id = await createSession(world, programme, { title: 'Taken back' })
    await world.organize('mutation ($id: ID!) { deleteSession(id: $id) { session { id } } }', { id })
    const { data } = await as.OWNER(`mutation { mintToken(input: {
      label: "edits", permissions: [EVENT_READ, SESSION_READ, SESSION_UPDATE, SESSION_PLACE] }) { secret } }`)
    const authorization = `Bearer ${data.mintToken.secret}`
    const place = `mutation ($id: ID!) {
      placeSession(id: $id, expectedVersion: 9, to: { roomId: null }) { session { id } } }`
    for (const mutation of [stale.updateSession, place]) {
      const answer = await world.ask(mutation, { id }, { authorization })
      expect(answer.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
      expect(JSON.stringify(answer)).not.toContain('Taken back')
    }
  })
})

test('a deleted speaker is no conflict, but not there, for a token that may not restore them', async () => {
  const { world, programme, as } = await createTeam()
  const id = programme.speakers[0]
  await world.organize('mutation ($id: ID!) { deleteSpeaker(id: $id) { speaker { id } } }', { id })
  const { data } = await as.OWNER(`mutation { mintToken(input: {
    label: "edits", permissions: [EVENT_READ, SPEAKER_READ, SPEAKER_UPDATE] }) { secret } }`)
  const stale = `mutation ($id: ID!) {
    updateSpeaker(id: $id, expectedVersion: 9, patch: { name: "Me" }) { speaker { id } } }`
  const { errors } = await world.ask(stale, { id }, { authorization: `Bearer ${data.mintToken.secret}` })
  expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' })
  expect((await as.OWNER(stale, { id })).errors?.[0]?.extensions.code).toBe('CONFLICT')
})

test('a deleted event is no conflict, but not there, for members who may not restore it', async () => {
  const { programme, as } = await createTeam()
  const id = programme.eventId
  await as.OWNER('mutation ($id: ID!) { deleteEvent(id: $id) { event { id } } }', { id })
  const stale = `mutation ($id: ID!) {
    updateEvent(id: $id, expectedVersion: 9, patch: { name: "Mine" }) { event { id } } }`
  for (const member of ['ORGANIZER', 'CO_ORGANIZER', 'REVIEWER', 'VISITOR'] as const) {
    const { errors } = await as[member](stale, { id })
    expect([member, errors?.[0]?.extensions]).toEqual([member, { code: 'NOT_FOUND' }])
  }
  expect((await as.OWNER(stale, { id })).errors?.[0]?.extensions.code).toBe('CONFLICT')
})

describe('a token', () => {
  test.each([
    ['unknown', 'Bearer oe_nobody', 'This token is not known here. Mint a new one.'],
    ['malformed', 'Basic abc', 'The Authorization header must read "Bearer TOKEN".'],
  ])('that is %s is refused with 401, for reading too', async (_what, authorization, message) => {
    const world = await createWorld()
    const answer = await world.ask('{ events { totalCount } }', {}, { authorization })
    expect(answer.status).toBe(401)
    expect(answer.errors).toEqual([{ message, extensions: { code: 'UNAUTHENTICATED' } }])
  })

  test('that has expired is refused', async () => {
    const world = await createWorld()
    await world.sql(`UPDATE access_tokens SET expires_at = now() - interval '1 second'`)
    const answer = await world.organize('{ events { totalCount } }')
    expect(answer.errors).toEqual([
      { message: 'This token has expired. Mint a new one.', extensions: { code: 'UNAUTHENTICATED' } },
    ])
  })

  test('is stored as its hash only, and never logged', async () => {
    const world = await createWorld()
    await world.organize('{ events { totalCount } }')
    const rows = await world.sql<{ everything: string }>(
      'SELECT access_tokens::text AS everything FROM access_tokens',
    )
    expect(rows).toHaveLength(1)
    expect(rows[0]!.everything).not.toContain(world.token)
    expect(JSON.stringify(world.log)).not.toContain(world.token)
  })
})

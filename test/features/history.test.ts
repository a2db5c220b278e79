import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam, type Member } from './team.ts'

const revisions = `nodes {
  version operation recordedAt requestId actor { kind id label } changes { field before after }
}`

async function historyOf(world: World, id: string) {
  const { data, errors } = await world.organize(
    `query ($id: ID!) { session(id: $id) { lastModifiedAt version history { totalCount ${revisions} } } }`,
    { id },
  )
  expect(errors).toBeUndefined()
  return data.session
}

async function update(world: World, id: string, patch: object, expectedVersion?: number) {
  return world.organize(
    `mutation ($id: ID!, $patch: SessionPatch!, $expectedVersion: Int) {
      updateSession(id: $id, patch: $patch, expectedVersion: $expectedVersion) { session { version lastModifiedAt } }
    }`,
    { id, patch, expectedVersion },
  )
}

const revert = `mutation ($id: ID!, $toVersion: Int!, $expectedVersion: Int) {
  revertSession(id: $id, toVersion: $toVersion, expectedVersion: $expectedVersion) {
    session { version title level startsAt endsAt track { name } speakers { name } }
  }
}`

describe('the history of a session', () => {
  test('tells every change newest first: who, when, in which request, before and after', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { title: 'Draft', speakerIds: [programme.speakers[0]] })
    const changed = await update(world, id, {
      title: 'Final',
      level: 'EXPERT',
      startsAt: '2027-03-27T10:00:00+01:00',
      trackId: programme.tracks[1],
      speakerIds: [...programme.speakers].reverse(),
    })
    await world.sql(`UPDATE sessions SET abstract = 'by hand' WHERE id = $1`, [id])
    await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
    await world.organize(`mutation { restoreSession(id: "${id}") { session { id } } }`)

    const { history, lastModifiedAt, version } = await historyOf(world, id)
    const [token] = await world.sql('SELECT id FROM access_tokens')
    const actor = { kind: 'TOKEN', id: token!['id'], label: 'test' }
    expect(history).toEqual({
      totalCount: 5,
      nodes: [
        {
          version: 5,
          operation: 'RESTORED',
          recordedAt: lastModifiedAt,
          requestId: expect.any(String),
          actor,
          changes: [{ field: 'deletedAt', before: expect.stringMatching(/Z$/), after: null }],
        },
        {
          version: 4,
          operation: 'DELETED',
          recordedAt: expect.any(String),
          requestId: expect.any(String),
          actor,
          changes: [{ field: 'deletedAt', before: null, after: expect.stringMatching(/Z$/) }],
        },
        {
          version: 3,
          operation: 'UPDATED',
          recordedAt: expect.any(String),
          requestId: null,
          actor: null,
          changes: [{ field: 'abstract', before: null, after: 'by hand' }],
        },
        {
          version: 2,
          operation: 'UPDATED',
          recordedAt: changed.data.updateSession.session.lastModifiedAt,
          requestId: changed.headers.get('x-request-id'),
          actor,
          changes: [
            { field: 'level', before: null, after: 'EXPERT' },
            {
              field: 'speakerIds',
              before: [programme.speakers[0]],
              after: [...programme.speakers].reverse(),
            },
            { field: 'startsAt', before: null, after: '2027-03-27T09:00:00.000Z' },
            { field: 'title', before: 'Draft', after: 'Final' },
            { field: 'trackId', before: null, after: programme.tracks[1] },
          ],
        },
        {
          version: 1,
          operation: 'CREATED',
          recordedAt: expect.any(String),
          requestId: expect.any(String),
          actor,
          changes: [
            { field: 'isLocked', before: null, after: false },
            { field: 'isSpeakerListLocked', before: null, after: false },
            { field: 'links', before: null, after: [] },
            { field: 'speakerIds', before: null, after: [programme.speakers[0]] },
            { field: 'state', before: null, after: 'CONFIRMED' },
            { field: 'submittedAt', before: null, after: expect.stringMatching(/Z$/) },
            { field: 'textFormat', before: null, after: 'PLAIN' },
            { field: 'title', before: null, after: 'Draft' },
          ],
        },
      ],
    })
    expect(version).toBe(5)
  })

  test('of many sessions is one statement more, paged by cursors and counted by another', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    for (const title of ['A', 'B']) {
      const id = await createSession(world, programme, { title })
      for (const abstract of ['1', '2', '3']) await update(world, id, { abstract })
    }
    const page = (after: string) => `{ event(slug: "spring") { sessions(orderBy: { field: TITLE }) { nodes {
      title history(first: 3${after}) { nodes { version } pageInfo { hasNextPage endCursor } }
    } } } }`
    const first = await world.organize(page(''))
    const [a, b] = first.data.event.sessions.nodes
    expect([a, b].map(({ history }) => history.nodes)).toEqual([
      [{ version: 4 }, { version: 3 }, { version: 2 }],
      [{ version: 4 }, { version: 3 }, { version: 2 }],
    ])
    expect(a.history.pageInfo.hasNextPage).toBe(true)
    const plain = await world.organize('{ event(slug: "spring") { sessions { nodes { title } } } }')
    expect(first.statements).toBe(plain.statements + 1)

    const next = await world.organize(page(`, after: "${a.history.pageInfo.endCursor}"`))
    expect(next.data.event.sessions.nodes[0].history).toEqual({
      nodes: [{ version: 1 }],
      pageInfo: { hasNextPage: false, endCursor: expect.any(String) },
    })
    const counted = await world.organize(
      '{ event(slug: "spring") { sessions { nodes { history(first: 1) { totalCount nodes { version } } } } } }',
    )
    expect(counted.statements).toBe(plain.statements + 2)
    expect(counted.data.event.sessions.nodes[0].history).toEqual({ totalCount: 4, nodes: [{ version: 4 }] })
  })

  test('is for organizers only', async () => {
    const world = await createWorld()
    const id = await createSession(world, await createProgramme(world), {})
    const history = await world.ask(`{ session(id: "${id}") { history { totalCount } } }`)
    expect(history.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    const past = await world.ask(`{ session(id: "${id}", asOf: "2100-01-01T00:00:00Z") { title } }`)
    expect(past.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })

  test('refuses a cursor of another list', async () => {
    const world = await createWorld()
    const id = await createSession(world, await createProgramme(world), {})
    const list = await world.organize('{ event(slug: "spring") { sessions { edges { cursor } } } }')
    const { cursor } = list.data.event.sessions.edges[0]
    const { errors } = await world.organize(
      `{ session(id: "${id}") { history(after: "${cursor}") { nodes { version } } } }`,
    )
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['after'] }] })
  })
})

describe('a session as of an instant', () => {
  test('is what it was, relations included', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [ada, bo] = programme.speakers
    const id = await createSession(world, programme, {
      title: 'Before',
      startsAtLocal: '2027-03-28T10:00',
      trackId: programme.tracks[0],
      roomId: programme.rooms[0],
      sessionTypeId: programme.types[0],
      speakerIds: [bo, ada],
    })
    const fields = `title version createdAt lastModifiedAt startsAt startsAtLocal deletedAt isLocked state
      event { name slug startsAtLocal } track { name } room { name } sessionType { name } speakers { name }
      history(first: 1) { nodes { version } }`
    const then = await world.organize(`{ session(id: "${id}") { ${fields} } }`)
    const moment = then.data.session.lastModifiedAt

    await world.sql(`UPDATE tracks SET name = 'Renamed' WHERE id = $1`, [programme.tracks[0]])
    await world.sql(`UPDATE rooms SET deleted_at = now() WHERE id = $1`, [programme.rooms[0]])
    await world.sql(`UPDATE speakers SET name = 'Ada L.' WHERE id = $1`, [ada])
    await world.organize(
      `mutation { updateEvent(id: "${programme.eventId}", patch: { name: "Autumn", timeZone: "Asia/Kolkata" }) { event { id } } }`,
    )
    await update(world, id, { title: 'After', speakerIds: [], trackId: null })
    await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)

    const past = await world.organize(`{ session(id: "${id}", asOf: "${moment}") { ${fields} } }`)
    expect(past.errors).toBeUndefined()
    expect(past.data.session).toEqual({ ...then.data.session, history: { nodes: [{ version: 3 }] } })

    const now = await world.organize(
      `{ session(id: "${id}", asOf: "2100-01-01T00:00:00Z") { title version deletedAt track { name } room { name }
         event { name startsAtLocal } speakers { name } } }`,
    )
    expect(now.data.session).toEqual({
      title: 'After',
      version: 3,
      deletedAt: expect.any(String),
      track: null,
      room: null,
      event: { name: 'Autumn', startsAtLocal: '2027-03-27T13:30:00' },
      speakers: [],
    })
    const before = await world.organize(`{ session(id: "${id}", asOf: "2020-01-01T00:00:00Z") { title } }`)
    expect(before).toMatchObject({ data: { session: null } })
  })

  test('says that lists beyond it are not told of the past', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { speakerIds: programme.speakers })
    for (const beyond of [
      'event { sessions { totalCount } }',
      'event { rooms { name } }',
      'speakers { sessions { nodes { id } } }',
    ]) {
      const { errors } = await world.organize(
        `{ session(id: "${id}", asOf: "2100-01-01T00:00:00Z") { ${beyond} } }`,
      )
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['asOf'] }] })
    }
  })
})

describe('revertSession', () => {
  test('writes an earlier state as a new version, the speaker list included', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, {
      title: 'One',
      level: 'BEGINNER',
      startsAt: '2027-03-27T10:00:00Z',
      endsAt: '2027-03-27T11:00:00Z',
      trackId: programme.tracks[0],
      speakerIds: programme.speakers,
    })
    await update(world, id, {
      title: 'Two',
      level: null,
      startsAt: null,
      endsAt: null,
      trackId: null,
      speakerIds: [],
    })
    await update(world, id, { title: 'Three' })

    const { data, errors } = await world.organize(revert, { id, toVersion: 1, expectedVersion: 3 })
    expect(errors).toBeUndefined()
    expect(data.revertSession.session).toEqual({
      version: 4,
      title: 'One',
      level: 'BEGINNER',
      startsAt: '2027-03-27T10:00:00.000Z',
      endsAt: '2027-03-27T11:00:00.000Z',
      track: { name: 'Time' },
      speakers: [{ name: 'Ada' }, { name: 'Bo' }],
    })
    const again = await world.organize(revert, { id, toVersion: 1 })
    expect(again.data.revertSession.session.version).toBe(4)
    const { history } = await historyOf(world, id)
    expect(history.nodes[0].changes.map(({ field }: { field: string }) => field)).toEqual([
      'endsAt',
      'level',
      'speakerIds',
      'startsAt',
      'title',
      'trackId',
    ])
  })

  test('takes back the values that are named, and leaves the others', async () => {
    const { world, programme, as } = await createTeam()
    const id = await createSession(world, programme, { state: 'ACCEPTED', title: 'One', abstract: 'First' })
    await update(world, id, {
      title: 'Two',
      abstract: 'Other',
      state: 'CONFIRMED',
      roomId: programme.rooms[0],
    })
    const some = `mutation ($id: ID!, $fields: [String!]) {
      revertSession(id: $id, toVersion: 1, fields: $fields) { session { title abstract state room { name } } } }`
    const { data } = await world.organize(some, { id, fields: ['abstract'] })
    expect(data.revertSession.session).toEqual({
      title: 'Two',
      abstract: 'First',
      state: 'CONFIRMED',
      room: { name: 'Hall' },
    })
    const { errors } = await world.organize(some, { id, fields: ['abstract', 'isLocked'] })
    expect(errors?.[0]?.extensions.issues).toMatchObject([{ path: ['fields', 1] }])
    const none = await world.organize(some, { id, fields: [] })
    expect(none.errors?.[0]?.extensions.issues).toMatchObject([{ path: ['fields'] }])
    expect((await as.REVIEWER(some, { id, fields: ['title'] })).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    )
  })

  test('goes by the rules of any update', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { roomId: programme.rooms[0] })
    await update(world, id, { roomId: null })
    const stale = await world.organize(revert, { id, toVersion: 1, expectedVersion: 1 })
    expect(stale.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', changedFields: ['roomId'] })
    const unknown = await world.organize(revert, { id, toVersion: 9 })
    expect(unknown.errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['toVersion'], message: 'The history has no version 9 of this session.' }],
    })
    await world.sql('UPDATE rooms SET deleted_at = now() WHERE id = $1', [programme.rooms[0]])
    const gone = await world.organize(revert, { id, toVersion: 1 })
    expect(gone.errors?.[0]?.extensions.issues).toMatchObject([{ path: ['toVersion', 'roomId'] }])
    const anonymous = await world.ask(revert, { id, toVersion: 1 })
    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect((await historyOf(world, id)).version).toBe(2)
  })
})

describe('a stale change', () => {
  test('is refused with what is stored and the fields that differ', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { title: 'One', abstract: 'same' })
    await update(world, id, { title: 'Two', abstract: 'other', speakerIds: programme.speakers })
    await update(world, id, { abstract: 'same' })
    const { errors } = await update(world, id, { title: 'Mine' }, 1)
    const now = await historyOf(world, id)
    expect(errors?.[0]?.extensions).toEqual({
      code: 'CONFLICT',
      current: { version: 3, lastModifiedAt: now.lastModifiedAt },
      changedFields: ['speakerIds', 'title'],
      conflicts: [
        { field: 'speakerIds', base: [], stored: programme.speakers },
        { field: 'title', base: 'One', stored: 'Two', sent: 'Mine' },
      ],
    })
    const { data } = await world.organize(`{ event(slug: "spring") { version } }`)
    await world.organize(
      `mutation { updateEvent(id: "${programme.eventId}", patch: { name: "N" }) { event { id } } }`,
    )
    const event = await world.organize(
      `mutation { updateEvent(id: "${programme.eventId}", expectedVersion: ${data.event.version}, patch: {}) { event { id } } }`,
    )
    expect(event.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', changedFields: ['name'] })
  })
})

test('a deleted session is no more in the past than in the present of whoever may not see deleted ones', async () => {
  const { world, programme, as } = await createTeam()
  const id = await createSession(world, programme, { title: 'Gone', trackId: programme.tracks[0] })
  const stored = async () => {
    const [row] = await world.sql<{ last_modified_at: Date }>(
      'SELECT last_modified_at FROM sessions WHERE id = $1',
      [id],
    )
    return row!.last_modified_at.toISOString()
  }
  const there = await stored()
  const asOf = async (member: Member, moment: string) =>
    (await as[member](`{ session(id: "${id}", asOf: "${moment}") { title } }`)).data.session
  expect(await asOf('MODERATOR', there)).toEqual({ title: 'Gone' })
  await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
  const gone = await stored()
  for (const moment of [there, gone]) {
    expect(await asOf('MODERATOR', moment)).toBeNull()
    expect(await asOf('CO_ORGANIZER', moment)).toEqual({ title: 'Gone' })
    expect(await asOf('TRACK_ORGANIZER', moment)).toEqual({ title: 'Gone' })
  }
  await world.organize(`mutation { restoreSession(id: "${id}") { session { id } } }`)
  expect(await asOf('MODERATOR', there)).toEqual({ title: 'Gone' })
  expect(await asOf('MODERATOR', gone)).toBeNull()
})

describe('the past of a session', () => {
  const asOf = (id: string, moment: string, fields: string) =>
    `{ session(id: "${id}", asOf: "${moment}") { ${fields} } }`

  test("isn't told to those who may no longer read its history, though it was in a track of theirs once", async () => {
    const { world, programme, as } = await createTeam()
    const [own, other] = programme.tracks
    const id = await createSession(world, programme, { state: 'PENDING', trackId: own, title: 'Ours' })
    const { lastModifiedAt: then } = await historyOf(world, id)
    const all = 'title history { nodes { changes { after } } }'
    const before = await as.TRACK_ORGANIZER(asOf(id, then, all))
    expect(before.data.session.title).toBe('Ours')
    await update(world, id, { trackId: other, title: 'Theirs' })
    await update(world, id, { abstract: 'A secret' })
    expect((await as.TRACK_ORGANIZER(`{ session(id: "${id}") { title } }`)).data.session.title).toBe('Theirs')
    const after = await as.TRACK_ORGANIZER(asOf(id, then, all))
    expect(after).toMatchObject({ data: { session: null }, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    expect(JSON.stringify(after)).not.toContain('secret')
    await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
    const gone = await as.TRACK_ORGANIZER(asOf(id, then, all))
    expect(gone.errors).toBeUndefined()
    expect(gone.data.session).toBeNull()
  })

  test('is told whole to whoever may read the history now, though it was in no track of theirs then', async () => {
    const { world, programme, as } = await createTeam()
    const [own, other] = programme.tracks
    const id = await createSession(world, programme, { state: 'PENDING', trackId: other, title: 'Theirs' })
    const { lastModifiedAt: then } = await historyOf(world, id)
    await update(world, id, { trackId: own, title: 'Ours' })
    const query = asOf(id, then, 'title state availableTransitions history { totalCount }')
    const { data, errors } = await as.TRACK_ORGANIZER(query)
    expect(errors).toBeUndefined()
    const now = await as.TRACK_ORGANIZER(`{ session(id: "${id}") { availableTransitions } }`)
    expect(now.data.session.availableTransitions).not.toEqual([])
    expect(data.session).toEqual({
      ...{ title: 'Theirs', state: 'PENDING', history: { totalCount: 2 } },
      ...now.data.session,
    })
  })

  test('shows no more than the permissions of now would have shown then', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { state: 'PENDING', title: 'Not yet public' })
    const { lastModifiedAt: then } = await historyOf(world, id)
    await world.organize(`mutation { changeSessionState(id: "${id}", to: ACCEPTED) { session { id } } }`)
    const historian = {
      ...organizerOfEverything,
      label: 'historian',
      permissions: ['session:history'],
    } as const
    const { token } = await mintToken(world.operator.db, historian)
    const ask = (query: string) => world.ask(query, {}, { authorization: `Bearer ${token}` })
    const now = new Date(Date.now() + 60_000).toISOString()
    expect((await ask(asOf(id, now, 'title'))).data.session).toEqual({ title: 'Not yet public' })
    expect((await ask(asOf(id, then, 'title'))).data.session).toBeNull()
  })
})

test('a history names only fields that the schema has', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'Imported' })
  await world.sql(`UPDATE sessions SET source_id = 'guid-1', title = 'Renamed' WHERE id = $1`, [id])
  await world.sql(`UPDATE sessions SET source_id = 'guid-2' WHERE id = $1`, [id])
  const { history } = await historyOf(world, id)
  expect(history.nodes.map(({ changes }: { changes: object[] }) => changes)).toEqual([
    [],
    [{ field: 'title', before: 'Imported', after: 'Renamed' }],
    expect.not.arrayContaining([expect.objectContaining({ field: 'sourceId' })]),
  ])
  const stale = await update(world, id, { title: 'Again' }, 1)
  expect(stale.errors?.[0]?.extensions.changedFields).toEqual(['title'])
})

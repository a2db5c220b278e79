import { expect, test } from 'vitest'
import { type Asker, gatherAskers } from './askers.ts'
import { makeSession } from './needs.ts'

/** Mistakes that other servers of this kind made, each by its name. None of them is to come back. */

const codeOf = async (asker: Asker, query: string) =>
  (await asker.ask(query)).errors?.[0]?.extensions.code ?? 'done'

test("no non-organizer's state change goes unchecked because the session has no end time", async () => {
  const scene = await gatherAskers()
  for (const [starts, ends] of [
    [null, null],
    ['2027-05-01T10:00:00Z', null],
    ['2020-05-01T10:00:00Z', '2020-05-01T11:00:00Z'],
  ]) {
    const id = await makeSession(scene, { state: 'PENDING', isOwn: true })
    await scene.world.sql('UPDATE sessions SET starts_at = $2, ends_at = $3 WHERE id = $1', [
      id,
      starts,
      ends,
    ])
    const accept = `mutation { changeSessionState(id: "${id}", to: ACCEPTED) { session { state } } }`
    expect(await codeOf(scene.named('speaker'), accept)).toBe('FORBIDDEN')
    const patch = `mutation { updateSession(id: "${id}", patch: { state: ACCEPTED }) { session { state } } }`
    expect(await codeOf(scene.named('speaker'), patch)).toBe('FORBIDDEN')
  }
})

test('no create accepts any state', async () => {
  const scene = await gatherAskers()
  const create = (
    state: string,
  ) => `mutation { createSession(input: { eventSlug: "home", title: "x", state: ${state},
    trackId: "${scene.tracks[0]}", speakerIds: ["${scene.speakers[0]}"] }) { session { state } } }`
  expect(await codeOf(scene.named('speaker'), create('ACCEPTED'))).toBe('FORBIDDEN')
  expect(await codeOf(scene.named('owner'), create('CANCELED'))).toBe('BAD_USER_INPUT')
  expect(await scene.world.sql('SELECT FROM sessions')).toEqual([])
})

test('no public list shows pending and rejected sessions', async () => {
  const scene = await gatherAskers()
  for (const state of [
    'DRAFT',
    'PENDING',
    'REJECTED',
    'CANCELED',
    'WITHDRAWN',
    'ACCEPTED',
    'CONFIRMED',
  ] as const) {
    await makeSession(scene, { state, isOwn: false })
  }
  const lists = `{ event(slug: "home") { sessions { totalCount nodes { state } }
    asked: sessions(filter: { states: [PENDING, REJECTED] }) { totalCount nodes { id } }
    speakers { nodes { sessions { nodes { state } } } } } }`
  for (const name of ['anonymous', 'visitor', 'speaker', 'owner elsewhere']) {
    const { event } = (await scene.named(name).ask(lists)).data
    expect(event.sessions.totalCount).toBe(2)
    const states = [
      ...event.sessions.nodes,
      ...event.speakers.nodes.flatMap(({ sessions }: { sessions: { nodes: object[] } }) => sessions.nodes),
    ]
    expect(new Set(states.map(({ state }) => state))).toEqual(new Set(['ACCEPTED', 'CONFIRMED']))
    expect(event.asked).toEqual({ totalCount: 0, nodes: [] })
  }
})

test('no deleted session is shown to anyone who asks for it', async () => {
  const scene = await gatherAskers()
  const id = await makeSession(scene, {
    state: 'CONFIRMED',
    isOwn: true,
    deletedAt: new Date('2027-01-01T00:00:00Z'),
  })
  const list = `{ event(slug: "home") { sessions(filter: { includeDeleted: true }) { totalCount } } }`
  const one = `{ session(id: "${id}") { title } }`
  for (const [name, code] of [
    ['anonymous', 'UNAUTHENTICATED'],
    ['visitor', 'FORBIDDEN'],
    ['speaker', 'FORBIDDEN'],
    ['reviewer', 'FORBIDDEN'],
  ] as const) {
    expect(await codeOf(scene.named(name), list)).toBe(code)
    expect((await scene.named(name).ask(one)).data).toEqual({ session: null })
  }
  expect((await scene.named('owner').ask(one)).data.session).toEqual({ title: 'Talk' })
})

test('no room, track, type or speaker of another event is attached', async () => {
  const scene = await gatherAskers()
  const { db } = scene.world.operator
  const abroad = await db.event.findFirstOrThrow({
    where: { slug: 'abroad' },
    select: { id: true, rooms: true, tracks: true, speakers: true },
  })
  const type = await db.sessionType.create({ data: { eventId: abroad.id, name: 'Talk' } })
  const id = await makeSession(scene, { state: 'PENDING', isOwn: true })
  for (const patch of [
    `roomId: "${abroad.rooms[0]!.id}"`,
    `trackId: "${abroad.tracks[0]!.id}"`,
    `sessionTypeId: "${type.id}"`,
    `speakerIds: ["${abroad.speakers[0]!.id}"]`,
  ]) {
    const update = `mutation { updateSession(id: "${id}", patch: { ${patch} }) { session { id } } }`
    const create = `mutation { createSession(input: { eventSlug: "home", title: "x", ${patch} }) { session { id } } }`
    expect(await codeOf(scene.named('admin'), update)).toBe('BAD_USER_INPUT')
    expect(await codeOf(scene.named('admin'), create)).toBe('BAD_USER_INPUT')
  }
})

test('no precondition is compared after the write', async () => {
  const scene = await gatherAskers()
  const id = await makeSession(scene, { state: 'PENDING', isOwn: true })
  const stored = () => scene.world.sql('SELECT to_jsonb(s) AS row FROM sessions s WHERE id = $1', [id])
  const before = await stored()
  const refused = [
    `updateSession(id: "${id}", expectedVersion: 1, patch: { title: "x" })`,
    `changeSessionState(id: "${id}", expectedVersion: 1, to: REJECTED)`,
    `setSessionLocks(id: "${id}", expectedVersion: 1, content: true)`,
    `revertSession(id: "${id}", expectedVersion: 1, toVersion: 1)`,
    `deleteSession(id: "${id}", expectedVersion: 1)`,
    `restoreSession(id: "${id}", expectedVersion: 1)`,
  ]
  for (const mutation of refused) {
    expect(await codeOf(scene.named('owner'), `mutation { ${mutation} { session { id } } }`)).toBe('CONFLICT')
  }
  expect(await stored()).toEqual(before)
})

test('no page is of unlimited size', async () => {
  const scene = await gatherAskers()
  const lists = ['sessions', 'speakers', 'members', 'invitations', 'tokens']
  const owner = scene.named('owner')
  for (const list of lists) {
    expect(await codeOf(owner, `{ event(slug: "home") { ${list}(first: 201) { totalCount } } }`)).toBe(
      'BAD_USER_INPUT',
    )
    expect(await codeOf(owner, `{ event(slug: "home") { ${list}(first: 200) { totalCount } } }`)).toBe('done')
  }
  expect(await codeOf(owner, `{ events(first: 201) { totalCount } }`)).toBe('BAD_USER_INPUT')
  expect(await codeOf(owner, `{ viewer { tokens(first: 201) { totalCount } } }`)).toBe('BAD_USER_INPUT')
})

test('no client writes submission times and locks', async () => {
  const scene = await gatherAskers()
  const id = await makeSession(scene, { state: 'PENDING', isOwn: true })
  for (const patch of [
    'submittedAt: "2020-01-01T00:00:00Z"',
    'isLocked: false',
    'isSpeakerListLocked: false',
  ]) {
    const update = `mutation { updateSession(id: "${id}", patch: { ${patch} }) { session { id } } }`
    const create = `mutation { createSession(input: { eventSlug: "home", title: "x", ${patch} }) { session { id } } }`
    expect(await codeOf(scene.named('owner'), update)).toBe('GRAPHQL_VALIDATION_FAILED')
    expect(await codeOf(scene.named('owner'), create)).toBe('GRAPHQL_VALIDATION_FAILED')
  }
  const lock = `mutation { setSessionLocks(id: "${id}", content: false) { session { id } } }`
  expect(await codeOf(scene.named('speaker'), lock)).toBe('FORBIDDEN')
})

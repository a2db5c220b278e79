import { describe, expect, test } from 'vitest'
import { type Asker, gatherAskers, type Scene } from './askers.ts'
import { makeSession } from './needs.ts'

const missing = '00000000-0000-7000-8000-000000000000'

/** Who has no part in the event: what is hidden there isn't there for them. */
const outsiders = [
  'anonymous',
  'visitor',
  'owner elsewhere',
  'speaker elsewhere',
  "the owner's token for elsewhere",
]

/** Bo's session, that was rejected, beside one of Ada's that the public sees. */
async function sceneWithSecret(state: 'PUBLISHED' | 'DRAFT' = 'PUBLISHED') {
  const scene = await gatherAskers(state)
  const secret = await makeSession(scene, { state: 'REJECTED', isOwn: false })
  const open = await makeSession(scene, { state: 'CONFIRMED', isOwn: true })
  await scene.world.sql(
    `UPDATE sessions SET title = 'Secret', language = 'tlh', starts_at = '2027-05-01T10:00:00Z' WHERE id = $1`,
    [secret],
  )
  return { scene, secret, open }
}

/** What somebody is answered, with every id that was asked for replaced by the same word. */
async function answered(asker: Asker, query: (id: string) => string, id: string): Promise<string> {
  const { status, data, errors } = await asker.ask(query(id))
  return JSON.stringify({ status, data, errors }).replaceAll(id, 'ID')
}

const onSession: ((id: string) => string)[] = [
  (id) => `{ session(id: "${id}") { title } }`,
  (id) => `{ session(id: "${id}", asOf: "2030-01-01T00:00:00Z") { title } }`,
  (id) => `{ session(id: "${id}") { history { totalCount } } }`,
  (id) => `mutation { updateSession(id: "${id}", patch: { title: "x" }) { session { id } } }`,
  (id) =>
    `mutation { updateSession(id: "${id}", expectedVersion: 99, patch: { title: "x" }) { session { id } } }`,
  (id) => `mutation { updateSession(id: "${id}", patch: { roomId: "${missing}" }) { session { id } } }`,
  (id) => `mutation { changeSessionState(id: "${id}", to: PENDING) { session { id } } }`,
  (id) => `mutation { setSessionLocks(id: "${id}", content: true) { session { id } } }`,
  (id) => `mutation { deleteSession(id: "${id}") { session { id } } }`,
  (id) => `mutation { restoreSession(id: "${id}", expectedVersion: 1) { session { id } } }`,
  (id) => `mutation { revertSession(id: "${id}", toVersion: 1) { session { id } } }`,
]

describe.each(outsiders)('for the %s', (name) => {
  test('a hidden session, a deleted one and one of a draft are answered as one that never was', async () => {
    const { scene, secret } = await sceneWithSecret()
    const deleted = await makeSession(scene, {
      state: 'CONFIRMED',
      isOwn: true,
      deletedAt: new Date('2027-01-01T00:00:00Z'),
    })
    const draft = await sceneWithSecret('DRAFT')
    for (const query of onSession) {
      const absent = await answered(scene.named(name), query, missing)
      expect(await answered(scene.named(name), query, secret)).toBe(absent)
      expect(await answered(scene.named(name), query, deleted)).toBe(absent)
      expect(await answered(draft.scene.named(name), query, draft.open)).toBe(absent)
    }
  })

  test('nothing that is counted, filtered, ordered or paged tells of a hidden session or speaker', async () => {
    const { scene, open } = await sceneWithSecret()
    const [, bo] = scene.speakers
    const lists = [
      `sessions { totalCount nodes { id } pageInfo { hasNextPage endCursor } }`,
      `sessions(first: 1, orderBy: { field: STARTS_AT }) { totalCount nodes { id } pageInfo { hasNextPage } }`,
      `sessions(first: 1, orderBy: { field: LAST_MODIFIED_AT, direction: DESC }) { nodes { id } pageInfo { hasNextPage } }`,
      `sessions(filter: { speakerIds: ["${bo}"] }) { totalCount nodes { id } }`,
      `sessions(filter: { text: "Secret" }) { totalCount nodes { id } }`,
      `sessions(filter: { languages: ["tlh"] }) { totalCount nodes { id } }`,
      `sessions(filter: { trackIds: ["${scene.tracks[1]}"] }) { totalCount nodes { id } }`,
      `sessions(filter: { states: [REJECTED] }) { totalCount nodes { id } }`,
      `sessions(filter: { startsAt: { gte: "2027-05-01T10:00:00Z", lte: "2027-05-01T10:00:00Z" } }) { totalCount nodes { id } }`,
      `speakers { totalCount nodes { name sessions { nodes { id } } } }`,
    ]
    const seen = async () => {
      const { data } = await scene
        .named(name)
        .ask(`{ event(slug: "home") { ${lists.map((list, at) => `l${at}: ${list}`).join(' ')} } }`)
      return data.event
    }
    const withSecret = await seen()
    expect(withSecret.l0).toMatchObject({ totalCount: 1, nodes: [{ id: open }] })
    await scene.world.sql(`DELETE FROM session_speakers WHERE session_id <> $1`, [open])
    await scene.world.sql(`DELETE FROM sessions WHERE id <> $1`, [open])
    await scene.world.sql(`DELETE FROM speakers WHERE id = $1`, [bo])
    expect(await seen()).toEqual(withSecret)
  })

  test('a draft event is answered as one that never was', async () => {
    const { scene } = await sceneWithSecret('DRAFT')
    const asker = scene.named(name)
    const bySlug = [
      (slug: string) => `{ event(slug: "${slug}") { id members { totalCount } } }`,
      (slug: string) =>
        `mutation { createSession(input: { eventSlug: "${slug}", title: "x" }) { session { id } } }`,
      (slug: string) =>
        `mutation { inviteMember(input: { eventSlug: "${slug}", email: "a@b.c", role: REVIEWER }) { secret } }`,
    ]
    for (const query of bySlug)
      expect(await answered(asker, query, 'home')).toBe(await answered(asker, query, 'nowhere'))
    const byId = [
      (id: string) =>
        `mutation { updateEvent(id: "${id}", expectedVersion: 9, patch: { name: "x" }) { event { id } } }`,
      (id: string) => `mutation { revertEvent(id: "${id}", toVersion: 1) { event { id } } }`,
      (id: string) => `mutation { leaveEvent(id: "${id}") { memberId } }`,
      (id: string) => `mutation { transferEvent(id: "${id}", toMemberId: "${missing}") { owner { id } } }`,
    ]
    for (const query of byId)
      expect(await answered(asker, query, scene.eventId)).toBe(await answered(asker, query, missing))
    const { data } = await asker.ask(
      `{ events(filter: { states: [DRAFT] }) { totalCount nodes { slug } } found: events(filter: { text: "home" }) { totalCount } }`,
    )
    expect(data.events.nodes).not.toContainEqual({ slug: 'home' })
    expect(data.found.totalCount).toBe(0)
  })

  test('who works on an event, invitations and tokens are answered as ones that never were', async () => {
    const { scene } = await sceneWithSecret()
    const { db } = scene.world.operator
    const member = await db.membership.findFirstOrThrow({
      where: { eventId: scene.eventId, role: 'REVIEWER' },
    })
    const offer = {
      email: 'x@example.org',
      expiresAt: new Date(Date.now() + 3_600_000),
      hash: new Uint8Array([1]),
    }
    const invitation = await db.invitation.create({
      data: { eventId: scene.eventId, role: 'REVIEWER', ...offer },
    })
    const token = await db.accessToken.findFirstOrThrow({ where: { eventIds: { has: scene.eventId } } })
    const [, bo] = scene.speakers
    const asked: [string, (id: string) => string][] = [
      [
        member.id,
        (id) =>
          `mutation { changeMember(id: "${id}", expectedVersion: 9, role: REVIEWER) { member { id } } }`,
      ],
      [member.id, (id) => `mutation { removeMember(id: "${id}") { memberId } }`],
      [invitation.id, (id) => `mutation { revokeInvitation(id: "${id}") { invitationId } }`],
      [token.id, (id) => `mutation { revokeToken(id: "${id}", expectedVersion: 9) { token { id } } }`],
      [token.id, (id) => `mutation { rotateToken(id: "${id}") { secret } }`],
      [bo!, (id) => `mutation { inviteSpeaker(input: { speakerId: "${id}", email: "a@b.c" }) { secret } }`],
    ]
    for (const [id, query] of asked) {
      expect(await answered(scene.named(name), query, id)).toBe(
        await answered(scene.named(name), query, missing),
      )
    }
  })
})

describe('a speaker of the event', () => {
  async function asSpeaker(): Promise<{ scene: Scene; speaker: Asker; secret: string; open: string }> {
    const { scene, secret, open } = await sceneWithSecret()
    return { scene, secret, open, speaker: scene.named('speaker') }
  }

  test("is answered of another speaker's hidden session as of one that never was", async () => {
    const { speaker, secret } = await asSpeaker()
    // Of the history a speaker learns nothing at all.
    for (const query of onSession)
      expect(await answered(speaker, query, secret)).toBe(await answered(speaker, query, missing))
  })

  test('can not name a speaker whom they do not see, and so be shown the name', async () => {
    const { scene, speaker, open } = await asSpeaker()
    const [ada, bo] = scene.speakers
    const add = (id: string) =>
      `mutation { updateSession(id: "${open}", patch: { speakerIds: ["${ada}", "${id}"] }) { session { speakers { name } } } }`
    expect(await answered(speaker, add, bo!)).toBe(await answered(speaker, add, missing))
    const create = (id: string) =>
      `mutation { createSession(input: { eventSlug: "home", title: "x", speakerIds: ["${ada}", "${id}"] }) { session { id } } }`
    expect(await answered(speaker, create, bo!)).toBe(await answered(speaker, create, missing))
  })
})

test('the cursor of a session that was hidden since gives the rows after it, and nothing of it', async () => {
  const { scene, open } = await sceneWithSecret()
  const page = `query ($after: String) { event(slug: "home") { sessions(orderBy: { field: TITLE }, first: 1, after: $after) {
    nodes { id } edges { cursor } totalCount } } }`
  const { data } = await scene.named('owner').ask(page)
  const cursor = data.event.sessions.edges[0].cursor
  const seen = await scene.named('visitor').ask(page, { after: cursor })
  expect(seen.data.event.sessions).toMatchObject({ totalCount: 1 })
  expect(seen.data.event.sessions.nodes.every(({ id }: { id: string }) => id === open)).toBe(true)
})

test('whoever may read deleted sessions elsewhere is shown none here', async () => {
  const { scene } = await sceneWithSecret()
  await scene.world.sql(`UPDATE sessions SET deleted_at = now()`)
  const query = `{ event(slug: "home") { sessions(filter: { includeDeleted: true }) { totalCount nodes { id } } } }`
  expect((await scene.named('owner elsewhere').ask(query)).data.event.sessions).toEqual({
    totalCount: 0,
    nodes: [],
  })
  expect((await scene.named('owner').ask(query)).data.event.sessions.totalCount).toBe(2)
  expect((await scene.named('visitor').ask(query)).errors![0]!.extensions.code).toBe('FORBIDDEN')
})

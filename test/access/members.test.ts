import { describe, expect, test } from 'vitest'
import { databaseFaultOf } from '../../src/database/faults.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { type Asker, gatherAskers, type Scene } from './askers.ts'

const invite = `mutation ($input: InviteMemberInput!) { inviteMember(input: $input) {
  secret invitation { id email role tracks { name } speaker { name } expiresAt } } }`
const inviteSpeaker = `mutation ($id: ID!) { inviteSpeaker(input: { speakerId: $id, email: "bo@example.org" }) {
  secret invitation { id role speaker { name } } } }`
const accept = `mutation ($secret: String!) { acceptInvitation(secret: $secret) { event { slug } role } }`
const members = `{ event(slug: "home") { members { totalCount nodes { id role version user { name } tracks { name } } } } }`

const roleOf = async (scene: Scene, asker: Asker) => {
  const [row] = await scene.world.sql<{ role: string }>(
    'SELECT role FROM memberships WHERE user_id = $1 AND event_id = $2',
    [asker.userId, scene.eventId],
  )
  return row?.role ?? null
}

const memberOf = async (scene: Scene, asker: Asker) => {
  const where = { userId: asker.userId!, eventId: scene.eventId }
  return scene.world.operator.db.membership.findUniqueOrThrow({ where: { eventId_userId: where } })
}

const invited = async (scene: Scene, more: object = {}): Promise<string> => {
  const input = { eventSlug: 'home', email: 'v@example.org', role: 'REVIEWER', ...more }
  const { data, errors } = await scene.named('owner').ask(invite, { input })
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.inviteMember.secret as string
}

describe('an invitation', () => {
  test('makes a member of whoever has its secret, which is shown once and stored as a hash', async () => {
    const scene = await gatherAskers('DRAFT')
    const visitor = scene.named('visitor')
    const input = {
      eventSlug: 'home',
      email: 'v@example.org',
      role: 'TRACK_ORGANIZER',
      trackIds: [scene.tracks[1]],
    }
    const { data } = await scene.named('organizer').ask(invite, { input })
    const { secret, invitation } = data.inviteMember
    expect(invitation).toMatchObject({
      ...{ email: 'v@example.org', role: 'TRACK_ORGANIZER', tracks: [{ name: 'Data' }], speaker: null },
    })
    const days = (Date.parse(invitation.expiresAt) - Date.now()) / 86_400_000
    expect(Math.round(days)).toBe(14)
    expect((await visitor.ask(accept, { secret })).data).toEqual({
      acceptInvitation: { event: { slug: 'home' }, role: 'TRACK_ORGANIZER' },
    })
    const me = `{ viewer { roles { role event { slug } tracks { name } } } }`
    expect((await visitor.ask(me)).data.viewer.roles).toEqual([
      { role: 'TRACK_ORGANIZER', event: { slug: 'home' }, tracks: [{ name: 'Data' }] },
    ])
    const stored = await scene.world.sql<{ everything: string }>(
      'SELECT i::text AS everything FROM invitations i',
    )
    expect(stored[0]!.everything).not.toContain(secret)
    expect(JSON.stringify(scene.world.log)).not.toContain(secret)
    const list = `{ event(slug: "home") { invitations { totalCount nodes { id } } } }`
    expect((await scene.named('owner').ask(list)).data.event.invitations).toEqual({
      totalCount: 0,
      nodes: [],
    })
  })

  test.each([
    ['accepted', `UPDATE invitations SET accepted_at = now()`, 'was accepted already.'],
    ['taken back', `UPDATE invitations SET revoked_at = now()`, 'was taken back. Ask for another.'],
    ['too old', `UPDATE invitations SET expires_at = now()`, 'has expired. Ask for another.'],
    ['made up', `DELETE FROM invitations`, 'is of no invitation that there is.'],
    ['of a deleted event', `UPDATE events SET deleted_at = now()`, 'is of no invitation that there is.'],
  ])('that is %s makes nobody anything', async (_what, change, message) => {
    const scene = await gatherAskers()
    const secret = await invited(scene)
    await scene.world.sql(change)
    const { errors } = await scene.named('visitor').ask(accept, { secret })
    expect(errors![0]!.extensions.issues).toEqual([{ path: ['secret'], message }])
    expect(await roleOf(scene, scene.named('visitor'))).toBeNull()
  })

  test('makes nobody less, nor more, than the member that they are', async () => {
    const scene = await gatherAskers()
    const secret = await invited(scene)
    const { errors } = await scene.named('owner').ask(accept, { secret })
    expect(errors![0]!.extensions.issues[0].message).toContain("you are the event's OWNER already")
    expect(await roleOf(scene, scene.named('owner'))).toBe('owner')
  })

  test('that two accept at once makes one of them a member', async () => {
    const scene = await gatherAskers()
    const secret = await invited(scene)
    const two = [scene.named('visitor'), scene.named('owner elsewhere')]
    const answers = await Promise.all(two.map((asker) => asker.ask(accept, { secret })))
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))).toEqual([
      'secret: was accepted already.',
    ])
  })

  test.each([
    [{ email: 'nobody' }, ['input', 'email']],
    [{ expiresAt: '2020-01-01T00:00:00Z' }, ['input', 'expiresAt']],
    [{ expiresAt: '2999-01-01T00:00:00Z' }, ['input', 'expiresAt']],
    [{ role: 'TRACK_ORGANIZER' }, ['input', 'trackIds']],
    [{ trackIds: ['00000000-0000-7000-8000-000000000000'] }, ['input', 'trackIds']],
    [{ role: 'TRACK_ORGANIZER', trackIds: ['x'] }, ['input', 'trackIds', 0]],
  ])('that can not be is not made: %j', async (more, path) => {
    const scene = await gatherAskers()
    const input = { eventSlug: 'home', email: 'v@example.org', role: 'REVIEWER', ...more }
    const { errors } = await scene.named('owner').ask(invite, { input })
    expect(errors![0]!.extensions.issues).toEqual([{ path, message: expect.any(String) }])
  })
})

describe('a speaker who is invited', () => {
  test('is the user of the speaker, sees and edits their own sessions', async () => {
    const scene = await gatherAskers()
    const [, bo] = scene.speakers
    const create = `mutation { createSession(input: { eventSlug: "home", title: "Bo's", speakerIds: ["${bo}"] }) { session { id } } }`
    const { id } = (await scene.named('owner').ask(create)).data.createSession.session
    const { data } = await scene.named('co_organizer').ask(inviteSpeaker, { id: bo })
    expect(data.inviteSpeaker.invitation).toMatchObject({ role: 'SPEAKER', speaker: { name: 'Bo' } })
    const visitor = scene.named('visitor')
    const see = `{ session(id: "${id}") { title availableTransitions } }`
    expect((await visitor.ask(see)).data.session).toBeNull()
    await visitor.ask(accept, { secret: data.inviteSpeaker.secret })
    expect((await visitor.ask(see)).data.session).toEqual({
      title: "Bo's",
      availableTransitions: ['PENDING'],
    })
    const edit = `mutation { updateSession(id: "${id}", patch: { title: "Mine" }) { session { title } } }`
    expect((await visitor.ask(edit)).data.updateSession.session.title).toBe('Mine')
  })

  test('can not be somebody else as well: no invitation ties a second user', async () => {
    const scene = await gatherAskers()
    const [ada, bo] = scene.speakers
    const taken = await scene.named('owner').ask(inviteSpeaker, { id: ada })
    expect(taken.errors![0]!.extensions.issues).toEqual([
      { path: ['input', 'speakerId'], message: 'is of a speaker who has a user already.' },
    ])
    const offers = await Promise.all([bo, bo].map((id) => scene.named('owner').ask(inviteSpeaker, { id })))
    const secrets = offers.map(({ data }) => data.inviteSpeaker.secret)
    const ofAda = await scene.named('speaker').ask(accept, { secret: secrets[0] })
    expect(ofAda.errors![0]!.message).toContain('you are another speaker of the event already')
    const two = [scene.named('visitor'), scene.named('reviewer')]
    const answers = await Promise.all(two.map((asker, at) => asker.ask(accept, { secret: secrets[at] })))
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))).toEqual([
      'secret: is of a speaker who has a user already.',
    ])
  })
})

describe('a member', () => {
  test('is given another role and tracks, by the version that was meant', async () => {
    const scene = await gatherAskers()
    const owner = scene.named('owner')
    const { id, version } = await memberOf(scene, scene.named('reviewer'))
    const change = `mutation ($id: ID!, $version: Int, $tracks: [ID!]) {
      changeMember(id: $id, expectedVersion: $version, role: TRACK_ORGANIZER, trackIds: $tracks) {
        member { role version tracks { name } } } }`
    const variables = { id, version, tracks: [scene.tracks[0]] }
    expect((await owner.ask(change, variables)).data.changeMember.member).toEqual({
      role: 'TRACK_ORGANIZER',
      version: 2,
      tracks: [{ name: 'Time' }],
    })
    const { errors } = await owner.ask(change, variables)
    expect(errors![0]!.extensions).toMatchObject({ code: 'CONFLICT', current: { version: 2 } })
    expect((await owner.ask(change, { id, tracks: [] })).errors![0]!.extensions.issues[0].path).toEqual([
      'trackIds',
    ])
  })

  test('has each track once, and no more than a list may hold', async () => {
    const scene = await gatherAskers()
    const { id } = await memberOf(scene, scene.named('reviewer'))
    const [track] = scene.tracks
    const change = `mutation ($id: ID!, $tracks: [ID!]) {
      changeMember(id: $id, role: TRACK_ORGANIZER, trackIds: $tracks) { member { version } } }`
    const issuesOf = async (tracks: unknown[]) =>
      (await scene.named('owner').ask(change, { id, tracks })).errors![0]!.extensions.issues
    expect(await issuesOf([track, track!.toUpperCase()])).toEqual([
      { path: ['trackIds', 1], message: 'names a track twice.' },
    ])
    expect(await issuesOf(Array.from({ length: 501 }, () => track))).toEqual([
      { path: ['trackIds'], message: 'must list 500 at most.' },
    ])
  })

  test('who leaves, or is removed, sees nothing of a draft any more', async () => {
    const scene = await gatherAskers('DRAFT')
    const reviewer = scene.named('reviewer')
    const see = `{ event(slug: "home") { name } }`
    expect((await reviewer.ask(see)).data.event).toEqual({ name: 'home' })
    await reviewer.ask(`mutation { leaveEvent(id: "${scene.eventId}") { memberId } }`)
    expect((await reviewer.ask(see)).data.event).toBeNull()
    const { id } = await memberOf(scene, scene.named('moderator'))
    await scene.named('organizer').ask(`mutation { removeMember(id: "${id}") { memberId } }`)
    expect((await scene.named('moderator').ask(see)).data.event).toBeNull()
  })

  test('is listed to the team in pages, the longest there first', async () => {
    const scene = await gatherAskers()
    const { data } = await scene.named('reviewer').ask(members)
    expect(data.event.members.totalCount).toBe(6)
    const page = `query ($after: String) { event(slug: "home") { members(first: 4, after: $after) {
      nodes { id } pageInfo { hasNextPage endCursor } } } }`
    const first = (await scene.named('reviewer').ask(page)).data.event.members
    const second = (await scene.named('reviewer').ask(page, { after: first.pageInfo.endCursor })).data.event
      .members
    expect([...first.nodes, ...second.nodes]).toEqual(
      data.event.members.nodes.map(({ id }: { id: string }) => ({ id })),
    )
    expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false])
  })
})

describe('the owner', () => {
  test('can not leave, be removed or be given another role, not even by an admin', async () => {
    const scene = await gatherAskers()
    const { id } = await memberOf(scene, scene.named('owner'))
    const refused = await Promise.all([
      scene.named('owner').ask(`mutation { leaveEvent(id: "${scene.eventId}") { memberId } }`),
      scene.named('organizer').ask(`mutation { removeMember(id: "${id}") { memberId } }`),
      scene.named('admin').ask(`mutation { removeMember(id: "${id}") { memberId } }`),
      scene
        .named('organizer')
        .ask(`mutation { changeMember(id: "${id}", role: REVIEWER) { member { id } } }`),
    ])
    expect(refused.map(({ errors }) => errors![0]!.extensions.code)).toEqual(Array(4).fill('BAD_USER_INPUT'))
    expect(await roleOf(scene, scene.named('owner'))).toBe('owner')
  })

  test('hands the event over to a member in one step, and is an organizer then', async () => {
    const scene = await gatherAskers()
    const [before] = await scene.world.sql('SELECT version FROM events WHERE slug = $1', ['home'])
    const { id } = await memberOf(scene, scene.named('track_organizer'))
    const hand = `mutation { transferEvent(id: "${scene.eventId}", toMemberId: "${id}") {
      owner { role user { name } tracks { name } } formerOwner { role user { name } } } }`
    expect((await scene.named('owner').ask(hand)).data.transferEvent).toEqual({
      owner: { role: 'OWNER', user: { name: 'track_organizer' }, tracks: [] },
      formerOwner: { role: 'ORGANIZER', user: { name: 'owner' } },
    })
    expect((await scene.named('owner').ask(hand)).errors![0]!.extensions.code).toBe('FORBIDDEN')
    expect(await scene.world.sql('SELECT version FROM events WHERE slug = $1', ['home'])).toEqual([before])
  })

  test('hands it over to nobody who is no member', async () => {
    const scene = await gatherAskers()
    const stranger = await scene.world.operator.db.membership.findFirstOrThrow({
      where: { userId: scene.named('reviewer elsewhere').userId! },
    })
    const { errors } = await scene
      .named('owner')
      .ask(
        `mutation { transferEvent(id: "${scene.eventId}", toMemberId: "${stranger.id}") { owner { id } } }`,
      )
    expect(errors![0]!.message).toBe(`There is no member "${stranger.id}" that you may see.`)
  })

  test('is one and only one, however many act at once', async () => {
    const scene = await gatherAskers()
    const owner = scene.named('owner')
    const others = ['organizer', 'co_organizer', 'moderator', 'reviewer'].map((name) => scene.named(name))
    const rows = await Promise.all(others.map((asker) => memberOf(scene, asker)))
    const answers = await Promise.all([
      ...rows.map(({ id }) =>
        owner.ask(`mutation { transferEvent(id: "${scene.eventId}", toMemberId: "${id}") { owner { id } } }`),
      ),
      ...rows.map(({ id }) => owner.ask(`mutation { removeMember(id: "${id}") { memberId } }`)),
      ...others.map((asker) => asker.ask(`mutation { leaveEvent(id: "${scene.eventId}") { memberId } }`)),
      owner.ask(`mutation { leaveEvent(id: "${scene.eventId}") { memberId } }`),
    ])
    const owners = await scene.world.sql(`SELECT FROM memberships WHERE event_id = $1 AND role = 'owner'`, [
      scene.eventId,
    ])
    expect(owners).toHaveLength(1)
    const codes = new Set(
      answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code)),
    )
    expect([...codes].filter((code) => !['FORBIDDEN', 'NOT_FOUND', 'BAD_USER_INPUT'].includes(code))).toEqual(
      [],
    )
  })

  test('can not be taken away by SQL either, and the refusal says so in words', async () => {
    const scene = await gatherAskers()
    const { id } = await memberOf(scene, scene.named('owner'))
    const removal = scene.world.operator.db.$transaction((tx) => tx.membership.delete({ where: { id } }))
    const error: unknown = await removal.catch((reason: unknown) => reason)
    expect(databaseFaultOf(error)).toEqual({
      kind: 'refused',
      rule: `The event ${scene.eventId} would be left without an owner`,
    })
    expect(await roleOf(scene, scene.named('owner'))).toBe('owner')
  })
})

test('a role that was lost meanwhile counts no more: permissions are asked when nobody else can change them', async () => {
  const scene = await gatherAskers()
  const organizer = scene.named('organizer')
  const { id } = await memberOf(scene, organizer)
  const target = await memberOf(scene, scene.named('reviewer'))
  await scene.world.sql(`BEGIN; SELECT FROM events WHERE slug = 'home' FOR UPDATE`)
  const removal = organizer.ask(`mutation { removeMember(id: "${target.id}") { memberId } }`)
  await somebodyWaits(scene.world)
  await scene.world.sql(`UPDATE memberships SET role = 'moderator' WHERE id = '${id}'`)
  await scene.world.sql('COMMIT')
  expect((await removal).errors![0]!.extensions.code).toBe('FORBIDDEN')
})

test('what a user changed names the user to those who may read the history, and nobody to others', async () => {
  const scene = await gatherAskers()
  const create = `mutation { createSession(input: { eventSlug: "home", title: "T", state: PENDING, speakerIds: ["${scene.speakers[0]}"] }) { session { id } } }`
  const { id } = (await scene.named('speaker').ask(create)).data.createSession.session
  const history = `{ session(id: "${id}") { history { nodes { actor { kind id label } } } } }`
  const named = { kind: 'USER', id: scene.named('speaker').userId, label: 'speaker' }
  for (const name of ['owner', 'moderator', 'admin']) {
    expect((await scene.named(name).ask(history)).data.session.history.nodes).toEqual([{ actor: named }])
  }
  const refused = await scene.named('speaker').ask(history)
  expect(refused.data).toEqual({ session: { history: null } })
  expect(JSON.stringify(refused.errors)).not.toContain(scene.named('speaker').userId)
  expect((await scene.named('visitor').ask(history)).data).toEqual({ session: null })
})

describe('what a mutation makes of whoever asks counts at once', () => {
  const made = `{ event { viewerPermissions { permission } members { nodes { role } } } }`

  test('for whoever creates an event, in its answer and in the next mutation of the request', async () => {
    const scene = await gatherAskers()
    const days = 'startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z"'
    const { data, errors } = await scene.named('visitor').ask(`mutation {
      createEvent(input: { slug: "mine", name: "Mine", timeZone: "UTC", ${days} }) ${made}
      createRoom(input: { eventSlug: "mine", name: "Hall" }) { room { name } } }`)
    expect(errors).toBeUndefined()
    expect(data.createEvent.event.members.nodes).toEqual([{ role: 'OWNER' }])
    expect(data.createEvent.event.viewerPermissions).toContainEqual({ permission: 'EVENT_TRANSFER' })
    expect(data.createRoom).toEqual({ room: { name: 'Hall' } })
  })

  test('for whoever accepts an invitation, also of what was hidden from them before', async () => {
    const scene = await gatherAskers()
    const { eventId } = scene
    const title = 'Not judged yet'
    await scene.world.operator.db.session.create({ data: { eventId, title, state: 'PENDING' } })
    const secret = await invited(scene)
    const { data, errors } = await scene.named('visitor').ask(
      `mutation ($secret: String!) { acceptInvitation(secret: $secret) {
        event { viewerPermissions { permission } sessions { totalCount nodes { title } } } } }`,
      { secret },
    )
    expect(errors).toBeUndefined()
    expect(data.acceptInvitation.event.sessions).toEqual({ totalCount: 1, nodes: [{ title }] })
    expect(data.acceptInvitation.event.viewerPermissions).toContainEqual({ permission: 'SESSION_READ' })
  })

  test('for whoever leaves, is less from now on, or hands the event over: what follows in the request is refused', async () => {
    const scene = await gatherAskers()
    const room = 'createRoom(input: { eventSlug: "home", name: "Late" }) { room { name } }'
    const left = await scene
      .named('co_organizer')
      .ask(`mutation { leaveEvent(id: "${scene.eventId}") { memberId } ${room} }`)
    expect(left.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    const { id } = await memberOf(scene, scene.named('organizer'))
    const demoted = await scene
      .named('organizer')
      .ask(`mutation { changeMember(id: "${id}", role: REVIEWER) { member { role } } ${room} }`)
    expect(demoted.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN'])
    const transfer = `transferEvent(id: "${scene.eventId}", toMemberId: "${id}") { owner { role } }`
    const after = await scene.named('owner').ask(`mutation { ${transfer} again: ${transfer} }`)
    expect(after.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['again'], 'FORBIDDEN'],
    ])
    expect(await scene.world.sql(`SELECT FROM rooms WHERE name = 'Late'`)).toEqual([])
  })
})

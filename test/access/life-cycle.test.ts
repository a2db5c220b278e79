import { type GraphQLInputObjectType, isInputObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { SessionState } from '../../src/generated/prisma/client.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { type Asker, gatherAskers, type Scene } from './askers.ts'
import { makeSession } from './needs.ts'

type Table = Record<SessionState, string>

/** As Open Event Server has it, and a speaker may confirm what was accepted. */
const byOrganizers: Table = {
  DRAFT: 'PENDING',
  PENDING: 'WITHDRAWN ACCEPTED REJECTED CONFIRMED',
  ACCEPTED: 'PENDING WITHDRAWN REJECTED CONFIRMED CANCELED',
  CONFIRMED: 'PENDING WITHDRAWN ACCEPTED REJECTED CANCELED',
  REJECTED: 'PENDING WITHDRAWN ACCEPTED CONFIRMED',
  CANCELED: 'PENDING WITHDRAWN ACCEPTED REJECTED CONFIRMED',
  WITHDRAWN: 'PENDING ACCEPTED REJECTED CANCELED',
}
const bySpeakers: Table = {
  DRAFT: 'PENDING',
  PENDING: 'WITHDRAWN',
  ACCEPTED: 'WITHDRAWN CONFIRMED',
  CONFIRMED: 'WITHDRAWN',
  REJECTED: 'WITHDRAWN',
  CANCELED: 'WITHDRAWN',
  WITHDRAWN: '',
}
const byNobody: Table = {
  ...{ DRAFT: '', PENDING: '', ACCEPTED: '', CONFIRMED: '', REJECTED: '', CANCELED: '', WITHDRAWN: '' },
}

const states = Object.keys(byOrganizers) as SessionState[]

const whose = [
  ['organizer', byOrganizers],
  ['owner', byOrganizers],
  ['admin', byOrganizers],
  ['track_organizer', byOrganizers],
  ['speaker', bySpeakers],
  ['reviewer', byNobody],
  ['visitor', byNobody],
] as const satisfies readonly (readonly [string, Table])[]

const times = {
  'has no time': { starts: null, ends: null },
  'has a start and no end': { starts: '2027-05-01T10:00:00Z', ends: null },
  'is over': { starts: '2020-05-01T10:00:00Z', ends: '2020-05-01T11:00:00Z' },
}

function allowed(table: Table, from: SessionState): SessionState[] {
  const listed = table[from].split(' ')
  return states.filter((state) => listed.includes(state))
}

/** The speaker's own session, in the track organizer's track. */
async function sessionIn(scene: Scene, state: SessionState, when: keyof typeof times = 'has no time') {
  const id = await makeSession(scene, { state, isOwn: true })
  const { starts, ends } = times[when]
  await scene.world.sql('UPDATE sessions SET starts_at = $2, ends_at = $3 WHERE id = $1', [id, starts, ends])
  return id
}

const changeState = `mutation ($id: ID!, $to: SessionState!) { changeSessionState(id: $id, to: $to) { session { state } } }`

describe.each(Object.keys(times) as (keyof typeof times)[])('the state of a session that %s', (when) => {
  test.each(whose)('goes for the %s where the table says, and nowhere else', async (name, table) => {
    const scene = await gatherAskers()
    const asker = scene.named(name)
    const cell = async (from: SessionState, to: SessionState) => {
      const id = await sessionIn(scene, from, when)
      const { data, errors } = await asker.ask(changeState, { id, to })
      const stored = await scene.world.sql<{ state: string }>(
        'SELECT upper(state::text) AS state FROM sessions WHERE id = $1',
        [id],
      )
      const isDone = allowed(table, from).includes(to)
      const isSeen = name !== 'visitor' || ['ACCEPTED', 'CONFIRMED'].includes(from)
      const refusal = !isSeen
        ? 'NOT_FOUND'
        : allowed(byOrganizers, from).includes(to)
          ? 'FORBIDDEN'
          : 'BAD_USER_INPUT'
      const expected = isDone ? [to, to] : [refusal, from]
      const came = [errors?.[0]?.extensions.code ?? data.changeSessionState.session.state, stored[0]!.state]
      return { from, to, came, expected }
    }
    const cells = states.flatMap((from) => states.filter((to) => to !== from).map((to) => cell(from, to)))
    const wrong = (await Promise.all(cells)).filter(({ came, expected }) => came.join() !== expected.join())
    expect(wrong).toEqual([])
  })
})

test.each(whose)('availableTransitions tells the %s what the table says', async (name, table) => {
  const scene = await gatherAskers()
  const asker = scene.named(name)
  for (const state of states) {
    const id = await sessionIn(scene, state)
    const { data } = await asker.ask(`query ($id: ID!) { session(id: $id) { availableTransitions } }`, { id })
    const isSeen = name !== 'visitor' || ['ACCEPTED', 'CONFIRMED'].includes(state)
    expect(data.session?.availableTransitions).toEqual(isSeen ? allowed(table, state) : undefined)
  }
})

describe('a new session', () => {
  const create = `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { state submittedAt } } }`
  const asked = async (scene: Scene, asker: Asker, state: SessionState) => {
    const input = {
      eventSlug: 'home',
      title: 'T',
      state,
      trackId: scene.tracks[0],
      speakerIds: [scene.speakers[0]],
    }
    const { data, errors } = await asker.ask(create, { input })
    return errors?.[0]?.extensions.code ?? data.createSession.session.state
  }

  test.each(['owner', 'organizer', 'co_organizer', 'track_organizer', 'admin'])(
    'by the %s begins where one that was handed in may stand',
    async (name) => {
      const scene = await gatherAskers()
      const came = await Promise.all(states.map((state) => asked(scene, scene.named(name), state)))
      expect(came).toEqual([
        'DRAFT',
        'PENDING',
        'ACCEPTED',
        'CONFIRMED',
        'REJECTED',
        'BAD_USER_INPUT',
        'WITHDRAWN',
      ])
    },
  )

  test('by a speaker begins as a draft or handed in: nobody accepts their own', async () => {
    const scene = await gatherAskers()
    const came = await Promise.all(states.map((state) => asked(scene, scene.named('speaker'), state)))
    const refused = ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'BAD_USER_INPUT', 'FORBIDDEN']
    expect(came).toEqual(['DRAFT', 'PENDING', ...refused])
  })
})

describe('a patch', () => {
  test('takes a session on by the same rules, and is written whole or not at all', async () => {
    const scene = await gatherAskers()
    const update = `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { title state } } }`
    const id = await sessionIn(scene, 'ACCEPTED')
    const { errors } = await scene
      .named('speaker')
      .ask(update, { id, patch: { title: 'Mine', state: 'CANCELED' } })
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
    expect(await scene.world.sql('SELECT title, version FROM sessions WHERE id = $1', [id])).toEqual([
      { title: 'Talk', version: 2 },
    ])
    const { data } = await scene
      .named('speaker')
      .ask(update, { id, patch: { title: 'Mine', state: 'CONFIRMED' } })
    expect(data.updateSession.session).toEqual({ title: 'Mine', state: 'CONFIRMED' })
  })
})

describe('a lock', () => {
  const lock = `mutation ($id: ID!, $content: Boolean, $speakerList: Boolean) {
    setSessionLocks(id: $id, content: $content, speakerList: $speakerList) { session { isLocked isSpeakerListLocked } } }`
  const update = `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { id } } }`

  test.each([
    [{ content: true }, { title: 'LOCKED', speakers: 'done' }],
    [{ speakerList: true }, { title: 'done', speakers: 'LOCKED' }],
    [
      { content: true, speakerList: true },
      { title: 'LOCKED', speakers: 'LOCKED' },
    ],
  ])('%j closes just that to the speaker, and nothing to organizers', async (locks, expected) => {
    const scene = await gatherAskers()
    const id = await sessionIn(scene, 'PENDING')
    await scene.named('organizer').ask(lock, { id, ...locks })
    const asked = async (asker: Asker, patch: object) =>
      (await asker.ask(update, { id, patch })).errors?.[0]?.extensions.code ?? 'done'
    const speaker = scene.named('speaker')
    const own = scene.speakers.slice(0, 1)
    expect({
      title: await asked(speaker, { title: 'New' }),
      speakers: await asked(speaker, { speakerIds: own }),
    }).toEqual(expected)
    for (const name of ['organizer', 'track_organizer', 'co_organizer']) {
      expect(await asked(scene.named(name), { title: `By the ${name}`, speakerIds: own })).toBe('done')
    }
  })

  test('keeps no speaker from withdrawing', async () => {
    const scene = await gatherAskers()
    const id = await sessionIn(scene, 'PENDING')
    await scene.named('organizer').ask(lock, { id, content: true, speakerList: true })
    const { data } = await scene.named('speaker').ask(changeState, { id, to: 'WITHDRAWN' })
    expect(data.changeSessionState.session.state).toBe('WITHDRAWN')
  })

  test('is opened by organizers again', async () => {
    const scene = await gatherAskers()
    const id = await sessionIn(scene, 'PENDING')
    await scene.named('organizer').ask(lock, { id, content: true, speakerList: true })
    const { data } = await scene.named('organizer').ask(lock, { id, content: false })
    expect(data.setSessionLocks.session).toEqual({ isLocked: false, isSpeakerListLocked: true })
    expect((await scene.named('speaker').ask(update, { id, patch: { title: 'New' } })).errors).toBeUndefined()
  })
})

describe('submittedAt', () => {
  test('is the moment at which a session was first handed in, and stays', async () => {
    const scene = await gatherAskers()
    const id = await sessionIn(scene, 'DRAFT')
    const see = async () =>
      (await scene.named('owner').ask(`{ session(id: "${id}") { submittedAt } }`)).data.session.submittedAt
    expect(await see()).toBeNull()
    const before = Date.now()
    await scene.named('speaker').ask(changeState, { id, to: 'PENDING' })
    const handedIn = await see()
    expect(Date.parse(handedIn)).toBeGreaterThanOrEqual(before)
    await scene.named('organizer').ask(changeState, { id, to: 'REJECTED' })
    await scene.named('organizer').ask(changeState, { id, to: 'PENDING' })
    expect(await see()).toBe(handedIn)
  })

  test('is in no input, and neither are stamps, locks and what else the server sets', () => {
    const inputs = Object.values(buildSchema().getTypeMap()).filter((type) => isInputObjectType(type))
    const written = inputs
      .filter(({ name }) => !/Filter$|Order$|Range$/.test(name))
      .flatMap((type) => Object.keys((type as GraphQLInputObjectType).getFields()))
    const servers = [
      'submittedAt',
      'isLocked',
      'isSpeakerListLocked',
      'lastModifiedAt',
      'createdAt',
      'deletedAt',
      'version',
    ]
    expect(written.filter((field) => servers.includes(field))).toEqual([])
  })
})

import { type GraphQLInputObjectType, isInputObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import type { SessionState } from '../../src/generated/prisma/client.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
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
  'has no time': { startsAt: null, endsAt: null },
  'has a start and no end': { startsAt: new Date('2027-05-01T10:00:00Z'), endsAt: null },
  'is over': { startsAt: new Date('2020-05-01T10:00:00Z'), endsAt: new Date('2020-05-01T11:00:00Z') },
}

function allowed(table: Table, from: SessionState): SessionState[] {
  const listed = table[from].split(' ')
  return states.filter((state) => listed.includes(state))
}

/** The speaker's own session, in the track organizer's track. */
function sessionIn(scene: Scene, state: SessionState, when: keyof typeof times = 'has no time') {
  return makeSession(scene, { state, isOwn: true, ...times[when] })
}

/** The visitor sees what is public. */
function isSeen(name: string, state: SessionState): boolean {
  return name !== 'visitor' || state === 'ACCEPTED' || state === 'CONFIRMED'
}

const changeState = `mutation ($id: ID!, $to: SessionState!) { changeSessionState(id: $id, to: $to) { session { state } } }`

test.each(Object.keys(times) as (keyof typeof times)[])(
  'the state of a session that %s goes where the table says for each role, and nowhere else',
  async (when) => {
    const scene = await gatherAskers()
    for (const [name, table] of whose) {
      const cellsFrom = async (from: SessionState) => {
        const targets = states.filter((to) => to !== from)
        const ids = await Promise.all(targets.map(() => sessionIn(scene, from, when)))
        // Many changes in one request, of which each ends by itself.
        const changes = targets.map(
          (to, at) => `${to}: changeSessionState(id: "${ids[at]}", to: ${to}) { session { state } }`,
        )
        const { data, errors = [] } = await scene.named(name).ask(`mutation { ${changes.join(' ')} }`)
        const stored = await scene.world.sql<{ state: string }>(
          'SELECT upper(state::text) AS state FROM sessions WHERE id = ANY ($1) ORDER BY array_position($1, id)',
          [ids],
        )
        return targets.map((to, at) => {
          const refusal = !isSeen(name, from)
            ? 'NOT_FOUND'
            : allowed(byOrganizers, from).includes(to)
              ? 'FORBIDDEN'
              : 'BAD_USER_INPUT'
          const expected = allowed(table, from).includes(to) ? [to, to] : [refusal, from]
          const error = errors.find(({ path }) => path === undefined || path[0] === to)
          const came = [error?.extensions.code ?? data[to].session.state, stored[at]!.state]
          return { name, from, to, came, expected }
        })
      }
      const cells = (await Promise.all(states.map(cellsFrom))).flat()
      expect(cells.filter(({ came, expected }) => came.join() !== expected.join())).toEqual([])
    }
  },
  120_000,
)

test('availableTransitions tells each role what the table says', async () => {
  const scene = await gatherAskers()
  for (const state of states) {
    const id = await sessionIn(scene, state)
    for (const [name, table] of whose) {
      const { data } = await scene.named(name).ask(`{ session(id: "${id}") { availableTransitions } }`)
      const told = isSeen(name, state) ? allowed(table, state) : undefined
      expect({ name, state, told: data.session?.availableTransitions }).toEqual({ name, state, told })
    }
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

  test('by who decides begins where one that was handed in may stand', async () => {
    const scene = await gatherAskers()
    for (const name of ['owner', 'organizer', 'co_organizer', 'track_organizer', 'admin']) {
      const came = await Promise.all(states.map((state) => asked(scene, scene.named(name), state)))
      const decided = ['ACCEPTED', 'CONFIRMED', 'REJECTED', 'BAD_USER_INPUT', 'WITHDRAWN']
      expect(came).toEqual(['DRAFT', 'PENDING', ...decided])
    }
  })

  test('by a speaker begins as a draft or handed in: nobody accepts their own', async () => {
    const scene = await gatherAskers()
    const came = await Promise.all(states.map((state) => asked(scene, scene.named('speaker'), state)))
    const refused = ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'BAD_USER_INPUT', 'FORBIDDEN']
    expect(came).toEqual(['DRAFT', 'PENDING', ...refused])
  })
})

test('nobody else changes a session by naming the state that it is in, or nothing at all: refused all the same', async () => {
  const scene = await gatherAskers()
  const id = await sessionIn(scene, 'CONFIRMED')
  for (const name of ['reviewer', 'moderator', 'visitor', 'speaker elsewhere']) {
    for (const mutation of [
      `changeSessionState(id: "${id}", to: CONFIRMED)`,
      `updateSession(id: "${id}", patch: { state: CONFIRMED })`,
      `updateSession(id: "${id}", patch: {})`,
    ]) {
      const { errors } = await scene.named(name).ask(`mutation { ${mutation} { session { id } } }`)
      expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
    }
  }
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
    const inputs = Object.values(executableSchema().getTypeMap()).filter((type) => isInputObjectType(type))
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

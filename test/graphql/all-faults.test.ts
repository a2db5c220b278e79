import { describe, expect, test } from 'vitest'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

const nowhere = '00000000-0000-7000-8000-000000000000'
const blank = ' '
const wrongTimes = { startsAt: '2027-03-27T10:00:00Z', endsAt: '2027-03-27T09:00:00Z' }

/** A mutation whose input is wrong in many ways, some of which only the database knows, and where each of them is. */
interface Wrong {
  readonly mutation: string
  readonly faults: readonly string[]
  variables(programme: Programme, sessionId: string): Record<string, unknown>
}

const ofSession = {
  ...{
    title: blank,
    abstract: 'x'.repeat(100_001),
    language: 'x'.repeat(101),
    state: 'REJECTED',
    ...wrongTimes,
  },
  ...{ trackId: nowhere, roomId: 'x', sessionTypeId: nowhere, speakerIds: [nowhere, 'y'] },
}
const faultsOfSession = [
  ...['title', 'abstract', 'language', 'endsAt', 'state', 'trackId', 'roomId', 'sessionTypeId'],
  ...['speakerIds.0', 'speakerIds.1'],
]
const badPeriods = [
  { startsAtLocal: '2027-03-28T02:30', endsAtLocal: '2027-03-28T05:00' },
  { startsAt: wrongTimes.startsAt },
]

const wrong: Readonly<Record<string, Wrong>> = {
  createEvent: {
    mutation: 'mutation ($input: CreateEventInput!) { createEvent(input: $input) { event { id } } }',
    variables: ({ slug }) => ({ input: { slug, name: blank, timeZone: 'UTC', ...wrongTimes } }),
    faults: ['input.name', 'input.endsAt', 'input.slug'],
  },
  updateEvent: {
    mutation: `mutation ($id: ID!, $patch: EventPatch!) { updateEvent(id: $id, patch: $patch) { event { id } } }`,
    variables: ({ eventId }) => ({
      id: eventId,
      patch: { slug: 'A B', name: blank, description: '\u0007', endsAt: wrongTimes.endsAt, state: null },
    }),
    faults: ['patch.slug', 'patch.name', 'patch.description', 'patch.state'],
  },
  createSession: {
    mutation: 'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }',
    variables: ({ slug }) => ({ input: { ...ofSession, state: 'CANCELED', eventSlug: slug } }),
    faults: faultsOfSession.map((field) => `input.${field}`),
  },
  updateSession: {
    mutation: `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { id } } }`,
    variables: (_programme, id) => ({ id, patch: { ...ofSession, state: 'DRAFT' } }),
    faults: faultsOfSession.map((field) => `patch.${field}`),
  },
  placeSession: {
    mutation: 'mutation ($id: ID!, $to: SlotInput!) { placeSession(id: $id, to: $to) { session { id } } }',
    variables: (_programme, id) => ({
      id,
      to: { timeZone: 'UTC', ...wrongTimes, roomId: nowhere },
    }),
    faults: ['to.timeZone', 'to.roomId', 'to.endsAt'],
  },
  createRoom: {
    mutation: 'mutation ($input: CreateRoomInput!) { createRoom(input: $input) { room { id } } }',
    variables: ({ slug }) => ({
      input: { eventSlug: slug, name: blank, capacity: -1, openingHours: badPeriods },
    }),
    faults: [
      ...['input.capacity', 'input.name', 'input.openingHours.1.endsAt'],
      'input.openingHours.0.startsAtLocal',
    ],
  },
  updateSpeaker: {
    mutation: `mutation ($id: ID!, $patch: SpeakerPatch!) { updateSpeaker(id: $id, patch: $patch) { speaker { id } } }`,
    variables: ({ speakers }) => ({
      id: speakers[0],
      patch: { name: blank, country: 'a\nb', availability: badPeriods },
    }),
    faults: [
      ...['patch.name', 'patch.country', 'patch.availability.1.endsAt'],
      'patch.availability.0.startsAtLocal',
    ],
  },
  createBreak: {
    mutation: 'mutation ($input: CreateBreakInput!) { createBreak(input: $input) { break { id } } }',
    variables: ({ slug }) => ({ input: { eventSlug: slug, name: blank, ...wrongTimes, roomId: nowhere } }),
    faults: ['input.name', 'input.endsAt', 'input.roomId'],
  },
  updateTrack: {
    mutation: `mutation ($id: ID!, $patch: TrackPatch!) { updateTrack(id: $id, patch: $patch) { track { id } } }`,
    variables: ({ tracks }) => ({ id: tracks[0], patch: { name: blank, color: 'red' } }),
    faults: ['patch.name', 'patch.color'],
  },
  inviteMember: {
    mutation: 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { invitation { id } } }',
    variables: ({ slug }) => ({
      input: {
        ...{ eventSlug: slug, email: 'nobody', role: 'TRACK_ORGANIZER', trackIds: [nowhere, 'x'] },
        expiresAt: '2020-01-01T00:00:00Z',
      },
    }),
    faults: ['input.email', 'input.expiresAt', 'input.trackIds.0', 'input.trackIds.1'],
  },
  mintToken: {
    mutation: 'mutation ($input: MintTokenInput!) { mintToken(input: $input) { token { id } } }',
    variables: () => ({
      input: { label: blank, role: 'TRACK_ORGANIZER', eventIds: [], expiresAt: '2020-01-01T00:00:00Z' },
    }),
    faults: ['input.label', 'input.eventIds', 'input.role', 'input.expiresAt'],
  },
  revertSession: {
    mutation: `mutation ($id: ID!, $fields: [String!]) {
      revertSession(id: $id, toVersion: 9, fields: $fields) { session { id } } }`,
    variables: (_programme, id) => ({ id, fields: ['title', 'isLocked', ''] }),
    faults: ['fields.1', 'fields.2', 'toVersion'],
  },
}

describe('a change that is wrong in many ways is refused with all of them at once', () => {
  test.each(Object.keys(wrong))('%s', async (name) => {
    const { mutation, variables, faults } = wrong[name]!
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, {})
    const before = await revisions(world)
    const { errors } = await world.organize(mutation, variables(programme, id))
    expect(errors).toHaveLength(1)
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
    expect(pathsOf(errors)).toEqual(faults)
    expect(await revisions(world)).toBe(before)
  })

  test('mintToken, whatever the code of each is', async () => {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    const { mutation } = wrong['mintToken']!
    const { errors } = await world.organize(mutation, {
      input: { label: blank, eventIds: [eventId, eventId, nowhere, 'x'], expiresAt: '2020-01-01T00:00:00Z' },
    })
    expect(errors![0]!.extensions).toEqual({
      code: 'NOT_FOUND',
      issues: [
        { path: ['input', 'eventIds', 2], message: `There is no event "${nowhere}" that you may see.` },
        { path: ['input', 'eventIds', 3], message: 'There is no event "x" that you may see.' },
        { path: ['input', 'label'], message: 'must not be blank.', code: 'BAD_USER_INPUT' },
        { path: ['input', 'expiresAt'], message: 'must be in the future.', code: 'BAD_USER_INPUT' },
      ],
    })
  })

  test('placeSessions, whatever the code of each is', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [a, b, c] = [
      await createSession(world, programme, {}),
      await createSession(world, programme, {}),
      await createSession(world, programme, {}),
    ]
    const before = await revisions(world)
    const { errors } = await world.organize(
      'mutation ($placements: [PlacementInput!]!) { placeSessions(placements: $placements) { sessions { id } } }',
      {
        placements: [
          { sessionId: a, roomId: programme.tracks[0], ...wrongTimes },
          { sessionId: b, roomId: null, expectedVersion: 9 },
          { sessionId: nowhere, roomId: null },
          { sessionId: c },
          { sessionId: c, roomId: null },
          { sessionId: 'x', startsAtLocal: '2027-03-28T02:30', startsAt: null },
        ],
      },
    )
    expect(errors).toHaveLength(1)
    const { code, issues } = errors![0]!.extensions
    expect(code).toBe('NOT_FOUND')
    const bad = (...path: (string | number)[]) => ({
      path,
      code: 'BAD_USER_INPUT',
      message: expect.any(String),
    })
    expect(issues).toEqual([
      { path: ['placements', 2, 'sessionId'], message: expect.any(String) },
      { path: ['placements', 5, 'sessionId'], message: expect.any(String) },
      { path: ['placements', 1, 'sessionId'], message: expect.any(String), code: 'CONFLICT' },
      bad('placements', 4, 'sessionId'),
      bad('placements', 3),
      bad('placements', 5, 'startsAtLocal'),
      bad('placements', 0, 'roomId'),
      bad('placements', 0, 'endsAt'),
    ])
    expect(await revisions(world)).toBe(before)
  })
})

test.each(['events', 'event(slug: "spring") { sessions'])(
  'a page of %s that can not be asked for, too',
  async (list) => {
    const world = await createWorld()
    await createProgramme(world)
    const { errors } = await world.ask(
      `{ ${list}(first: 201, after: "x", filter: { text: "a\\u0007" }) { totalCount } }${list.includes('{') ? ' }' : ''}`,
    )
    expect(pathsOf(errors)).toEqual(['filter.text', 'first', 'after'])
  },
)

test('whoever may not change a thing is told so, not what is wrong with the change', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, {})
  const { mutation, variables } = wrong['updateSession']!
  const { errors } = await world.ask(mutation, variables(programme, id))
  expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
})

function pathsOf(errors: Awaited<ReturnType<World['ask']>>['errors']): string[] {
  return errors![0]!.extensions.issues.map(({ path }: { path: string[] }) => path.join('.'))
}

async function revisions({ sql }: World): Promise<string> {
  const [row] = await sql<{ count: string }>('SELECT count(*) FROM revisions')
  return row!.count
}

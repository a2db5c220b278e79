import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const slot = 'title version startsAt endsAt room { name }'
const place = `mutation ($id: ID!, $to: SlotInput!, $expectedVersion: Int) {
  placeSession(id: $id, to: $to, expectedVersion: $expectedVersion) { session { ${slot} } conflicts { kind } } }`
const unplace = `mutation ($id: ID!, $expectedVersion: Int) {
  unplaceSession(id: $id, expectedVersion: $expectedVersion) { session { ${slot} } } }`
const swap = `mutation ($one: SessionAtVersionInput!, $other: SessionAtVersionInput!, $keepLengths: Boolean! = false) {
  swapSessions(one: $one, other: $other, keepLengths: $keepLengths) { sessions { ${slot} } conflicts { kind } } }`
const placeMany = `mutation ($placements: [PlacementInput!]!) { placeSessions(placements: $placements) {
  sessions { ${slot} } conflicts { kind sessions { title } } } }`

const at = (time: string) => `2027-03-27T${time}:00+01:00`
const utc = (time: string) => new Date(at(time)).toISOString()

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const [hall, attic] = programme.rooms
  const add = (title: string, startsAt: string | null, endsAt: string | null, more: object = {}) =>
    createSession(world, programme, { title, startsAt, endsAt, ...more })
  return { world, programme, hall, attic, add }
}

const stored = (world: World) =>
  world.sql(
    'SELECT title, version, starts_at, ends_at, room_id, last_modified_at FROM sessions ORDER BY title',
  )

describe('placeSession', () => {
  test.each([
    [
      'a first slot with an end',
      { startsAt: null, endsAt: null },
      { startsAt: at('14:00'), endsAt: at('14:20') },
      ['14:00', '14:20', null],
    ],
    ['only a start: it keeps its length', {}, { startsAt: at('14:00') }, ['14:00', '14:45', null]],
    ['only an end', {}, { endsAt: at('11:00') }, ['10:00', '11:00', null]],
    ['a start and no end', {}, { startsAt: at('14:00'), endsAt: null }, ['14:00', null, null]],
    ['only a room', {}, { roomId: 'hall' }, ['10:00', '10:45', 'Hall']],
    ['a start and a room', {}, { startsAt: at('14:00'), roomId: 'hall' }, ['14:00', '14:45', 'Hall']],
    ['no time', {}, { startsAt: null }, [null, null, null]],
    ['wall clocks', {}, { startsAtLocal: '2027-03-27T15:00' }, ['15:00', '15:45', null]],
    [
      'wall clocks of another zone',
      {},
      { startsAtLocal: '2027-03-27T10:00', timeZone: 'America/New_York' },
      ['15:00', '15:45', null],
    ],
  ] as const)('takes %s', async (_what, before, to, [start, end, room]) => {
    const { world, hall, add } = await scene()
    const id = await add('A', at('10:00'), at('10:45'), before)
    const { data, errors } = await world.organize(place, {
      id,
      to: 'roomId' in to ? { ...to, roomId: hall } : to,
    })
    expect(errors).toBeUndefined()
    expect(data.placeSession.session).toEqual({
      ...{ title: 'A', version: 2, room: room === null ? null : { name: room } },
      ...{ startsAt: start && utc(start), endsAt: end && utc(end) },
    })
  })

  test('keeps the length in real minutes across a change of the clocks, and takes that of the type where it has none', async () => {
    const { world, programme, add } = await scene()
    const id = await add('A', at('10:00'), at('12:00'))
    const moved = await world.organize(place, { id, to: { startsAtLocal: '2027-03-28T01:30' } })
    expect(moved.data.placeSession.session).toMatchObject({
      ...{ startsAt: '2027-03-28T00:30:00.000Z', endsAt: '2027-03-28T02:30:00.000Z' },
    })
    await world.sql('UPDATE session_types SET duration_minutes = 50')
    const typed = await add('B', null, null, { sessionTypeId: programme.types[0] })
    const placed = await world.organize(place, { id: typed, to: { startsAt: at('14:00') } })
    expect(placed.data.placeSession.session).toMatchObject({ startsAt: utc('14:00'), endsAt: utc('14:50') })
  })

  test.each([
    ['nothing', {}, ['to'], 'says neither a time nor a room.'],
    ['an end before the start', { endsAt: at('09:00') }, ['to', 'endsAt'], /would end before it starts/],
    ['a room of nowhere', { roomId: 'x' }, ['to', 'roomId'], 'There is no room "x" in this event.'],
    [
      'a wall-clock time that is skipped',
      { startsAtLocal: '2027-03-28T02:30' },
      ['to', 'startsAtLocal'],
      /is skipped by a clock change in Europe\/Berlin/,
    ],
    [
      'instants and wall clocks',
      { startsAt: at('10:00'), startsAtLocal: '2027-03-27T10:00' },
      ['to', 'startsAtLocal'],
      /not both/,
    ],
    [
      'a length that leads beyond the last instant',
      { startsAt: '2200-12-31T23:30:00Z' },
      ['to', 'startsAt'],
      'The session would end outside the years 1900 to 2200 in UTC.',
    ],
  ])('refuses %s', async (_what, to, path, message) => {
    const { world, add } = await scene()
    const id = await add('A', at('10:00'), at('10:45'))
    const before = await stored(world)
    const { errors } = await world.organize(place, { id, to })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path, message: expect.stringMatching(message) }],
    })
    expect(await stored(world)).toEqual(before)
  })

  test('refuses an old version, a deleted session, an unknown one and a room of another event', async () => {
    const { world, programme, add } = await scene()
    const other = await createProgramme(world, 'other')
    const id = await add('A', at('10:00'), at('10:45'))
    const to = { startsAt: at('12:00') }
    const stale = await world.organize(place, { id, to, expectedVersion: 7 })
    expect(stale.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', current: { version: 1 } })
    const foreign = await world.organize(place, { id, to: { roomId: other.rooms[0] } })
    expect(foreign.errors?.[0]?.extensions.issues[0].path).toEqual(['to', 'roomId'])
    await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
    for (const gone of [id, programme.eventId, 'x']) {
      const { errors } = await world.organize(place, { id: gone, to })
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
      expect(errors?.[0]?.message).toContain(`There is no session "${gone}" that you may see.`)
    }
  })

  test('to where it is already changes nothing', async () => {
    const { world, hall, add } = await scene()
    const id = await add('A', at('10:00'), at('10:45'), { roomId: hall })
    const before = await stored(world)
    await world.organize(place, { id, to: { startsAt: at('10:00'), roomId: hall } })
    expect(await stored(world)).toEqual(before)
  })
})

test('unplaceSession takes time and room away, once', async () => {
  const { world, hall, add } = await scene()
  const id = await add('A', at('10:00'), at('10:45'), { roomId: hall })
  for (let times = 0; times < 2; times += 1) {
    const { data } = await world.organize(unplace, { id })
    expect(data.unplaceSession.session).toEqual({
      ...{ title: 'A', version: 2, startsAt: null, endsAt: null, room: null },
    })
  }
})

describe('swapSessions', () => {
  test('exchanges times and rooms, lengths included, unless they are to be kept', async () => {
    const { world, hall, attic, add } = await scene()
    const one = { id: await add('Short', at('10:00'), at('10:30'), { roomId: hall }) }
    const other = { id: await add('Long', at('14:00'), at('15:00'), { roomId: attic }) }
    const { data } = await world.organize(swap, { one, other })
    expect(data.swapSessions).toEqual({
      sessions: [
        { title: 'Short', version: 2, startsAt: utc('14:00'), endsAt: utc('15:00'), room: { name: 'Attic' } },
        { title: 'Long', version: 2, startsAt: utc('10:00'), endsAt: utc('10:30'), room: { name: 'Hall' } },
      ],
      conflicts: [],
    })
    await world.organize(swap, { one, other })
    const kept = await world.organize(swap, { one, other, keepLengths: true })
    expect(kept.data.swapSessions.sessions).toEqual([
      { title: 'Short', version: 4, startsAt: utc('14:00'), endsAt: utc('14:30'), room: { name: 'Attic' } },
      { title: 'Long', version: 4, startsAt: utc('10:00'), endsAt: utc('11:00'), room: { name: 'Hall' } },
    ])
  })

  test('gives the slot of one to another that has none', async () => {
    const { world, hall, add } = await scene()
    const one = { id: await add('Off', at('10:00'), at('10:30'), { roomId: hall }) }
    const other = { id: await add('On', null, null) }
    const { data } = await world.organize(swap, { one, other })
    expect(data.swapSessions.sessions).toEqual([
      { title: 'Off', version: 2, startsAt: null, endsAt: null, room: null },
      { title: 'On', version: 2, startsAt: utc('10:00'), endsAt: utc('10:30'), room: { name: 'Hall' } },
    ])
  })

  test('refuses old versions of either, one session twice, and sessions of two events', async () => {
    const { world, add } = await scene()
    const elsewhere = await createProgramme(world, 'other')
    const a = await add('A', at('10:00'), at('10:30'))
    const b = await add('B', at('11:00'), at('11:30'))
    const foreign = await createSession(world, elsewhere, { title: 'Elsewhere' })
    const before = await stored(world)
    const refusalOf = async (one: object, other: object) =>
      (await world.organize(swap, { one, other })).errors?.[0]?.extensions
    expect(await refusalOf({ id: a, expectedVersion: 1 }, { id: b, expectedVersion: 2 })).toMatchObject({
      code: 'CONFLICT',
      current: { version: 1 },
      issues: [{ path: ['other', 'id'] }],
    })
    expect(await refusalOf({ id: a }, { id: a.toUpperCase() })).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['other', 'id'], message: 'names a session twice.' }],
    })
    expect(await refusalOf({ id: a }, { id: foreign })).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['other', 'id'], message: expect.stringContaining('of another event') }],
    })
    expect(await stored(world)).toEqual(before)
  })
})

describe('placeSessions', () => {
  test('moves, places and unplaces many in one step, told in their order with the conflicts among them once', async () => {
    const { world, hall, attic, add } = await scene()
    const a = await add('A', at('10:00'), at('10:30'), { roomId: hall })
    const b = await add('B', at('11:00'), at('11:30'), { roomId: hall })
    const c = await add('C', null, null)
    await add('D', at('11:15'), at('11:45'), { roomId: attic })
    const { data, errors } = await world.organize(placeMany, {
      placements: [
        { sessionId: c, startsAtLocal: '2027-03-27T11:00', endsAtLocal: '2027-03-27T11:20', roomId: attic },
        { sessionId: b, startsAt: null, roomId: null },
        { sessionId: a, startsAt: at('11:10'), roomId: attic, expectedVersion: 1 },
      ],
    })
    expect(errors).toBeUndefined()
    expect(data.placeSessions).toEqual({
      sessions: [
        { title: 'C', version: 2, startsAt: utc('11:00'), endsAt: utc('11:20'), room: { name: 'Attic' } },
        { title: 'B', version: 2, startsAt: null, endsAt: null, room: null },
        { title: 'A', version: 2, startsAt: utc('11:10'), endsAt: utc('11:40'), room: { name: 'Attic' } },
      ],
      conflicts: [
        ['C', 'A'],
        ['C', 'D'],
        ['A', 'D'],
      ].map((titles) => ({
        kind: 'ROOM_DOUBLE_BOOKED',
        sessions: titles.map((title) => ({ title })),
      })),
    })
    const steps = await world.sql(
      `SELECT DISTINCT recorded_in FROM revisions WHERE entity = 'session' AND version = 2`,
    )
    expect(steps).toHaveLength(1)
  })

  test('takes as many statements for 200 as for one', async () => {
    const { world, programme, hall, add } = await scene()
    await add('0', at('10:00'), at('10:10'), { roomId: hall })
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, state, last_modified_at)
       SELECT gen_random_uuid(), $1, n::text, 'confirmed', now() FROM generate_series(1, 199) n`,
      [programme.eventId],
    )
    const ids = await world.sql<{ id: string }>('SELECT id FROM sessions')
    const placements = ids.map(({ id }, index) => ({
      ...{ sessionId: id, roomId: programme.rooms[index % 2], expectedVersion: 1 },
      ...{
        startsAtLocal: new Date(Date.parse('2027-03-27T00:00Z') + index * 300_000).toISOString().slice(0, 19),
      },
    }))
    const one = await world.organize(placeMany, { placements: placements.slice(0, 1) })
    const many = await world.organize(placeMany, { placements: placements.slice(1) })
    expect([one.errors, many.errors]).toEqual([undefined, undefined])
    expect(many.data.placeSessions.sessions).toHaveLength(199)
    expect(many.statements).toBe(one.statements)
    // Who asks, BEGIN, who acts, the zone, the sessions, the rooms, the change, reading back, COMMIT, the conflicts.
    expect(one.statements).toBeLessThanOrEqual(11)
  })

  test('writes nothing where one is wrong, and names every fault by its index', async () => {
    const { world, programme, hall, add } = await scene()
    const a = await add('A', at('10:00'), at('10:30'), { roomId: hall })
    const b = await add('B', at('11:00'), at('11:30'), { roomId: hall })
    const before = await stored(world)
    const refusalOf = async (...placements: object[]) => {
      const { errors } = await world.organize(placeMany, { placements })
      const { code, issues } = errors![0]!.extensions
      return [code, ...issues.map(({ path }: { path: string[] }) => path.join('.'))]
    }
    const fine = { sessionId: a, startsAt: at('15:00') }
    expect(await refusalOf(fine, { sessionId: b, endsAt: at('09:00'), roomId: programme.tracks[0] })).toEqual(
      ['BAD_USER_INPUT', 'placements.1.roomId', 'placements.1.endsAt'],
    )
    expect(await refusalOf(fine, { sessionId: b, startsAtLocal: '2027-03-28T02:30' })).toEqual([
      ...['BAD_USER_INPUT', 'placements.1.startsAtLocal'],
    ])
    expect(
      await refusalOf({ sessionId: 'x', startsAt: null }, fine, {
        sessionId: a.replace(/.$/, 'x'),
        roomId: null,
      }),
    ).toEqual([...['NOT_FOUND', 'placements.0.sessionId', 'placements.2.sessionId']])
    expect(
      await refusalOf({ ...fine, expectedVersion: 4 }, { sessionId: b, roomId: null, expectedVersion: 5 }),
    ).toEqual(['CONFLICT', 'placements.0.sessionId', 'placements.1.sessionId'])
    expect(await refusalOf(fine, fine)).toEqual(['BAD_USER_INPUT', 'placements.1.sessionId'])
    expect(await refusalOf(fine, { sessionId: b })).toEqual(['BAD_USER_INPUT', 'placements.1'])
    expect(await refusalOf()).toEqual(['BAD_USER_INPUT', 'placements'])
    expect(await refusalOf(...Array.from({ length: 501 }, () => fine))).toEqual([
      'BAD_USER_INPUT',
      'placements',
    ])
    expect(await stored(world)).toEqual(before)
  })
})

describe('placing needs session:place', () => {
  test('which organizers have, and track organizers for the sessions of their tracks', async () => {
    const { world, programme, as } = await createTeam()
    const [ada] = programme.speakers
    const own = await createSession(world, programme, {
      title: 'In track',
      trackId: programme.tracks[0],
      speakerIds: [ada],
    })
    const other = await createSession(world, programme, { title: 'Elsewhere' })
    const to = { startsAt: at('10:00') }
    const outcome = async (ask: (typeof as)['OWNER'], id: string) =>
      (await ask(place, { id, to })).errors?.[0]?.extensions.code ?? 'placed'
    const outcomes: Record<string, string[]> = {}
    for (const [member, ask] of Object.entries(as))
      outcomes[member] = [await outcome(ask, own), await outcome(ask, other)]
    expect(outcomes).toEqual({
      ...{ OWNER: ['placed', 'placed'], ORGANIZER: ['placed', 'placed'], CO_ORGANIZER: ['placed', 'placed'] },
      ...{ TRACK_ORGANIZER: ['placed', 'FORBIDDEN'], MODERATOR: ['FORBIDDEN', 'FORBIDDEN'] },
      ...{
        REVIEWER: ['FORBIDDEN', 'FORBIDDEN'],
        SPEAKER: ['FORBIDDEN', 'FORBIDDEN'],
        VISITOR: ['FORBIDDEN', 'FORBIDDEN'],
      },
    })
    const placements = [own, other].map((sessionId) => ({ sessionId, startsAt: at('12:00') }))
    const many = await as.TRACK_ORGANIZER(placeMany, { placements })
    expect(many.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      issues: [{ path: ['placements', 1, 'sessionId'] }],
    })
    const hidden = await as.VISITOR(placeMany, { placements })
    expect(hidden.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    expect((await as.VISITOR(placeMany, { placements: placements.slice(1) })).statements).toBe(
      hidden.statements,
    )
    const swapped = await as.TRACK_ORGANIZER(swap, { one: { id: other }, other: { id: own } })
    expect(swapped.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      issues: [{ path: ['one', 'id'] }],
    })
  })

  test('and answers the same for a session that one may not see as for one that there is not', async () => {
    const { world, programme, as } = await createTeam()
    const id = await createSession(world, programme, { title: 'Hidden', state: 'PENDING' })
    const placements = [{ sessionId: id, startsAt: null }]
    const { errors } = await as.VISITOR(placeMany, { placements })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'NOT_FOUND',
      issues: [
        { path: ['placements', 0, 'sessionId'], message: `There is no session "${id}" that you may see.` },
      ],
    })
    const anonymous = await world.ask(placeMany, { placements })
    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

test(
  'many who move and swap the same sessions at once, in any order, all come through',
  { timeout: 60_000 },
  async () => {
    const { world, programme, hall, add } = await scene()
    const ids = await Promise.all(
      ['A', 'B', 'C', 'D'].map((title, index) =>
        add(title, at(`1${index}:00`), at(`1${index}:30`), { roomId: hall }),
      ),
    )
    const { token } = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
    const movers = Array.from({ length: 60 }, (_, index) => {
      const order = index % 2 === 0 ? ids : ids.toReversed()
      const startsAtLocal = `2027-03-27T1${index % 8}:00`
      const authorization = `Bearer ${index % 3 === 0 ? token : world.token}`
      if (index % 5 === 0) {
        const zone = `mutation { updateEvent(id: "${programme.eventId}", onZoneChange: WALL_CLOCKS,
          patch: { timeZone: "${index % 2 ? 'Europe/Lisbon' : 'Europe/Berlin'}" }) { event { id } } }`
        return world.ask(zone, {}, { authorization })
      }
      if (index % 3 === 0)
        return world.ask(swap, { one: { id: order[0] }, other: { id: order[3] } }, { authorization })
      const placements = order.map((sessionId) => ({ sessionId, startsAtLocal }))
      return world.ask(placeMany, { placements }, { authorization })
    })
    const answers = await Promise.all(movers)
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ message }) => message))).toEqual([])
    const rows = await world.sql(
      `SELECT count(*)::int AS n FROM sessions s JOIN bookings b ON b.session_id = s.id
       WHERE b.during = tstzrange(s.starts_at, s.ends_at) AND b.resource_id = s.room_id`,
    )
    expect(rows).toEqual([{ n: 4 }])
  },
)

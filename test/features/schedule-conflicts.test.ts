import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { migrationsFolder } from '../../src/config.ts'
import { conflictsStatement } from '../../src/features/schedule/schedule.conflicts.ts'
import { kindsInOrder } from '../../src/features/schedule/schedule.rules.ts'
import { realData, realDataIsThere, withRealData } from '../interchange/files.ts'
import { createWorld, type World } from '../world.ts'
import { importAt } from './importing.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const conflicts = `query ($severities: [ConflictSeverity!], $kinds: [ConflictKind!], $first: Int! = 500) {
  event(slug: "spring") { scheduleConflicts(severities: $severities, kinds: $kinds, first: $first) {
    kind severity message startsAt endsAt sessions { title } room { name } speaker { name } break { name } } } }`

interface Conflict {
  readonly kind: string
  readonly severity: string
  readonly message: string
  readonly startsAt: string
  readonly endsAt: string | null
  readonly sessions: { title: string }[]
}

/** An event in Berlin from 27 March 2027, 9:00, to the next day, 18:00; the clocks change in the night between. */
async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const add = (title: string, startsAt: string | null, endsAt: string | null, more: object = {}) =>
    createSession(world, programme, { title, startsAt, endsAt, ...more })
  const read = (variables?: object) => conflictsIn(world, variables)
  return { world, programme, add, read, kinds: async (variables?: object) => namesOf(await read(variables)) }
}

async function conflictsIn(world: World, variables: object = {}): Promise<Conflict[]> {
  const { data, errors } = await world.organize(conflicts, variables)
  expect(errors).toBeUndefined()
  return data.event.scheduleConflicts
}

/** 'ROOM_DOUBLE_BOOKED A, B' */
function namesOf(found: readonly Conflict[]): string[] {
  return found.map(({ kind, sessions }) => `${kind} ${sessions.map(({ title }) => title).join(', ')}`)
}

const at = (time: string, day = 27) => `2027-03-${day}T${time}:00${day === 27 ? '+01:00' : '+02:00'}`
const none = { room: null, speaker: null, break: null }

describe('a room that two sessions have at the same time', () => {
  test('is told of once by the event, by both sessions and by the payload', async () => {
    const { world, programme, add, read } = await scene()
    const [roomId] = programme.rooms
    const first = await add('Early', at('10:00'), at('11:00'), { roomId })
    const { data } = await world.organize(
      `mutation ($input: CreateSessionInput!) { createSession(input: $input) {
        session { title } conflicts { kind sessions { id } } } }`,
      {
        input: {
          ...{ eventSlug: 'spring', title: 'Late', state: 'CONFIRMED', roomId },
          ...{ startsAt: at('10:30'), endsAt: at('11:30') },
        },
      },
    )
    const pair = { kind: 'ROOM_DOUBLE_BOOKED', sessions: [{ id: first }, { id: expect.any(String) }] }
    expect(data.createSession.conflicts).toEqual([pair])
    expect(await read()).toEqual([
      {
        ...{ kind: 'ROOM_DOUBLE_BOOKED', severity: 'ERROR' },
        message: 'Two sessions are in "Hall" from 2027-03-27 10:30 to 11:00.',
        ...{ startsAt: '2027-03-27T09:30:00.000Z', endsAt: '2027-03-27T10:00:00.000Z' },
        sessions: [{ title: 'Early' }, { title: 'Late' }],
        ...{ ...none, room: { name: 'Hall' } },
      },
    ])
    const each = await world.organize(
      '{ event(slug: "spring") { sessions { nodes { scheduleConflicts { kind sessions { id } } } } } }',
    )
    const nodes = [{ scheduleConflicts: [pair] }, { scheduleConflicts: [pair] }]
    expect(each.data.event.sessions.nodes).toEqual(nodes)
  })

  test('is none where they only touch, are elsewhere, or one has no time', async () => {
    const { programme, add, kinds } = await scene()
    const [roomId, other] = programme.rooms
    await add('Ten', at('10:00'), at('11:00'), { roomId })
    await add('Eleven', at('11:00'), at('12:00'), { roomId })
    await add('Nine', at('09:00'), at('10:00'), { roomId })
    await add('Elsewhere', at('10:00'), at('11:00'), { roomId: other })
    await add('Nowhere', at('10:00'), at('11:00'))
    await add('Some time', null, null, { roomId })
    expect(await kinds()).toEqual([])
  })

  test('is one across midnight and the change of the clocks', async () => {
    const { programme, add, read } = await scene()
    const [roomId] = programme.rooms
    await add('Night', at('23:00'), '2027-03-28T03:30:00+02:00', { roomId })
    await add('Later', '2027-03-28T00:30:00+01:00', '2027-03-28T01:00:00+01:00', { roomId })
    // Half past one in the old time and half past three in the new one are an hour apart.
    await add('After the change', '2027-03-28T03:30:00+02:00', at('04:00', 28), { roomId })
    const found = await read()
    expect(namesOf(found)).toEqual(['ROOM_DOUBLE_BOOKED Night, Later'])
    expect(found[0]?.message).toBe('Two sessions are in "Hall" from 2027-03-28 00:30 to 01:00.')
  })

  test('is one where a session has no end: it is as long as its type, or just begins', async () => {
    const { world, programme, add, kinds } = await scene()
    const [roomId] = programme.rooms
    const [sessionTypeId] = programme.types
    await world.sql('UPDATE session_types SET duration_minutes = 45 WHERE id = $1', [sessionTypeId])
    await add('Typed', at('10:00'), null, { roomId, sessionTypeId })
    await add('Within', at('10:30'), at('11:30'), { roomId })
    await add('After', at('11:30'), null, { roomId })
    await add('At once', at('11:30'), null, { roomId })
    const all = ['ROOM_DOUBLE_BOOKED Typed, Within', 'ROOM_DOUBLE_BOOKED After, At once']
    expect(await kinds()).toEqual(all)
    await world.sql('UPDATE session_types SET duration_minutes = 30 WHERE id = $1', [sessionTypeId])
    expect(await kinds()).toEqual(all.slice(1))
  })

  test.each([
    ['DRAFT', true],
    ['PENDING', true],
    ['ACCEPTED', true],
    ['CONFIRMED', true],
    ['REJECTED', false],
    ['CANCELED', false],
    ['WITHDRAWN', false],
  ] as const)('where one is %s: told of? %s', async (state, isTold) => {
    const { world, programme, add, kinds } = await scene()
    const [roomId] = programme.rooms
    await add('A', at('10:00'), at('11:00'), { roomId })
    await add('B', at('10:00'), at('11:00'), { roomId })
    await world.sql(`UPDATE sessions SET state = $1::session_state WHERE title = 'B'`, [state.toLowerCase()])
    expect(await kinds()).toEqual(isTold ? ['ROOM_DOUBLE_BOOKED A, B'] : [])
  })

  test('is told of three times among three sessions, by start', async () => {
    const { programme, add, kinds } = await scene()
    const [roomId] = programme.rooms
    for (const [title, time] of [
      ['C', '10:20'],
      ['A', '10:00'],
      ['B', '10:10'],
    ] as const) {
      await add(title, at(time), at('11:00'), { roomId })
    }
    expect(await kinds()).toEqual([
      'ROOM_DOUBLE_BOOKED A, B',
      'ROOM_DOUBLE_BOOKED A, C',
      'ROOM_DOUBLE_BOOKED B, C',
    ])
  })
})

test('a speaker who holds two sessions at the same time is told of, one who is deleted is not', async () => {
  const { world, programme, add, read } = await scene()
  const [ada, bo] = programme.speakers
  await add('A', at('10:00'), at('11:00'), { speakerIds: [ada, bo] })
  await add('B', at('10:59'), at('12:00'), { speakerIds: [ada] })
  await add('Touches', at('12:00'), at('13:00'), { speakerIds: [ada] })
  expect(await read()).toEqual([
    {
      ...{ kind: 'SPEAKER_DOUBLE_BOOKED', severity: 'ERROR' },
      message: '"Ada" holds two sessions from 2027-03-27 10:59 to 11:00.',
      ...{ startsAt: '2027-03-27T09:59:00.000Z', endsAt: '2027-03-27T10:00:00.000Z' },
      sessions: [{ title: 'A' }, { title: 'B' }],
      ...{ ...none, speaker: { name: 'Ada' } },
    },
  ])
  const deleted = `mutation ($id: ID!) { deleteSpeaker(id: $id) { speaker { id } } }`
  await world.organize(deleted, { id: ada })
  expect(await read()).toEqual([])
})

describe('a session is told of', () => {
  test('where it is not within the time of the event, to the moment', async () => {
    const { add, read } = await scene()
    await add('First', at('09:00'), at('10:00'))
    await add('Last', at('17:00', 28), at('18:00', 28))
    await add('Too early', at('08:59'), at('09:30'))
    await add('Too late', at('17:30', 28), '2027-03-28T18:00:00.001+02:00')
    const found = await read()
    expect(namesOf(found)).toEqual(['OUTSIDE_EVENT Too early', 'OUTSIDE_EVENT Too late'])
    expect(found[0]).toMatchObject({
      severity: 'WARNING',
      message: "The session, from 2027-03-27 08:59 to 09:30, isn't within the time of the event.",
    })
  })

  test('where its room is closed for a part of it, hours across midnight and the change of the clocks included', async () => {
    const { world, programme, add, read } = await scene()
    const [roomId] = programme.rooms
    const hours = [
      { startsAt: at('09:00'), endsAt: at('12:00') },
      { startsAt: at('12:00'), endsAt: at('13:00') },
      { startsAt: at('22:00'), endsAt: '2027-03-28T03:00:00+02:00' },
    ]
    const { errors } = await world.organize(
      `mutation ($id: ID!, $hours: [PeriodInput!]) { updateRoom(id: $id, patch: { openingHours: $hours }) { room { id } } }`,
      { id: roomId, hours },
    )
    expect(errors).toBeUndefined()
    await add('Across two that touch', at('11:00'), at('13:00'), { roomId })
    await add('Over lunch', at('12:30'), at('13:01'), { roomId })
    await add('Before', at('21:59'), at('22:00'), { roomId })
    await add('Night', at('23:00'), '2027-03-28T01:59:00+01:00', { roomId })
    await add('Long', '2027-03-28T01:59:00+01:00', '2027-03-28T03:00:00.001+02:00', { roomId })
    await add('Elsewhere', at('15:00'), at('16:00'), { roomId: programme.rooms[1] })
    const found = await read({ kinds: ['ROOM_CLOSED'] })
    expect(namesOf(found)).toEqual(['ROOM_CLOSED Over lunch', 'ROOM_CLOSED Before', 'ROOM_CLOSED Long'])
    expect(found[0]).toMatchObject({
      severity: 'WARNING',
      message: '"Hall" isn\'t open for the whole session, from 2027-03-27 12:30 to 13:01.',
      room: { name: 'Hall' },
    })
  })

  test('where one of its speakers can not be there for a part of it', async () => {
    const { world, programme, add, read } = await scene()
    const [ada, bo] = programme.speakers
    await world.sql('UPDATE speakers SET available_from = $2, available_until = $3 WHERE id = $1', [
      ada,
      [new Date(at('10:00'))],
      [new Date(at('12:00'))],
    ])
    await add('Fits', at('10:00'), at('12:00'), { speakerIds: [ada] })
    await add('Too long', at('11:00'), at('12:01'), { speakerIds: [bo, ada] })
    const found = await read({ severities: ['WARNING'] })
    expect(namesOf(found)).toEqual(['SPEAKER_UNAVAILABLE Too long'])
    expect(found[0]).toMatchObject({
      message: '"Ada" can\'t be there for the whole session, from 2027-03-27 11:00 to 12:01.',
      speaker: { name: 'Ada' },
    })
  })

  test('where it overlaps a break of everywhere or of its room', async () => {
    const { world, programme, add, read } = await scene()
    const [hall, attic] = programme.rooms
    const breaks = `mutation ($input: CreateBreakInput!) { createBreak(input: $input) { break { id } } }`
    const add2 = (name: string, startsAt: string, endsAt: string, roomId: string | null) =>
      world.organize(breaks, { input: { eventSlug: 'spring', name, startsAt, endsAt, roomId } })
    await add2('Lunch', at('12:00'), at('13:00'), null)
    const { data } = await add2('Cleaning', at('15:00'), at('16:00'), hall!)
    await add('Until lunch', at('11:00'), at('12:00'), { roomId: hall })
    await add('Into lunch', at('11:30'), at('12:30'))
    await add('While they clean', at('15:30'), at('17:00'), { roomId: hall })
    await add('Beside', at('15:30'), at('17:00'), { roomId: attic })
    const found = await read()
    expect(namesOf(found)).toEqual(['DURING_BREAK Into lunch', 'DURING_BREAK While they clean'])
    expect(found[0]).toMatchObject({
      ...{
        startsAt: '2027-03-27T11:00:00.000Z',
        endsAt: '2027-03-27T11:30:00.000Z',
        break: { name: 'Lunch' },
      },
      message: 'The session overlaps the break "Lunch" from 2027-03-27 12:00 to 12:30.',
    })
    await world.organize('mutation ($id: ID!) { deleteBreak(id: $id) { break { id } } }', {
      id: data.createBreak.break.id,
    })
    expect(namesOf(await read())).toEqual(['DURING_BREAK Into lunch'])
  })

  test('where it is longer, and less loudly where it is shorter, than its type says; by the clock that never changes', async () => {
    const { world, programme, add, read } = await scene()
    const [sessionTypeId, workshop] = programme.types
    await world.sql('UPDATE session_types SET duration_minutes = 60 WHERE id = $1', [sessionTypeId])
    await add('As it says', at('10:00'), at('11:00'), { sessionTypeId })
    await add('Longer', at('11:00'), at('12:01'), { sessionTypeId })
    await add('Shorter', at('13:00'), at('13:59'), { sessionTypeId })
    // From half past one to half past three, in the night in which two o'clock is three.
    await add('At night', '2027-03-28T01:30:00+01:00', '2027-03-28T03:30:00+02:00', { sessionTypeId })
    await add('Of a type that says nothing', at('14:00'), at('17:00'), { sessionTypeId: workshop })
    const found = await read()
    expect(namesOf(found)).toEqual(['LONGER_THAN_TYPE Longer', 'SHORTER_THAN_TYPE Shorter'])
    expect(found.map(({ severity, message }) => [severity, message])).toEqual([
      [
        'WARNING',
        'The session, from 2027-03-27 11:00 to 12:01, takes longer than the 60 minutes of its type.',
      ],
      ['INFO', 'The session, from 2027-03-27 13:00 to 13:59, is shorter than the 60 minutes of its type.'],
    ])
  })
})

test('a time that the clock shows twice is told with its offset', async () => {
  const { add, read } = await scene()
  await add('Back', '2027-10-31T02:30:00+02:00', '2027-10-31T02:30:00+01:00')
  await add('Over', '2027-10-31T01:30:00+02:00', '2027-10-31T03:00:00+01:00')
  expect((await read()).map(({ message }) => message)).toEqual([
    `The session, from 2027-10-31 01:30 to 03:00, isn't within the time of the event.`,
    `The session, from 2027-10-31 02:30 (+02:00) to 02:30 (+01:00), isn't within the time of the event.`,
  ])
})

test('errors come first, then warnings, then the rest, each by time; the list can be cut and filtered', async () => {
  const { world, programme, add, kinds } = await scene()
  const [roomId] = programme.rooms
  const [sessionTypeId] = programme.types
  await world.sql('UPDATE session_types SET duration_minutes = 60 WHERE id = $1', [sessionTypeId])
  await add('Early', at('08:00'), at('08:30'), { sessionTypeId })
  await add('A', at('10:00'), at('11:00'), { roomId, speakerIds: [programme.speakers[0]] })
  await add('B', at('10:30'), at('11:30'), { roomId, speakerIds: [programme.speakers[0]] })
  const all = [
    'ROOM_DOUBLE_BOOKED A, B',
    'SPEAKER_DOUBLE_BOOKED A, B',
    'OUTSIDE_EVENT Early',
    'SHORTER_THAN_TYPE Early',
  ]
  expect(await kinds()).toEqual(all)
  expect(await kinds({ first: 3 })).toEqual(all.slice(0, 3))
  expect(await kinds({ severities: ['INFO', 'ERROR'] })).toEqual([all[0], all[1], all[3]])
  expect(await kinds({ severities: ['WARNING'], kinds: ['SPEAKER_DOUBLE_BOOKED'] })).toEqual([])
  const { errors } = await world.organize(conflicts, { first: 1_001 })
  expect(errors?.[0]?.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    issues: [{ path: ['first'], message: 'must be 0 to 1000.' }],
  })
})

describe('bookings', () => {
  test('follow whatever writes, SQL from outside included', async () => {
    const { world, programme, add } = await scene()
    const [roomId] = programme.rooms
    const id = await add('A', at('10:00'), at('11:00'), { roomId, speakerIds: programme.speakers })
    await add('B', at('12:00'), at('13:00'), { speakerIds: programme.speakers })
    const steps: [string, string[]][] = [
      [
        `UPDATE sessions SET starts_at = '${at('12:30')}', ends_at = '${at('13:30')}' WHERE title = 'A'`,
        ['Ada', 'Bo'],
      ],
      [
        `DELETE FROM session_speakers WHERE speaker_id = '${programme.speakers[0]}' AND session_id = '${id}'`,
        ['Bo'],
      ],
      [`UPDATE sessions SET deleted_at = now() WHERE title = 'A'`, []],
      [`UPDATE sessions SET deleted_at = NULL WHERE title = 'A'`, ['Bo']],
      [`UPDATE speakers SET deleted_at = now() WHERE name = 'Bo'`, []],
      [`UPDATE sessions SET room_id = '${roomId}' WHERE title = 'B'`, ['Hall']],
      [`UPDATE rooms SET deleted_at = now() WHERE name = 'Hall'`, []],
      [`UPDATE rooms SET deleted_at = NULL WHERE name = 'Hall'`, ['Hall']],
      [`UPDATE sessions SET ends_at = NULL, starts_at = NULL WHERE title = 'B'`, []],
      [`UPDATE sessions SET starts_at = '${at('13:00')}' WHERE title = 'B'`, ['Hall']],
      [`DELETE FROM session_speakers`, ['Hall']],
      [`DELETE FROM sessions WHERE title = 'A'`, []],
    ]
    for (const [sql, names] of steps) {
      await world.sql(sql)
      const { data } = await world.organize(
        '{ event(slug: "spring") { scheduleConflicts { room { name } speaker { name } } } }',
      )
      const found = (data.event.scheduleConflicts as { room: null; speaker: null }[])
        .flatMap(({ room, speaker }): { name: string }[] => [room ?? speaker ?? { name: '' }])
        .map(({ name }) => name)
      expect([sql, found.sort()]).toEqual([sql, names])
    }
  })

  test('move no stamp, and are written by nobody else', async () => {
    const { world, programme, add } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: programme.rooms[0], speakerIds: programme.speakers })
    const stamps = () =>
      world.sql(
        'SELECT id, version, last_modified_at FROM sessions UNION SELECT id, version, last_modified_at FROM rooms',
      )
    const before = await stamps()
    await world.sql('UPDATE session_types SET duration_minutes = 5')
    await world.sql(`UPDATE speakers SET deleted_at = now()`)
    expect(await stamps()).toEqual(before)
    expect(await world.sql('SELECT kind, lower(during) AS since FROM bookings')).toEqual([
      { kind: 'room', since: new Date(at('10:00')) },
    ])
    for (const sql of ['DELETE FROM bookings', 'UPDATE bookings SET is_exclusive = true']) {
      await expect(world.sql(sql)).rejects.toThrow('Bookings follow from the sessions')
    }
  })

  test('of sessions that are older are made by the migration, with no session touched', async () => {
    const { world, programme, add } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: programme.rooms[0], speakerIds: programme.speakers })
    await add('B', null, null, { speakerIds: programme.speakers })
    const stamps = () => world.sql('SELECT id, version, last_modified_at, xmin::text FROM sessions')
    const bookings = () =>
      world.sql('SELECT session_id, kind, resource_id, during FROM bookings ORDER BY resource_id')
    const [before, made] = [await stamps(), await bookings()]
    expect(made).toHaveLength(3)
    await world.sql(
      'DROP TRIGGER guard_bookings ON bookings; DROP FUNCTION guard_bookings; DELETE FROM bookings',
    )
    await world.sql((await migrationSql('bookings_filled')).replace(/INSERT INTO migration_lineage[^]*/, ''))
    expect(await bookings()).toEqual(made)
    expect(await stamps()).toEqual(before)
  })
})

describe('a large event', () => {
  test('is looked through in one statement, by the index on who is taken when', async () => {
    const { world, programme, add } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: programme.rooms[0] })
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, state, starts_at, ends_at, room_id, last_modified_at)
       SELECT gen_random_uuid(), event_id, 'Copy', state, starts_at + n * interval '1 hour', ends_at + n * interval '1 hour',
              room_id, now()
       FROM sessions, generate_series(1, 1500) n`,
    )
    await world.sql('ANALYZE')
    const alone = await world.organize('{ event(slug: "spring") { slug } }')
    const query =
      '{ event(slug: "spring") { scheduleConflicts(kinds: [ROOM_DOUBLE_BOOKED]) { kind message startsAt } } }'
    const { data, statements } = await world.organize(query)
    expect(data.event.scheduleConflicts).toEqual([])
    expect(statements).toBe(alone.statements + 1)
    const sql = conflictsStatement({
      ...{ eventIds: [programme.eventId], sessionIds: [], per: 'event', kinds: kindsInOrder, first: 10 },
    })
    const plan = await world.sql(`EXPLAIN ${sql.text}`, sql.values)
    const lines = plan.map((row) => String(row['QUERY PLAN']))
    const scans = lines.filter((line) => line.includes('bookings_resource_during'))
    expect(scans).toHaveLength(1)
  })

  test('whose sessions are all in one room at one time has its first conflicts without all pairs being made', async () => {
    const { world, programme, add, kinds } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: programme.rooms[0] })
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, state, starts_at, ends_at, room_id, last_modified_at)
       SELECT gen_random_uuid(), event_id, 'B', state, starts_at, ends_at, room_id, now()
       FROM sessions, generate_series(1, 1000) n`,
    )
    await world.sql('ANALYZE')
    expect(await kinds({ first: 10 })).toHaveLength(10)
    const sql = conflictsStatement({
      ...{ eventIds: [programme.eventId], sessionIds: [], per: 'event', kinds: kindsInOrder, first: 10 },
    })
    const plan = await world.sql(`EXPLAIN (ANALYZE, TIMING OFF, SUMMARY OFF) ${sql.text}`, sql.values)
    const rows = plan.map((row) => String(row['QUERY PLAN']).match(/actual rows=([\d.]+) loops=(\d+)/))
    const most = Math.max(...rows.flatMap((found) => (found ? [Number(found[1]) * Number(found[2])] : [])))
    // Of half a million pairs.
    expect(most).toBeLessThan(20_000)
  })

  test('has its conflicts with all their sessions and rooms in three statements more, however many there are', async () => {
    const { world, programme, add } = await scene()
    const [roomId] = programme.rooms
    for (const title of ['A', 'B', 'C', 'D']) await add(title, at('10:00'), at('11:00'), { roomId })
    const alone = await world.organize('{ event(slug: "spring") { slug } }')
    const { data, statements } = await world.organize(
      '{ event(slug: "spring") { scheduleConflicts { sessions { title room { name } } room { name } } } }',
    )
    expect(data.event.scheduleConflicts).toHaveLength(6)
    expect(statements).toBe(alone.statements + 3)
    const page = await world.organize(
      '{ event(slug: "spring") { sessions { nodes { title scheduleConflicts { kind } } } } }',
    )
    expect(page.statements).toBe(alone.statements + 1)
  })
})

test.skipIf(!realDataIsThere)(
  `a real programme has the double bookings that its own times and rooms say${withRealData}`,
  { timeout: 120_000 },
  async () => {
    const world = await createWorld()
    await importAt(world, path.join(realData, '36c3.schedule.xml'), { skipInvalid: true })
    const { data } = await world.organize(
      '{ event(slug: "36c3") { scheduleConflicts(severities: [ERROR], first: 500) { kind sessions { id } } } }',
    )
    const overlapping = 'a.id < b.id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at'
    const byHand = await world.sql<{ kind: string; a: string; b: string }>(
      `SELECT 'ROOM_DOUBLE_BOOKED' AS kind, a.id AS a, b.id AS b FROM sessions a, sessions b
       WHERE a.room_id = b.room_id AND ${overlapping}
       UNION ALL
       SELECT 'SPEAKER_DOUBLE_BOOKED', a.id, b.id FROM sessions a, sessions b, session_speakers k, session_speakers l
       WHERE k.session_id = a.id AND l.session_id = b.id AND k.speaker_id = l.speaker_id AND ${overlapping}`,
    )
    const pairs = (data.event.scheduleConflicts as { kind: string; sessions: { id: string }[] }[]).map(
      ({ kind, sessions }) => [kind, ...sessions.map(({ id }) => id).sort()].join(' '),
    )
    expect(byHand.length).toBeGreaterThan(10)
    expect(pairs.sort()).toEqual(byHand.map(({ kind, a, b }) => [kind, ...[a, b].sort()].join(' ')).sort())
  },
)

describe('conflicts are seen', () => {
  const all = `query ($id: ID!) { event(slug: "spring") { scheduleConflicts { kind sessions { title } speaker { name } } }
    session(id: $id) { scheduleConflicts { kind sessions { title } } } }`

  test('by the whole team, not by visitors or the anonymous', async () => {
    const { world, programme, as } = await createTeam()
    const [roomId] = programme.rooms
    const slot = { startsAt: at('10:00'), endsAt: at('11:00'), roomId }
    const id = await createSession(world, programme, { title: 'A', ...slot })
    await createSession(world, programme, { title: 'B', ...slot })
    const found = [{ kind: 'ROOM_DOUBLE_BOOKED', sessions: [{ title: 'A' }, { title: 'B' }] }]
    for (const [member, ask] of Object.entries(as)) {
      const isTeam = !['SPEAKER', 'VISITOR'].includes(member)
      const { data } = await ask(all, { id })
      expect([member, data]).toEqual([
        member,
        {
          event: { scheduleConflicts: isTeam ? [{ ...found[0], speaker: null }] : [] },
          session: { scheduleConflicts: isTeam ? found : [] },
        },
      ])
    }
    const { data, statements } = await world.ask(all, { id })
    expect(data).toEqual({ event: { scheduleConflicts: [] }, session: { scheduleConflicts: [] } })
    expect(statements).toBe(2)
  })

  test('by speakers where they concern their own sessions, and nothing else that they may not see', async () => {
    const { world, programme, as } = await createTeam()
    const [hall] = programme.rooms
    const [ada, bo] = programme.speakers
    const slot = { startsAt: at('10:00'), endsAt: at('11:00') }
    const add = (title: string, more: object) => createSession(world, programme, { title, ...slot, ...more })
    const own = await add('Own', { roomId: hall, speakerIds: [ada, bo], state: 'PENDING' })
    await add('Public', { roomId: hall, speakerIds: [] })
    await add('Hidden', { roomId: hall, speakerIds: [bo], state: 'PENDING' })
    await add('Public of Bo', { speakerIds: [bo] })
    await world.sql(
      `UPDATE speakers SET available_from = '{2027-03-28T10:00Z}', available_until = '{2027-03-28T11:00Z}'`,
    )
    const { data } = await as.SPEAKER(all, { id: own })
    expect(data.event.scheduleConflicts).toEqual([
      {
        kind: 'ROOM_DOUBLE_BOOKED',
        sessions: [{ title: 'Own' }, { title: 'Public' }],
        speaker: null,
      },
      {
        kind: 'SPEAKER_DOUBLE_BOOKED',
        sessions: [{ title: 'Own' }, { title: 'Public of Bo' }],
        speaker: { name: 'Bo' },
      },
      { kind: 'SPEAKER_UNAVAILABLE', sessions: [{ title: 'Own' }], speaker: { name: 'Ada' } },
    ])
    expect(data.session.scheduleConflicts).toHaveLength(3)
    const organizers = await as.ORGANIZER(all, { id: own })
    expect(organizers.data.event.scheduleConflicts).toHaveLength(6 + 4)
  })

  test('by a token as far as it sees the sessions', async () => {
    const { world, programme, add } = await scene()
    const [roomId] = programme.rooms
    await add('A', at('10:00'), at('11:00'), { roomId })
    await add('B', at('10:00'), at('11:00'), { roomId, state: 'PENDING' })
    await add('C', at('10:30'), at('11:00'), { roomId })
    const { token } = await mintToken(world.operator.db, {
      ...{ ...organizerOfEverything, label: 'screen', permissions: ['schedule:read', 'speaker:read'] },
    })
    const { data } = await world.ask(conflicts, {}, { authorization: `Bearer ${token}` })
    expect(namesOf(data.event.scheduleConflicts)).toEqual(['ROOM_DOUBLE_BOOKED A, C'])
  })
})

async function migrationSql(name: string): Promise<string> {
  const folder = (await readdir(migrationsFolder)).find((entry) => entry.endsWith(`_${name}`))
  return readFile(path.join(migrationsFolder, folder!, 'migration.sql'), 'utf8')
}

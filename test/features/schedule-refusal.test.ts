import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { databaseFaultOf } from '../../src/database/faults.ts'
import { frabXml } from '../interchange/frab-files.ts'
import { createWorld, type World } from '../world.ts'
import { importFile } from './importing.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const place = `mutation ($id: ID!, $to: SlotInput!) { placeSession(id: $id, to: $to) { session { version } } }`
const swap = `mutation ($one: ID!, $other: ID!, $keepLengths: Boolean! = false) {
  swapSessions(one: { id: $one }, other: { id: $other }, keepLengths: $keepLengths) { conflicts { kind } } }`
const placeMany = `mutation ($placements: [PlacementInput!]!) {
  placeSessions(placements: $placements) { conflicts { kind } } }`
const update = `mutation ($id: ID!, $patch: EventPatch!, $onZoneChange: ZoneChange! = INSTANTS,
  $disambiguation: Disambiguation! = REJECT) { updateEvent(id: $id, patch: $patch, onZoneChange: $onZoneChange,
  disambiguation: $disambiguation) { event { conflictPolicy version } } }`

const at = (time: string) => `2027-03-27T${time}:00+01:00`

const refuse = (world: World, { eventId }: Programme) =>
  world.organize(update, { id: eventId, patch: { conflictPolicy: 'REFUSE' } })

/** An event that refuses double bookings. */
async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  expect((await refuse(world, programme)).data.updateEvent.event).toEqual({
    conflictPolicy: 'REFUSE',
    version: 2,
  })
  const [hall, attic] = programme.rooms
  const add = (title: string, startsAt: string | null, endsAt: string | null, more: object = {}) =>
    createSession(world, programme, { title, startsAt, endsAt, ...more })
  const stored = () =>
    world.sql('SELECT title, version, state, starts_at, room_id FROM sessions ORDER BY title')
  return { world, programme, add, hall, attic, stored }
}

describe('an event that refuses double bookings', () => {
  test('names the room, the speaker and the other session; what only touches is fine', async () => {
    const { world, programme, add, hall, stored } = await scene()
    const speakerIds = [programme.speakers[0]]
    const a = await add('A', at('10:00'), at('11:00'), { roomId: hall, speakerIds })
    const b = await add('B', at('11:00'), at('12:00'), { roomId: hall, speakerIds })
    const before = await stored()
    const { errors } = await world.organize(place, { id: b, to: { startsAt: at('10:30') } })
    const twice = (what: string) =>
      `The ${what} would be taken twice from 2027-03-27T09:30:00.000Z to 2027-03-27T10:00:00.000Z: by the session "B" ` +
      `(${b}) and by the session "A" (${a}). This event refuses double bookings.`
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [
        { path: ['to'], message: twice('room "Hall"') },
        { path: ['to'], message: twice('speaker "Ada"') },
      ],
    })
    expect(await stored()).toEqual(before)
  })

  test.each([
    ['createSession', ['input']],
    ['updateSession', ['patch']],
    ['changeSessionState', ['to']],
    ['restoreSession', ['id']],
    ['revertSession', ['toVersion']],
    ['placeSession', ['to']],
    ['placeSessions', ['placements', 0]],
  ] as const)('refuses them whatever makes one: %s', async (mutation, path) => {
    const { world, add, hall, stored } = await scene()
    const slot = [at('10:30'), at('10:45'), { roomId: hall }] as const
    const roomless = await add('Roomless', at('10:30'), at('10:45'))
    const moved = await add('Moved', ...slot)
    await world.organize(place, { id: moved, to: { startsAt: at('15:00') } })
    const canceled = await add('Canceled', ...slot)
    await world.organize(
      `mutation { changeSessionState(id: "${canceled}", to: CANCELED) { session { id } } }`,
    )
    const deleted = await add('Deleted', ...slot)
    await world.organize(`mutation { deleteSession(id: "${deleted}") { session { id } } }`)
    await add('A', at('10:00'), at('11:00'), { roomId: hall })
    const before = await stored()
    const texts = {
      createSession: `(input: { eventSlug: "spring", title: "X", startsAt: "${at('10:30')}", roomId: "${hall}" }) { session { id } }`,
      updateSession: `(id: "${roomless}", patch: { roomId: "${hall}" }) { session { id } }`,
      changeSessionState: `(id: "${canceled}", to: ACCEPTED) { session { id } }`,
      restoreSession: `(id: "${deleted}") { session { id } }`,
      revertSession: `(id: "${moved}", toVersion: 1) { session { id } }`,
      placeSession: `(id: "${roomless}", to: { roomId: "${hall}" }) { session { id } }`,
      placeSessions: `(placements: [{ sessionId: "${moved}", startsAt: "${at('10:59')}" }]) { sessions { id } }`,
    }
    const { errors } = await world.organize(`mutation { ${mutation}${texts[mutation]} }`)
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path, message: expect.stringContaining('The room "Hall" would be taken twice') }],
    })
    expect(await stored()).toEqual(before)
  })

  test('lets sessions change places, two and three of them, in one step', async () => {
    const { world, add, hall } = await scene()
    const slots = [at('10:00'), at('11:00'), at('12:00')]
    const [a, b, c] = await Promise.all(
      slots.map((start, index) => add('ABC'[index]!, start, start.replace(':00:', ':45:'), { roomId: hall })),
    )
    expect((await world.organize(swap, { one: a, other: b })).data.swapSessions).toEqual({ conflicts: [] })
    const placements = [a, b, c].map((sessionId, index) => ({ sessionId, startsAt: slots[(index + 2) % 3] }))
    expect((await world.organize(placeMany, { placements })).data.placeSessions).toEqual({ conflicts: [] })
    await world.sql(
      `UPDATE sessions SET starts_at = starts_at + interval '1 hour', ends_at = ends_at + interval '1 hour'`,
    )
    const starts = await world.sql('SELECT title, starts_at FROM sessions ORDER BY title')
    expect(starts).toEqual([
      { title: 'A', starts_at: new Date(at('13:00')) },
      { title: 'B', starts_at: new Date(at('11:00')) },
      { title: 'C', starts_at: new Date(at('12:00')) },
    ])
  })

  test('refuses a swap that keeps lengths where the longer one runs into the next', async () => {
    const { world, add, hall, attic } = await scene()
    const short = await add('Short', at('10:00'), at('10:30'), { roomId: hall })
    await add('Next', at('10:30'), at('11:00'), { roomId: hall })
    const long = await add('Long', at('14:00'), at('15:00'), { roomId: attic })
    const { errors } = await world.organize(swap, { one: short, other: long, keepLengths: true })
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['other', 'id'], message: expect.stringMatching(/"Hall" .* "Long" .* "Next"/) },
    ])
    expect((await world.organize(swap, { one: short, other: long })).errors).toBeUndefined()
  })

  test('refuses to move to a zone whose clocks put two into one', async () => {
    const { world, programme, add, hall, stored } = await scene()
    const zone = (timeZone: string, more: object = {}) =>
      world.organize(update, { id: programme.eventId, patch: { timeZone }, ...more })
    await zone('UTC')
    await add('A', '2027-03-28T01:00:00Z', '2027-03-28T01:45:00Z', { roomId: hall })
    await add('B', '2027-03-28T02:30:00Z', '2027-03-28T03:30:00Z', { roomId: hall })
    const before = await stored()
    // Half past two isn't there in that night; the earlier instant that it could mean is half past one.
    const moved = await zone('Europe/Berlin', { onZoneChange: 'WALL_CLOCKS', disambiguation: 'EARLIER' })
    expect(moved.errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch'], message: expect.stringContaining('The room "Hall" would be taken twice') },
    ])
    expect(await stored()).toEqual(before)
  })

  test('does not tell of a session that the viewer may not see', async () => {
    const { world, add, hall } = await scene()
    await add('Secret', at('10:00'), at('11:00'), { roomId: hall, state: 'PENDING' })
    const id = await add('Public', at('12:00'), at('13:00'), { roomId: hall })
    const { token } = await mintToken(world.operator.db, {
      ...{ ...organizerOfEverything, label: 'placer', permissions: ['session:place'] },
    })
    const authorization = `Bearer ${token}`
    const { errors } = await world.ask(place, { id, to: { startsAt: at('10:30') } }, { authorization })
    expect(errors?.[0]?.message).toContain('and by a session that you may not see.')
    expect(JSON.stringify(errors)).not.toContain('Secret')
  })

  test('is not imported into with double bookings', async () => {
    const { world, stored } = await scene()
    const talk = (guid: string, date: string) => ({
      ...{
        guid,
        title: guid,
        date,
        duration: '01:00',
        room: 'Cellar',
        track: 'Time',
        type: 'talk',
        persons: [],
      },
    })
    const conference = {
      title: 'Spring',
      acronym: 'spring',
      start: '2027-03-27',
      end: '2027-03-28',
      time_zone_name: 'Europe/Berlin',
    }
    const importing = async (...starts: string[]) => {
      const events = starts.map((start, index) => talk(`t${index}`, start))
      return importFile(world, frabXml(conference, [{ date: '2027-03-27', events }]), { slug: 'spring' })
    }
    await expect(importing(at('10:00'), at('10:30'))).rejects.toThrow(/"Cellar" would be taken twice/)
    expect(await stored()).toEqual([])
    expect((await importing(at('10:00'), at('11:00'))).counts.sessions.created).toBe(2)
    // The same two, one in the place of the other.
    expect((await importing(at('11:00'), at('10:00'))).counts.sessions.changed).toBe(2)
  })
})

describe('a double booking by SQL from outside', () => {
  test('is refused when the transaction commits, so that two can change places in two steps', async () => {
    const { world, add, hall } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: hall })
    await add('B', at('11:00'), at('12:00'), { roomId: hall })
    const hour = (title: string, sign: string) =>
      `UPDATE sessions SET starts_at = starts_at ${sign} interval '1 hour', ends_at = ends_at ${sign} interval '1 hour'
       WHERE title = '${title}'`
    await expect(world.sql(hour('A', '+'))).rejects.toMatchObject({
      code: '23P01',
      constraint: 'bookings_exclusive',
    })
    await world.sql(`BEGIN; ${hour('A', '+')}; ${hour('B', '-')}; COMMIT`)
    expect(await world.sql('SELECT title FROM sessions ORDER BY starts_at')).toEqual([
      { title: 'B' },
      { title: 'A' },
    ])
  })

  test('in a transaction of ours, which we forgot to look at, is told as bad input all the same', async () => {
    const { world, add, hall } = await scene()
    await add('A', at('10:00'), at('11:00'), { roomId: hall })
    await add('B', at('11:00'), at('12:00'), { roomId: hall })
    const { db } = world.operator
    const write = db.$transaction(
      (tx) => tx.$executeRaw`UPDATE sessions SET starts_at = ${new Date(at('10:30'))} WHERE title = 'B'`,
    )
    const error = await write.catch((reason: unknown) => reason)
    expect(databaseFaultOf(error)).toEqual({ kind: 'overlaps' })
  })
})

describe('a part of the programme by which two would be booked twice', () => {
  test.each([
    ['a room', 'restoreRoom', 'room', { what: 'room "Hall"', path: ['id'] }],
    ['a speaker', 'restoreSpeaker', 'speaker', { what: 'speaker "Ada"', path: ['id'] }],
    [
      'a type',
      'updateSessionType',
      'sessionType',
      { what: 'room "Attic"', path: ['patch', 'durationMinutes'] },
    ],
  ])('is refused: %s', async (_what, mutation, payload, { what, path }) => {
    const { world, programme, add, hall, attic } = await scene()
    const [ada] = programme.speakers
    const [type] = programme.types
    await add('A', at('10:00'), at('11:00'), { roomId: hall, speakerIds: [ada] })
    await add('Open end', at('10:00'), null, { roomId: attic, sessionTypeId: type })
    await add('Next', at('10:30'), at('11:00'), { roomId: attic })
    await world.organize(
      `mutation { deleteRoom(id: "${hall}") { room { id } } deleteSpeaker(id: "${ada}") { speaker { id } } }`,
    )
    await add('B', at('10:30'), at('11:30'))
    await world.sql(`UPDATE sessions SET room_id = $1 WHERE title = 'B'`, [hall])
    await world.sql(
      `INSERT INTO session_speakers (event_id, session_id, speaker_id) SELECT event_id, id, $1 FROM sessions WHERE title = 'B'`,
      [ada],
    )
    const id = { room: hall, speaker: ada, sessionType: type }[payload]
    const patch = payload === 'sessionType' ? ', patch: { durationMinutes: 31 }' : ''
    const { errors } = await world.organize(
      `mutation { ${mutation}(id: "${id}"${patch}) { ${payload} { id } } }`,
    )
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path, message: expect.stringContaining(`The ${what} would be taken twice`) }],
    })
  })
})

describe('the policy of an event', () => {
  test('becomes REFUSE only without double bookings, which are listed, each once', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [roomId] = programme.rooms
    const add = (title: string, startsAt: string) =>
      createSession(world, programme, { title, startsAt, endsAt: at('12:00'), roomId })
    await add('A', at('10:00'))
    await add('B', at('11:00'))
    const c = await add('C', at('11:30'))
    const { errors } = await refuse(world, programme)
    expect(errors?.[0]?.extensions.issues).toEqual(
      ['"A" .* "B"', '"A" .* "C"', '"B" .* "C"'].map((both) => ({
        path: ['patch', 'conflictPolicy'],
        message: expect.stringMatching(both),
      })),
    )
    expect(await world.sql('SELECT conflict_policy, version FROM events')).toEqual([
      { conflict_policy: 'warn', version: 1 },
    ])
    for (const id of [c]) await world.organize(place, { id, to: { startsAt: null } })
    await world.organize(
      `mutation { deleteSession(id: "${(await world.sql(`SELECT id FROM sessions WHERE title = 'B'`))[0]!['id']}") { session { id } } }`,
    )
    expect((await refuse(world, programme)).errors).toBeUndefined()
    const again = await world.organize(update, { id: programme.eventId, patch: { conflictPolicy: 'WARN' } })
    expect(again.data.updateEvent.event.conflictPolicy).toBe('WARN')
    expect((await world.organize(place, { id: c, to: { startsAt: at('10:00') } })).errors).toBeUndefined()
  })

  test('can be chosen for a new event, comes back with a revert, and is no null', async () => {
    const world = await createWorld()
    const create = `mutation ($input: CreateEventInput!) { createEvent(input: $input) { event { id conflictPolicy } } }`
    const input = { slug: 'x', name: 'X', timeZone: 'UTC', startsAt: at('10:00'), endsAt: at('11:00') }
    const { data } = await world.organize(create, { input: { ...input, conflictPolicy: 'REFUSE' } })
    expect(data.createEvent.event.conflictPolicy).toBe('REFUSE')
    const { id } = data.createEvent.event
    await world.organize(update, { id, patch: { conflictPolicy: 'WARN' } })
    const reverted = await world.organize(
      `mutation { revertEvent(id: "${id}", toVersion: 1) { event { conflictPolicy version } } }`,
    )
    expect(reverted.data.revertEvent.event).toEqual({ conflictPolicy: 'REFUSE', version: 3 })
    const { errors } = await world.organize(update, { id, patch: { conflictPolicy: null } })
    expect(errors?.[0]?.extensions.issues[0].path).toEqual(['patch', 'conflictPolicy'])
    const plain = await world.organize(create, { input: { ...input, slug: 'y' } })
    expect(plain.data.createEvent.event.conflictPolicy).toBe('WARN')
  })
})

describe('at the same moment', () => {
  test(
    'of two who want one room exactly one gets it, in each of 20 rounds',
    { timeout: 60_000 },
    async () => {
      const { world, add, hall } = await scene()
      const ids = [await add('A', null, null), await add('B', null, null)]
      const { token } = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
      for (let round = 0; round < 20; round += 1) {
        const to = {
          startsAt: at(`${10 + (round % 8)}:00`),
          endsAt: at(`${10 + (round % 8)}:30`),
          roomId: hall,
        }
        const answers = await Promise.all(
          ids.map((id, index) =>
            world.ask(place, { id, to }, { authorization: `Bearer ${index === 0 ? token : world.token}` }),
          ),
        )
        const outcomes = answers.map(({ errors }) => String(errors?.[0]?.extensions.code ?? 'placed'))
        expect([round, ...outcomes.toSorted()]).toEqual([round, 'BAD_USER_INPUT', 'placed'])
        for (const id of ids) await world.organize(place, { id, to: { startsAt: null, roomId: null } })
      }
    },
  )

  test('nor do two who write SQL from outside', { timeout: 60_000 }, async () => {
    const { world, add, hall } = await scene()
    await add('A', null, null)
    await add('B', null, null)
    const clients = await Promise.all(
      ['A', 'B'].map(async () => {
        const client = new pg.Client({ connectionString: world.databaseUrl })
        await client.connect()
        onTestFinished(() => client.end())
        return client
      }),
    )
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await Promise.all(
        clients.map((client, index) =>
          client
            .query('UPDATE sessions SET starts_at = $1, room_id = $2 WHERE title = $3', [
              ...[new Date(at('10:00')), hall, 'AB'[index]],
            ])
            .then(() => 'placed')
            .catch((error: { code: string }) => error.code),
        ),
      )
      expect([round, ...outcomes.toSorted()]).toEqual([round, '23P01', 'placed'])
      await world.sql('UPDATE sessions SET starts_at = NULL, room_id = NULL')
    }
  })

  test(
    'that the policy changes, what is written follows the old one or the new one',
    { timeout: 60_000 },
    async () => {
      const { world, programme, add, hall } = await scene()
      const ids = await Promise.all(['A', 'B', 'C'].map((title) => add(title, null, null)))
      for (let round = 0; round < 10; round += 1) {
        const to = { startsAt: at('10:00'), endsAt: at('11:00'), roomId: hall }
        const policy = round % 2 === 0 ? 'WARN' : 'REFUSE'
        const answers = await Promise.all([
          ...ids.map((id) => world.organize(place, { id, to })),
          world.organize(update, { id: programme.eventId, patch: { conflictPolicy: policy } }),
        ])
        const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code))
        expect(codes.filter((code) => code !== 'BAD_USER_INPUT')).toEqual([])
        const [row] = await world.sql(
          `SELECT e.conflict_policy = 'refuse' AS refuses, bool_and(b.is_exclusive = (e.conflict_policy = 'refuse')) AS follows,
           count(b.*)::int AS n FROM events e LEFT JOIN sessions s ON s.event_id = e.id LEFT JOIN bookings b ON b.session_id = s.id
         GROUP BY e.id`,
        )
        expect(row!['follows']).not.toBe(false)
        expect(row!['n']).toBeLessThanOrEqual(row!['refuses'] === true ? 1 : 3)
        for (const id of ids) await world.organize(place, { id, to: { startsAt: null, roomId: null } })
      }
    },
  )
})

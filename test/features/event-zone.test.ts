import { describe, expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const change = `mutation ($id: ID!, $patch: EventPatch!, $onZoneChange: ZoneChange! = INSTANTS, $disambiguation: Disambiguation! = REJECT) {
  updateEvent(id: $id, patch: $patch, onZoneChange: $onZoneChange, disambiguation: $disambiguation) { event { version } } }`
const revert = `mutation ($id: ID!, $toVersion: Int!, $expectedVersion: Int) {
  revertEvent(id: $id, toVersion: $toVersion, expectedVersion: $expectedVersion) {
    event { version name timeZone startsAtLocal endsAtLocal } } }`
const programmeOf = `{ event(slug: "spring") { timeZone version startsAt startsAtLocal endsAtLocal programmeModifiedAt
  sessions(filter: { includeDeleted: true }) { nodes { title version startsAt startsAtLocal endsAtLocal } } } }`

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, {
    title: 'Morning',
    startsAt: '2027-03-27T10:00:00.250+01:00',
    endsAt: '2027-03-27T11:00:00+01:00',
  })
  await createSession(world, programme, { title: 'Open end', startsAt: '2027-03-28T10:00:00+02:00' })
  await createSession(world, programme, { title: 'Without a time' })
  const deleted = await createSession(world, programme, {
    title: 'Deleted',
    startsAt: '2027-03-27T12:00:00+01:00',
  })
  await world.organize(`mutation { deleteSession(id: "${deleted}") { session { id } } }`)
  const read = async () => (await world.organize(programmeOf)).data.event
  const move = (patch: object, more: object = {}) =>
    world.organize(change, { id: programme.eventId, patch, ...more })
  return { world, programme, read, move }
}

/** The same with a break, a room that closes at noon, and a speaker who comes on Sunday only. */
async function sceneOfParts() {
  const { world, programme, move } = await scene()
  const on = async (mutation: string, input: object) => {
    const { data, errors } = await world.organize(mutation, { input: { eventSlug: 'spring', ...input } })
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return Object.values<{ id: string }>(Object.values<object>(data)[0] as never)[0]!.id
  }
  await on(`mutation ($input: CreateBreakInput!) { createBreak(input: $input) { break { id } } }`, {
    name: 'Lunch',
    startsAtLocal: '2027-03-27T12:00',
    endsAtLocal: '2027-03-27T13:00',
  })
  const room = await on(`mutation ($input: CreateRoomInput!) { createRoom(input: $input) { room { id } } }`, {
    name: 'Cellar',
    openingHours: [
      { startsAtLocal: '2027-03-28T09:00', endsAtLocal: '2027-03-28T12:00' },
      { startsAtLocal: '2027-03-27T09:00', endsAtLocal: '2027-03-27T12:00' },
    ],
  })
  const speaker = await on(
    `mutation ($input: CreateSpeakerInput!) { createSpeaker(input: $input) { speaker { id } } }`,
    {
      name: 'Sunday',
      availability: [{ startsAtLocal: '2027-03-28T00:00', endsAtLocal: '2027-03-29T00:00' }],
    },
  )
  const read = async () => {
    const { data } = await world.organize(`{ event(slug: "spring") {
      breaks { version startsAt startsAtLocal endsAtLocal }
      rooms { name version openingHours { startsAt startsAtLocal endsAtLocal } }
      speakers { nodes { name version availability { startsAt startsAtLocal endsAtLocal } } } } }`)
    const { breaks, rooms, speakers } = data.event
    const named = (rows: { name: string }[], name: string) => rows.find((row) => row.name === name) as never
    return {
      lunch: breaks[0],
      cellar: named(rooms, 'Cellar') as { version: number; openingHours: object[] },
      sunday: named(speakers.nodes, 'Sunday') as { version: number; availability: object[] },
    }
  }
  return { world, programme, move, read, room, speaker }
}

const clocks = (event: { sessions: { nodes: { startsAtLocal: string; endsAtLocal: string }[] } }) =>
  event.sessions.nodes.map(({ startsAtLocal, endsAtLocal }) => [startsAtLocal, endsAtLocal])

describe('an event that moves to another zone', () => {
  test('keeps all instants unless it is told otherwise', async () => {
    const { read, move } = await scene()
    const before = await read()
    await move({ timeZone: 'America/New_York' })
    const after = await read()
    expect(
      after.sessions.nodes.map((node: { startsAt: string; version: number }) => [
        node.startsAt,
        node.version,
      ]),
    ).toEqual(
      before.sessions.nodes.map((node: { startsAt: string; version: number }) => [
        node.startsAt,
        node.version,
      ]),
    )
    expect(after).toMatchObject({
      startsAt: before.startsAt,
      startsAtLocal: '2027-03-27T04:00:00',
      version: 2,
    })
  })

  test('takes the wall clocks of all its sessions along, in one step that can be undone and redone', async () => {
    const { programme, world, read, move } = await scene()
    const before = await read()
    const { errors, statements } = await move(
      { timeZone: 'America/New_York' },
      { onZoneChange: 'WALL_CLOCKS' },
    )
    expect(errors).toBeUndefined()
    expect(statements).toBeLessThanOrEqual(9)
    const after = await read()
    expect(clocks(after)).toEqual(clocks(before))
    expect(after).toMatchObject({ timeZone: 'America/New_York', startsAtLocal: '2027-03-27T09:00:00' })
    expect(after.sessions.nodes[0].startsAt).toBe('2027-03-27T14:00:00.250Z')
    const versions = (event: typeof after) =>
      event.sessions.nodes.map(({ version }: { version: number }) => version)
    expect(versions(after)).toEqual([2, 3, 2, 1])
    expect(
      await world.sql(
        `SELECT DISTINCT recorded_in FROM revisions WHERE after ?| '{time_zone,starts_at}' AND version > 1`,
      ),
    ).toHaveLength(1)

    const undone = await world.organize(revert, { id: programme.eventId, toVersion: 1, expectedVersion: 2 })
    expect(undone.data.revertEvent.event).toEqual({
      version: 3,
      name: 'Spring meeting',
      timeZone: 'Europe/Berlin',
      startsAtLocal: '2027-03-27T09:00:00',
      endsAtLocal: '2027-03-28T18:00:00',
    })
    const instants = (event: typeof after) =>
      event.sessions.nodes.map(({ startsAt }: { startsAt: string }) => startsAt)
    expect(instants(await read())).toEqual(instants(before))
    await world.organize(revert, { id: programme.eventId, toVersion: 2 })
    expect(instants(await read())).toEqual(instants(after))
  })

  test('refuses times that a clock change skips or doubles, each by name, unless it is told which', async () => {
    const { world, programme, read, move } = await scene()
    await createSession(world, programme, { title: 'Gap', startsAt: '2027-03-14T02:30:00Z' })
    await createSession(world, programme, { title: 'Twice', startsAt: '2027-11-07T01:30:00Z' })
    await move({ timeZone: 'Etc/UTC' })
    const before = await read()
    const { errors } = await move({ timeZone: 'America/New_York' }, { onZoneChange: 'WALL_CLOCKS' })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
    expect(errors![0]!.extensions.issues.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringMatching(
        /^The session "Gap" .*skipped.*2027-03-14T06:30:00.000Z or 2027-03-14T07:30:00.000Z/,
      ),
      expect.stringMatching(
        /^The session "Twice" .*twice.*2027-11-07T05:30:00.000Z or 2027-11-07T06:30:00.000Z/,
      ),
    ])
    expect(await read()).toEqual(before)
    const later = await move(
      { timeZone: 'America/New_York' },
      { onZoneChange: 'WALL_CLOCKS', disambiguation: 'LATER' },
    )
    expect(later.errors).toBeUndefined()
    expect(
      await world.sql(
        `SELECT title FROM sessions WHERE starts_at IN ('2027-03-14 07:30Z', '2027-11-07 06:30Z')`,
      ),
    ).toHaveLength(2)
  })

  test('is not undone over the head of somebody who moved a session since', async () => {
    const { programme, world, read, move } = await scene()
    await move({ timeZone: 'Asia/Kolkata' }, { onZoneChange: 'WALL_CLOCKS' })
    await world.sql(`UPDATE sessions SET starts_at = starts_at + interval '1 minute' WHERE title = 'Morning'`)
    const before = await read()
    const { errors } = await world.organize(revert, { id: programme.eventId, toVersion: 1 })
    expect(errors?.[0]?.extensions.issues).toEqual([
      {
        path: ['toVersion'],
        message: expect.stringMatching(/^The session "Morning" \(.*\) was moved since by itself/),
      },
    ])
    expect(await read()).toEqual(before)
    const stale = await world.organize(revert, { id: programme.eventId, toVersion: 1, expectedVersion: 1 })
    expect(stale.errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      changedFields: ['endsAt', 'startsAt', 'timeZone'],
    })
    const unknown = await world.organize(revert, { id: programme.eventId, toVersion: 7 })
    expect(unknown.errors?.[0]?.extensions.issues[0].message).toBe(
      'The history has no version 7 of this event.',
    )
  })

  test('leaves no session behind that is placed on its old clock at the same moment', async () => {
    const { world, programme, move, read } = await scene()
    const placing = Array.from({ length: 15 }, (_, index) =>
      createSession(world, programme, { title: `At once ${index}`, startsAtLocal: '2027-03-27T20:00' }),
    )
    const moving = move({ timeZone: 'Asia/Tokyo' }, { onZoneChange: 'WALL_CLOCKS' })
    await Promise.all([...placing, moving])
    const placed = (await read()).sessions.nodes.filter(({ title }: { title: string }) =>
      title.startsWith('At once'),
    )
    expect(placed.map(({ startsAtLocal }: { startsAtLocal: string }) => startsAtLocal)).toEqual(
      Array.from({ length: 15 }, () => '2027-03-27T20:00:00'),
    )
  })
})

describe('programmeModifiedAt', () => {
  const everything: [string, (world: World, programme: Programme, id: string) => Promise<unknown>][] = [
    [
      'a changed session',
      (world, _programme, id) => world.sql(`UPDATE sessions SET title = 'x' WHERE id = $1`, [id]),
    ],
    [
      'a deleted session',
      (world, _programme, id) => world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`),
    ],
    ['a speaker taken off', (world) => world.sql('DELETE FROM session_speakers')],
    [
      'a renamed room',
      (world, { rooms }) => world.sql(`UPDATE rooms SET name = 'x' WHERE id = $1`, [rooms[0]]),
    ],
    [
      'a track deleted by hand',
      (world, { tracks }) => world.sql('DELETE FROM tracks WHERE id = $1', [tracks[1]]),
    ],
    [
      'a new session type',
      (world, { eventId }) => world.operator.db.sessionType.create({ data: { eventId, name: 'x' } }),
    ],
    ['a renamed speaker', (world) => world.sql(`UPDATE speakers SET name = 'x'`)],
    ['the event itself', (world) => world.sql(`UPDATE events SET name = 'x'`)],
  ]
  test.each(everything)('moves with %s', async (_name, act) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { speakerIds: [programme.speakers[0]] })
    const read = async () =>
      (await world.ask('{ event(slug: "spring") { programmeModifiedAt } }')).data.event.programmeModifiedAt
    const before = await read()
    expect(await read()).toBe(before)
    await act(world, programme, id)
    const after = await read()
    expect(Date.parse(after)).toBeGreaterThan(Date.parse(before))
    const [latest] = await world.sql(
      'SELECT committed_at AS moment, (SELECT max(recorded_at) FROM revisions) AS stamp FROM programme_commits ORDER BY seq DESC LIMIT 1',
    )
    expect(after).toBe(latest!['moment'].toISOString())
    expect(latest!['moment'].getTime()).toBeGreaterThanOrEqual(latest!['stamp'].getTime())
  })

  test('of all events of a list comes in the statement of the list', async () => {
    const world = await createWorld()
    for (const slug of ['a', 'b', 'c']) await createProgramme(world, slug)
    const plain = await world.ask('{ events { nodes { slug } } }')
    const { statements } = await world.ask('{ events { nodes { slug programmeModifiedAt } } }')
    expect(statements).toBe(plain.statements)
  })
})

describe('breaks, opening hours and availability', () => {
  const clocksOf = ({
    lunch,
    cellar,
    sunday,
  }: Awaited<ReturnType<Awaited<ReturnType<typeof sceneOfParts>>['read']>>) =>
    [lunch, ...cellar.openingHours, ...sunday.availability].map(({ startsAtLocal, endsAtLocal }) => [
      startsAtLocal,
      endsAtLocal,
    ])

  test('keep their instants with those of the event', async () => {
    const { move, read } = await sceneOfParts()
    const { lunch } = await read()
    await move({ timeZone: 'America/New_York' })
    const after = await read()
    expect(after.lunch).toEqual({
      ...lunch,
      startsAtLocal: '2027-03-27T07:00:00',
      endsAtLocal: '2027-03-27T08:00:00',
    })
    expect([after.cellar.version, after.sunday.version]).toEqual([1, 1])
  })

  test('keep the wall clocks, come back with the event, and are moved again with it', async () => {
    const { world, programme, move, read } = await sceneOfParts()
    const before = await read()
    const { errors, statements } = await move({ timeZone: 'Asia/Kolkata' }, { onZoneChange: 'WALL_CLOCKS' })
    expect(errors).toBeUndefined()
    expect(statements).toBeLessThanOrEqual(11)
    const after = await read()
    expect(clocksOf(after)).toEqual(clocksOf(before))
    expect(after.lunch.startsAt).toBe('2027-03-27T06:30:00.000Z')
    expect([after.lunch.version, after.cellar.version, after.sunday.version]).toEqual([2, 2, 2])
    expect(
      await world.sql(`SELECT count(DISTINCT recorded_in)::integer FROM revisions WHERE version = 2 AND
        entity IN ('event', 'break', 'room', 'speaker')`),
    ).toEqual([{ count: 1 }])

    await world.organize(revert, { id: programme.eventId, toVersion: 1 })
    const undone = await read()
    expect(undone.lunch).toEqual({ ...before.lunch, version: 3 })
    expect(undone.cellar).toEqual({ ...before.cellar, version: 3 })
    expect(undone.sunday).toEqual({ ...before.sunday, version: 3 })
    await world.organize(revert, { id: programme.eventId, toVersion: 2 })
    expect((await read()).cellar).toEqual({ ...after.cellar, version: 4 })
  })

  test('that a clock change skips are refused by name, with all the others', async () => {
    const { world, move, read } = await sceneOfParts()
    await move({ timeZone: 'Etc/UTC' })
    await world.sql(`UPDATE breaks SET starts_at = '2027-03-14 02:30Z', ends_at = '2027-03-14 02:45Z'`)
    await world.sql(`UPDATE rooms SET open_from = '{2027-03-14 02:30Z}', open_until = '{2027-03-14 09:00Z}'
      WHERE name = 'Cellar'`)
    await world.sql(
      `UPDATE sessions SET starts_at = '2027-03-14 02:30Z', ends_at = NULL WHERE title = 'Morning'`,
    )
    const before = await read()
    const { errors } = await move({ timeZone: 'America/New_York' }, { onZoneChange: 'WALL_CLOCKS' })
    expect(errors![0]!.extensions.issues.map(({ message }: { message: string }) => message)).toEqual([
      expect.stringMatching(/^The session "Morning" /),
      expect.stringMatching(/^The break "Lunch" .*skipped/),
      expect.stringMatching(/^The room "Cellar" .*skipped/),
    ])
    expect(await read()).toEqual(before)
    const later = await move(
      { timeZone: 'America/New_York' },
      { onZoneChange: 'WALL_CLOCKS', disambiguation: 'LATER' },
    )
    expect(later.errors).toBeUndefined()
    expect((await read()).lunch.startsAt).toBe('2027-03-14T07:30:00.000Z')
  })

  test('that a clock change would make overlap are refused', async () => {
    const { world, move } = await sceneOfParts()
    await move({ timeZone: 'Etc/UTC' })
    await world.sql(`UPDATE rooms SET open_from = '{2027-03-14 01:00Z,2027-03-14 03:10Z}',
      open_until = '{2027-03-14 02:30Z,2027-03-14 09:00Z}' WHERE name = 'Cellar'`)
    const { errors } = await move(
      { timeZone: 'America/New_York' },
      { onZoneChange: 'WALL_CLOCKS', disambiguation: 'LATER' },
    )
    expect(errors?.[0]?.extensions.issues).toEqual([
      {
        path: ['patch', 'timeZone'],
        message: expect.stringMatching(/^The room "Cellar" .*overlaps the period/),
      },
    ])
  })

  test('are not put back over the head of somebody who changed them since', async () => {
    const { world, programme, move, read, room } = await sceneOfParts()
    await move({ timeZone: 'Asia/Kolkata' }, { onZoneChange: 'WALL_CLOCKS' })
    await world.organize(
      `mutation { updateRoom(id: "${room}", patch: { openingHours: [] }) { room { id } } }`,
    )
    const before = await read()
    const { errors } = await world.organize(revert, { id: programme.eventId, toVersion: 1 })
    expect(errors?.[0]?.extensions.issues).toEqual([
      {
        path: ['toVersion'],
        message: expect.stringMatching(/^The room "Cellar" \(.*\) was moved since by itself/),
      },
    ])
    expect(await read()).toEqual(before)
  })

  test('deleted ones move too, so that they come back in their place', async () => {
    const { world, move, read, room } = await sceneOfParts()
    const { cellar } = await read()
    await world.organize(`mutation { deleteRoom(id: "${room}") { room { id } } }`)
    await move({ timeZone: 'Asia/Kolkata' }, { onZoneChange: 'WALL_CLOCKS' })
    await world.organize(`mutation { restoreRoom(id: "${room}") { room { id } } }`)
    const clocks = (hours: object[]) => hours.map((period) => ({ ...period, startsAt: null }))
    expect(clocks((await read()).cellar.openingHours)).toEqual(clocks(cellar.openingHours))
  })
})

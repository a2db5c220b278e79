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
    const [latest] = await world.sql('SELECT max(recorded_at) AS moment FROM revisions')
    expect(after).toBe(latest!['moment'].toISOString())
  })

  test('of all events of a list is one statement more', async () => {
    const world = await createWorld()
    for (const slug of ['a', 'b', 'c']) await createProgramme(world, slug)
    const plain = await world.ask('{ events { nodes { slug } } }')
    const { statements } = await world.ask('{ events { nodes { slug programmeModifiedAt } } }')
    expect(statements).toBe(plain.statements + 1)
  })
})

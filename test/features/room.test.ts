import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const create = `mutation ($input: CreateRoomInput!) { createRoom(input: $input) { room {
  id openingHours { startsAt endsAt startsAtLocal endsAtLocal inKolkata: startsAtLocal(timeZone: "Asia/Kolkata") } } } }`
const update = `mutation ($id: ID!, $patch: RoomPatch!) { updateRoom(id: $id, patch: $patch) { room { version
  openingHours { startsAt endsAt } } } }`

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const open = (openingHours: object[] | null) =>
    world.organize(update, { id: programme.rooms[0], patch: { openingHours } })
  return { world, programme, open }
}

describe('opening hours', () => {
  test('are sent on wall clocks, put into order, and read in UTC and on the clock of any zone', async () => {
    const { world } = await scene()
    const { data, errors } = await world.organize(create, {
      input: {
        eventSlug: 'spring',
        name: 'Cellar',
        // The clocks go forward in the night between the two.
        openingHours: [
          { startsAtLocal: '2027-03-28T09:00', endsAtLocal: '2027-03-28T18:00' },
          { startsAtLocal: '2027-03-27T09:00', endsAtLocal: '2027-03-27T18:00' },
          {
            startsAtLocal: '2027-03-29T09:00',
            endsAtLocal: '2027-03-29T10:00',
            timeZone: 'Europe/Lisbon',
          },
        ],
      },
    })
    expect(errors).toBeUndefined()
    expect(data.createRoom.room.openingHours).toEqual([
      {
        startsAt: '2027-03-27T08:00:00.000Z',
        endsAt: '2027-03-27T17:00:00.000Z',
        startsAtLocal: '2027-03-27T09:00:00',
        endsAtLocal: '2027-03-27T18:00:00',
        inKolkata: '2027-03-27T13:30:00',
      },
      {
        startsAt: '2027-03-28T07:00:00.000Z',
        endsAt: '2027-03-28T16:00:00.000Z',
        startsAtLocal: '2027-03-28T09:00:00',
        endsAtLocal: '2027-03-28T18:00:00',
        inKolkata: '2027-03-28T12:30:00',
      },
      {
        startsAt: '2027-03-29T08:00:00.000Z',
        endsAt: '2027-03-29T09:00:00.000Z',
        startsAtLocal: '2027-03-29T10:00:00',
        endsAtLocal: '2027-03-29T11:00:00',
        inKolkata: '2027-03-29T13:30:00',
      },
    ])
    const [row] =
      await world.sql(`SELECT within_periods(open_from, open_until) @> '2027-03-27 08:00Z'::timestamptz AS
      at_begin, within_periods(open_from, open_until) @> '2027-03-27 17:00Z'::timestamptz AS at_end,
      within_periods('{}', '{}') @> now() AS always FROM rooms WHERE name = 'Cellar'`)
    expect(row).toEqual({ at_begin: true, at_end: false, always: true })
  })

  test('that a clock change skips or doubles are refused, unless they say which is meant', async () => {
    const { open } = await scene()
    const skipped = { startsAtLocal: '2027-03-28T02:30', endsAtLocal: '2027-03-28T06:00' }
    const { errors } = await open([
      { startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T09:00:00Z' },
      skipped,
    ])
    expect(errors?.[0]?.extensions.issues).toEqual([
      {
        path: ['patch', 'openingHours', 1, 'startsAtLocal'],
        message: expect.stringMatching(/skipped .*2027-03-28T00:30:00.000Z or 2027-03-28T01:30:00.000Z/),
      },
    ])
    const { data } = await open([{ ...skipped, disambiguation: 'LATER' }])
    expect(data.updateRoom.room.openingHours[0].startsAt).toBe('2027-03-28T01:30:00.000Z')
  })

  test('are refused with the place of every fault', async () => {
    const { open } = await scene()
    const { errors } = await open([
      { startsAt: '2027-03-27T08:00:00Z' },
      { startsAt: '2027-03-27T08:00:00Z', endsAtLocal: '2027-03-27T10:00' },
      { startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T09:00:00Z', timeZone: 'UTC' },
      { startsAt: null, endsAt: null },
    ])
    expect(errors?.[0]?.extensions.issues.map(({ path }: { path: unknown[] }) => path.join('.'))).toEqual([
      'patch.openingHours.0.endsAt',
      'patch.openingHours.1.endsAtLocal',
      'patch.openingHours.2.timeZone',
      'patch.openingHours.3.startsAt',
      'patch.openingHours.3.endsAt',
    ])
    const hours = (from: string, until: string) => ({
      startsAt: `2027-03-27T${from}:00Z`,
      endsAt: `2027-03-27T${until}:00Z`,
    })
    const faults = await open([hours('10:00', '12:00'), hours('08:00', '10:30'), hours('15:00', '15:00')])
    expect(faults.errors?.[0]?.extensions.issues).toEqual([
      {
        path: ['patch', 'openingHours', 0],
        message: 'overlaps the period from 2027-03-27T08:00:00.000Z to 2027-03-27T10:30:00.000Z.',
      },
      { path: ['patch', 'openingHours', 2], message: expect.stringContaining('would end before it starts') },
    ])
    const many = await open(Array.from({ length: 101 }, () => hours('10:00', '12:00')))
    expect(many.errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch', 'openingHours'], message: 'holds more than 100 periods.' },
    ])
  })

  test('may touch; the same ones again are no change', async () => {
    const { open } = await scene()
    const touching = [
      { startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T12:00:00Z' },
      { startsAt: '2027-03-27T12:00:00Z', endsAt: '2027-03-27T18:00:00Z' },
    ]
    expect((await open(touching)).data.updateRoom.room).toMatchObject({ version: 2, openingHours: [{}, {}] })
    expect((await open(touching.toReversed())).data.updateRoom.room.version).toBe(2)
    expect((await open(null)).data.updateRoom.room).toEqual({ version: 3, openingHours: [] })
    expect((await open([])).data.updateRoom.room.version).toBe(3)
  })

  test.each([
    ['of different lengths', `'{2027-01-01 08:00Z}', '{}'`],
    ['that end before they start', `'{2027-01-01 08:00Z}', '{2027-01-01 07:00Z}'`],
    ['out of order', `'{2027-01-02 08:00Z,2027-01-01 08:00Z}', '{2027-01-02 09:00Z,2027-01-01 09:00Z}'`],
    ['that overlap', `'{2027-01-01 08:00Z,2027-01-01 08:30Z}', '{2027-01-01 09:00Z,2027-01-01 10:00Z}'`],
    ['finer than milliseconds', `'{2027-01-01 08:00:00.0001Z}', '{2027-01-01 09:00Z}'`],
    ['without an end', `'{2027-01-01 08:00Z}', '{infinity}'`],
    ['with a hole', `'{NULL}', '{2027-01-01 09:00Z}'`],
    ['that are no list', `NULL, '{}'`],
  ])('%s can not be stored, whoever writes', async (_what, values) => {
    const { world } = await scene()
    const [from, until] = [
      values.slice(0, values.lastIndexOf(', ')),
      values.slice(values.lastIndexOf(', ') + 2),
    ]
    await expect(world.sql(`UPDATE rooms SET open_from = ${from}, open_until = ${until}`)).rejects.toThrow(
      'rooms_open_in_periods',
    )
    await expect(
      world.sql(`UPDATE speakers SET available_from = ${from}, available_until = ${until}`),
    ).rejects.toThrow('speakers_available_in_periods')
  })

  test('of a session as it was are those of that time', async () => {
    const { world, programme, open } = await scene()
    await open([{ startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T12:00:00Z' }])
    const id = await createSession(world, programme, {
      roomId: programme.rooms[0],
      speakerIds: programme.speakers,
    })
    const [{ last_modified_at: moment }] = (await world.sql('SELECT last_modified_at FROM sessions')) as [
      { last_modified_at: Date },
    ]
    await open([])
    const { data, errors } = await world.organize(
      `query ($id: ID!, $asOf: DateTime!) { session(id: $id, asOf: $asOf) {
         room { openingHours { startsAtLocal } } speakers { availability { startsAtLocal } } } }`,
      { id, asOf: moment.toISOString() },
    )
    expect(errors).toBeUndefined()
    expect(data.session).toEqual({
      room: { openingHours: [{ startsAtLocal: '2027-03-27T09:00:00' }] },
      speakers: [{ availability: [] }, { availability: [] }],
    })
  })
})

test('a room holds 0 people or more', async () => {
  const { world, programme } = await scene()
  const { errors } = await world.organize(update, {
    id: programme.rooms[0],
    patch: { capacity: -1, floor: 'a\u0007' },
  })
  expect(errors?.[0]?.extensions.issues).toEqual([
    { path: ['patch', 'capacity'], message: 'must be 0 or more.' },
    { path: ['patch', 'floor'], message: expect.stringContaining('U+0007') },
  ])
})

test('a deleted room leaves its sessions without a room, and is theirs again when it is restored', async () => {
  const { world, programme } = await scene()
  const id = await createSession(world, programme, { roomId: programme.rooms[0] })
  const room = async () =>
    (await world.organize(`{ session(id: "${id}") { version room { name } } }`)).data.session
  await world.organize(`mutation { deleteRoom(id: "${programme.rooms[0]}") { room { id } } }`)
  expect(await room()).toEqual({ version: 1, room: null })
  await world.organize(`mutation { restoreRoom(id: "${programme.rooms[0]}") { room { id } } }`)
  expect(await room()).toEqual({ version: 1, room: { name: 'Hall' } })
})

test('the rooms and tracks of an event have the sessions that the viewer may see, all in one statement', async () => {
  const { world, programme } = await scene()
  const place = { roomId: programme.rooms[0], trackId: programme.tracks[1] }
  await createSession(world, programme, { ...place, title: 'Second', startsAt: '2027-03-27T12:00:00Z' })
  await createSession(world, programme, { ...place, title: 'First', startsAt: '2027-03-27T10:00:00Z' })
  await createSession(world, programme, { ...place, title: 'Unplaced' })
  await createSession(world, programme, { ...place, title: 'Pending', state: 'PENDING' })
  const query = `{ event(slug: "spring") {
    rooms { name openingHours { startsAtLocal } sessions { nodes { title } } } tracks { name sessions { nodes { title } } } } }`
  const titles = (...names: string[]) => ({ sessions: { nodes: names.map((title) => ({ title })) } })
  const everybody = await world.ask(query)
  expect(everybody.data.event).toEqual({
    rooms: [
      { name: 'Hall', openingHours: [], ...titles('First', 'Second', 'Unplaced') },
      { name: 'Attic', openingHours: [], ...titles() },
    ],
    tracks: [
      { name: 'Time', ...titles() },
      { name: 'Data', ...titles('First', 'Second', 'Unplaced') },
    ],
  })
  expect(everybody.statements).toBe(1)
  const organizers = await world.organize(query)
  expect(organizers.data.event.rooms[0].sessions.nodes).toHaveLength(4)
})

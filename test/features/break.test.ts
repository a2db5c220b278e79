import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme } from './programme.ts'

const create = `mutation ($input: CreateBreakInput!) { createBreak(input: $input) { break {
  id startsAt endsAt startsAtLocal endsAtLocal(timeZone: "Asia/Kolkata") room { name } } } }`
const update = `mutation ($id: ID!, $patch: BreakPatch!) { updateBreak(id: $id, patch: $patch) { break {
  version startsAt endsAt room { name } } } }`
const lunch = {
  eventSlug: 'spring',
  name: 'Lunch',
  startsAtLocal: '2027-03-27T12:00',
  endsAtLocal: '2027-03-27T13:00',
}

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const add = (input: object) => world.organize(create, { input: { ...lunch, ...input } })
  const names = async () => {
    const { data } = await world.ask('{ event(slug: "spring") { breaks { name } } }')
    return data.event.breaks.map(({ name }: { name: string }) => name)
  }
  return { world, programme, add, names }
}

describe('a break', () => {
  test('is set on a wall clock, and read in UTC and on any', async () => {
    const { add, programme } = await scene()
    const { data, errors } = await add({ roomId: programme.rooms[1] })
    expect(errors).toBeUndefined()
    expect(data.createBreak.break).toEqual({
      id: expect.any(String),
      startsAt: '2027-03-27T11:00:00.000Z',
      endsAt: '2027-03-27T12:00:00.000Z',
      startsAtLocal: '2027-03-27T12:00:00',
      endsAtLocal: '2027-03-27T17:30:00',
      room: { name: 'Attic' },
    })
  })

  test('has a begin and an end, said one way', async () => {
    const { world, add } = await scene()
    const { data } = await add({})
    const { id } = data.createBreak.break
    const paths = async (patch: object) =>
      (await world.organize(update, { id, patch })).errors?.[0]?.extensions.issues.map(
        ({ path }: { path: string[] }) => path.join('.'),
      )
    expect(await paths({ startsAt: null })).toEqual(['patch.startsAt'])
    expect(await paths({ endsAtLocal: null })).toEqual(['patch.endsAtLocal'])
    expect(await paths({ startsAt: '2027-03-27T11:00:00Z', endsAtLocal: '2027-03-27T13:00' })).toEqual([
      'patch.endsAtLocal',
    ])
    expect(await paths({ startsAt: '2027-03-27T12:00:00Z' })).toEqual(['patch.startsAt'])
    expect(await paths({ endsAt: '2027-03-27T11:00:00Z' })).toEqual(['patch.endsAt'])
    expect(await paths({ startsAtLocal: '2027-03-28T02:30' })).toEqual(['patch.startsAtLocal'])
    const missing = await world.organize(create, {
      input: { eventSlug: 'spring', name: ' ', startsAtLocal: '2027-03-27T12:00' },
    })
    expect(missing.errors?.[0]?.extensions.issues).toEqual([
      { path: ['input', 'name'], message: 'must not be blank.' },
      { path: ['input', 'endsAt'], message: 'is missing; send it, or endsAtLocal.' },
    ])
    await expect(world.sql(`UPDATE breaks SET ends_at = starts_at`)).rejects.toThrow('breaks_end_after_start')
    await expect(world.sql(`UPDATE breaks SET ends_at = ends_at + interval '1 microsecond'`)).rejects.toThrow(
      'breaks_whole_milliseconds',
    )
    expect(
      (await world.organize(update, { id, patch: { endsAtLocal: '2027-03-27T13:00' } })).data.updateBreak
        .break,
    ).toMatchObject({ version: 1, endsAt: '2027-03-27T12:00:00.000Z' })
  })

  test('is nowhere but in a room of its own event', async () => {
    const { world, programme, add } = await scene()
    const foreign = await createProgramme(world, 'autumn')
    const { data } = await add({ roomId: programme.rooms[0] })
    const { id } = data.createBreak.break
    await world.organize(`mutation { deleteRoom(id: "${programme.rooms[1]}") { room { id } } }`)
    for (const roomId of [foreign.rooms[0]!, programme.rooms[1]!, programme.tracks[0]!, 'x']) {
      const message = `There is no room "${roomId}" in this event.`
      const added = await add({ roomId })
      expect(added.errors?.[0]?.extensions.issues).toEqual([{ path: ['input', 'roomId'], message }])
      const changed = await world.organize(update, { id, patch: { roomId } })
      expect(changed.errors?.[0]?.extensions.issues).toEqual([{ path: ['patch', 'roomId'], message }])
    }
    await expect(world.sql('UPDATE breaks SET room_id = $1', [foreign.rooms[0]])).rejects.toThrow(
      'breaks_event_id_room_id_fkey',
    )
    const everywhere = await world.organize(update, { id, patch: { roomId: null } })
    expect(everywhere.data.updateBreak.break).toMatchObject({ version: 2, room: null })
  })

  test('stands in the programme by its start, and leaves it with its room', async () => {
    const { world, programme, add, names } = await scene()
    await add({ name: 'Late', startsAtLocal: '2027-03-27T12:30' })
    await add({ name: 'Early', startsAtLocal: '2027-03-27T09:30' })
    await add({ name: 'In the attic', roomId: programme.rooms[1] })
    expect(await names()).toEqual(['Early', 'In the attic', 'Late'])
    await world.organize(`mutation { deleteRoom(id: "${programme.rooms[1]}") { room { id } } }`)
    expect(await names()).toEqual(['Early', 'Late'])
    await world.organize(`mutation { restoreRoom(id: "${programme.rooms[1]}") { room { id } } }`)
    expect(await names()).toEqual(['Early', 'In the attic', 'Late'])
    const { statements } = await world.ask(
      '{ event(slug: "spring") { breaks { name startsAtLocal room { name openingHours { startsAt } } } } }',
    )
    expect(statements).toBe(1)
  })

  test('deleted by hand keeps its history, and goes on with it when it comes back', async () => {
    const { world, add } = await scene()
    await add({})
    const [row] = await world.sql('DELETE FROM breaks RETURNING id, event_id, name, starts_at, ends_at')
    const { id, event_id, name, starts_at, ends_at } = row!
    await world.sql(
      `INSERT INTO breaks (id, event_id, name, starts_at, ends_at, last_modified_at) VALUES ($1, $2, $3, $4, $5, now())`,
      [id, event_id, name, starts_at, ends_at],
    )
    expect(
      await world.sql(`SELECT version, operation FROM revisions WHERE entity = 'break' ORDER BY version`),
    ).toEqual([
      { version: 1, operation: 'created' },
      { version: 2, operation: 'deleted' },
      { version: 3, operation: 'created' },
    ])
  })

  test('moves the stamp of the whole programme', async () => {
    const { world, add } = await scene()
    const stamp = async () =>
      (await world.ask('{ event(slug: "spring") { programmeModifiedAt } }')).data.event.programmeModifiedAt
    const before = await stamp()
    await add({})
    expect((await stamp()) > before).toBe(true)
  })
})

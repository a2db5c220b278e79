import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam } from './team.ts'

const update = `mutation ($id: ID!, $patch: SessionPatch!, $expectedVersion: Int, $onConflict: OnConflict! = REFUSE) {
  updateSession(id: $id, patch: $patch, expectedVersion: $expectedVersion, onConflict: $onConflict) {
    session { title abstract startsAt endsAt version room { name } } } }`

/** Two people began at version 1; the first has saved. */
async function afterFirst(first: object, input: object = {}) {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, {
    title: 'Old',
    startsAt: '2027-03-27T10:00:00Z',
    endsAt: '2027-03-27T11:00:00Z',
    roomId: programme.rooms[0],
    ...input,
  })
  const { errors } = await world.organize(update, { id, patch: first })
  expect(errors).toBeUndefined()
  const second = (patch: object, onConflict = 'MERGE') =>
    world.organize(update, { id, patch, expectedVersion: 1, onConflict })
  return { world, programme, id, second }
}

describe('a session that two people edit at once', () => {
  test('has the values of both where they edited different ones', async () => {
    const { world, id, second } = await afterFirst({ title: 'First' })
    const { data, errors } = await second({ abstract: 'Second' })
    expect(errors).toBeUndefined()
    expect(data.updateSession.session).toMatchObject({ title: 'First', abstract: 'Second', version: 3 })
    const same = await world.organize(update, {
      id,
      patch: { title: 'First', abstract: 'Second' },
      expectedVersion: 1,
      onConflict: 'MERGE',
    })
    expect(same.data.updateSession.session.version).toBe(3)
  })

  test('is refused with what was, is and was sent where both edited one; nothing of it is written', async () => {
    const { world, id, second } = await afterFirst({ title: 'First', abstract: 'First' })
    const refused = await second({ title: 'Second', description: 'Second' })
    expect(refused.errors?.[0]?.message).toMatch(/Others changed what you would write: title\./)
    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      current: { version: 2 },
      changedFields: ['abstract', 'title'],
      conflicts: [{ field: 'title', base: 'Old', stored: 'First', sent: 'Second' }],
    })
    const unasked = await second({ title: 'Second', level: 'EXPERT' }, 'REFUSE')
    expect(unasked.errors?.[0]?.extensions.conflicts).toEqual([
      { field: 'abstract', base: null, stored: 'First' },
      { field: 'level', base: null, stored: null, sent: 'EXPERT' },
      { field: 'title', base: 'Old', stored: 'First', sent: 'Second' },
    ])
    expect(await world.sql('SELECT version, description FROM sessions WHERE id = $1', [id])).toEqual([
      { version: 2, description: null },
    ])
  })

  test('has one place: who moves it meets who gives it another room, in instants whatever was sent', async () => {
    const { programme, second } = await afterFirst({
      startsAtLocal: '2027-03-27T15:00',
      endsAtLocal: '2027-03-27T16:00',
    })
    const { errors } = await second({ roomId: programme.rooms[1]!.toUpperCase() })
    expect(errors?.[0]?.extensions.conflicts).toEqual([
      { field: 'endsAt', base: '2027-03-27T11:00:00.000Z', stored: '2027-03-27T15:00:00.000Z' },
      {
        field: 'roomId',
        base: programme.rooms[0],
        stored: programme.rooms[0],
        sent: programme.rooms[1],
      },
      { field: 'startsAt', base: '2027-03-27T10:00:00.000Z', stored: '2027-03-27T14:00:00.000Z' },
    ])
    const moved = await second({ startsAtLocal: '2027-03-28T02:30', endsAtLocal: '2027-03-28T04:00' })
    expect(moved.errors?.[0]?.extensions.conflicts).toMatchObject([
      { field: 'endsAt', sent: '2027-03-28T02:00:00.000Z' },
      // The clocks skip it: then it is told as it was sent.
      { field: 'startsAt', sent: '2027-03-28T02:30' },
    ])
    const titled = await second({ title: 'Second' })
    expect(titled.errors).toBeUndefined()
  })

  test('is refused where the history no longer tells what happened', async () => {
    const { world, id, second } = await afterFirst({ title: 'First' })
    await world.sql(`SET open_event.history_maintenance = 'on'`)
    await world.sql('DELETE FROM revisions WHERE entity_id = $1 AND version = 2', [id])
    const { errors } = await second({ abstract: 'Second' })
    expect(errors?.[0]?.message).toContain('so nothing can be merged')
    expect(errors?.[0]?.extensions.conflicts).toEqual([{ field: 'abstract', stored: null, sent: 'Second' }])
    const ahead = await world.organize(update, {
      id,
      patch: { title: 'x' },
      expectedVersion: 9,
      onConflict: 'MERGE',
    })
    expect(ahead.errors?.[0]?.extensions.code).toBe('CONFLICT')
  })
})

describe('who may not read the history', () => {
  test('reads nothing of it through a conflict, and no more of the present than the session shows', async () => {
    const { world, programme, as } = await createTeam()
    const id = await createSession(world, programme, {
      state: 'PENDING',
      title: 'Secret working title',
      speakerIds: programme.speakers,
      trackId: programme.tracks[0],
    })
    await world.organize(update, {
      id,
      patch: { title: 'Second', speakerIds: programme.speakers.toReversed() },
    })
    await world.sql('UPDATE tracks SET deleted_at = now() WHERE id = $1', [programme.tracks[0]])
    await world.sql('UPDATE speakers SET deleted_at = now() WHERE id = $1', [programme.speakers[1]])
    const patch = { title: 'Mine', abstract: 'Mine', speakerIds: [programme.speakers[0]] }
    const { errors } = await as.SPEAKER(update, { id, patch, expectedVersion: 1 })
    expect(errors?.[0]?.extensions.conflicts).toEqual([
      { field: 'abstract', stored: null, sent: 'Mine' },
      { field: 'speakerIds', stored: [programme.speakers[0]], sent: [programme.speakers[0]] },
      { field: 'title', stored: 'Second', sent: 'Mine' },
    ])
    expect(JSON.stringify(errors)).not.toContain('Secret')
    const merged = await as.SPEAKER(update, {
      id,
      patch: { abstract: 'Mine' },
      expectedVersion: 1,
      onConflict: 'MERGE',
    })
    expect(merged.data.updateSession.session).toMatchObject({ title: 'Second', abstract: 'Mine' })
    const stranger = await as.VISITOR(update, { id, patch, expectedVersion: 1 })
    expect(stranger.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' })
  })

  test('of a speaker is told what is there now; who manages speakers, also what was', async () => {
    const { world, programme, as } = await createTeam()
    // At version 2: at 1 the person had no account yet.
    const [id] = programme.speakers
    const save = `mutation ($id: ID!, $patch: SpeakerPatch!, $onConflict: OnConflict! = REFUSE) {
      updateSpeaker(id: $id, patch: $patch, expectedVersion: 2, onConflict: $onConflict) { speaker { name biography } } }`
    const period = { startsAtLocal: '2027-03-27T09:00', endsAtLocal: '2027-03-27T10:00' }
    await world.organize(save, { id, patch: { name: 'Ada L.', availability: [period] } })
    const patch = {
      biography: 'Counts.',
      availability: [{ startsAt: '2027-03-27T12:00:00Z', endsAt: '2027-03-27T13:00:00Z' }],
    }
    const sent = [{ startsAt: '2027-03-27T12:00:00.000Z', endsAt: '2027-03-27T13:00:00.000Z' }]
    const stored = [{ startsAt: '2027-03-27T08:00:00.000Z', endsAt: '2027-03-27T09:00:00.000Z' }]
    const conflictOf = async (member: 'SPEAKER' | 'ORGANIZER') =>
      (await as[member](save, { id, patch, onConflict: 'MERGE' })).errors?.[0]?.extensions.conflicts
    expect(await conflictOf('SPEAKER')).toEqual([{ field: 'availability', stored, sent }])
    expect(await conflictOf('ORGANIZER')).toEqual([{ field: 'availability', base: [], stored, sent }])
    const { data } = await as.SPEAKER(save, { id, patch: { biography: 'Counts.' }, onConflict: 'MERGE' })
    expect(data.updateSpeaker.speaker).toEqual({ name: 'Ada L.', biography: 'Counts.' })
  })
})

test('an event and its parts are merged by the same rules', async () => {
  const world = await createWorld()
  const { eventId, rooms } = await createProgramme(world)
  const save = `mutation ($id: ID!, $patch: EventPatch!) {
    updateEvent(id: $id, patch: $patch, expectedVersion: 1, onConflict: MERGE) { event { name description timeZone version } } }`
  await world.organize(save, { id: eventId, patch: { name: 'Renamed', timeZone: 'Asia/Kolkata' } })
  const merged = await world.organize(save, { id: eventId, patch: { description: 'New' } })
  expect(merged.data.updateEvent.event).toEqual({
    name: 'Renamed',
    description: 'New',
    timeZone: 'Asia/Kolkata',
    version: 3,
  })
  const moved = await world.organize(save, { id: eventId, patch: { endsAt: '2027-03-29T09:00:00Z' } })
  expect(moved.errors?.[0]?.extensions.conflicts).toMatchObject([
    { field: 'endsAt', base: '2027-03-28T16:00:00.000Z', sent: '2027-03-29T09:00:00.000Z' },
    { field: 'timeZone', base: 'Europe/Berlin', stored: 'Asia/Kolkata' },
  ])
  const room = `mutation ($patch: RoomPatch!) {
    updateRoom(id: "${rooms[0]}", patch: $patch, expectedVersion: 1, onConflict: MERGE) { room { name floor } } }`
  await world.organize(room, { patch: { name: 'Big hall' } })
  expect((await world.organize(room, { patch: { floor: '2' } })).data.updateRoom.room).toEqual({
    name: 'Big hall',
    floor: '2',
  })
  const { errors } = await world.organize(room, { patch: { name: 'Hall 1' } })
  expect(errors?.[0]?.extensions.conflicts).toEqual([
    { field: 'name', base: 'Hall', stored: 'Big hall', sent: 'Hall 1' },
  ])
})

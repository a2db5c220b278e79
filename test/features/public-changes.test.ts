import { expect, test } from 'vitest'
import { isDeepStrictEqual } from 'node:util'
import { eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

/** One event with something of every kind, each in a place that the public sees and in one that it doesn't. */
async function scene(state: 'PUBLISHED' | 'DRAFT' = 'PUBLISHED') {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { eventId, speakers, rooms, tracks, types } = programme
  const { db } = world.operator
  const lone = (await db.speaker.create({ data: { eventId, name: 'Cy' }, select: { id: true } })).id
  const session = (input: object) => createSession(world, programme, input)
  const shown = await session({
    title: 'Shown',
    state: 'CONFIRMED',
    speakerIds: speakers,
    roomId: rooms[0],
    trackId: tracks[0],
    sessionTypeId: types[0],
  })
  const hidden = await session({ title: 'Hidden', state: 'PENDING', speakerIds: [lone], roomId: rooms[0] })
  const deleted = await session({ title: 'Deleted', state: 'CONFIRMED' })
  await world.sql(`UPDATE sessions SET deleted_at = '2026-01-01Z' WHERE id = $1`, [deleted])
  await db.break.create({
    data: {
      eventId,
      name: 'Lunch',
      startsAt: new Date('2027-03-27T12:00:00Z'),
      endsAt: new Date('2027-03-27T13:00:00Z'),
      roomId: rooms[1]!,
    },
  })
  if (state === 'DRAFT') await world.sql(`UPDATE events SET state = 'draft'`)
  return { world, programme, shown, hidden, deleted, lone }
}

type Scene = Awaited<ReturnType<typeof scene>>
type Act = string | ((scene: Scene) => string | Promise<unknown>)

/** The values of the scene that a statement names in braces. */
function statement(text: string, { programme, shown, hidden, deleted, lone }: Scene): string {
  const { eventId, rooms, tracks, types, speakers } = programme
  const ids: Record<string, string | undefined> = {
    eventId,
    shown,
    hidden,
    deleted,
    lone,
    room: rooms[0],
    room2: rooms[1],
    track: tracks[0],
    type: types[0],
    speaker: speakers[0],
    speaker2: speakers[1],
  }
  return text.replace(/\{(\w+)\}/g, (_all, name: string) => `'${ids[name]}'`)
}

const link = (session: string, speaker: string) =>
  `INSERT INTO session_speakers (event_id, session_id, speaker_id, position) VALUES ({eventId}, ${session}, ${speaker}, 9)`
const make = (state: string) =>
  `INSERT INTO sessions (id, event_id, title, state, last_modified_at) VALUES (gen_random_uuid(), {eventId}, 'New', '${state}', now())`
const deletion = `date_trunc('milliseconds', now())`

const cases: [string, Act, boolean][] = [
  ['a public session is renamed', `UPDATE sessions SET title = 'x' WHERE id = {shown}`, true],
  [
    'a value of a public session that nobody is shown: its stamp moves',
    `UPDATE sessions SET source_id = 'x' WHERE id = {shown}`,
    true,
  ],
  [
    'a public session is placed',
    `UPDATE sessions SET starts_at = '2027-03-27T10:00Z', ends_at = '2027-03-27T11:00Z' WHERE id = {shown}`,
    true,
  ],
  ['a public session is locked', `UPDATE sessions SET is_locked = true WHERE id = {shown}`, true],
  ['accepted to confirmed', `UPDATE sessions SET state = 'accepted' WHERE id = {shown}`, true],
  ['a public session is canceled', `UPDATE sessions SET state = 'canceled' WHERE id = {shown}`, true],
  ['a public session is deleted', `UPDATE sessions SET deleted_at = ${deletion} WHERE id = {shown}`, true],
  [
    'a public session is deleted for good',
    `DELETE FROM session_speakers; DELETE FROM sessions WHERE id = {shown}`,
    true,
  ],
  [
    'a public session leaves and comes back in one transaction',
    `UPDATE sessions SET state = 'rejected' WHERE id = {shown}; UPDATE sessions SET state = 'confirmed' WHERE id = {shown}`,
    true,
  ],
  ['a draft is renamed', `UPDATE sessions SET title = 'x' WHERE id = {hidden}`, false],
  [
    'a draft is placed in a room',
    `UPDATE sessions SET room_id = {room2}, starts_at = '2027-03-27T10:00Z', ends_at = '2027-03-27T11:00Z' WHERE id = {hidden}`,
    false,
  ],
  ['a draft is rejected', `UPDATE sessions SET state = 'rejected' WHERE id = {hidden}`, false],
  ['a draft is accepted', `UPDATE sessions SET state = 'accepted' WHERE id = {hidden}`, true],
  [
    'a draft is accepted and taken back in one transaction',
    `UPDATE sessions SET state = 'accepted' WHERE id = {hidden}; UPDATE sessions SET state = 'pending' WHERE id = {hidden}`,
    false,
  ],
  ['a draft is deleted', `UPDATE sessions SET deleted_at = ${deletion} WHERE id = {hidden}`, false],
  ['a draft is made', make('draft'), false],
  ['a confirmed session is made', make('confirmed'), true],
  ['a deleted session is renamed', `UPDATE sessions SET title = 'x' WHERE id = {deleted}`, false],
  ['a deleted session is rejected', `UPDATE sessions SET state = 'rejected' WHERE id = {deleted}`, false],
  ['a deleted session is restored', `UPDATE sessions SET deleted_at = NULL WHERE id = {deleted}`, true],
  ['a room is renamed', `UPDATE rooms SET name = 'x' WHERE id = {room}`, true],
  [
    'a room opens',
    `UPDATE rooms SET open_from = '{2027-03-27T09:00Z}', open_until = '{2027-03-27T10:00Z}' WHERE id = {room}`,
    true,
  ],
  ['a room is deleted', `UPDATE rooms SET deleted_at = ${deletion} WHERE id = {room}`, true],
  ['rooms are reordered', `UPDATE rooms SET position = 5 - position`, true],
  ['a track is recoloured', `UPDATE tracks SET color = '#000000' WHERE id = {track}`, true],
  ['a track is deleted', `UPDATE tracks SET deleted_at = ${deletion} WHERE id = {track}`, true],
  [
    'a session type gets another length',
    `UPDATE session_types SET duration_minutes = 7 WHERE id = {type}`,
    true,
  ],
  ['a break moves', `UPDATE breaks SET ends_at = ends_at + interval '1 hour'`, true],
  ['a break is deleted', `UPDATE breaks SET deleted_at = ${deletion}`, true],
  ['somebody who speaks in public is renamed', `UPDATE speakers SET name = 'x' WHERE id = {speaker}`, true],
  [
    'somebody who speaks in a draft only is renamed',
    `UPDATE speakers SET name = 'x' WHERE id = {lone}`,
    false,
  ],
  [
    'somebody who speaks nowhere is added',
    `INSERT INTO speakers (id, event_id, name, last_modified_at) VALUES (gen_random_uuid(), {eventId}, 'New', now())`,
    false,
  ],
  [
    'somebody who speaks in public is deleted',
    `UPDATE speakers SET deleted_at = ${deletion} WHERE id = {speaker}`,
    true,
  ],
  [
    'somebody who speaks in public is erased',
    ({ world, programme }) => eraseSpeaker(world.operator, programme.speakers[0]!),
    true,
  ],
  [
    'somebody who speaks in a draft only is erased',
    ({ world, lone }) => eraseSpeaker(world.operator, lone),
    false,
  ],
  ['somebody gets a draft', link('{hidden}', '{speaker}'), false],
  ['somebody gets a public session', link('{shown}', '{lone}'), true],
  ['a public session loses a speaker', `DELETE FROM session_speakers WHERE speaker_id = {speaker}`, true],
  ['speakers change their order', `UPDATE session_speakers SET position = 5 - position`, true],
  ['positions change, and no order', `UPDATE session_speakers SET position = position + 5`, false],
  ['the event is renamed', `UPDATE events SET name = 'x'`, true],
  ['the event is hidden', `UPDATE events SET state = 'draft'`, true],
  ['the event is deleted', `UPDATE events SET deleted_at = ${deletion}`, true],
  ['nothing at all changes', `UPDATE sessions SET title = title`, false],
]

/** All that an anonymous visitor can read of the event. */
async function seen({ ask }: World): Promise<unknown> {
  const stamps = 'id version lastModifiedAt createdAt'
  const { data, errors } =
    await ask(`{ event(slug: "spring") { ${stamps} slug name description timeZone startsAt endsAt state conflictPolicy
    tracks { ${stamps} name color } rooms { ${stamps} name floor openingHours { startsAt endsAt } } sessionTypes { ${stamps} name durationMinutes }
    breaks { ${stamps} name startsAt endsAt room { id } }
    speakers { totalCount nodes { ${stamps} name biography sessions { nodes { id } } } }
    sessions { totalCount nodes { ${stamps} title state startsAt endsAt isLocked track { id } room { id } sessionType { id } speakers { id name } } } } }`)
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data
}

async function run(act: Act, given: Scene): Promise<void> {
  const text = typeof act === 'string' ? act : act(given)
  if (typeof text === 'string') await given.world.sql(statement(text, given))
  else await text
}

/** Whether each commit after the first ones is public. */
async function newCommits({ world }: Scene, after: string): Promise<boolean[]> {
  const rows = await world.sql<{ is_public: boolean }>(
    'SELECT is_public FROM programme_commits WHERE seq > $1 ORDER BY seq',
    [after],
  )
  return rows.map((row) => row.is_public)
}

const lastSeq = async (world: World) =>
  (await world.sql<{ seq: string }>('SELECT max(seq) AS seq FROM programme_commits'))[0]!.seq

test.each(cases)('%s: the public is told exactly if it sees it', async (_what, act, isTold) => {
  const given = await scene()
  const [before, last] = [await seen(given.world), await lastSeq(given.world)]
  await run(act, given)
  expect(!isDeepStrictEqual(await seen(given.world), before)).toBe(isTold)
  expect((await newCommits(given, last)).some(Boolean)).toBe(isTold)
})

test.each<[string, Act]>([
  ['a confirmed session is renamed', `UPDATE sessions SET title = 'x' WHERE id = {shown}`],
  ['a room is renamed', `UPDATE rooms SET name = 'x' WHERE id = {room}`],
  ['a speaker is renamed', `UPDATE speakers SET name = 'x' WHERE id = {speaker}`],
  ['the event is renamed', `UPDATE events SET name = 'x'`],
])('where the event is a draft, %s and the public is told nothing', async (_what, act) => {
  const given = await scene('DRAFT')
  const last = await lastSeq(given.world)
  await run(act, given)
  expect(await newCommits(given, last)).toEqual([false])
})

test('an event that is published is told of', async () => {
  const given = await scene('DRAFT')
  const last = await lastSeq(given.world)
  await run(`UPDATE events SET state = 'published'`, given)
  expect(await newCommits(given, last)).toEqual([true])
})

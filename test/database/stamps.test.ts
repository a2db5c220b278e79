import { describe, expect, test } from 'vitest'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

/** What raw SQL can do from beside the server, in a session of its own zone. */
async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'Talk', speakerIds: [programme.speakers[0]] })
  return { world, programme, id }
}

interface Stamps {
  readonly version: number
  readonly createdAt: Date
  readonly lastModifiedAt: Date
}

async function stampsOf(world: World, table = 'sessions'): Promise<Stamps> {
  const rows = await world.sql<Stamps & Record<string, unknown>>(
    `SELECT version, created_at AS "createdAt", last_modified_at AS "lastModifiedAt" FROM ${table} ORDER BY id LIMIT 1`,
  )
  return rows[0]!
}

describe('last_modified_at and version', () => {
  test.each<[string, (programme: Programme) => string]>([
    ['a value', () => `UPDATE sessions SET title = 'By hand'`],
    ['a value to null', () => `UPDATE sessions SET language = NULL, abstract = 'x'`],
    ['a speaker link deleted', () => 'DELETE FROM session_speakers'],
    [
      'a speaker link added',
      ({ speakers }) =>
        `INSERT INTO session_speakers (event_id, session_id, speaker_id, position) SELECT event_id, id, '${speakers[1]}', 1 FROM sessions`,
    ],
    ['a speaker link changed', ({ speakers }) => `UPDATE session_speakers SET speaker_id = '${speakers[1]}'`],
    [
      'many changes in one transaction',
      ({ speakers }) =>
        `BEGIN; UPDATE sessions SET title = 'a'; DELETE FROM session_speakers; SAVEPOINT s; UPDATE sessions SET title = 'b'; INSERT INTO session_speakers (event_id, session_id, speaker_id) SELECT event_id, id, '${speakers[1]}' FROM sessions; COMMIT`,
    ],
  ])('take one step for %s by raw SQL', async (_what, sql) => {
    const { world, programme } = await scene()
    const before = await stampsOf(world)
    await world.sql(sql(programme))
    const after = await stampsOf(world)
    expect(after.version).toBe(before.version + 1)
    expect(after.lastModifiedAt.getTime()).toBeGreaterThan(before.lastModifiedAt.getTime())
    expect(after.createdAt).toEqual(before.createdAt)
  })

  test.each([
    ['saves what is there already', `UPDATE sessions SET title = title, abstract = abstract`],
    [
      'writes the stamps',
      `UPDATE sessions SET last_modified_at = '2000-01-01Z', version = 99, created_at = '2000-01-01Z', changed_in = 1`,
    ],
    ['writes the copy of the speaker list', `UPDATE sessions SET speaker_ids = '{}'`],
    ['reorders nothing', `UPDATE session_speakers SET position = position + 5`],
  ])('stay where raw SQL %s', async (_what, sql) => {
    const { world } = await scene()
    const before = await world.sql('SELECT * FROM sessions')
    await world.sql(sql)
    expect(await world.sql('SELECT * FROM sessions')).toEqual(before)
  })

  test("are the database's on creation too, and equal", async () => {
    const { world } = await scene()
    await world.sql(`INSERT INTO sessions (id, event_id, title, created_at, last_modified_at, version, speaker_ids)
      SELECT '00000000-0000-7000-8000-000000000000', event_id, 'Raw', '1999-01-01Z', '2099-01-01Z', 7, '{}' FROM sessions`)
    const { version, createdAt, lastModifiedAt } = await stampsOf(world)
    expect(version).toBe(1)
    expect(createdAt).toEqual(lastModifiedAt)
    expect(Math.abs(createdAt.getTime() - Date.now())).toBeLessThan(60_000)
  })

  test('never go back, and are whole milliseconds', async () => {
    const { world, id } = await scene()
    await world.sql('ALTER TABLE sessions DISABLE TRIGGER stamp_row')
    await world.sql(`UPDATE sessions SET last_modified_at = '2090-01-01T00:00:00.123Z'`)
    await world.sql('ALTER TABLE sessions ENABLE TRIGGER stamp_row')
    const { data } = await world.organize(
      `mutation ($id: ID!) { updateSession(id: $id, patch: { title: "Later" }) { session { lastModifiedAt } } }`,
      { id },
    )
    expect(data.updateSession.session.lastModifiedAt).toBe('2090-01-01T00:00:00.124Z')
    const rows = await world.sql(
      `SELECT count(*)::int AS odd FROM revisions WHERE date_trunc('milliseconds', recorded_at) <> recorded_at`,
    )
    expect(rows).toEqual([{ odd: 0 }])
  })

  test('of a room are its own: renaming it changes no session', async () => {
    const { world, programme } = await scene()
    await world.sql(`UPDATE sessions SET room_id = '${programme.rooms[0]}'`)
    const [session, room] = [await stampsOf(world), await stampsOf(world, 'rooms')]
    await world.sql(`UPDATE rooms SET name = name || '!'`)
    expect(await stampsOf(world)).toEqual(session)
    expect((await stampsOf(world, 'rooms')).version).toBe(room.version + 1)
  })
})

test('two transactions that change one speaker list at once lose neither change', async () => {
  const { world, programme, id } = await scene()
  const [, bo] = programme.speakers
  const { db } = world.operator
  const [extra] = await db.speaker.createManyAndReturn({
    data: [{ eventId: programme.eventId, name: 'Cy' }],
    select: { id: true },
  })
  await world.sql('BEGIN')
  await world.sql(
    `INSERT INTO session_speakers (event_id, session_id, speaker_id, position) VALUES ($1, $2, $3, 1)`,
    [programme.eventId, id, bo],
  )
  const other = db.sessionSpeaker.create({
    data: { eventId: programme.eventId, sessionId: id, speakerId: extra!.id, position: 2 },
  })
  const waiting = other.then(() => 'done')
  await new Promise((resolve) => setTimeout(resolve, 100))
  await world.sql('COMMIT')
  await waiting
  const rows = await world.sql<{ speaker_ids: string[] }>('SELECT speaker_ids FROM sessions')
  expect(rows[0]!.speaker_ids).toHaveLength(3)
})

describe('a session that was deleted for good, by hand', () => {
  test('is known to the past, and goes on with its history when it comes back', async () => {
    const { world, id } = await scene()
    const past = (moment: Date) =>
      world.organize(`{ session(id: "${id}", asOf: "${moment.toISOString()}") { title version createdAt } }`)
    const [stored] = await world.sql('SELECT * FROM sessions')
    await world.sql('DELETE FROM sessions')
    const [gone] = await world.sql(
      `SELECT * FROM revisions WHERE entity = 'session' ORDER BY version DESC LIMIT 1`,
    )
    expect(gone).toMatchObject({ operation: 'deleted', version: 2, actor: null })
    expect((await past(stored!['last_modified_at'])).data.session).toMatchObject({
      title: 'Talk',
      version: 1,
    })
    expect((await past(gone!['recorded_at'])).data.session).toBeNull()

    await world.sql(
      `INSERT INTO sessions (id, event_id, title, last_modified_at) VALUES ($1, $2, 'Back', now())`,
      [id, stored!['event_id']],
    )
    const [back] = await world.sql('SELECT title, version, created_at, last_modified_at FROM sessions')
    expect(back).toMatchObject({ title: 'Back', version: 3 })
    expect(back!['last_modified_at'].getTime()).toBeGreaterThan(gone!['recorded_at'].getTime())
    const { data } = await world.organize(
      `{ session(id: "${id}") { history { nodes { version operation } } } }`,
    )
    expect(data.session.history.nodes).toEqual([
      { version: 3, operation: 'CREATED' },
      { version: 2, operation: 'DELETED' },
      { version: 1, operation: 'CREATED' },
    ])
  })
})

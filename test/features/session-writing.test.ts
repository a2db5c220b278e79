import { describe, expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const create = `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id startsAt } } }`
const update = `mutation ($id: ID!, $patch: SessionPatch!, $expectedVersion: Int) {
  updateSession(id: $id, patch: $patch, expectedVersion: $expectedVersion) {
    session { title version lastModifiedAt startsAt endsAt abstract speakers { name } track { name } } } }`

describe('a new session', () => {
  test('has every value that was sent, in UTC, and the stamps of the database', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const input = {
      eventSlug: 'spring',
      title: 'Zeit 🕰 und Raum',
      subtitle: 'a subtitle',
      abstract: 'short',
      description: 'long\nlines',
      language: 'de',
      level: 'EXPERT',
      state: 'ACCEPTED',
      startsAt: '2027-03-27T10:00:00.123456+05:30',
      endsAt: '2027-03-27T06:00:00Z',
      slidesUrl: 'https://example.org/slides',
      videoUrl: 'https://example.org/video',
      audioUrl: 'https://example.org/audio',
      signupUrl: 'http://example.org/sign-up?a=b',
      trackId: programme.tracks[0],
      roomId: programme.rooms[1],
      sessionTypeId: programme.types[0],
      speakerIds: programme.speakers.toReversed(),
    }
    const { data, errors } = await world.organize(
      `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session {
        title subtitle abstract description language level state startsAt endsAt startsAtLocal
        slidesUrl videoUrl audioUrl signupUrl track { name } room { name } sessionType { name } speakers { name }
        isLocked submittedAt deletedAt version createdAt lastModifiedAt event { slug } } } }`,
      { input },
    )
    expect(errors).toBeUndefined()
    const { createdAt, lastModifiedAt, ...session } = data.createSession.session
    expect(session).toEqual({
      title: input.title,
      subtitle: input.subtitle,
      abstract: input.abstract,
      description: input.description,
      language: input.language,
      level: input.level,
      state: input.state,
      startsAt: '2027-03-27T04:30:00.123Z',
      endsAt: '2027-03-27T06:00:00.000Z',
      startsAtLocal: '2027-03-27T05:30:00',
      slidesUrl: input.slidesUrl,
      videoUrl: input.videoUrl,
      audioUrl: input.audioUrl,
      signupUrl: input.signupUrl,
      track: { name: 'Time' },
      room: { name: 'Attic' },
      sessionType: { name: 'Talk' },
      speakers: [{ name: 'Bo' }, { name: 'Ada' }],
      isLocked: false,
      submittedAt: expect.stringMatching(/Z$/),
      deletedAt: null,
      version: 1,
      event: { slug: 'spring' },
    })
    expect(lastModifiedAt).toBe(createdAt)
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(60_000)
  })

  test('is stored at the instant that was meant, whatever zone the database and the process stand in', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await createSession(world, programme, { startsAtLocal: '2027-03-28T03:00', timeZone: 'America/St_Johns' })
    const rows = await world.sql(
      `SELECT current_setting('TimeZone') AS zone, starts_at::text AS here, extract(epoch FROM starts_at)::int AS epoch FROM sessions`,
    )
    expect(rows).toEqual([
      { zone: 'Asia/Kolkata', here: '2027-03-28 11:00:00+05:30', epoch: Date.UTC(2027, 2, 28, 5, 30) / 1000 },
    ])
  })

  test.each([
    ['EARLIER', '2027-10-31T00:30:00.000Z'],
    ['LATER', '2027-10-31T01:30:00.000Z'],
  ])('at an hour that the clocks show twice is the one that %s says', async (disambiguation, startsAt) => {
    const world = await createWorld()
    await createProgramme(world)
    const input = { eventSlug: 'spring', title: 'Autumn', startsAtLocal: '2027-10-31T02:30', disambiguation }
    const { data } = await world.organize(create, { input })
    expect(data.createSession.session.startsAt).toBe(startsAt)
  })

  test.each([
    ['2027-10-31T02:30', 'happens twice at', '2027-10-31T00:30:00.000Z or 2027-10-31T01:30:00.000Z'],
    ['2027-03-28T02:30', 'is skipped by', '2027-03-28T00:30:00.000Z or 2027-03-28T01:30:00.000Z'],
  ])(
    'at %s, which %s a clock change, is refused with the instants that it could mean',
    async (local, happens, instants) => {
      const world = await createWorld()
      await createProgramme(world)
      const { errors } = await world.organize(create, {
        input: { eventSlug: 'spring', title: 'Odd', startsAtLocal: local },
      })
      const message =
        `${local} ${happens} a clock change in Europe/Berlin: it could mean ${instants}. ` +
        'Send an instant, or say which by "disambiguation".'
      expect(errors?.[0]?.extensions.issues).toEqual([{ path: ['input', 'startsAtLocal'], message }])
    },
  )

  test.each([
    ['a blank title', { title: ' \t' }, 'title', 'must not be blank.'],
    ['a title over its length', { title: 'x'.repeat(501) }, 'title', 'must be at most 500 characters long.'],
    ['a NUL', { title: 'a\u0000b' }, 'title', 'holds the control character U+0000, and must be one line.'],
    ['a bell in the abstract', { abstract: 'a\u0007b' }, 'abstract', 'holds the control character U+0007.'],
    [
      'half an emoji',
      { subtitle: '\ud83d' },
      'subtitle',
      'holds half of a surrogate pair, which is no character.',
    ],
    [
      'an end before the start',
      { startsAt: '2027-03-27T10:00:00Z', endsAt: '2027-03-27T11:00:00+02:00' },
      'endsAt',
      'The session would end before it starts, or at once: 2027-03-27T10:00:00.000Z to 2027-03-27T09:00:00.000Z.',
    ],
    [
      'a wall-clock end before the start',
      { startsAtLocal: '2027-03-27T11:00', endsAtLocal: '2027-03-27T10:00' },
      'endsAtLocal',
      'The session would end before it starts, or at once: 2027-03-27T10:00:00.000Z to 2027-03-27T09:00:00.000Z.',
    ],
    [
      'an end without a start',
      { endsAt: '2027-03-27T10:00:00Z' },
      'endsAt',
      'A session can only end where it starts: set both, or none.',
    ],
    [
      'an instant and a wall clock',
      { startsAt: '2027-03-27T10:00:00Z', endsAtLocal: '2027-03-27T12:00' },
      'endsAtLocal',
      'Send instants (startsAt, endsAt) or wall-clock times (startsAtLocal, endsAtLocal), not both.',
    ],
    [
      'a zone for nothing',
      { timeZone: 'Asia/Tokyo' },
      'timeZone',
      'belongs to startsAtLocal and endsAtLocal; instants carry their own offset.',
    ],
    ['no state at all', { state: null }, 'state', "can't be cleared: leave it out to keep what is stored."],
    ['a track that is no id', { trackId: 'x' }, 'trackId', 'There is no track "x" in this event.'],
  ])('is refused with %s', async (_what, input, field, message) => {
    const world = await createWorld()
    await createProgramme(world)
    const { data, errors } = await world.organize(create, {
      input: { eventSlug: 'spring', title: 'A talk', ...input },
    })
    expect(data).toEqual({ createSession: null })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', field], message }],
    })
    expect(await world.sql('SELECT id FROM sessions')).toEqual([])
  })

  test('is refused with everything that is wrong about it at once', async () => {
    const world = await createWorld()
    const foreign = await createProgramme(world, 'summer')
    await createProgramme(world)
    const { errors } = await world.organize(create, {
      input: {
        eventSlug: 'spring',
        title: 'Borrowed',
        trackId: foreign.tracks[0],
        roomId: foreign.rooms[0],
        sessionTypeId: foreign.types[0],
        speakerIds: [foreign.speakers[0], foreign.speakers[0]],
      },
    })
    const paths = errors?.[0]?.extensions.issues.map(({ path }: { path: string[] }) => path.join('.'))
    expect(paths).toEqual([
      'input.trackId',
      'input.roomId',
      'input.sessionTypeId',
      'input.speakerIds.0',
      'input.speakerIds.1',
      'input.speakerIds',
    ])
  })

  test('has each speaker once, however the id is written', async () => {
    const world = await createWorld()
    const { speakers } = await createProgramme(world)
    const input = { eventSlug: 'spring', title: 'A', speakerIds: [speakers[0], speakers[0]!.toUpperCase()] }
    const { errors } = await world.organize(create, { input })
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['input', 'speakerIds'], message: 'names a speaker twice.' },
    ])
  })

  test('can not point into another event, by raw SQL either', async () => {
    const world = await createWorld()
    const foreign = await createProgramme(world, 'summer')
    const id = await createSession(world, await createProgramme(world), {})
    const move = (column: string, value: string) =>
      world.sql(`UPDATE sessions SET ${column} = $2 WHERE id = $1`, [id, value])
    await expect(move('track_id', foreign.tracks[0]!)).rejects.toThrow('sessions_event_id_track_id_fkey')
    await expect(move('room_id', foreign.rooms[0]!)).rejects.toThrow('sessions_event_id_room_id_fkey')
    await expect(move('session_type_id', foreign.types[0]!)).rejects.toThrow(
      'sessions_event_id_session_type_id_fkey',
    )
    const link =
      'INSERT INTO session_speakers (event_id, session_id, speaker_id) SELECT event_id, id, $2 FROM sessions WHERE id = $1'
    await expect(world.sql(link, [id, foreign.speakers[0]])).rejects.toThrow(
      'session_speakers_event_id_speaker_id_fkey',
    )
  })
})

describe('a changed session', () => {
  test('has a new title, a later stamp, the next version, and nothing else new', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { abstract: 'stays', speakerIds: programme.speakers })
    const [before] = await rowsOf(world)
    const { data } = await world.organize(update, { id, patch: { title: 'New' } })
    const [after] = await rowsOf(world)
    expect(data.updateSession.session).toMatchObject({ title: 'New', version: 2, abstract: 'stays' })
    expect(after!['last_modified_at'] > before!['last_modified_at']).toBe(true)
    const changed = Object.keys(after!).filter(
      (column) => JSON.stringify(after![column]) !== JSON.stringify(before![column]),
    )
    expect(changed.sort()).toEqual(['changed_in', 'last_modified_at', 'title', 'version'])
  })

  test('keeps stamp and version where the patch changes nothing', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { title: 'Same', speakerIds: programme.speakers })
    const before = await rowsOf(world)
    await world.organize(update, { id, patch: {} })
    await world.organize(update, { id, patch: { title: 'Same', speakerIds: programme.speakers } })
    expect(await rowsOf(world)).toEqual(before)
  })

  test('takes one step for its values and its speakers together', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { speakerIds: programme.speakers })
    const reversed = await world.organize(update, {
      id,
      patch: { title: 'x', speakerIds: programme.speakers.toReversed() },
    })
    expect(reversed.data.updateSession.session).toMatchObject({
      version: 2,
      speakers: [{ name: 'Bo' }, { name: 'Ada' }],
    })
    const nobody = await world.organize(update, { id, patch: { speakerIds: null } })
    expect(nobody.data.updateSession.session).toMatchObject({ version: 3, speakers: [] })
  })

  test('clears by null what can be empty and keeps what is left out', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const input = {
      abstract: 'x',
      trackId: programme.tracks[0],
      startsAt: '2027-03-27T10:00:00Z',
      endsAt: '2027-03-27T11:00:00Z',
    }
    const id = await createSession(world, programme, input)
    const { data } = await world.organize(update, {
      id,
      patch: { abstract: null, trackId: null, startsAtLocal: null, endsAtLocal: null },
    })
    expect(data.updateSession.session).toMatchObject({
      abstract: null,
      track: null,
      startsAt: null,
      endsAt: null,
      title: 'A talk',
    })
  })

  test('is as long as before, or as its type says, where it is only given a start', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await world.sql('UPDATE session_types SET duration_minutes = 45 WHERE id = $1', [programme.types[0]])
    const inputOf = (times: object) => ({ eventSlug: 'spring', title: 'A talk', ...times })
    const made = async (times: object) => {
      const { data, errors } = await world.organize(
        `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id startsAt endsAt } } }`,
        { input: inputOf(times) },
      )
      expect(errors).toBeUndefined()
      return data.createSession.session
    }
    const changed = async (id: string, patch: object) => {
      const { data, errors } = await world.organize(update, { id, patch })
      expect(errors).toBeUndefined()
      const { startsAt, endsAt } = data.updateSession.session
      return [startsAt, endsAt]
    }
    const sessionTypeId = programme.types[0]
    // 45 minutes, over the clock change at 2 o'clock, are 45 minutes.
    const typed = await made({ startsAtLocal: '2027-03-28T01:45', sessionTypeId })
    expect(typed).toMatchObject({ startsAt: '2027-03-28T00:45:00.000Z', endsAt: '2027-03-28T01:30:00.000Z' })
    expect(await made({ startsAt: '2027-03-27T09:00:00Z', endsAt: null, sessionTypeId })).toMatchObject({
      endsAt: null,
    })
    const { id } = await made({ startsAt: '2027-03-27T09:00:00Z', endsAt: '2027-03-27T11:00:00Z' })
    expect(await changed(id, { startsAt: '2027-03-27T12:00:00Z' })).toEqual([
      '2027-03-27T12:00:00.000Z',
      '2027-03-27T14:00:00.000Z',
    ])
    expect(await changed(id, { startsAtLocal: '2027-03-28T01:30' })).toEqual([
      '2027-03-28T00:30:00.000Z',
      '2027-03-28T02:30:00.000Z',
    ])
    expect(await changed(id, { startsAt: null })).toEqual([null, null])
    expect(await changed(id, { startsAt: '2027-03-27T09:00:00Z' })).toEqual([
      '2027-03-27T09:00:00.000Z',
      null,
    ])
    expect(await changed(id, { startsAt: '2027-03-27T09:00:00Z', sessionTypeId })).toEqual([
      '2027-03-27T09:00:00.000Z',
      null,
    ])
    expect(await changed(id, { startsAt: '2027-03-27T09:30:00Z' })).toEqual([
      '2027-03-27T09:30:00.000Z',
      '2027-03-27T10:15:00.000Z',
    ])
    const { errors } = await world.organize(update, { id, patch: { startsAt: '2200-12-31T23:59:00Z' } })
    expect(errors?.[0]?.extensions.issues[0].path).toEqual(['patch', 'startsAt'])
  })

  test('made for an old version is a conflict, and nothing is written', async () => {
    const world = await createWorld()
    const id = await createSession(world, await createProgramme(world), {})
    await world.organize(update, { id, patch: { title: 'First' }, expectedVersion: 1 })
    const [stored] = await rowsOf(world)
    const { data, errors } = await world.organize(update, {
      id,
      patch: { title: 'Second' },
      expectedVersion: 1,
    })
    expect(data).toEqual({ updateSession: null })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'CONFLICT',
      current: { version: 2, lastModifiedAt: stored!['last_modified_at'].toISOString() },
      changedFields: ['title'],
      conflicts: [{ field: 'title', base: 'A talk', stored: 'First', sent: 'Second' }],
    })
    expect(await rowsOf(world)).toEqual([stored])
  })

  test('has exactly one winner where many write for the same version', async () => {
    const world = await createWorld()
    const id = await createSession(world, await createProgramme(world), {})
    const writers = Array.from({ length: 20 }, (_, index) =>
      world.organize(update, { id, patch: { title: `Writer ${index}` }, expectedVersion: 1 }),
    )
    const answers = await Promise.all(writers)
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    expect(answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code))).toEqual(
      Array.from({ length: 19 }, () => 'CONFLICT'),
    )
  })
})

describe('a deleted session', () => {
  const remove = `mutation ($id: ID!, $expectedVersion: Int) { deleteSession(id: $id, expectedVersion: $expectedVersion) { session { deletedAt version } } }`
  const restore = `mutation ($id: ID!) { restoreSession(id: $id) { session { deletedAt version title speakers { name } } } }`
  const titles = `query ($includeDeleted: Boolean) { event(slug: "spring") { sessions(filter: { includeDeleted: $includeDeleted }) { nodes { title deletedAt } } } }`

  test('leaves every list, and comes back as it was', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, { title: 'Gone', speakerIds: programme.speakers })
    const deleted = await world.organize(remove, { id })
    expect(deleted.data.deleteSession.session).toEqual({ deletedAt: expect.any(String), version: 2 })
    expect((await world.organize(titles)).data.event.sessions.nodes).toEqual([])
    expect((await world.ask(`query ($id: ID!) { session(id: $id) { id } }`, { id })).data.session).toBeNull()
    const all = await world.organize(titles, { includeDeleted: true })
    expect(all.data.event.sessions.nodes).toEqual([{ title: 'Gone', deletedAt: expect.any(String) }])

    const restored = await world.organize(restore, { id })
    expect(restored.data.restoreSession.session).toEqual({
      deletedAt: null,
      version: 3,
      title: 'Gone',
      speakers: [{ name: 'Ada' }, { name: 'Bo' }],
    })
    expect((await world.ask(titles)).data.event.sessions.nodes).toHaveLength(1)
  })

  test('is not found by a second delete or by an update, and kept by an old version', async () => {
    const world = await createWorld()
    const id = await createSession(world, await createProgramme(world), {})
    const stale = await world.organize(remove, { id, expectedVersion: 7 })
    expect(stale.errors?.[0]?.extensions.code).toBe('CONFLICT')
    await world.organize(remove, { id, expectedVersion: 1 })
    const again = await world.organize(remove, { id })
    const updated = await world.organize(update, { id, patch: { title: 'x' } })
    expect([again, updated].map(({ errors }) => errors?.[0]?.extensions.code)).toEqual([
      'NOT_FOUND',
      'NOT_FOUND',
    ])
  })

  test('is shown in lists to organizers only', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const { errors } = await world.ask(titles, { includeDeleted: true })
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

type StoredRow = Record<string, unknown> & { last_modified_at: Date }

async function rowsOf(world: World): Promise<StoredRow[]> {
  return world.sql<StoredRow>('SELECT * FROM sessions ORDER BY id')
}

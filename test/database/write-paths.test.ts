import { describe, expect, test } from 'vitest'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

type Paths = [string, (world: World, programme: Programme, id: string) => Promise<unknown>][]

const link = (programme: Programme, sessionId: string, index: number) => ({
  eventId: programme.eventId,
  sessionId,
  speakerId: programme.speakers[index]!,
})

/** Everything that writes a session with another value than it has. */
const changing: Paths = [
  ['update', ({ operator: { db } }, _p, id) => db.session.update({ where: { id }, data: { title: 'x' } })],
  ['updateMany', ({ operator: { db } }) => db.session.updateMany({ data: { level: 'EXPERT' } })],
  [
    'updateManyAndReturn',
    ({ operator: { db } }) => db.session.updateManyAndReturn({ data: { isLocked: true } }),
  ],
  [
    'upsert',
    ({ operator: { db } }, { eventId }, id) =>
      db.session.upsert({ where: { id }, create: { eventId, title: 'new' }, update: { title: 'x' } }),
  ],
  [
    'a nested update',
    ({ operator: { db } }, { eventId }, id) =>
      db.event.update({
        where: { id: eventId },
        data: { sessions: { update: { where: { id }, data: { abstract: 'x' } } } },
      }),
  ],
  [
    'a nested updateMany',
    ({ operator: { db } }, { eventId }) =>
      db.event.update({
        where: { id: eventId },
        data: { sessions: { updateMany: { where: {}, data: { abstract: 'x' } } } },
      }),
  ],
  [
    'connecting a room',
    ({ operator: { db } }, { rooms }, id) =>
      db.session.update({ where: { id }, data: { room: { connect: { id: rooms[0]! } } } }),
  ],
  [
    'disconnecting the track',
    ({ operator: { db } }, _p, id) => db.session.update({ where: { id }, data: { trackId: null } }),
  ],
  [
    'linking a speaker',
    ({ operator: { db } }, programme, id) =>
      db.sessionSpeaker.create({ data: { ...link(programme, id, 1), position: 1 } }),
  ],
  [
    'linking a speaker in a nested write',
    ({ operator: { db } }, programme, id) =>
      db.session.update({
        where: { id },
        data: {
          speakers: { create: { position: 1, speaker: { connect: { id: programme.speakers[1]! } } } },
        },
      }),
  ],
  ['unlinking all speakers', ({ operator: { db } }) => db.sessionSpeaker.deleteMany({})],
  [
    'unlinking a speaker in a nested write',
    ({ operator: { db } }, _p, id) =>
      db.session.update({ where: { id }, data: { speakers: { deleteMany: {} } } }),
  ],
  [
    'setting other speakers in a nested write',
    ({ operator: { db } }, programme, id) =>
      db.session.update({
        where: { id },
        data: {
          speakers: {
            deleteMany: {},
            create: [{ position: 0, speaker: { connect: { id: programme.speakers[1]! } } }],
          },
        },
      }),
  ],
  ['$executeRaw', ({ operator: { db } }) => db.$executeRaw`UPDATE sessions SET title = 'x'`],
  [
    'the API',
    (world, _p, id) =>
      world.organize(`mutation { updateSession(id: "${id}", patch: { title: "x" }) { session { id } } }`),
  ],
  ['psql', (world) => world.sql(`UPDATE sessions SET title = 'x'`)],
]

/** Everything that writes a session as it is, or writes something else. */
const changingNothing: Paths = [
  ['update', ({ operator: { db } }, _p, id) => db.session.update({ where: { id }, data: { title: 'Talk' } })],
  ['update of nothing', ({ operator: { db } }, _p, id) => db.session.update({ where: { id }, data: {} })],
  [
    'updateMany',
    ({ operator: { db } }) => db.session.updateMany({ data: { title: 'Talk', state: 'CONFIRMED' } }),
  ],
  [
    'upsert',
    ({ operator: { db } }, { eventId }, id) =>
      db.session.upsert({ where: { id }, create: { eventId, title: 'new' }, update: { title: 'Talk' } }),
  ],
  [
    'the same speakers by the API',
    (world, { speakers }, id) =>
      world.organize(
        `mutation { updateSession(id: "${id}", patch: { speakerIds: ["${speakers[0]}"] }) { session { id } } }`,
      ),
  ],
  ['a renamed speaker', (world) => world.sql(`UPDATE speakers SET name = 'x'`)],
  ['a renamed track', (world) => world.sql(`UPDATE tracks SET name = 'x'`)],
  ['a changed event', (world) => world.sql(`UPDATE events SET name = 'x'`)],
  ['another session', (world, programme) => createSession(world, programme, {})],
  ['psql', (world) => world.sql('UPDATE sessions SET title = title')],
]

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, {
    title: 'Talk',
    trackId: programme.tracks[0],
    speakerIds: [programme.speakers[0]],
  })
  const stamps = async () => {
    const [row] = await world.sql(
      `SELECT version, last_modified_at, (SELECT count(*)::int FROM revisions WHERE entity_id = s.id) AS revisions
       FROM sessions s WHERE id = $1`,
      [id],
    )
    return row as { version: number; last_modified_at: Date; revisions: number }
  }
  return { world, programme, id, stamps }
}

describe('lastModifiedAt, version and history of a session', () => {
  test.each(changing)('take one step by %s', async (_path, write) => {
    const { world, programme, id, stamps } = await scene()
    const before = await stamps()
    await write(world, programme, id)
    const after = await stamps()
    expect(after).toMatchObject({ version: before.version + 1, revisions: before.revisions + 1 })
    expect(after.last_modified_at.getTime()).toBeGreaterThan(before.last_modified_at.getTime())
  })

  test.each(changingNothing)('stay where %s changes nothing of it', async (_path, write) => {
    const { world, programme, id, stamps } = await scene()
    const before = await stamps()
    await write(world, programme, id)
    expect(await stamps()).toEqual(before)
  })

  test('are no values that a client can send', async () => {
    const { world, id } = await scene()
    for (const field of [
      'lastModifiedAt: "2027-01-01T00:00:00Z"',
      'createdAt: "2027-01-01T00:00:00Z"',
      'version: 9',
      'submittedAt: "2027-01-01T00:00:00Z"',
      'isLocked: true',
    ]) {
      for (const mutation of [
        `updateSession(id: "${id}", patch: { ${field} }) { session { id } }`,
        `createSession(input: { eventSlug: "spring", title: "x", ${field} }) { session { id } }`,
      ]) {
        const { errors } = await world.organize(`mutation { ${mutation} }`)
        expect(errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED')
      }
    }
  })
})

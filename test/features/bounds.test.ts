import { getDirectiveValues, type GraphQLObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

/** What an event has without pages: the SDL's field, the table, a row of it, and how one more is asked for. */
const lists = [
  [
    'tracks',
    'tracks',
    `position) SELECT gen_random_uuid(), $1, 'x', 9`,
    'createTrack(input: { eventSlug: "spring", name: "More" }) { track { id } }',
  ],
  [
    'rooms',
    'rooms',
    `position) SELECT gen_random_uuid(), $1, 'x', 9`,
    'createRoom(input: { eventSlug: "spring", name: "More" }) { room { id } }',
  ],
  [
    'sessionTypes',
    'session_types',
    `position) SELECT gen_random_uuid(), $1, 'x', 9`,
    'createSessionType(input: { eventSlug: "spring", name: "More" }) { sessionType { id } }',
  ],
  [
    'breaks',
    'breaks',
    `starts_at, ends_at) SELECT gen_random_uuid(), $1, 'x', '2027-03-27T10:00Z', '2027-03-27T11:00Z'`,
    'createBreak(input: { eventSlug: "spring", name: "More", startsAt: "2027-03-27T10:00:00Z", endsAt: "2027-03-27T11:00:00Z" }) { break { id } }',
  ],
] as const

describe.each(lists)('the %s of an event', (field, table, row, create) => {
  test('are as many at most as the cost of a query takes them to be, and a refusal says so', async () => {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    const most = assumed('Event', field)
    const [{ count }] = (await world.sql(`SELECT count(*)::integer FROM ${table}`)) as [{ count: number }]
    const insert = (rows: number) =>
      world.sql(`INSERT INTO ${table} (id, event_id, name, ${row} FROM generate_series(1, ${rows})`, [
        eventId,
      ])
    await insert(most - count)
    const { errors } = await world.organize(`mutation { ${create} }`)
    expect(errors?.[0]).toMatchObject({
      message: expect.stringMatching(new RegExp(`an event has ${most} [a-z ]+ at most`)),
      extensions: { code: 'BAD_USER_INPUT' },
    })
    await expect(insert(1)).rejects.toThrow('at most')
    await world.sql(
      `UPDATE ${table} SET deleted_at = now() WHERE id = (SELECT min(id::text)::uuid FROM ${table})`,
    )
    expect((await world.organize(`mutation { ${create} }`)).errors).toBeUndefined()
    await expect(world.sql(`UPDATE ${table} SET deleted_at = NULL`)).rejects.toThrow('at most')
  })
})

test('a session has 50 speakers at most', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await world.sql(
    `INSERT INTO speakers (id, event_id, name) SELECT gen_random_uuid(), $1, 's' FROM generate_series(1, 51)`,
    [programme.eventId],
  )
  const ids = (await world.sql<{ id: string }>(`SELECT id FROM speakers WHERE name = 's'`)).map(
    ({ id }) => id,
  )
  await createSession(world, programme, { speakerIds: ids.slice(0, 50) })
  await expect(createSession(world, programme, { speakerIds: ids })).rejects.toThrow('50')
  expect(await world.sql('SELECT id FROM sessions')).toHaveLength(1)
})

test('two who add at once do not add more than there is room for', async () => {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  await world.sql(
    `INSERT INTO session_types (id, event_id, name, position) SELECT gen_random_uuid(), $1, 'x', 9 FROM generate_series(1, 45)`,
    [eventId],
  )
  const add =
    'mutation { createSessionType(input: { eventSlug: "spring", name: "More" }) { sessionType { id } } }'
  const answers = await Promise.all(Array.from({ length: 8 }, () => world.organize(add)))
  expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(3)
})

function assumed(type: string, field: string): number {
  const schema = executableSchema()
  const { astNode } = (schema.getType(type) as GraphQLObjectType).getFields()[field]!
  return Number(getDirectiveValues(schema.getDirective('listSize')!, astNode!)?.['assumedSize'])
}

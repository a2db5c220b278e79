import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const outOfRange = 'outside the years 1900 to 2200 in UTC'

const tooFar = [
  '0001-01-01T00:00:00Z',
  '1899-12-31T23:59:59.999Z',
  '2201-01-01T00:00:00Z',
  '9999-12-31T23:00:00Z',
]

describe('an instant that some clocks could not show', () => {
  test.each(tooFar)('%s is refused by every input that takes instants', async (instant) => {
    const world = await createWorld()
    const { slug, eventId } = await createProgramme(world)
    const id = await createSession(world, { slug }, {})
    const asked = [
      `mutation ($at: DateTime!) { createSession(input: { eventSlug: "${slug}", title: "A", startsAt: $at }) { session { id } } }`,
      `mutation ($at: DateTime!) { updateSession(id: "${id}", patch: { startsAt: $at }) { session { id } } }`,
      `mutation ($at: DateTime!) { placeSession(id: "${id}", to: { startsAt: $at }) { session { id } } }`,
      `mutation ($at: DateTime!) { updateEvent(id: "${eventId}", patch: { endsAt: $at }) { event { id } } }`,
      `query ($at: DateTime!) { event(slug: "${slug}") { sessions(filter: { startsAt: { gte: $at } }) { totalCount } } }`,
    ]
    const answers = await Promise.all(asked.map((query) => world.organize(query, { at: instant })))
    for (const { errors } of answers) {
      expect(errors).toEqual([
        {
          message: expect.stringContaining(`"${instant}" is ${outOfRange}`),
          locations: expect.anything(),
          extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }),
        },
      ])
    }
  })

  test.each(['0001-01-01', '1898-12-31', '2202-01-01', '9999-12-31'])(
    'no list is asked for the day %s, and the days on which the first and the last instant may be have no sessions',
    async (day) => {
      const world = await createWorld()
      const { slug } = await createProgramme(world)
      const asked = `query ($day: LocalDate!) { event(slug: "${slug}") { sessions(filter: { day: $day }) { totalCount } } }`
      const { errors } = await world.ask(asked, { day })
      expect(errors?.map(({ message, extensions }) => [message, extensions.code])).toEqual([
        [
          `Variable "$day" got invalid value "${day}"; "${day}" is outside the years 1899 to 2201.`,
          'BAD_USER_INPUT',
        ],
      ])
      for (const last of ['1899-01-01', '2201-12-31'])
        expect((await world.ask(asked, { day: last })).data.event.sessions.totalCount).toBe(0)
    },
  )

  test.each([
    ['1899-12-30T12:00', 'Europe/Berlin'],
    ['1900-01-01T01:00', 'Asia/Tokyo'],
    ['2200-12-31T23:00', 'America/New_York'],
    ['9999-12-31T23:00', 'Europe/Berlin'],
  ])('is refused as the wall-clock time %s in %s', async (startsAtLocal, timeZone) => {
    const world = await createWorld()
    const { slug } = await createProgramme(world)
    const { errors } = await world.organize(
      'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }',
      { input: { eventSlug: slug, title: 'A', startsAtLocal, timeZone } },
    )
    expect(errors).toEqual([expect.objectContaining({ message: expect.stringContaining(outOfRange) })])
    expect(errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('is refused as the end that a longer session would have in the slot of another', async () => {
    const world = await createWorld()
    const { slug } = await createProgramme(world)
    const add = (startsAt: string, endsAt: string) => createSession(world, { slug }, { startsAt, endsAt })
    const long = await add('2027-03-27T10:00:00Z', '2027-03-27T12:00:00Z')
    const last = await add('2200-12-31T23:00:00Z', '2200-12-31T23:59:00Z')
    const { errors } = await world.organize(
      `mutation { swapSessions(one: { id: "${long}" }, other: { id: "${last}" }, keepLengths: true) { sessions { id } } }`,
    )
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['one', 'id'], message: `The session would end ${outOfRange}.` }],
    })
  })

  test('spoils nothing for others if it is stored all the same', async () => {
    const world = await createWorld()
    const { slug, rooms } = await createProgramme(world)
    for (const title of ['A', 'B']) await createSession(world, { slug }, { title, roomId: rooms[0] })
    await world.sql("UPDATE sessions SET starts_at = '9999-12-31 23:00Z', ends_at = '9999-12-31 23:30Z'")
    const query = `{ event(slug: "${slug}") { scheduleConflicts { message }
      sessions(orderBy: { field: STARTS_AT, direction: ASC }, first: 1) { nodes { startsAtLocal } pageInfo { endCursor } } } }`
    const { data, errors } = await world.organize(query)
    expect(errors).toBeUndefined()
    expect(data.event.scheduleConflicts[0].message).toContain('10000-01-01')
    const next = `query ($after: String) { event(slug: "${slug}") {
      sessions(orderBy: { field: STARTS_AT, direction: ASC }, after: $after) { nodes { title } } } }`
    const { endCursor } = data.event.sessions.pageInfo
    const rest = await world.organize(next, { after: endCursor })
    expect(rest.data.event.sessions.nodes).toHaveLength(1)
  })
})

test('the first and the last instant can be stored, and every zone shows them', async () => {
  const world = await createWorld()
  const { slug } = await createProgramme(world)
  const [startsAt, endsAt] = ['1900-01-01T00:00:00.000Z', '2200-12-31T23:59:59.999Z']
  await createSession(world, { slug }, { startsAt, endsAt })
  const { data, errors } = await world.ask(`{ event(slug: "${slug}") { sessions { nodes {
    startsAt endsAt startsAtLocal(timeZone: "Pacific/Honolulu") endsAtLocal(timeZone: "Pacific/Kiritimati") } } } }`)
  expect(errors).toBeUndefined()
  expect(data.event.sessions.nodes).toEqual([
    { startsAt, endsAt, startsAtLocal: '1899-12-31T13:30:00', endsAtLocal: '2201-01-01T13:59:59' },
  ])
})

test("a zone is stored in IANA's spelling, whatever case it is sent in", async () => {
  const world = await createWorld()
  const { eventId, slug } = await createProgramme(world)
  const zoneOf = async (timeZone: string) => {
    const { data } = await world.organize(
      `mutation ($patch: EventPatch!) { updateEvent(id: "${eventId}", patch: $patch) { event { timeZone } } }`,
      { patch: { timeZone } },
    )
    return data.updateEvent.event.timeZone as string
  }
  expect(await zoneOf('europe/berlin')).toBe('Europe/Berlin')
  expect(await zoneOf('ASIA/KOLKATA')).toBe('Asia/Kolkata')
  const { data } = await world.ask(
    `{ event(slug: "${slug}") { startsAtLocal(timeZone: "america/new_york") } }`,
  )
  expect(data.event.startsAtLocal).toBe('2027-03-27T04:00:00')
})

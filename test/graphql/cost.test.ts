import {
  getNamedType,
  isInterfaceType,
  isLeafType,
  isListType,
  isObjectType,
  getNullableType,
  isIntrospectionType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { longText } from '../../src/compiled/twins.ts'
import { eventTexts } from '../../src/features/event/event.rules.ts'
import { sessionTexts } from '../../src/features/session/session.rules.ts'
import { speakerTexts } from '../../src/features/speaker/speaker.rules.ts'
import { trackTexts } from '../../src/features/track/track.rules.ts'
import { twins } from '../../src/graphql/compiled-twins.ts'
import { queryLimits } from '../../src/graphql/limits.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { prose } from '../../src/text.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

const aliases = (count: number, field: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => field(at)).join(' ')

async function costOf(world: World, query: string, variables: object = {}): Promise<number> {
  const { extensions, errors } = await world.ask(query, variables)
  expect(errors).toBeUndefined()
  expect(extensions?.['cost']).toMatchObject({ limit: queryLimits.points })
  return (extensions!['cost'] as { points: number }).points
}

describe('a query that would cost too much is refused before anything is read for it:', () => {
  const sessions = (fields: string, first = 200) => `sessions(first: ${first}) { nodes { ${fields} } }`
  const byRooms = `sessions(first: 1, filter: { roomIds: [${'"x" '.repeat(400)}] }) { totalCount }`
  const dear: [what: string, selection: string][] = [
    ['sessions of tracks of sessions of tracks', `tracks { ${sessions(`track { ${sessions('id')} }`)} }`],
    ['900 aliases of a value of 200 sessions', sessions(aliases(900, (at) => `a${at}: id`))],
    ['400 wall clocks of 200 sessions', sessions(aliases(400, (at) => `a${at}: startsAtLocal`))],
    ['speakers of sessions of rooms', `rooms { ${sessions('speakers { name }')} }`],
    ['many searches', aliases(100, (at) => `a${at}: sessions(filter: { text: "x" }) { totalCount }`)],
    ['lists of ids in lists', `rooms { ${byRooms} }`],
    [
      'sessions of conflicts of conflicts',
      'scheduleConflicts(first: 1000) { sessions { scheduleConflicts { message } } }',
    ],
  ]

  test('lists in lists, aliases, searches, long lists of ids', async () => {
    const world = await createWorld()
    for (const [what, selection] of dear) {
      const { data, errors, statements, status } = await world.ask(`{ event(slug: "x") { ${selection} } }`)
      expect([what, data, statements, status, errors?.length]).toEqual([what, undefined, 0, 200, 1])
      const { message, extensions } = errors![0]!
      expect(extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX', limit: queryLimits.points })
      expect(extensions.cost).toBeGreaterThan(queryLimits.points)
      const [dearest] = extensions.fields
      expect(dearest.path).toMatch(/^event\./)
      expect(message).toContain(`${dearest.path} (${dearest.points})`)
    }
  })

  test('a page that a variable makes long, and one that is long by its default', async () => {
    const world = await createWorld()
    const query = (unlessSaid: string) =>
      `query ($first: Int${unlessSaid}) { event(slug: "x") { tracks { sessions(first: $first) { nodes { title id } } } } }`
    expect((await world.ask(query(''), { first: 3 })).errors).toBeUndefined()
    expect((await world.ask(query(''), { first: 200 })).errors?.[0]?.extensions.code).toBe(
      'QUERY_TOO_COMPLEX',
    )
    expect((await world.ask(query(' = 200'))).errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })

  test('also if it is the second time that it is sent', async () => {
    const world = await createWorld()
    const query = `{ event(slug: "x") { tracks { sessions(first: 200) { nodes { id title } } } } }`
    await world.ask(query)
    expect((await world.ask(query)).errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })
})

describe('what a query costs is told, and', () => {
  test('grows with the page, with each alias, and not with what @skip leaves out', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const page = (first: number, fields: string) =>
      `query ($no: Boolean = true) { __typename @skip(if: $no) event(slug: "spring") { sessions(first: ${first}) { nodes { ${fields} } } } }`
    const ten = await costOf(world, page(10, 'id'))
    expect(await costOf(world, page(20, 'id'))).toBeGreaterThan(ten)
    expect(await costOf(world, page(10, 'id again: id'))).toBe(ten + 10)
    expect(await costOf(world, page(10, 'id again: id @skip(if: $no)'))).toBe(ten)
    expect(await costOf(world, page(10, 'id id ... on Session { id }'))).toBe(ten)
  })

  test('grows with the ids of a filter, in the query or in a variable', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const query =
      'query ($filter: SessionFilter) { event(slug: "spring") { sessions(filter: $filter) { totalCount } } }'
    const none = await costOf(world, query, { filter: {} })
    expect(await costOf(world, query, { filter: { roomIds: ['a', 'b', 'c'] } })).toBe(none + 3)
    expect(await costOf(world, query, { filter: { text: 'a' } })).toBeGreaterThan(none + 1_000)
  })

  test('is in the log line of the request', async () => {
    const world = await createWorld()
    const points = await costOf(world, '{ events { totalCount } }')
    expect(world.log.findLast(({ msg }) => msg === 'request')).toMatchObject({ cost: points })
  })
})

test('a mutation makes 40 changes at most, fragments counted, and those that are left out not', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const change = (more = '') =>
    `createTrack(input: { eventSlug: "spring", name: "New" }) ${more} { track { id } }`
  const many = aliases(40, (at) => `a${at}: ${change()}`)
  const query = `mutation ($no: Boolean!) { ...All } fragment All on Mutation { ${many} last: ${change('@skip(if: $no)')} }`
  const { data, errors, statements } = await world.organize(query, { no: false })
  expect([data, errors?.length]).toEqual([undefined, 1])
  // Only who asks was found out.
  expect(statements).toBe(1)
  expect(errors![0]).toMatchObject({
    message:
      'The mutation makes 41 changes, and 40 is the most in one request. Nothing was changed: send them in several requests.',
    extensions: { code: 'QUERY_TOO_COMPLEX', changes: 41, limit: 40 },
  })
  const made = await world.organize(query, { no: true })
  expect(made.errors).toBeUndefined()
  expect(Object.keys(made.data as object)).toHaveLength(40)
})

test('an answer whose aliases repeat a long text is refused before it is written down', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, {
    ...{ abstract: 'x'.repeat(100_000), description: '"\n\\u🐘'.repeat(16_666) },
  })
  const query = (times: number, field = 'abstract') =>
    `{ event(slug: "spring") { sessions { nodes { ${aliases(times, (at) => `a${at}: ${field}`)} } } } }`
  expect((await world.ask(query(19))).errors).toBeUndefined()
  // Not counted are names, and what JSON writes a character as.
  expect((await world.ask(query(19, 'description'))).errors).toBeUndefined()
  expect((await world.ask(query(21, 'description'))).errors?.[0]?.message).toContain('more than 2000000')
  // Also if it is known already, which reads nothing a second time.
  for (const _time of [1, 2]) {
    const { data, errors, statements } = await world.ask(query(21))
    expect([data, statements]).toEqual([undefined, 1])
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'QUERY_TOO_COMPLEX' } })
    expect(errors?.[0]?.message).toContain('more than 2000000 characters')
  }
})

describe('the database makes no answer of more texts than an answer may have,', () => {
  const long = '🐘'.repeat(100_000)
  const tooLong = {
    message: 'The query has an answer of more than 2000000 characters. Ask for less, or in several requests.',
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  }

  test.each([
    ['which aliases repeat', aliases(60, (at) => `a${at}: sessions { nodes { abstract } }`)],
    ['in one object', `sessions(first: 1) { nodes { ${aliases(800, (at) => `a${at}: description`)} } }`],
    [
      'of speakers',
      `sessions(first: 5) { nodes { speakers { ${aliases(30, (at) => `a${at}: biography`)} } } }`,
    ],
    ['of tracks and the event', aliases(60, (at) => `a${at}: tracks { description } b${at}: description`)],
  ])('long ones %s', async (_which, selection) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await createSession(world, programme, { abstract: long, description: long })
    await world.sql(
      `UPDATE sessions SET state = 'confirmed'; UPDATE events SET description = '${long}'; UPDATE tracks SET description = '${long}'`,
    )
    await world.sql(
      `INSERT INTO speakers (id, event_id, name, biography, last_modified_at)
       SELECT gen_random_uuid(), id, 'Speaker', '${long}', now() FROM events`,
    )
    await world.sql(
      `INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
       SELECT s.event_id, s.id, p.id, 1 FROM sessions s, speakers p`,
    )
    const { data, errors } = await world.ask(`{ event(slug: "spring") { ${selection} } }`)
    expect([data, errors]).toEqual([undefined, [tooLong]])
  })

  test('short ones that are many', async () => {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, state, last_modified_at)
       SELECT gen_random_uuid(), '${eventId}', repeat('🐘', 500), 'confirmed', now() FROM generate_series(1, 200)`,
    )
    const titles = aliases(200, (at) => `a${at}: title`)
    const query = `{ event(slug: "spring") { sessions(first: 200) { nodes { ${titles} } } } }`
    const { data, errors } = await world.ask(query)
    expect([data, errors]).toEqual([undefined, [tooLong]])
  })

  test('whatever field holds prose', () => {
    const rules = { Event: eventTexts, Session: sessionTexts, Speaker: speakerTexts, Track: trackTexts }
    const uncounted = Object.entries(rules).flatMap(([type, texts]) =>
      Object.entries(texts).flatMap(([name, rule]) =>
        rule === prose && twins[type]?.[name] !== longText ? [`${type}.${name}`] : [],
      ),
    )
    expect(uncounted).toEqual([])
  })
})

test('a query whose aliases are long is refused: each is in every row of the answer', async () => {
  const world = await createWorld()
  const query = (letters: number) => `{ events { nodes { ${'x'.repeat(letters)}: id } } }`
  expect((await world.ask(query(200))).errors).toBeUndefined()
  expect((await world.ask(query(201))).errors).toMatchObject([
    {
      message: expect.stringMatching(/^The query has a name of more than 200 letters\./),
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  ])
})

test('every list of objects says how long it can be: by first, or by @listSize', () => {
  const silent = Object.values(executableSchema().getTypeMap()).flatMap((type) => {
    if (!(isObjectType(type) || isInterfaceType(type)) || isIntrospectionType(type)) return []
    if (type.name.endsWith('Connection')) return []
    return Object.values(type.getFields())
      .filter(
        ({ type: of, astNode, args }) =>
          isListType(getNullableType(of)) &&
          !isLeafType(getNamedType(of)) &&
          !args.some(({ name }) => name === 'first') &&
          !astNode?.directives?.some(({ name }) => name.value === 'listSize'),
      )
      .map(({ name }) => `${type.name}.${name}`)
  })
  expect(silent).toEqual([])
})

test('an answer of resolvers that shows more speakers than any price counts on is refused, with one error', async () => {
  // To the statement that a query is compiled to they cost little.
  const world = await createWorld({ compiledReads: false })
  const programme = await createProgramme(world)
  await world.sql(
    `INSERT INTO speakers (id, event_id, name, last_modified_at)
     SELECT gen_random_uuid(), id, 'Speaker ' || n, now() FROM events, generate_series(1, 50) n`,
  )
  const { data } = await world.organize('{ event(slug: "spring") { speakers(first: 50) { nodes { id } } } }')
  const speakerIds = (data.event.speakers.nodes as { id: string }[]).map(({ id }) => id)
  for (let at = 0; at < 3; at += 1) await createSession(world, programme, { title: `S${at}`, speakerIds })
  const page = (times: number) =>
    `{ event(slug: "spring") { ${aliases(times, (at) => `a${at}: sessions(first: 3) { nodes { speakers { name } } }`)} } }`
  expect((await world.ask(page(20))).errors).toBeUndefined()
  const { errors } = await world.ask(page(21))
  expect(errors).toMatchObject([
    {
      message:
        "The query shows its sessions' speakers more than 3000 times. Ask for less, or in several requests.",
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    },
  ])
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { anyQuery } from './any-query.ts'
import { createBothWays } from './both-ways.ts'

/** How many queries are asked both ways; ANY_QUERIES asks more, ANY_QUERIES_SEED others. */
const queries = Number(process.env['ANY_QUERIES'] ?? 120)
const seed = Number(process.env['ANY_QUERIES_SEED'] ?? 20_261_126)

test('any query is answered by a compiled statement as by the resolvers, byte for byte', async () => {
  const { world, programmes, viewers, ask, counted } = await createBothWays()
  const ids = (await world.sql<{ id: string }>('SELECT id FROM sessions ORDER BY id')).map(({ id }) => id)
  const others = programmes.flatMap(({ tracks, rooms, speakers }) => [...tracks, ...rooms, ...speakers])
  const cursors = new Set<string>(['WyJ4Il0'])
  const known = { slugs: ['odd', 'odd', 'usual', 'draft'], ids: [...ids, ...others], cursors: [] as string[] }
  const property = fc.asyncProperty(
    fc.gen(),
    fc.constantFrom(...Object.keys(viewers)),
    async (gen, viewer) => {
      const { query, variables } = anyQuery(gen, executableSchema(), { ...known, cursors: [...cursors] })
      const answers = await ask(viewer, query, variables)
      for (const [, cursor] of answers.usual.matchAll(/"(WyJ[\w-]+)"/g))
        if (cursors.size < 100) cursors.add(cursor!)
      const { compiled, again, usual } = answers
      expect({ viewer, query, variables, compiled, again }).toEqual({
        ...{ viewer, query, variables },
        ...{ compiled: usual, again: usual },
      })
    },
  )
  await fc.assert(property, { numRuns: queries, seed, endOnFailure: true })
  const ways = await counted()
  if (process.env['ANY_QUERIES'] !== undefined) process.stdout.write(`${JSON.stringify([...ways])}\n`)
  expect(ways.get('error') ?? 0).toBe(0)
  expect(ways.get('compiled')).toBeGreaterThan(queries / 8)
}, 600_000)

test('a query for more lists than are joined is answered by a compiled statement, too', async () => {
  const { ask, counted } = await createBothWays()
  const times = (count: number, field: string) =>
    Array.from({ length: count }, (_, index) => `f${index}: ${field}`).join(' ')
  const queries = [
    `{ ${times(12, 'event(slug: "usual") { name sessions(first: 2) { totalCount nodes { title } } rooms { name } }')} }`,
    `{ event(slug: "usual") { ${times(12, 'sessions(first: 2) { pageInfo { hasNextPage } edges { cursor node { title } } }')} } }`,
    `{ event(slug: "usual") { ${times(60, 'rooms { name }')} } }`,
  ]
  for (const query of queries) {
    const { compiled, again, usual } = await ask('anonymous', query)
    expect({ compiled, again }).toEqual({ compiled: usual, again: usual })
  }
  expect([...(await counted()).keys()]).toEqual(['compiled'])
})

test('what has ids, and what a text finds, is answered by a compiled statement for whoever asks', async () => {
  const { world, programmes, viewers, ask, counted } = await createBothWays()
  const [odd, usual, draft] = programmes
  const sessions = await world.sql<{ id: string }>('SELECT id FROM sessions ORDER BY id')
  const parts = [...odd!.tracks, ...odd!.rooms, ...usual!.speakers, ...odd!.types, draft!.eventId]
  const ids = [...sessions.map(({ id }) => id), ...parts, parts[0]!.toUpperCase(), 'x', '']
  const fields = `__typename id ... on Session { title abstract room { name } speakers { name } }
    ... on Room { name sessions(filter: { text: "talk" }) { totalCount nodes { title } } } ... on Member { role } ... on AccessToken { label }`
  const lists = `sessions(filter: { text: $text }, first: 3) { totalCount nodes { title } pageInfo { hasNextPage endCursor } }`
  const queries: [string, object][] = [
    [`query ($ids: [ID!]!) { nodes(ids: $ids) { ${fields} } }`, { ids: ids.slice(0, 100) }],
    [`query ($ids: [ID!]!) { nodes(ids: $ids) { ${fields} } }`, { ids: [] }],
    ...[sessions[0]!.id, parts[0]!, draft!.eventId, 'x'].map((id): [string, object] => [
      `query ($id: ID!) { node(id: $id) { ${fields} } }`,
      { id },
    ]),
    ...['talk', 'ta', '"talk"', '...', 'the', "o'talk", '\\'].map((text): [string, object] => [
      `query ($text: String) { events { nodes { slug ${lists} speakers(filter: { text: $text }) { totalCount nodes { name sessions(filter: { text: $text }) { totalCount nodes { title } } } } } } }`,
      { text },
    ]),
  ]
  for (const [query, variables] of queries)
    for (const viewer of Object.keys(viewers)) {
      const { compiled, again, usual: told } = await ask(viewer, query, variables)
      expect({ viewer, variables, compiled, again }).toEqual({
        viewer,
        variables,
        compiled: told,
        again: told,
      })
    }
  expect([...(await counted()).keys()]).toEqual(['compiled'])
}, 60_000)

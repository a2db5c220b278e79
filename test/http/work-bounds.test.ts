import { expect, test } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from '../database-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld, type World } from '../world.ts'
import { connectRaw, postText } from './raw-socket.ts'

const read = '{ event(slug: "spring") { sessions { nodes { title } } } }'
const write = 'mutation { createSession(input: { eventSlug: "spring", title: "New" }) { session { id } } }'

test('the statements of a query whose client leaves are ended, and its connections go back whole', async () => {
  const world = await locked()
  const client = leaving(world, read)
  await somebodyWaits(world)
  client.leave()
  await expect.poll(() => underWay(world)).toEqual([])
  await world.sql('ROLLBACK')
  expect((await world.organize(read)).data.event.sessions.nodes).toHaveLength(1)
  expect(world.log.filter(({ aborted }) => aborted === true)).toMatchObject([{ url: '/graphql' }])
})

test('a change whose client leaves is made all the same', async () => {
  const world = await locked()
  const client = leaving(world, write)
  await somebodyWaits(world)
  client.leave()
  await world.sql('ROLLBACK')
  await expect.poll(() => world.sql(`SELECT title FROM sessions WHERE title = 'New'`)).toHaveLength(1)
})

test('requests whose clients leave as soon as they have asked are completed all the same', async () => {
  const world = await createWorld({ metrics: { host: '127.0.0.1', port: 0 } })
  await createProgramme(world)
  await world.ask(read)
  const body = JSON.stringify({ query: read })
  for (let n = 0; n < 60; n += 1) {
    const { socket } = await connectRaw(world.app.url)
    socket.write(postText(body))
    if (n % 3 > 0)
      await new Promise((resolve) => (n % 3 === 1 ? setImmediate(resolve) : setTimeout(resolve, 1)))
    socket.destroy()
  }
  const metrics = async () => (await fetch(world.app.metricsUrl!)).text()
  await expect.poll(metrics).toMatch(/^open_event_requests_under_way 0$/m)
})

test('a server that stops first makes the changes whose clients have left, and holds nothing after that', async () => {
  const world = await locked()
  const client = leaving(world, write)
  await somebodyWaits(world)
  client.leave()
  const closed = world.app.close()
  await expect.poll(() => fetch(`${world.app.url}/livez`).catch(() => 'refused')).toBe('refused')
  await world.sql('SELECT pg_sleep(0.2)')
  await world.sql('ROLLBACK')
  await closed
  expect(await world.sql(`SELECT title FROM sessions WHERE title = 'New'`)).toHaveLength(1)
  expect(world.log.filter(({ aborted }) => aborted === true)).toMatchObject([
    { statements: expect.any(Number) },
  ])
})

test.each([
  ['a query', read],
  ['a change', write],
])('%s that takes longer than it may is UNAVAILABLE, and nothing of it goes on', async (_what, operation) => {
  const world = await locked({ workTimeout: 500 })
  const { errors } = await world.organize(operation)
  expect(errors?.[0]).toMatchObject({
    message: expect.stringContaining('The request took longer than 0.5 s. Ask for less at once.'),
    extensions: { code: 'UNAVAILABLE' },
  })
  await expect.poll(() => underWay(world)).toEqual([])
  await world.sql('ROLLBACK')
  expect(await world.sql('SELECT title FROM sessions')).toEqual([{ title: 'Old' }])
  expect((await world.organize(write)).errors).toBeUndefined()
})

test('a query that reads more than a request may is told so, and not to try again', async () => {
  // What one statement answers is bounded by the answer.
  const world = await createWorld({ compiledReads: false })
  const { eventId } = await createProgramme(world)
  await world.sql(
    `INSERT INTO sessions (id, event_id, title, description, last_modified_at)
     SELECT gen_random_uuid(), '${eventId}', 'Long', repeat('x', 100000), now() FROM generate_series(1, 200)`,
  )
  const { errors } = await world.organize(
    '{ event(slug: "spring") { sessions(first: 200) { nodes { description } } } }',
  )
  expect(errors).toEqual([
    expect.objectContaining({
      message: 'The query reads more than 16 MiB from the database. Ask for less, or in several requests.',
      extensions: { code: 'QUERY_TOO_COMPLEX' },
    }),
  ])
})

test('a request ends in time although the database is paused in the middle of it', async () => {
  let proxy!: DatabaseProxy
  const world = await createWorld({
    reach: async (url) => (proxy = await startDatabaseProxy(url)).url,
    httpLimits: { workTimeout: 500 },
  })
  await createProgramme(world)
  await world.organize(read)
  proxy.pause()
  const { errors } = await world.ask(read)
  expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE')
  proxy.resume()
  await expect.poll(async () => (await world.ask(read)).errors).toBeUndefined()
})

test('one who takes all places for changes leaves some to the others, and all places for queries', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const [held, free] = [await createSession(world, programme, {}), await createSession(world, programme, {})]
  const second = await mint(world)
  await world.sql('BEGIN')
  await world.sql(`SELECT FROM sessions WHERE id = '${held}' FOR UPDATE`)
  const update = (id: string) =>
    `mutation { updateSession(id: "${id}", patch: { subtitle: "x" }) { session { subtitle } } }`
  const flood = Array.from({ length: 20 }, (_, index) =>
    world.ask(update(held), {}, { authorization: `Bearer ${world.token}`, 'idempotency-key': `k${index}` }),
  )
  await somebodyWaits(world)
  const { data } = await world.ask(update(free), {}, { authorization: `Bearer ${second}` })
  expect(data.updateSession.session).toEqual({ subtitle: 'x' })
  expect((await world.ask(read)).data.event.sessions.nodes).toHaveLength(2)
  await world.sql('ROLLBACK')
  expect((await Promise.all(flood)).flatMap(({ errors = [] }) => errors)).toEqual([])
})

/** A world with a session, whose table somebody else holds. */
async function locked(httpLimits: { workTimeout?: number } = {}): Promise<World> {
  const world = await createWorld({ httpLimits })
  await createSession(world, await createProgramme(world), { title: 'Old' })
  await world.sql('BEGIN')
  await world.sql('LOCK TABLE sessions')
  return world
}

function leaving(world: World, query: string): { leave(): void } {
  const controller = new AbortController()
  void fetch(`${world.app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${world.token}` },
    body: JSON.stringify({ query }),
    signal: controller.signal,
  }).catch(() => {})
  return { leave: () => controller.abort() }
}

/** What the server's connections are at. */
async function underWay(world: World): Promise<object[]> {
  await world.sql('SELECT pg_stat_clear_snapshot()')
  return world.sql(
    `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
     AND application_name = 'open-event-graphql' AND state <> 'idle'`,
  )
}

async function mint(world: World): Promise<string> {
  const { data } = await world.organize(
    `mutation { mintToken(input: { label: "second", role: CO_ORGANIZER }) { secret } }`,
  )
  return data.mintToken.secret as string
}

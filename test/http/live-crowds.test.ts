import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startCountingProxy } from '../bench/counting-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { heardOf, overWebSocket, rawWebSocket } from './live.ts'

const changed = `subscription Follow($after: String) { sessionChanged(eventSlug: "spring", after: $after) {
  version cursor session { title } } }`

async function scene(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ metrics: { host: '127.0.0.1', port: 0 }, ...options })
  const programme = await createProgramme(world)
  const one = await createSession(world, programme, { title: 'One' })
  const { data } = await world.ask('{ sessionChanges(eventSlug: "spring") { cursor } }')
  return {
    world,
    programme,
    one,
    cursor: data.sessionChanges.cursor as string,
    rename: (title: string) =>
      world.organize(
        'mutation ($id: ID!, $title: String!) { updateSession(id: $id, patch: { title: $title }) { session { id } } }',
        { id: one, title },
      ),
  }
}

test('those who came back with different cursors are told as cheaply as one, once they have caught up', async () => {
  let proxy!: Awaited<ReturnType<typeof startCountingProxy>>
  const reach = async (url: string) => (proxy = await startCountingProxy(url)).url
  const { world, cursor, rename } = await scene({ reach })
  onTestFinished(() => proxy.close())
  // The rooms take a statement of their own.
  const query = changed.replace('{ title }', '{ title event { rooms { name } } }')
  const first = overWebSocket(world, query, { variables: { after: cursor } })
  for (let n = 1; n <= 10; n += 1) await rename(`Before ${n}`)
  const before = await heardOf(first, 10)
  const statementsOfChanges = async (followers: readonly (typeof first)[]) => {
    await rename('Now')
    await heardOf(first, before.length + 1)
    proxy.statements()
    for (let n = 1; n <= 5; n += 1) {
      const counts = followers.map(({ results }) => results.length)
      await rename(`Then ${n}`)
      await Promise.all(followers.map((follower, index) => heardOf(follower, counts[index]! + 1)))
    }
    return proxy.statements()
  }
  const ofOne = await statementsOfChanges([first])
  const cursors = first.results.map(({ data }) => data.sessionChanged.cursor as string)
  const others = cursors.slice(0, 10).map((after) => overWebSocket(world, query, { variables: { after } }))
  await Promise.all(others.map((other, index) => heardOf(other, cursors.length - 1 - index)))
  // The clocks are looked at each second, however long that takes; two for each would be 100 more.
  expect(await statementsOfChanges([first, ...others])).toBeLessThan(ofOne + 30)
  for (const { results } of others) {
    const versions = results.map(({ data }) => data.sessionChanged.version as number)
    expect(versions).toEqual(versions.map((_, index) => versions[0]! + index))
  }
})

test('a subscription shows as many speakers as it likes, if each answer shows few', async () => {
  const { world, programme, one, cursor } = await scene()
  await world.sql(
    `INSERT INTO speakers (id, event_id, name, last_modified_at)
     SELECT uuidv7(), $1, 'Speaker ' || n, now() FROM generate_series(1, 48) n`,
    [programme.eventId],
  )
  await world.sql(
    `INSERT INTO session_speakers (event_id, session_id, speaker_id) SELECT event_id, $1, id FROM speakers`,
    [one],
  )
  const query = changed.replace('{ title }', '{ title speakers { name } }')
  const heard = overWebSocket(world, query, { variables: { after: cursor } })
  for (let n = 1; n <= 65; n += 1) await world.sql('UPDATE sessions SET title = $1', [`Title ${n}`])
  const last = () => heard.results.at(-1)?.data?.sessionChanged.session
  await vi.waitUntil(() => last()?.title === 'Title 65', { timeout: 20_000, interval: 20 })
  expect(heard.results.flatMap(({ errors = [] }) => errors)).toEqual([])
  expect(last().speakers).toHaveLength(50)
})

describe.each([
  ['a WebSocket', pausedWebSocket],
  ['Server-Sent Events', pausedEvents],
])('over %s', (_name, follow) => {
  test('who does not read while 1,000 changes are made has the server hold 64 kB at most, lacks nothing, and is told nothing twice', async () => {
    const { world, programme } = await scene()
    const { data } = await world.ask('{ programmeChanges(eventSlug: "spring") { cursor } }')
    const cursor = data.programmeChanges.cursor as string
    await world.sql(`UPDATE speakers SET biography = repeat('y', 9000)`)
    const id = await createSession(world, programme, { title: 'Two', speakerIds: programme.speakers })
    const quick = overWebSocket(world, everything, { variables: { after: cursor } })
    const slow = await follow(world, everything, cursor)
    let [made, most] = [0, 0]
    // Until it is more than the buffers of the sockets take, which are some megabytes.
    for (; made < 1_000 || most === 0; made += 50) {
      // Its speakers go and come with it, which makes many answers of one change.
      await world.sql(`DO $$ BEGIN FOR n IN 1..25 LOOP
        UPDATE sessions SET state = 'pending' WHERE id = '${id}'; COMMIT;
        UPDATE sessions SET state = 'confirmed' WHERE id = '${id}'; COMMIT;
      END LOOP; END $$`)
      most = Math.max(most, await unsentBytes(world))
    }
    const versions = Array.from({ length: made + 1 }, (_, index) => index + 1)
    const last = `"nodeId":"${id}","version":${made + 1}`
    await vi.waitUntil(() => JSON.stringify(quick.results.slice(-3)).includes(last), { timeout: 60_000 })
    expect(slow.text).toBe('')
    expect(most).toBeLessThanOrEqual(65_536)
    slow.read()
    await vi.waitUntil(() => slow.text.includes(last), { timeout: 60_000, interval: 200 })
    const told = slow.text.matchAll(new RegExp(`"nodeId":"${id}","version":(\\d+)`, 'g'))
    expect([...told].map(([, version]) => Number(version))).toEqual(versions)
    await vi.waitUntil(async () => (await unsentBytes(world)) === 0, { timeout: 20_000, interval: 100 })
  })
})

test('who sends pings and does not read their answers has the server hold 256 kB at most', async () => {
  const { world, cursor } = await scene()
  const socket = await rawWebSocket(world, changed, { after: cursor })
  socket.pause()
  const ping = JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(50_000) } })
  let most = 0
  for (let n = 0; n < 40; n += 1) {
    // Together 80 MB, which the buffers of the sockets don't take.
    for (let each = 0; each < 40; each += 1) socket.send(ping)
    most = Math.max(most, await unsentBytes(world))
  }
  expect(most).toBeGreaterThan(0)
  expect(most).toBeLessThanOrEqual(262_144)
  socket.terminate()
})

test('a WebSocket is closed by a message of more than 64 KiB, whose variables would be held as long as it follows', async () => {
  const { world, cursor } = await scene()
  const socket = await rawWebSocket(world, changed, { after: cursor })
  socket.send(JSON.stringify({ type: 'ping', payload: { text: 'x'.repeat(65_536) } }))
  const [code] = await once(socket, 'close')
  expect(code).toBe(1009)
})

const everything = `subscription Follow($after: String) { programmeChanged(eventSlug: "spring", after: $after) {
  nodeId version cursor node { __typename ... on Speaker { biography } } } }`

/** What the server says that clients haven't taken yet. */
async function unsentBytes(world: World): Promise<number> {
  const text = await (await fetch(world.app.metricsUrl!)).text()
  return Number(/^open_event_unsent_bytes (\d+)$/m.exec(text)![1])
}

/** A client that reads nothing of what it follows until it is told to. */
interface Paused {
  /** What it has read. */
  text: string
  read(): void
}

async function pausedWebSocket(world: World, query: string, after: string): Promise<Paused> {
  const socket = await rawWebSocket(world, query, { after })
  const paused: Paused = { text: '', read: () => socket.resume() }
  socket.on('message', (data: Buffer) => {
    paused.text += data.toString()
  })
  socket.pause()
  return paused
}

async function pausedEvents(world: World, query: string, after: string): Promise<Paused> {
  const search = new URLSearchParams({ query, variables: JSON.stringify({ after }) })
  const url = `${world.app.url}/graphql?${search.toString()}`
  const response = await new Promise<IncomingMessage>((resolve) => {
    request(url, { headers: { accept: 'text/event-stream' } }, resolve).end()
  })
  onTestFinished(() => void response.destroy())
  const paused: Paused = { text: '', read: () => response.resume() }
  response.setEncoding('utf8').on('data', (chunk: string) => {
    paused.text += chunk
  })
  response.pause()
  return paused
}

describe('changes of more texts than an answer may have', () => {
  const long = '🐘'.repeat(100_000)
  const texts = `subscription Follow($after: String) { sessionChanged(eventSlug: "spring", after: $after) {
    version cursor session { title abstract description speakers { biography } } } }`

  test('are told in shorter pages, and do not end the subscription', async () => {
    const { world, cursor } = await scene()
    await world.sql('UPDATE sessions SET abstract = $1, description = $1', [long])
    for (let n = 1; n < 12; n += 1) await world.sql('UPDATE sessions SET title = $1', [`Title ${n}`])
    const heard = overWebSocket(world, texts, { variables: { after: cursor } })
    const told = await heardOf(heard, 12)
    expect(told.map(({ data }) => data?.sessionChanged.version)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 2),
    )
    expect(told.every(({ data }) => data.sessionChanged.session.abstract === long)).toBe(true)
  })

  test('are each told by an error and a cursor if one alone has them, so that its client goes on', async () => {
    const { world, programme, one, cursor, rename } = await scene()
    await world.sql(
      `INSERT INTO speakers (id, event_id, name, biography, last_modified_at)
       SELECT uuidv7(), $1, 'Speaker ' || n, $2, now() FROM generate_series(1, 16) n`,
      [programme.eventId, long],
    )
    await world.sql(
      `INSERT INTO session_speakers (event_id, session_id, speaker_id) SELECT event_id, $1, id FROM speakers WHERE biography = $2`,
      [one, long],
    )
    const heard = overWebSocket(world, texts, { variables: { after: cursor } })
    const [tooLong] = await heardOf(heard, 1)
    expect(tooLong).toMatchObject({
      data: { sessionChanged: { version: 2, session: null } },
      errors: [{ path: ['sessionChanged', 'session'], extensions: { code: 'QUERY_TOO_COMPLEX' } }],
    })
    await world.sql('DELETE FROM session_speakers WHERE session_id = $1', [one])
    await rename('Short again')
    const last = () => heard.results.at(-1)?.data?.sessionChanged
    await vi.waitUntil(() => last()?.session?.title === 'Short again', { timeout: 10_000, interval: 20 })
    const again = overWebSocket(world, texts, { variables: { after: tooLong!.data.sessionChanged.cursor } })
    await vi.waitUntil(() => again.results.at(-1)?.data?.sessionChanged.version === last().version, {
      timeout: 10_000,
    })
  })
})

import { once } from 'node:events'
import { request } from 'node:http'
import type { Socket } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/log.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'
import { endOf, heardOf, overEvents, overWebSocket, rawEvents, rawWebSocket } from './live.ts'

const changed = `subscription Follow($after: String) { sessionChanged(eventSlug: "spring", after: $after) {
  sessionId version transactionEnds cursor session { title room { name } } } }`
const programmeChanged = `subscription { programmeChanged(eventSlug: "spring") { nodeId node { __typename ... on Room { name } } } }`

async function scene(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const programme = await createProgramme(world)
  const one = await createSession(world, programme, { title: 'One', roomId: programme.rooms[0] })
  const two = await createSession(world, programme, { title: 'Two' })
  const draft = await createSession(world, programme, { title: 'Draft', state: 'PENDING' })
  const { data } = await world.ask('{ sessionChanges(eventSlug: "spring") { cursor } }')
  const mint = (values: Partial<Parameters<typeof mintToken>[1]> = {}) =>
    mintToken(world.operator.db, { ...organizerOfEverything, label: 'follower', ...values })
  return {
    world,
    programme,
    one,
    two,
    draft,
    mint,
    cursor: data.sessionChanges.cursor as string,
    rename: (id: string, title: string) =>
      world.organize(
        'mutation ($id: ID!, $title: String!) { updateSession(id: $id, patch: { title: $title }) { session { id } } }',
        { id, title },
      ),
  }
}

type Scene = Awaited<ReturnType<typeof scene>>

describe.each([
  ['WebSockets', overWebSocket],
  ['Server-Sent Events', overEvents],
])('over %s', (_name, follow) => {
  test('each change is told as it is committed, by the API and by hand, and none of a draft to strangers', async () => {
    const { world, one, two, draft, cursor, rename } = await scene()
    const heard = follow(world, changed, { variables: { after: cursor } })
    await rename(one, 'Changed')
    await heardOf(heard, 1)
    await rename(draft, 'Still a draft')
    await world.sql(`UPDATE sessions SET title = 'By hand'`)
    expect(await heardOf(heard, 3)).toMatchObject([
      {
        data: {
          sessionChanged: {
            sessionId: one,
            version: 2,
            session: { title: 'Changed', room: { name: 'Hall' } },
          },
        },
      },
      { data: { sessionChanged: { sessionId: one, version: 3, transactionEnds: false } } },
      { data: { sessionChanged: { sessionId: two, version: 2, transactionEnds: true } } },
    ])
  })

  test('whoever comes back with a cursor misses nothing, and is told nothing twice', async () => {
    const { world, one, cursor, rename } = await scene()
    const first = follow(world, changed, { variables: { after: cursor } })
    await rename(one, 'a')
    const [last] = await heardOf(first, 1)
    first.leave()
    await rename(one, 'b')
    await rename(one, 'c')
    const again = follow(world, changed, { variables: { after: last!.data.sessionChanged.cursor } })
    await heardOf(again, 2)
    await rename(one, 'd')
    const results = await heardOf(again, 3)
    expect(results.map(({ data }) => data.sessionChanged.version)).toEqual([3, 4, 5])
  })

  test('a subscription without a cursor begins now, and tells of the whole programme', async () => {
    const { world, programme } = await scene()
    const heard = follow(world, programmeChanged)
    // It is there when it is told of a change at all.
    await vi.waitUntil(
      async () => {
        await world.sql(`UPDATE rooms SET name = name || 'x' WHERE id = $1`, [programme.rooms[0]])
        return heard.results.length > 0
      },
      { timeout: 20_000, interval: 100 },
    )
    expect(heard.results[0]).toMatchObject({
      data: { programmeChanged: { nodeId: programme.rooms[0], node: { __typename: 'Room' } } },
    })
  })

  test.each<[string, string, (given: Scene, tokenId: string) => Promise<unknown>]>([
    [
      'a token that is revoked',
      'UNAUTHENTICATED',
      ({ world }, id) => world.sql('UPDATE access_tokens SET revoked_at = now() WHERE id = $1', [id]),
    ],
    [
      'a token that expires',
      'UNAUTHENTICATED',
      ({ world }, id) =>
        world.sql(`UPDATE access_tokens SET expires_at = now() - interval '1 second' WHERE id = $1`, [id]),
    ],
    ['a user who loses a role', 'RESYNC', ({ world }) => world.sql('DELETE FROM memberships')],
  ])('%s ends it, with %s', async (_what, code, act) => {
    const given = await scene()
    const { world, one, rename, programme, mint } = given
    const [user] = await world.sql<{ id: string }>(
      `INSERT INTO users (id, issuer, subject, last_modified_at) VALUES (gen_random_uuid(), 'i', 's', now()) RETURNING id`,
    )
    await world.sql(
      `INSERT INTO memberships (id, event_id, user_id, role, last_modified_at) VALUES (gen_random_uuid(), $1, $2, 'moderator', now())`,
      [programme.eventId, user!.id],
    )
    const { id, token } = await mint({ role: null, userId: user!.id })
    const { data } = await world.ask(
      '{ sessionChanges(eventSlug: "spring") { cursor } }',
      {},
      { authorization: `Bearer ${token}` },
    )
    const heard = follow(world, changed, { variables: { after: data.sessionChanges.cursor }, token })
    await rename(one, 'a')
    await heardOf(heard, 1)
    await act(given, id)
    expect(await endOf(heard)).toBe('complete')
    expect(heard.results.at(-1)).toMatchObject({ errors: [{ extensions: { code } }] })
  })

  test('one too many of a viewer is refused; one that has left makes room', async () => {
    const { world, one, cursor, rename } = await scene({ liveLimits: { perAddress: 1 } })
    const first = follow(world, changed, { variables: { after: cursor } })
    await rename(one, 'a')
    await heardOf(first, 1)
    const second = follow(world, changed, { variables: { after: cursor } })
    expect(await endOf(second)).toMatchObject({
      message: expect.stringMatching(/as many as you may have|429/),
    })
    first.leave()
    await vi.waitUntil(
      async () => {
        const third = follow(world, changed, { variables: { after: cursor } })
        await vi.waitUntil(() => third.results.length > 0 || third.ended !== undefined, { timeout: 10_000 })
        return third.results.length > 0
      },
      { timeout: 20_000, interval: 100 },
    )
  })

  test.each([
    ['a query', '{ viewer { __typename } }', /Only subscriptions|400/],
    ['what is no GraphQL', 'subscription {', /Syntax Error|400/],
    ['a field that is not there', 'subscription { nothing }', /Cannot query field|400/],
    [
      'no cursor',
      'subscription { sessionChanged(eventSlug: "spring", after: "abc") { cursor } }',
      /BAD_USER_INPUT|cursor of a feed/,
    ],
    [
      'an event that is not there',
      'subscription { sessionChanged(eventSlug: "nowhere") { cursor } }',
      /NOT_FOUND|nowhere/,
    ],
  ])('%s is refused with a reason', async (_what, query, reason) => {
    const { world } = await scene()
    const heard = follow(world, query)
    const ended = await endOf(heard)
    const said = ended === 'complete' ? '' : (ended.message ?? '')
    expect(`${JSON.stringify(heard.results)} ${said}`).toMatch(reason)
  })
})

test('a WebSocket with a token that is not known is closed as unauthorized', async () => {
  const { world } = await scene()
  const heard = overWebSocket(world, changed, { token: 'oe_nothing' })
  expect(await endOf(heard)).toMatchObject({
    code: 4401,
    reason: 'This token is not known here. Mint a new one.',
  })
})

test('Server-Sent Events have ids, by which a browser goes on, and come uncompressed', async () => {
  const { world, one, cursor, rename } = await scene()
  const first = await rawEvents(world, changed, { variables: { after: cursor } })
  expect(first).toMatchObject({ status: 200 })
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'access-control-allow-origin': '*',
  })
  expect(first.headers.get('content-encoding')).toBeNull()
  await rename(one, 'a')
  await vi.waitUntil(() => first.text.includes('"version":2'), { timeout: 20_000 })
  const [, id] = /^event: next\nid: (\S+)\ndata: /m.exec(first.text)!
  first.leave()
  await rename(one, 'b')
  const again = await rawEvents(world, changed, {
    variables: { after: cursor },
    headers: { 'last-event-id': id! },
  })
  await vi.waitUntil(() => again.text.includes('"version":3'), { timeout: 20_000 })
  expect(again.text).not.toContain('"version":2')
})

test('a server that stops says when to come back, and does not wait for those who follow', async () => {
  const { world, one, cursor, rename } = await scene()
  const app = await createApp({
    databaseUrl: world.databaseUrl,
    migrateOnStart: false,
    host: '127.0.0.1',
    port: 0,
    oidc: null,
    log: createLog('silent'),
  })
  const stopping = { ...world, app }
  const events = await rawEvents(stopping, changed, { variables: { after: cursor } })
  const socket = overWebSocket(stopping, changed, { variables: { after: cursor } })
  await rename(one, 'a')
  await heardOf(socket, 1)
  await vi.waitUntil(() => events.text.includes('"version":2'), { timeout: 20_000 })
  await app.close()
  expect(await endOf(socket)).toMatchObject({ code: 1001 })
  await vi.waitUntil(() => events.isOver, { timeout: 5_000 })
  expect(events.text).toMatch(/\nretry: [1-5]\d{3}\n\n$/)
  expect(events.text).not.toContain('event: complete')
})

test('clients of WebSockets that break off, send too much or talk nonsense fill the log of nobody', async () => {
  const written = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => written.mockRestore())
  const { world, cursor } = await scene()
  const open = () => rawWebSocket(world, changed, { after: cursor })
  const broken = (await open()) as unknown as { readonly _socket: Socket }
  broken._socket.resetAndDestroy()
  const codes = []
  for (const message of ['x'.repeat(70_000), '{"type":', '{"type":"complete"}', Buffer.from([0xc0])]) {
    const socket = await open()
    socket.send(message)
    const [code] = await once(socket, 'close')
    codes.push(code)
  }
  expect(codes).toEqual([1009, 4400, 4400, 4400])
  expect(written).not.toHaveBeenCalled()
  expect(world.log.filter(({ level }) => Number(level) >= 40)).toEqual([])
})

test('a client that offers to speak another protocol is answered in this one', async () => {
  const { world } = await scene()
  const body = JSON.stringify({ query: '{ viewer { __typename } }' })
  const status = await new Promise((resolve, reject) => {
    const asking = request(
      `${world.app.url}/graphql`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'content-length': body.length,
          connection: 'Upgrade, HTTP2-Settings',
          upgrade: 'h2c',
          'http2-settings': 'AAMAAABkAARAAAAAAAIAAAAA',
        },
      },
      (response) => resolve(response.statusCode),
    )
    asking.on('error', reject)
    asking.end(body)
  })
  expect(status).toBe(200)
})

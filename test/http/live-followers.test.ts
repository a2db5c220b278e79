import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startCountingProxy } from '../bench/counting-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { heardOf, overWebSocket, rawEvents } from './live.ts'

const changed = `subscription Follow($after: String) { sessionChanged(eventSlug: "spring", after: $after) {
  version cursor session { title room { name } } } }`

async function scene(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const one = await createSession(world, await createProgramme(world), { title: 'One' })
  const { data } = await world.ask('{ sessionChanges(eventSlug: "spring") { cursor } }')
  return { world, one, cursor: data.sessionChanges.cursor as string }
}

test('a change is read by as few statements for thirty who follow as for one', async () => {
  let proxy!: Awaited<ReturnType<typeof startCountingProxy>>
  const reach = async (url: string) => (proxy = await startCountingProxy(url)).url
  const { world, one, cursor } = await scene({ reach })
  onTestFinished(() => proxy.close())
  let version = 1
  const followers = [overWebSocket(world, changed, { variables: { after: cursor } })]
  const statementsOfChanges = async () => {
    proxy.statements()
    for (let n = 0; n < 5; n += 1) {
      version += 1
      await world.organize(
        `mutation { updateSession(id: "${one}", patch: { title: "Title ${version}" }) { session { id } } }`,
      )
      for (const follower of followers) {
        await vi.waitUntil(() => follower.results.at(-1)?.data.sessionChanged.version === version, {
          timeout: 20_000,
          interval: 10,
        })
      }
    }
    return proxy.statements()
  }
  const ofOne = await statementsOfChanges()
  while (followers.length < 30)
    followers.push(overWebSocket(world, changed, { variables: { after: cursor } }))
  await Promise.all(followers.map((follower) => heardOf(follower, version - 1)))
  // The clocks are looked at each second, however long that takes; a page for each would be 145 more.
  expect(await statementsOfChanges()).toBeLessThan(ofOne + 30)
})

test('a WebSocket that does not read loses nothing, and is told at its own pace', async () => {
  const { world, one, cursor } = await scene()
  const { socket, messages } = await subscribed(world, cursor)
  socket.pause()
  for (let n = 0; n < 300; n += 1) {
    await world.sql(`UPDATE sessions SET title = $2 WHERE id = $1`, [one, `${n} ${'x'.repeat(190)}`])
  }
  socket.resume()
  const versions = () => messages.flatMap(({ payload }) => payload?.data?.sessionChanged.version ?? [])
  await vi.waitUntil(() => versions().length >= 300, { timeout: 30_000, interval: 50 })
  expect(versions()).toEqual(Array.from({ length: 300 }, (_, index) => index + 2))
})

test('who follows and hears of nothing is sent a sign of life before a proxy takes the connection for dead', async () => {
  const { world, cursor } = await scene()
  const { socket } = await subscribed(world, cursor)
  let pings = 0
  socket.on('ping', () => (pings += 1))
  const events = await rawEvents(world, changed, { variables: { after: cursor } })
  const comments = () => events.text.split(':\n\n').length - 1
  await vi.waitUntil(() => pings > 0 && comments() > 1, { timeout: 30_000, interval: 100 })
  expect([events.isOver, socket.readyState]).toEqual([false, WebSocket.OPEN])
})

interface Message {
  readonly type: string
  readonly payload?: { readonly data?: { readonly sessionChanged: { readonly version: number } } }
}

/** A subscription by the protocol's own messages, without a client. */
async function subscribed(world: World, after: string): Promise<{ socket: WebSocket; messages: Message[] }> {
  const socket = new WebSocket(`${world.app.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws')
  onTestFinished(() => socket.terminate())
  const messages: Message[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString()) as Message))
  await new Promise((resolve) => void socket.once('open', resolve))
  socket.send(JSON.stringify({ type: 'connection_init' }))
  await vi.waitUntil(() => messages.some(({ type }) => type === 'connection_ack'), { timeout: 20_000 })
  socket.send(
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: changed, variables: { after } } }),
  )
  return { socket, messages }
}

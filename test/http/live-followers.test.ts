import { expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { startCountingProxy } from '../bench/counting-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'
import { heardOf, overWebSocket, rawEvents, rawWebSocket } from './live.ts'

const changed = `subscription Follow($after: String) { sessionChanged(eventSlug: "spring", after: $after) {
  version cursor session { title room { name } } } }`

async function scene(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const one = await createSession(world, await createProgramme(world), { title: 'One' })
  const { data } = await world.ask('{ sessionChanges(eventSlug: "spring") { cursor } }')
  return { world, one, cursor: data.sessionChanges.cursor as string }
}

test('a change is read by as few statements for ten who signed in and see the same as for one', async () => {
  let proxy!: Awaited<ReturnType<typeof startCountingProxy>>
  const reach = async (url: string) => (proxy = await startCountingProxy(url)).url
  const { world, one, cursor } = await scene({ reach })
  onTestFinished(() => proxy.close())
  const follow = async (n: number) => {
    const [user] = await world.sql<{ id: string }>(
      `INSERT INTO users (id, issuer, subject, last_modified_at) VALUES (uuidv7(), 'i', $1, now()) RETURNING id`,
      [String(n)],
    )
    const options = { ...organizerOfEverything, label: 'visitor', role: null, userId: user!.id }
    const { token } = await mintToken(world.operator.db, options)
    return overWebSocket(world, changed, { variables: { after: cursor }, token })
  }
  let version = 1
  const followers = [await follow(0)]
  const statementsOfChanges = async () => {
    proxy.statements()
    for (let n = 0; n < 5; n += 1) {
      version += 1
      await world.organize(
        `mutation { updateSession(id: "${one}", patch: { title: "Title ${version}" }) { session { id } } }`,
      )
      await Promise.all(followers.map((follower) => heardOf(follower, version - 1)))
    }
    return proxy.statements()
  }
  const ofOne = await statementsOfChanges()
  for (let n = 1; n < 10; n += 1) followers.push(await follow(n))
  await Promise.all(followers.map((follower) => heardOf(follower, version - 1)))
  // The clocks are looked at each second, however long that takes; a page for each would be 45 more.
  expect(await statementsOfChanges()).toBeLessThan(ofOne + 20)
})

test('who follows and hears of nothing is sent a sign of life before a proxy takes the connection for dead', async () => {
  const { world, cursor } = await scene()
  const socket = await rawWebSocket(world, changed, { after: cursor })
  let pings = 0
  socket.on('ping', () => (pings += 1))
  const events = await rawEvents(world, changed, { variables: { after: cursor } })
  const comments = () => events.text.split(':\n\n').length - 1
  await vi.waitUntil(() => pings > 0 && comments() > 1, { timeout: 30_000, interval: 100 })
  expect([events.isOver, socket.readyState]).toEqual([false, WebSocket.OPEN])
})

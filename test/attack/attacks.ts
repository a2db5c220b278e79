import { fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { hostileRequests } from '../graphql/hostile-arguments.ts'
import { type Answered, ask, keepAsking, quantile } from './ask.ts'
import type { Victim } from './victim.ts'

const cheapQuery =
  '{ event(slug: "demo-conference") { name sessions(first: 5) { nodes { title startsAt } } } }'

/** How a cheap query and the health checks fare, in milliseconds. */
export interface Fare {
  readonly median: number
  readonly p99: number
  readonly livez: number
  readonly readyz: number
  readonly failed: number
}

/** A cheap query by somebody, again and again for some seconds. */
export async function fare({ port }: Victim, seconds: number): Promise<Fare> {
  const cheap = keepAsking({ port, query: cheapQuery }, 20)
  const [livez, readyz] = ['/livez', '/readyz'].map((path) =>
    keepAsking({ port, path, from: '127.0.0.2' }, 100),
  )
  await sleep(seconds * 1_000)
  const asked = await cheap.stop()
  const times = asked.map(({ milliseconds }) => milliseconds)
  const worst = async (asking: { stop(): Promise<Answered[]> }) =>
    Math.max(
      ...(await asking.stop()).map(({ status, milliseconds }) => (status === 200 ? milliseconds : Infinity)),
    )
  return {
    median: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    livez: await worst(livez!),
    readyz: await worst(readyz!),
    failed: asked.filter(({ status, body }) => status !== 200 || body.includes('"errors"')).length,
  }
}

/**
 * Twenty connections, each of another address, send the dearest query for as long as the work takes. They are of a process
 * of their own: what they do with the answers would hold up those who measure.
 */
export async function whileAttacked<Result>(
  { port }: Victim,
  query: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; answers: number }> {
  const attackers = fork(path.join(import.meta.dirname, 'attackers.ts'), [String(port), query])
  await sleep(2_000)
  const result = await work()
  attackers.send('stop')
  const [answers] = await once(attackers, 'message')
  await once(attackers, 'exit')
  return { result, answers }
}

/** Connections that send a byte every five seconds; how many are open after a minute. */
export async function slowConnections({ port }: Victim, count: number): Promise<number> {
  const head =
    'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n'
  const sockets = Array.from({ length: count }, (_, index) => {
    const socket = net.connect({ port, host: '127.0.0.1', localAddress: `127.0.2.${1 + (index % 200)}` })
    socket.on('error', () => {})
    socket.resume()
    const text = index % 2 === 0 ? head.padEnd(head.length + 20, '{') : head
    let sent = index % 2 === 0 ? head.length : 0
    const trickle = () => void socket.write(text[sent++ % text.length]!)
    if (index % 2 === 0) socket.write(head)
    const timer = setInterval(trickle, 5_000)
    socket.on('close', () => clearInterval(timer))
    return socket
  })
  await sleep(60_000)
  const open = sockets.filter((socket) => !socket.destroyed && socket.readyState === 'open').length
  for (const socket of sockets) socket.destroy()
  return open
}

export interface OthersChanges {
  readonly p99: number
  readonly failed: number
  readonly made: number
  /** How many changes of the one who floods were answered meanwhile. */
  readonly floods: number
}

/** One person sends keyed changes, as many and as large as they may; somebody else a hundred, for a minute at most. */
export async function othersChanges(victim: Victim, flooder: string): Promise<OthersChanges> {
  const { port, token } = victim
  const create = (title: string) =>
    `createSession(input: { eventSlug: "demo-conference", title: "${title}" }) { session { id } }`
  const flood = Array.from({ length: 40 }, (_, index) => `c${index}: ${create(`Flood ${index}`)}`).join(' ')
  let [isOver, floods] = [false, 0]
  const flooding = Array.from({ length: 20 }, async () => {
    while (!isOver) {
      const headers = { authorization: `Bearer ${flooder}`, 'idempotency-key': randomUUID() }
      await ask({ port, query: `mutation { ${flood} }`, headers, from: '127.0.3.1' })
      floods += 1
    }
  })
  await sleep(1_000)
  const times: number[] = []
  let failed = 0
  const headers = { authorization: `Bearer ${token}` }
  const until = performance.now() + 60_000
  while (times.length < 100 && performance.now() < until) {
    const query = `mutation { ${create('Other')} }`
    const { status, body, milliseconds } = await ask({ port, query, headers })
    if (status !== 200 || body.includes('"errors"')) failed += 1
    times.push(milliseconds)
  }
  isOver = true
  await Promise.all(flooding)
  return { p99: quantile(times, 0.99), failed, made: times.length, floods }
}

/** Odd arguments, cursors and bodies; how many were answered by an error that nobody foresaw. */
export async function fuzz(victim: Victim, runs: number): Promise<{ sent: number; unforeseen: string[] }> {
  const { port, token, sql } = victim
  const { rows } = await sql.query<{ id: string }>(
    '(SELECT id::text FROM sessions LIMIT 3) UNION ALL (SELECT id::text FROM rooms LIMIT 2) UNION ALL (SELECT id::text FROM speakers LIMIT 2)',
  )
  const requests = hostileRequests(rows.map(({ id }) => id))
  const unforeseen: string[] = []
  let sent = 0
  const note = (name: string, { status, body }: Answered) => {
    sent += 1
    if (status === 0 || status === 500 || body.includes('INTERNAL_SERVER_ERROR'))
      unforeseen.push(`${name}: ${body.slice(0, 300)}`)
  }
  const each = Math.ceil(runs / requests.length)
  for (const { name, query, variables } of requests) {
    const samples = fc.sample(variables, { numRuns: each, seed: sent })
    for (let begin = 0; begin < samples.length; begin += 8) {
      const headers = { authorization: `Bearer ${token}` }
      const some = samples.slice(begin, begin + 8)
      for (const answered of await Promise.all(
        some.map((sample) => ask({ port, query, variables: sample, headers })),
      )) {
        note(name, answered)
      }
    }
  }
  const bodies = fc.sample(fc.oneof(fc.string({ unit: 'binary' }), fc.json()), { numRuns: 300, seed: 1 })
  for (const query of bodies) note('a query', await ask({ port, query }))
  return { sent, unforeseen }
}

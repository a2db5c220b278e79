import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'

/**
 * Many clients that follow one event over WebSockets, in a process of their own: `test/bench/live.ts` tells it what to do
 * by messages, and is answered when that is done.
 */
export type Order =
  | { readonly do: 'connect'; readonly url: string; readonly eventSlug: string; readonly clients: number }
  | { readonly do: 'reconnect'; readonly clients: number; readonly withinMs: number }
  | { readonly do: 'report' }

/** What was delivered since the last report. */
export interface Report {
  /** From commit to client, in milliseconds, sorted. */
  readonly delays: number[]
  /** How many clients were not told each change once, in order. */
  readonly wrongChains: number
  /** The last change that all of them were told. */
  readonly told: number
  /** How often a client wasn't let in and came again, since the beginning. */
  readonly triedAgain: number
}

interface Client {
  socket: WebSocket
  /** What came since it was last understood, and when. */
  heard: { readonly at: number; readonly data: Buffer }[]
  cursor: string | null
  /** The numbers of the changes that it was told. */
  readonly told: number[]
}

const query = `subscription ($eventSlug: String!, $after: String) { sessionChanged(eventSlug: $eventSlug, after: $after) {
  sessionId version changedAt transactionEnds cursor session { id title startsAt room { name } } } }`
const clients: Client[] = []
let target = { url: '', eventSlug: '' }
let delays: number[] = []
let triedAgain = 0

/** As the clients of graphql-ws do: who isn't let in comes again after a while. @throws Error if it is refused for good */
async function come(client: Client): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await open(client)
    } catch (error) {
      if (tries === 5) throw error
      triedAgain += 1
      await sleep(1_000 + Math.random() * 2_000)
    }
  }
}

function open(client: Client): Promise<void> {
  const socket = new WebSocket(target.url, 'graphql-transport-ws', { perMessageDeflate: false })
  client.socket = socket
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('close', (code, reason) => reject(new Error(`closed with ${code} ${reason.toString()}`)))
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })))
    let isFollowing = false
    socket.on('message', (data: Buffer) => {
      // Ten thousand clients in one process can't read all that they are told while they are told it.
      if (isFollowing) return client.heard.push({ at: performance.timeOrigin + performance.now(), data })
      const text = data.toString()
      if (!text.startsWith('{"type":"connection_ack"')) return reject(new Error(text))
      understand(client)
      const variables = { eventSlug: target.eventSlug, after: client.cursor }
      socket.send(JSON.stringify({ id: randomUUID(), type: 'subscribe', payload: { query, variables } }))
      isFollowing = true
      return resolve()
    })
  })
}

function understand(client: Client): void {
  for (const { at, data } of client.heard) {
    const text = data.toString()
    if (text.includes('"type":"p')) continue
    const value = (name: string) => {
      const found = new RegExp(`"${name}":"?([^",}]+)`).exec(text)
      if (found === null) throw new Error(text)
      return found[1]!
    }
    client.cursor = value('cursor')
    // The session comes as it is when it is read; the version is the change's own. The first one was its creation.
    client.told.push(Number(value('version')) - 1)
    delays.push(at - Date.parse(value('changedAt')))
  }
  client.heard = []
}

async function inTurn<Item>(items: readonly Item[], atOnce: number, work: (item: Item) => Promise<void>) {
  const left = [...items]
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item)
    }),
  )
}

async function obey(order: Order): Promise<Report | null> {
  switch (order.do) {
    case 'connect':
      target = order
      for (let n = 0; n < order.clients; n += 1)
        clients.push({ socket: null!, heard: [], cursor: null, told: [] })
      await inTurn(clients, 50, come)
      return null
    case 'reconnect':
      await Promise.all(
        clients.slice(0, order.clients).map(async (client) => {
          await sleep(Math.random() * order.withinMs * 0.8)
          client.socket.terminate()
          await sleep(Math.random() * order.withinMs * 0.2)
          await come(client)
        }),
      )
      return null
    case 'report': {
      clients.forEach(understand)
      const report = {
        delays: delays.toSorted((a, b) => a - b),
        wrongChains: clients.filter(({ told }) => told.some((n, index) => n !== index + 1)).length,
        told: Math.min(...clients.map(({ told }) => told.at(-1) ?? 0)),
        triedAgain,
      }
      delays = []
      return report
    }
  }
}

process.on('message', (order: Order) => {
  obey(order).then(
    (report) => process.send!({ report }),
    (error: unknown) => process.send!({ error: String(error) }),
  )
})

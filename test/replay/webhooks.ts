import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { freePort } from '../free-port.ts'
import { eventSlug, createScene, type Scene } from './scene.ts'
import { KilledServer } from './server.ts'

export interface WebhookOptions {
  readonly databaseUrl: string
  readonly sessions: number
  readonly changes: number
  /** Changes a second. */
  readonly rate: number
  /** How many receivers there are of each kind. */
  readonly healthy: number
  readonly hanging: number
  readonly failing: number
  /** Servers that share the work. */
  readonly servers: number
  /** Each of so many milliseconds, the server that has run the longest is killed, and started again. */
  readonly killEvery: number
  /** How long no receiver may get anything before what is missing counts as lost, in seconds. */
  readonly patience: number
}

export interface WebhooksTold {
  readonly changes: number
  readonly kills: number
  /** How long a server took until it was ready again, in milliseconds, sorted. */
  readonly starts: number[]
  /** Messages that healthy receivers answered, those that came again included. */
  readonly received: number
  /** Messages that a healthy receiver never got. */
  readonly lost: number
  /** Changes that a healthy receiver got behind a later change of the same thing. */
  readonly overtaken: number
  /** Messages to the others that were given up, though ten tries take three days. */
  readonly givenUp: number
  /** From commit to a healthy receiver, in milliseconds, sorted. */
  readonly delays: number[]
}

/**
 * Changes sessions by SQL at a steady rate, while servers that share the work of telling webhooks are killed and started
 * again. Some receivers never answer, some answer 500.
 */
export async function tellWebhooks(options: WebhookOptions): Promise<WebhooksTold> {
  const { databaseUrl, changes, killEvery } = options
  const servers: KilledServer[] = []
  const beside = new pg.Client({ connectionString: databaseUrl })
  const receivers: Receiver[] = []
  let isWriting = true
  try {
    for (let n = 0; n < options.servers; n += 1) {
      const server = new KilledServer(databaseUrl, await freePort(), { WEBHOOK_NETWORKS: '127.0.0.0/8' })
      servers.push(server)
      await server.start()
    }
    await beside.connect()
    const scene = await createScene(beside, options.sessions)
    for (const [kind, count] of [
      ['healthy', options.healthy],
      ['hanging', options.hanging],
      ['failing', options.failing],
    ] as const) {
      for (let n = 0; n < count; n += 1) receivers.push(await startReceiver(kind))
    }
    await addWebhooks(databaseUrl, scene, receivers)
    const healthy = receivers.filter(({ kind }) => kind === 'healthy')
    // What they have to make up for at first would hold up what is measured.
    await quiet(healthy, (await committedChanges(beside, scene)).length, options.patience)
    const killed = killInTurn(servers, killEvery, () => isWriting)
    // It is waited for once all is written.
    killed.catch(() => {})
    const committed = await write(beside, scene, options)
    isWriting = false
    const starts = await killed
    const expected = await committedChanges(beside, scene)
    await quiet(healthy, expected.length, options.patience)
    const lost = healthy.map(({ taken }) => expected.filter((change) => !taken.has(change)).length)
    const delays = healthy.flatMap(({ taken }) =>
      [...committed].flatMap(([change, at]) =>
        taken.has(change) ? [Math.max(taken.get(change)! - at, 0)] : [],
      ),
    )
    const { rows } = await beside.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM webhook_deliveries WHERE state = 'failed'`,
    )
    return {
      changes,
      starts: starts.toSorted((a, b) => a - b),
      kills: starts.length,
      received: healthy.reduce((sum, { received }) => sum + received, 0),
      lost: lost.reduce((sum, count) => sum + count, 0),
      overtaken: healthy.reduce((sum, { taken }) => sum + overtakenIn([...taken.keys()]), 0),
      givenUp: rows[0]!.count,
      delays: delays.toSorted((a, b) => a - b),
    }
  } finally {
    isWriting = false
    await Promise.all(servers.map((server) => server.kill()))
    await beside.end()
    for (const { close } of receivers) close()
  }
}

/** Waits until all have what they are to get, or for so many seconds in which none gets anything. */
async function quiet(receivers: readonly Receiver[], count: number, patience: number): Promise<void> {
  const taken = () => receivers.reduce((sum, receiver) => sum + receiver.taken.size, 0)
  let [before, since] = [taken(), Date.now()]
  while (before < receivers.length * count && Date.now() - since < patience * 1_000) {
    await sleep(50)
    if (taken() !== before) [before, since] = [taken(), Date.now()]
  }
}

interface Receiver {
  readonly kind: 'healthy' | 'hanging' | 'failing'
  readonly url: string
  /** When each change came first, in the order in which they came: 'ID VERSION'. */
  readonly taken: Map<string, number>
  received: number
  close(): void
}

async function startReceiver(kind: Receiver['kind']): Promise<Receiver> {
  const taken: Receiver['taken'] = new Map()
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      receiver.received += 1
      if (kind === 'hanging') return
      const { data } = JSON.parse(Buffer.concat(chunks).toString()) as {
        data: { id: string; version: number }
      }
      const change = `${data.id} ${data.version}`
      if (!taken.has(change)) taken.set(change, Date.now())
      response.writeHead(kind === 'healthy' ? 204 : 500).end()
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  const receiver = { kind, url: `http://127.0.0.1:${port}/${eventSlug}`, taken, received: 0, close }
  return receiver
}

async function addWebhooks(
  databaseUrl: string,
  { eventId }: Scene,
  receivers: readonly Receiver[],
): Promise<void> {
  const { db, close } = openDatabase(databaseUrl, { max: 1 })
  try {
    const { id: tokenId } = await mintToken(db, { ...organizerOfEverything, label: 'webhooks' })
    for (const { url, kind } of receivers) {
      const told = { url, label: kind, key: new Uint8Array(32), tokenId, eventId }
      await db.webhook.create({ data: { ...told, cursors: { create: { seq: -1n } } } })
    }
  } finally {
    await close()
  }
}

/** Tells servers as the API's own transactions do. @returns when each was committed: 'ID VERSION' -> milliseconds since 1970 */
async function write(
  client: pg.Client,
  { eventId, sessions }: Scene,
  { changes, rate }: WebhookOptions,
): Promise<Map<string, number>> {
  const committed = new Map<string, number>()
  const begin = Date.now()
  for (let n = 0; n < changes; n += 1) {
    const early = begin + (n * 1_000) / rate - Date.now()
    if (early > 0) await sleep(early)
    const id = sessions[n % sessions.length]!
    const { rows } = await client.query<{ version: number }>(
      `WITH told AS MATERIALIZED (SELECT pg_notify('programme_commits', $3::text)), renamed AS (
         UPDATE sessions SET title = $1 WHERE id = $2 RETURNING version)
       SELECT version FROM renamed, told`,
      [`Title ${n}`, id, eventId],
    )
    committed.set(`${id} ${rows[0]!.version}`, Date.now())
  }
  return committed
}

/** Kills the server that has run the longest, again and again. @returns how long each took to be ready again */
async function killInTurn(
  servers: readonly KilledServer[],
  every: number,
  goesOn: () => boolean,
): Promise<number[]> {
  const ready = [...servers]
  const starting = new Set<Promise<void>>()
  const starts: number[] = []
  for (let next = Date.now() + every; goesOn(); next += every) {
    await sleep(Math.max(next - Date.now(), 0))
    const server = ready.shift()
    if (server === undefined) continue
    await server.kill()
    const begin = Date.now()
    const start = startAgain(server).then(() => {
      starts.push(Date.now() - begin)
      ready.push(server)
      starting.delete(start)
    })
    starting.add(start)
  }
  await Promise.all(starting)
  return starts
}

/** As systemd does with a server that can't start, as when the machine is too busy to reach the database in time. */
async function startAgain(server: KilledServer): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await server.start()
      return
    } catch (error) {
      if (tries === 5) throw error
    }
  }
}

/** Every revision of the event: 'ID VERSION'. */
async function committedChanges(client: pg.Client, { eventId }: Scene): Promise<string[]> {
  const { rows } = await client.query<{ change: string }>(
    `SELECT entity_id || ' ' || version AS change FROM revisions WHERE event_id = $1`,
    [eventId],
  )
  return rows.map(({ change }) => change)
}

function overtakenIn(changes: readonly string[]): number {
  const latest = new Map<string, number>()
  let overtaken = 0
  for (const change of changes) {
    const [id, version] = change.split(' ') as [string, string]
    if (Number(version) < (latest.get(id) ?? 0)) overtaken += 1
    latest.set(id, Math.max(latest.get(id) ?? 0, Number(version)))
  }
  return overtaken
}

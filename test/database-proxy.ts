import net, { type AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** What stands between a server and its database, and can break. It ends with the test. */
export interface DatabaseProxy {
  /** The database's URL by way of the proxy. */
  readonly url: string
  /** Breaks all connections and refuses new ones, as a database does that was stopped. */
  stop(): Promise<void>
  start(): Promise<void>
  /** Lets nothing through any more and breaks nothing, as a database that is paused. */
  pause(): void
  resume(): void
  /**
   * Breaks a connection once at its next COMMIT.
   *
   * @param when 'before': the database never gets it. 'after': it does it, and its answer is lost
   */
  cutAtCommit(when: 'before' | 'after'): void
}

export async function startDatabaseProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const target = new URL(databaseUrl)
  const pairs = new Set<readonly [net.Socket, net.Socket]>()
  let cut: 'before' | 'after' | null = null
  let isPaused = false
  const server = net.createServer((client) => {
    const database = net.connect(Number(target.port), target.hostname)
    const pair = [client, database] as const
    pairs.add(pair)
    const end = () => {
      pairs.delete(pair)
      for (const socket of pair) socket.destroy()
    }
    for (const socket of pair) socket.on('close', end).on('error', end)
    client.on('data', (chunk: Buffer) => {
      const cuts = cut !== null && chunk.includes('COMMIT\0') ? cut : null
      if (cuts !== null) cut = null
      if (cuts === 'before') return end()
      database.write(chunk)
      // Its answer is the proof that it was done.
      if (cuts === 'after') database.removeAllListeners('data').once('data', end)
    })
    database.on('data', (chunk: Buffer) => void client.write(chunk))
    if (isPaused) for (const socket of pair) socket.pause()
  })
  const start = () => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()))
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    await closed
  }
  let port = 0
  await start()
  port = (server.address() as AddressInfo).port
  onTestFinished(() => (server.listening ? stop() : undefined))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(port)
  const each = (act: (socket: net.Socket) => void) => {
    for (const pair of pairs) for (const socket of pair) act(socket)
  }
  return {
    url: url.href,
    start,
    stop,
    pause: () => {
      isPaused = true
      each((socket) => socket.pause())
    },
    resume: () => {
      isPaused = false
      each((socket) => socket.resume())
    },
    cutAtCommit: (when) => (cut = when),
  }
}

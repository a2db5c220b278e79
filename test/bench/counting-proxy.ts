import net, { type AddressInfo } from 'node:net'

/** Stands between a server and PostgreSQL and counts the statements that are executed. */
export interface CountingProxy {
  readonly url: string
  /** How many there were since it was asked last. */
  statements(): number
  close(): void
}

export async function startCountingProxy(databaseUrl: string): Promise<CountingProxy> {
  const target = new URL(databaseUrl)
  let count = 0
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    const database = net.connect(Number(target.port || 5432), target.hostname)
    const messages = readMessages((type) => {
      // A simple query, or the execution of a prepared one.
      if (type === 'Q' || type === 'E') count += 1
    })
    client.on('data', (chunk: Buffer) => {
      messages(chunk)
      database.write(chunk)
    })
    database.on('data', (chunk: Buffer) => void client.write(chunk))
    for (const [socket, other] of [
      [client, database],
      [database, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => other.destroy())
    }
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = `${(server.address() as AddressInfo).port}`
  return {
    url: url.href,
    statements: () => {
      const counted = count
      count = 0
      return counted
    },
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

/** Tells the type of each message of PostgreSQL's protocol, whatever pieces it comes in. The first has none. */
function readMessages(tell: (type: string) => void): (chunk: Buffer) => void {
  let left = Buffer.alloc(0)
  let hasBegun = false
  return (chunk) => {
    left = Buffer.concat([left, chunk])
    for (;;) {
      const offset = hasBegun ? 1 : 0
      if (left.length < offset + 4) return
      const length = left.readInt32BE(offset)
      if (left.length < offset + length) return
      if (hasBegun) tell(String.fromCharCode(left[0]!))
      hasBegun = true
      left = left.subarray(offset + length)
    }
  }
}

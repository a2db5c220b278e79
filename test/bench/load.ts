import net from 'node:net'

/** A request as it goes over the wire, and how many of its kind are to be let pass before it counts. */
export interface Asked {
  readonly method?: 'GET' | 'POST'
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly status: number
  readonly head: string
  readonly body: string
}

/** What a while of asking came to. */
export interface Load {
  readonly answers: number
  readonly seconds: number
  readonly failed: number
  /** Of each answer, in milliseconds. */
  readonly times: readonly number[]
}

/** Asks once. */
export async function askOnce(port: number, asked: Asked): Promise<Answered> {
  const connection = await connect(port)
  try {
    return readable(await connection.ask(bytesOf(asked)))
  } finally {
    connection.close()
  }
}

export interface LoadOptions {
  readonly connections: number
  readonly seconds: number
  /** After which it ends earlier. */
  readonly answers?: number
  /** What to ask; called for each request. */
  next(): Asked
}

/**
 * Asks over so many connections, each again as soon as it was answered. Sockets are read by hand: a client of node:http
 * takes more of the processor than the fastest of the servers.
 */
export async function load(
  port: number,
  { connections, seconds, answers = Infinity, next }: LoadOptions,
): Promise<Load> {
  const kept = new Map<Asked, Buffer>()
  const bytes = (asked: Asked) => {
    const known = kept.get(asked)
    if (known !== undefined) return known
    const made = bytesOf(asked)
    kept.set(asked, made)
    return made
  }
  const opened = await Promise.all(Array.from({ length: connections }, () => connect(port)))
  const times: number[] = []
  let failed = 0
  const began = performance.now()
  const until = began + seconds * 1_000
  await Promise.all(
    opened.map(async (first) => {
      let connection = first
      while (performance.now() < until && times.length < answers) {
        const sent = performance.now()
        const answer = await connection.ask(bytes(next()))
        times.push(performance.now() - sent)
        // 'HTTP/1.1 200 OK': 200 or 304.
        if (answer[9] !== 0x32 && !(answer[9] === 0x33 && answer[11] === 0x34)) failed += 1
        // A server may bound the requests of a connection.
        if (endsConnection(answer)) {
          connection.close()
          connection = await connect(port)
        }
      }
      connection.close()
    }),
  )
  const elapsed = (performance.now() - began) / 1_000
  return { answers: times.length, seconds: elapsed, failed, times }
}

function bytesOf({ method = 'POST', path, body, headers = {} }: Asked): Buffer {
  const text = body === undefined ? '' : JSON.stringify(body)
  const all = {
    host: 'localhost',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(body === undefined ? {} : { 'content-length': `${Buffer.byteLength(text)}` }),
    ...headers,
  }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${text}`)
}

interface Connection {
  ask(request: Buffer): Promise<Buffer>
  close(): void
}

async function connect(port: number): Promise<Connection> {
  const socket = net.connect(port, '127.0.0.1').setNoDelay(true)
  let chunks: Buffer[] = []
  let waiting: { resolve: (answer: Buffer) => void; reject: (error: Error) => void } | undefined
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject)
  })
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
    const answer = chunks.length === 1 ? chunk : Buffer.concat(chunks)
    if (!isWhole(answer)) {
      chunks = [answer]
      return
    }
    chunks = []
    waiting?.resolve(answer)
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('The server closed the connection.')))
  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      }),
    close: () => {
      waiting = undefined
      socket.destroy()
    },
  }
}

const headEnd = Buffer.from('\r\n\r\n')
const lastChunk = Buffer.from('0\r\n\r\n')

function isWhole(answer: Buffer): boolean {
  const end = answer.indexOf(headEnd)
  if (end === -1) return false
  const head = answer.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) return answer.length >= end + 4 + Number(length)
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return answer.subarray(-5).equals(lastChunk)
  return true
}

function endsConnection(answer: Buffer): boolean {
  return /\r\nconnection: *close/i.test(answer.toString('latin1', 0, answer.indexOf(headEnd)))
}

function readable(answer: Buffer): Answered {
  const end = answer.indexOf(headEnd)
  const head = answer.toString('latin1', 0, end)
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
  const rest = answer.subarray(end + 4)
  return { status: Number(head.slice(9, 12)), head, body: (isChunked ? unchunked(rest) : rest).toString() }
}

function unchunked(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; ;) {
    const line = bytes.indexOf('\r\n', at)
    const length = Number.parseInt(bytes.toString('latin1', at, line), 16)
    if (!(length > 0)) return Buffer.concat(parts)
    parts.push(bytes.subarray(line + 2, line + 2 + length))
    at = line + 2 + length + 2
  }
}

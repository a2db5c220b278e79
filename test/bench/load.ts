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
        if (!/^HTTP\/1\.1 (2|304)/.test(answer.head)) failed += 1
        // A server may bound the requests of a connection.
        if (/\r\nconnection: *close/i.test(answer.head)) {
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

/** An answer as it came. */
interface Raw {
  readonly head: string
  /** All that came, the head included. */
  readonly chunks: readonly Buffer[]
}

interface Connection {
  ask(request: Buffer): Promise<Raw>
  close(): void
}

/** An answer of which some has come. */
interface Coming {
  readonly head: string
  readonly chunks: Buffer[]
  /** How much is missing, in bytes; null: its last chunk will say so. */
  missing: number | null
}

async function connect(port: number): Promise<Connection> {
  const socket = net.connect(port, '127.0.0.1').setNoDelay(true)
  let unread: Buffer = Buffer.alloc(0)
  let coming: Coming | null = null
  let waiting: { resolve: (answer: Raw) => void; reject: (error: Error) => void } | undefined
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve).once('error', reject)
  })
  socket.on('data', (chunk: Buffer) => {
    if (coming === null) {
      unread = unread.length === 0 ? chunk : Buffer.concat([unread, chunk])
      coming = begun(unread)
      if (coming === null) return
      unread = Buffer.alloc(0)
    } else {
      coming.chunks.push(chunk)
      if (coming.missing !== null) coming.missing -= chunk.length
    }
    if (!isWhole(coming)) return
    const answer = coming
    coming = null
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

/** null: its head isn't whole yet. */
function begun(bytes: Buffer): Coming | null {
  const end = bytes.indexOf(headEnd)
  if (end === -1) return null
  const head = bytes.toString('latin1', 0, end)
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  const isChunked = length === undefined && /\r\ntransfer-encoding: *chunked/i.test(head)
  return { head, chunks: [bytes], missing: isChunked ? null : end + 4 + Number(length ?? 0) - bytes.length }
}

function isWhole({ chunks, missing }: Coming): boolean {
  if (missing !== null) return missing <= 0
  const last = chunks.at(-1)!
  const end = last.length >= lastChunk.length ? last : Buffer.concat(chunks.slice(-5))
  return end.subarray(-lastChunk.length).equals(lastChunk)
}

function readable({ head, chunks }: Raw): Answered {
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head)
  const rest = Buffer.concat(chunks).subarray(head.length + headEnd.length)
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

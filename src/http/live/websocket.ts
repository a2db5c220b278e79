import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { type Context as Connected, handleProtocols, makeServer } from 'graphql-ws'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Portion, Write } from './crowds.ts'
import type { Followed } from './live.ts'
import { serveSocket } from './serve-socket.ts'
import { textFrame } from './text-frame.ts'

/** In milliseconds: a client that doesn't answer a ping until the next one is gone. */
const heartbeat = 12_000

/** What a message of a client may have, in bytes. The variables in it are held as long as the subscription lasts. */
const messageLimit = 65_536

/** Bytes that may wait for a client to take them before nothing more is read from it: what it sends may ask for an answer. */
const unsentAtMost = 65_536

/** What the server does for WebSockets. */
export interface WebSocketHandlers<Asker> {
  /** From where somebody asks. */
  addressOf(request: IncomingMessage): string
  /** Who asks, by the parameters of the connection or its headers. @throws ApiError */
  admit(address: string, authorization: string | undefined): Promise<Asker>
  /** @throws ApiError, GraphQLError */
  follow(asker: Asker, payload: SubscribePayload): Promise<Followed>
  translate(error: unknown): GraphQLError
  /** Is told what nobody foresaw. */
  failed(error: unknown): void
}

export interface SubscribePayload {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined
  readonly operationName?: string | null | undefined
}

/** The server's end of all WebSockets. */
export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  stop(): void
}

/** What is known of a WebSocket. */
interface Opened<Asker> {
  readonly socket: WebSocket
  /** What it writes to. */
  readonly wire: Duplex
  readonly address: string
  /** Of the request's header. */
  readonly authorization: string | undefined
  /** Who asks by it, once they were admitted. */
  asker?: Asker
}

/** Why a connection is closed, as graphql-transport-ws numbers it; 1013 is RFC 6455's "try again later". */
const closeCodes: Readonly<Record<string, number>> = {
  UNAUTHENTICATED: 4401,
  FORBIDDEN: 4403,
  BAD_USER_INPUT: 4400,
}

export function createWebSockets<Asker>(handlers: WebSocketHandlers<Asker>): WebSockets {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols,
    maxPayload: messageLimit,
    perMessageDeflate: false,
  })
  const server = makeServer<Params, Opened<Asker>>({
    connectionInitWaitTimeout: 10_000,
    onConnect: async ({ connectionParams, extra }: Connected<Params, Opened<Asker>>) => {
      try {
        const given = authorizationIn(connectionParams) ?? extra.authorization
        extra.asker = await handlers.admit(extra.address, given)
        return true
      } catch (error) {
        const { message, extensions } = handlers.translate(error)
        extra.socket.close(closeCodes[String(extensions['code'])] ?? 1013, shortened(message))
        return false
      }
    },
    onSubscribe: async ({ extra }, id, payload) => {
      try {
        const followed = await handlers.follow(extra.asker!, payload)
        const { schema, document, operationName } = followed.subscription
        return { schema, document, operationName, contextValue: sending(followed, writerTo(extra, id)) }
      } catch (error) {
        return [error instanceof GraphQLError ? error : handlers.translate(error)]
      }
    },
    subscribe: ({ contextValue }) => contextValue as AsyncGenerator<ExecutionResult>,
  })
  return {
    upgrade: (request, wire, head) => {
      if (new URL(request.url ?? '', 'http://here').pathname !== '/graphql') {
        wire.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
        return
      }
      sockets.handleUpgrade(request, wire, head, (socket) => {
        readAtItsPace(socket, wire)
        const { authorization } = request.headers
        // Without the request, which would be held as long as the WebSocket is open.
        const extra = { socket, wire, address: handlers.addressOf(request), authorization }
        serveSocket(server, socket, { extra, heartbeat, failed: handlers.failed })
      })
    },
    stop: () => {
      for (const socket of sockets.clients) socket.close(1001, 'The server stops. Come back in some seconds.')
      setTimeout(() => {
        for (const socket of sockets.clients) socket.terminate()
      }, 1_000).unref()
    },
  }
}

/** A client that sends pings and takes no answer would have the server hold an answer to each. */
function readAtItsPace(socket: WebSocket, wire: Duplex): void {
  const pauseIfFull = () => {
    if (wire.writableLength <= unsentAtMost || socket.isPaused) return
    socket.pause()
    wire.once('drain', () => socket.resume())
  }
  socket.on('message', pauseIfFull)
  socket.on('ping', pauseIfFull)
}

/** Sends the answers of a subscription itself, because they are shared. Nothing is left for graphql-ws to send but the end. */
function sending({ stream, tell }: Followed, write: Write): AsyncGenerator<ExecutionResult, void> {
  const tellAll = async () => {
    await tell(write)
    return { done: true as const, value: undefined }
  }
  const end = async () => {
    stream.finish('left')
    return { done: true as const, value: undefined }
  }
  return {
    next: tellAll,
    return: end,
    throw: end,
    [Symbol.asyncIterator]() {
      return this
    },
    [Symbol.asyncDispose]: async () => void (await end()),
  }
}

/** What messages of answers hold behind their subscriptions' ids, as bytes that are made once for all. */
const made = new WeakMap<Portion, readonly Buffer[]>()

function messageEnds(portion: Portion): readonly Buffer[] {
  const known = made.get(portion)
  if (known !== undefined) return known
  const ends = portion.map(({ text }) => Buffer.from(`,"type":"next","payload":${text}}`))
  made.set(portion, ends)
  return ends
}

/** Writes the messages of a subscription past `ws`, which would write the head of each frame apart. */
function writerTo({ socket, wire }: { socket: WebSocket; wire: Duplex }, id: string): Write {
  const start = Buffer.from(`{"id":${JSON.stringify(id)}`)
  let written = 0
  let goOn: (() => void) | null = null
  // Called when the socket is closed, too.
  const onTaken = () => {
    written -= 1
    if (written > 0) return
    goOn?.()
    goOn = null
  }
  return (portion) => {
    if (socket.readyState !== socket.OPEN) return undefined
    const frames = messageEnds(portion).map((end) => textFrame(start, end))
    written += 1
    wire.write(frames.length === 1 ? frames[0] : Buffer.concat(frames), onTaken)
    if (wire.writableLength === 0) return undefined
    return new Promise((resolve) => {
      goOn = resolve
    })
  }
}

type Params = Record<string, unknown> | undefined

function authorizationIn(params: Params): string | undefined {
  const given = params?.['authorization'] ?? params?.['Authorization']
  return typeof given === 'string' ? given : undefined
}

/** A reason has 123 bytes at most. */
function shortened(message: string): string {
  return Buffer.from(message)
    .subarray(0, 120)
    .toString()
    .replace(/\uFFFD+$/, '')
}

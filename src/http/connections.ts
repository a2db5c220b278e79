import http, { type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { isIn, type Network, networkOf } from '../addresses.ts'
import type { HttpLimits } from './http-limits.ts'
import type { Front } from './front.ts'
import { inTurn } from './in-turn.ts'

/** In milliseconds, for a client that is refused to read why. */
const refusalTimeout = 1_000

/** The connections of one server, on all addresses on which it listens. */
export interface Connections {
  /** For Fastify, which makes a server for each address. */
  serverFactory(handle: RequestListener): Server
  /** Has requests looked at before Fastify is given them, until this is called with null. */
  putInFront(front: Front | null): void
  /** Has WebSockets handled, on all addresses. */
  onWebSocket(handle: WebSocketHandler): void
  closeAll(): void
  readonly open: number
  /** What clients haven't taken yet of what was written to them, in bytes. */
  readonly unsent: number
  /** How many were refused since the start. */
  readonly refused: number
}

export type WebSocketHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

/** Bounds how many connections there are, how slow they may be, and what one of them may ask for at once. */
export function createConnections(limits: HttpLimits, proxies: readonly Network[]): Connections {
  const servers: Server[] = []
  const open = new Set<Socket>()
  const byNetwork = new Map<string, number>()
  let refused = 0
  let front: Front | null = null
  let handleWebSocket: WebSocketHandler = (_request, socket) => socket.destroy()

  const faultOf = (network: string | null): string | null => {
    if (open.size >= limits.connections) makeRoom()
    if (open.size >= limits.connections) return 'This server has as many connections as it can have.'
    const ofNetwork = network === null ? 0 : (byNetwork.get(network) ?? 0)
    return ofNetwork < limits.connectionsPerAddress
      ? null
      : `Your address has ${ofNetwork} connections open, which is as many as it may have.`
  }
  const makeRoom = () => {
    for (const server of servers) server.closeIdleConnections()
    for (const socket of open) if (socket.destroyed) open.delete(socket)
  }
  const admit = (socket: Socket, network: string | null) => {
    open.add(socket)
    if (network !== null) byNetwork.set(network, (byNetwork.get(network) ?? 0) + 1)
    socket.once('close', () => {
      open.delete(socket)
      if (network === null) return
      const left = byNetwork.get(network)! - 1
      if (left > 0) byNetwork.set(network, left)
      else byNetwork.delete(network)
    })
  }
  return {
    serverFactory: (handle) => {
      const handleAll: RequestListener = (request, response) => {
        if (front === null) handle(request, response)
        else front(request, response, handle)
      }
      const server = patientServer(
        inTurn(handleAll, limits.requestsPerConnection),
        limits,
        proxies.length > 0,
      )
      // Beyond this it isn't even said why.
      server.maxConnections = limits.connections * 2
      beforeHttp(server, (socket) => {
        const address = socket.remoteAddress ?? ''
        const network = isIn(proxies, address) ? null : networkOf(address)
        const fault = faultOf(network)
        if (fault === null) admit(socket, network)
        else {
          refused += 1
          refuse(socket, fault)
        }
        return fault === null
      })
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        if (/^websocket$/i.test(request.headers.upgrade ?? '')) handleWebSocket(request, socket, head)
        else answerWithoutUpgrade(server, request, socket, head)
      })
      servers.push(server)
      return server
    },
    putInFront: (taken) => {
      front = taken
    },
    onWebSocket: (handle) => {
      handleWebSocket = handle
    },
    closeAll: () => {
      for (const server of servers) server.closeAllConnections()
    },
    get open() {
      return open.size
    },
    get unsent() {
      let bytes = 0
      for (const socket of open) bytes += socket.writableLength
      return bytes
    },
    get refused() {
      return refused
    },
  }
}

function patientServer(handle: RequestListener, limits: HttpLimits, isBehindProxy: boolean): Server {
  return http.createServer(
    {
      headersTimeout: limits.headersTimeout,
      requestTimeout: limits.requestTimeout,
      connectionsCheckingInterval: limits.checkingInterval,
      // Of what a client doesn't take. Since Node 22 it would be four times that.
      highWaterMark: 16_384,
      keepAliveTimeout: isBehindProxy ? limits.idleTimeoutOfProxies : limits.idleTimeout,
    },
    handle,
  )
}

/**
 * A client may offer to speak another protocol, HTTP/2 most often, and is answered in this one if nobody takes it up. Node
 * hands over all such connections as soon as anybody takes up any, so this one is read again, without the offer.
 */
function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { method, url, httpVersion, rawHeaders } = request
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (/^(upgrade|connection|http2-settings)$/i.test(rawHeaders[index]!)) continue
    lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}

/** Asks about each connection before anything is read from it. */
function beforeHttp(server: Server, isAdmitted: (socket: Socket) => boolean): void {
  const takeUp = server.listeners('connection') as ((socket: Socket) => void)[]
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    if (isAdmitted(socket)) for (const listener of takeUp) listener.call(server, socket)
  })
}

/** Says why, whatever is asked, and closes the connection. */
function refuse(socket: Socket, message: string): void {
  const body = JSON.stringify({
    errors: [
      {
        message: `${message} Try again in some seconds.`,
        extensions: { code: 'UNAVAILABLE', retryAfter: 5 },
      },
    ],
  })
  const head = [
    'HTTP/1.1 503 Service Unavailable',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'retry-after: 5',
    'access-control-allow-origin: *',
    'connection: close',
  ]
  socket.on('error', () => {})
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  // Unread input would reset the connection before its client has read the answer.
  socket.resume()
  setTimeout(() => socket.destroy(), refusalTimeout).unref()
}

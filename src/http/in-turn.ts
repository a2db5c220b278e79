import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Requests of one connection that may wait for the one under way. */
const waitingAtMost = 16

/**
 * Node hands over all requests that a client has sent ahead (pipelined) at once. Here each is begun when the one before
 * it is answered, so that a connection is one request's work. Whoever sends too many ahead is told so in its turn, and
 * nothing more is read from it.
 *
 * @param perConnection how many requests a connection may carry; the last answer closes it
 */
export function inTurn(handle: RequestListener, perConnection: number): RequestListener {
  const lines = new WeakMap<Socket, Line>()
  return (request, response) => {
    const { socket } = request
    const line = lines.get(socket) ?? { waiting: [], begun: 0, isBusy: false, isClosed: false }
    lines.set(socket, line)
    if (line.isClosed) return
    if (!line.isBusy) {
      begin(line, request, response)
    } else if (line.waiting.length < waitingAtMost) {
      line.waiting.push(() => begin(line, request, response))
    } else {
      line.waiting.push(() => refuse(response))
      line.isClosed = true
      socket.pause()
    }
  }

  function begin(line: Line, request: IncomingMessage, response: ServerResponse): void {
    line.isBusy = true
    line.begun += 1
    if (line.begun >= perConnection) response.shouldKeepAlive = false
    response.once('close', () => {
      line.isBusy = false
      if (!request.socket.destroyed) line.waiting.shift()?.()
    })
    handle(request, response)
  }
}

/** The requests of one connection. */
interface Line {
  readonly waiting: (() => void)[]
  begun: number
  isBusy: boolean
  /** Whether one was refused, which ends the connection: what comes after it is left unanswered. */
  isClosed: boolean
}

function refuse(response: ServerResponse): void {
  const message = `A connection may send ${waitingAtMost} requests ahead. Wait for answers, then send more.`
  const body = JSON.stringify({ errors: [{ message, extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }] })
  response.writeHead(429, {
    'content-type': 'application/json; charset=utf-8',
    'retry-after': '1',
    'access-control-allow-origin': '*',
    connection: 'close',
  })
  response.end(body)
}

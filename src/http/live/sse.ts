import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { badUserInput } from '../../errors.ts'
import type { SubscriptionRequest } from '../../graphql/subscriptions.ts'
import type { WellFormed } from '../well-formed.ts'
import type { Portion, Write } from './crowds.ts'
import type { Followed } from './live.ts'

/** In milliseconds. Proxies close what says nothing for a minute. */
const heartbeat = 12_000

/** Whether an answer is one. */
export function isEvents(reply: FastifyReply): boolean {
  return String(reply.getHeader('content-type') ?? '').startsWith('text/event-stream')
}

/** Whether the client takes an answer as Server-Sent Events. */
export function wantsEvents({ headers }: Pick<FastifyRequest, 'headers'>): boolean {
  return headers.accept?.includes('text/event-stream') === true
}

/** Where the client was when its connection broke: the id of the last event that it has seen. */
export function lastEventIdOf({ headers }: FastifyRequest): string | null {
  const id = headers['last-event-id']
  return typeof id === 'string' && id !== '' ? id : null
}

/** A subscription as a request carries it. @throws BAD_USER_INPUT */
export function subscriptionIn({ query, variables, operationName }: WellFormed): SubscriptionRequest {
  if (query === null) throw badUserInput([{ path: ['query'], message: 'is missing.' }])
  return { query, variables: variables ?? {}, operationName }
}

/**
 * Sends a subscription as events, each when the client has taken those before: it holds no more than one answer and what
 * the socket's buffer takes. The id of an event is its cursor; a client that comes back with it goes on behind it.
 */
export function sendEvents(reply: FastifyReply, followed: Followed): FastifyReply {
  return reply
    .header('content-type', 'text/event-stream; charset=utf-8')
    .header('cache-control', 'no-store, no-transform')
    .header('x-accel-buffering', 'no')
    .send(eventsOf(followed))
}

function eventsOf({ stream, tell }: Followed): Readable {
  let goOn: (() => void) | null = null
  const events = new Readable({
    // What isn't passed on at once is too much.
    highWaterMark: 1,
    read: () => {
      goOn?.()
      goOn = null
    },
    destroy: (error, done) => {
      clearInterval(beating)
      stream.finish('left')
      done(error)
    },
  })
  const write: Write = (portion) => {
    if (events.push(bytesOf(portion))) return undefined
    return new Promise((resolve) => {
      goOn = resolve
    })
  }
  // Only while the client has taken everything.
  const beating = setInterval(() => {
    if (events.readableLength === 0) events.push(':\n\n')
  }, heartbeat)
  // The headers go out with it.
  events.push(':\n\n')
  void tell(write).then(() => {
    events.push(stream.end === 'stopping' ? comeBack() : 'event: complete\ndata:\n\n')
    events.push(null)
  })
  return events
}

/** The events of answers, made once for all. */
const made = new WeakMap<Portion, Buffer>()

function bytesOf(portion: Portion): Buffer {
  const known = made.get(portion)
  if (known !== undefined) return known
  const events = portion.map(({ cursor, text }) => {
    const id = cursor === null ? '' : `id: ${cursor}\n`
    return `event: next\n${id}data: ${text}\n\n`
  })
  const bytes = Buffer.from(events.join(''))
  made.set(portion, bytes)
  return bytes
}

/** Not all at once. In milliseconds. */
function comeBack(): string {
  return `retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n\n`
}

import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { badUserInput } from '../../errors.ts'
import type { SubscriptionRequest } from '../../graphql/subscriptions.ts'
import type { WellFormed } from '../well-formed.ts'
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

function eventsOf({ stream, results }: Followed): Readable {
  let isReading = false
  const events = new Readable({
    read() {
      if (isReading) return
      isReading = true
      void results.next().then(
        (next) => {
          isReading = false
          if (next.done === true) {
            events.push(stream.end === 'stopping' ? comeBack() : 'event: complete\ndata:\n\n')
            events.push(null)
          } else {
            const { cursor, text } = next.value
            events.push(`event: next\n${cursor === null ? '' : `id: ${cursor}\n`}data: ${text}\n\n`)
          }
        },
        (error: unknown) => events.destroy(error as Error),
      )
    },
    destroy(error, done) {
      clearInterval(beating)
      void results.return()
      done(error)
    },
  })
  // Only while the client waits: it has taken everything.
  const beating = setInterval(() => {
    if (isReading && events.readableLength === 0) events.push(':\n\n')
  }, heartbeat)
  // The headers go out with it.
  events.push(':\n\n')
  return events
}

/** Not all at once. In milliseconds. */
function comeBack(): string {
  return `retry: ${1_000 + Math.floor(Math.random() * 4_000)}\n\n`
}

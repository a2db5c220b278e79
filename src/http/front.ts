import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { anonymous } from '../access/viewer.ts'
import { addressBehind, type Network, networkOf } from '../addresses.ts'
import { beginWork, newWork } from '../database/work.ts'
import type { HttpAnswer } from './answer.ts'
import type { ServedRequest } from './asking.ts'
import { uncounted } from './body-budget.ts'
import { corsHeaders } from './cors.ts'
import { sha256Of } from './documents/documents.ts'
import { wantsEvents } from './live/sse.ts'
import type { RateLimiting } from './rate-limits.ts'
import { requestIdOf, type StartRequest } from './start-request.ts'
import { type WellFormed, requireWellFormed } from './well-formed.ts'
import { boundAnswer } from './work-bounds.ts'

export interface FrontOptions {
  readonly trustedProxies: readonly Network[]
  /** For a client to take the whole answer, in milliseconds. */
  readonly answerTimeout: number
  readonly rates: RateLimiting
  readonly start: StartRequest
  readonly log: Logger
  /** Whether a document was asked for before. @param hash SHA-256 of its text */
  knows(hash: string): boolean
  /** Is told of each request that is answered here. */
  count(): void
  /** Answers whatever happens. */
  answer(request: ServedRequest): Promise<HttpAnswer>
}

/** Answers a request, or has the rest of the server answer it, which is given it as it came. */
export type Front = (request: IncomingMessage, response: ServerResponse, rest: RequestListener) => void

/**
 * Answers what is asked most without Fastify's hooks and plugins: a short GraphQL request that came whole, whose document
 * was asked for before. Its rates, its viewer, its answer and its errors are the work of the functions that Fastify's routes
 * call, too.
 */
export function createFront(options: FrontOptions): Front {
  return (raw, response, rest) => {
    if (!isPlain(raw)) return rest(raw, response)
    // By then all has been read that came with the headers.
    setImmediate(() => {
      const asked = raw.complete ? askedBy(raw, options) : null
      if (asked === null) return rest(raw, response)
      serve({ raw, response, asked }, options).catch((err: unknown) => {
        options.log.error({ err }, 'an answer could not be sent')
        response.destroy()
      })
    })
  }
}

/** Whether nothing but its body says what a request asks for. */
function isPlain(raw: IncomingMessage): boolean {
  const { method, url, headers } = raw
  return (
    method === 'POST' &&
    url === '/graphql' &&
    /^application\/json(; *charset=utf-8)?$/i.test(headers['content-type'] ?? '') &&
    // To read from an empty body would end it, before the rest of the server waits for its end.
    Number(headers['content-length']) > 0 &&
    Number(headers['content-length']) <= uncounted &&
    headers['content-encoding'] === undefined &&
    headers['idempotency-key'] === undefined &&
    !wantsEvents(raw)
  )
}

/** What is asked for, if it is known; null: nothing was taken from the request. */
function askedBy(raw: IncomingMessage, { knows }: FrontOptions): WellFormed | null {
  const bytes = raw.read() as Buffer | null
  if (bytes === null) return null
  const asked = askedIn(bytes.toString(), raw)
  if (asked !== null && knows(asked.hash ?? sha256Of(asked.query ?? ''))) return asked
  raw.unshift(bytes)
  return null
}

/** What the rest of the server might refuse, or read in another way: bytes that are no UTF-8, names of prototypes. */
const suspicious = /\ufffd|__proto__|constructor|\\u00/i

/** null: the rest of the server may tell what is wrong. */
function askedIn(text: string, { headers }: IncomingMessage): WellFormed | null {
  if (suspicious.test(text)) return null
  try {
    return requireWellFormed({ method: 'POST', headers, body: JSON.parse(text), query: {} })
  } catch {
    return null
  }
}

interface Given {
  readonly raw: IncomingMessage
  readonly response: ServerResponse
  readonly asked: WellFormed
}

async function serve({ raw, response, asked }: Given, options: FrontOptions): Promise<void> {
  const { headers } = raw
  const ip = addressBehind(options.trustedProxies, raw)
  const request: ServedRequest = {
    ...{
      id: requestIdOf(raw),
      ip,
      method: 'POST',
      url: '/graphql',
      headers,
      routeOptions: { url: '/graphql' },
    },
    ...{ viewer: anonymous, accounts: undefined, outcome: newWork(networkOf(ip)), asked },
  }
  options.count()
  const isAnswered = options.start(request, response)
  const answer = await beginWork(request.outcome, () => options.answer(request))
  const told = await options.rates.settle(request)
  // Who left is logged with it, too.
  response.statusCode = answer.status
  boundAnswer(response, options.answerTimeout)
  isAnswered()
  send(response, answer, [['x-request-id', request.id], ...corsHeaders, ...answer.headers, ...told])
}

/** Writes an answer, its head and its body at once. */
function send(
  response: ServerResponse,
  { status, body }: HttpAnswer,
  headers: readonly (readonly [string, string])[],
): void {
  const length = body === null ? [] : ['content-length', String(Buffer.byteLength(body))]
  response.writeHead(status, [...headers.flat(), ...length]).end(body ?? undefined)
}

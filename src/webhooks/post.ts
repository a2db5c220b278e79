import dns from 'node:dns'
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { isIn } from '../addresses.ts'
import { type AllowedNetworks, faultOfAddress, literalIn } from './reach.ts'
import { retryAfter } from './retries.ts'

/** What becomes of a message that was sent. */
export interface Posted {
  /** What the receiver answered; null if it didn't. */
  readonly status: number | null
  /** The beginning of the answer's body; null if there was none. */
  readonly answer: string | null
  /** In words, for people; null if it was taken. */
  readonly fault: string | null
  /** For how long the receiver wants to be left alone, in milliseconds; null: it didn't say. */
  readonly retryAfter: number | null
}

export interface Message {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface PostOptions {
  readonly allowed: AllowedNetworks
  /** In milliseconds, for all of it. */
  readonly timeout: number
  /** Gives it up at once. */
  readonly signal: AbortSignal
  /** Names to addresses; the system's resolver, unless it says. */
  readonly resolve?: Resolve
}

/** @returns all addresses of a host, in the order in which to try them */
export type Resolve = (hostname: string) => Promise<readonly dns.LookupAddress[]>

/** How much is kept of an answer, in bytes; the rest isn't read. */
export const answerAtMost = 4_096

/**
 * Sends a message by POST. Only what is 2xx is a success: redirects aren't followed, because they would lead past what was
 * checked. The addresses that are checked are those that the connection is made to: a name is resolved once.
 *
 * @throws nothing: a message that couldn't be sent has a fault
 */
export async function post(message: Message, options: PostOptions): Promise<Posted> {
  try {
    return await send(new URL(message.url), message, options)
  } catch (error) {
    return { status: null, answer: null, retryAfter: null, fault: faultOf(error, options) }
  }
}

class Refused extends Error {
  override readonly name = 'Refused'
}

async function send(
  url: URL,
  { headers, body }: Message,
  { allowed, timeout, signal, resolve = resolveByName }: PostOptions,
): Promise<Posted> {
  const ending = AbortSignal.any([signal, AbortSignal.timeout(timeout)])
  const addresses = await unlessEnded(addressesOf(url, resolve), ending)
  requireReachable(addresses, url, allowed)
  // The connection is made to what was checked, and nobody is asked again.
  const lookup: LookupFunction = (_hostname, { all }, callback) => {
    if (all === true) callback(null, [...addresses])
    else callback(null, addresses[0]!.address, addresses[0]!.family)
  }
  const { request: begin } = url.protocol === 'https:' ? https : http
  const request = begin(url, {
    method: 'POST',
    // Each message has a connection of its own: one that is kept open may have been made when something else was allowed.
    agent: false,
    lookup,
    signal: ending,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'open-event-graphql',
    },
  })
  // What comes after the answer began changes nothing.
  request.on('error', () => {})
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  const status = response.statusCode ?? 0
  return {
    status,
    // The answer counts as soon as its status is known.
    answer: await beginningOf(response).catch(() => null),
    fault: faultOfStatus(status),
    retryAfter: retryAfter(response.headers['retry-after'], Date.now()),
  }
}

async function addressesOf({ hostname }: URL, resolve: Resolve): Promise<readonly dns.LookupAddress[]> {
  const literal = literalIn(hostname)
  return literal === null ? resolve(hostname) : [{ address: literal, family: literal.includes(':') ? 6 : 4 }]
}

/** A resolver can't be told to stop: nobody waits for it any longer. @throws why the signal ended it */
async function unlessEnded<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  work.catch(() => {})
  const over = new AbortController()
  const ended = once(signal, 'abort', { signal: over.signal }).then(() => signal.throwIfAborted() as never)
  ended.catch(() => {})
  try {
    signal.throwIfAborted()
    return await Promise.race([work, ended])
  } finally {
    over.abort()
  }
}

/** @throws Refused if any of them is no address to send to: a name that means both is up to something */
function requireReachable(
  addresses: readonly dns.LookupAddress[],
  { protocol }: URL,
  allowed: AllowedNetworks,
): void {
  if (addresses.length === 0) throw new Refused('The name has no address.')
  for (const { address } of addresses) {
    const fault = faultOfAddress(address, allowed)
    if (fault !== null) throw new Refused(`Nothing is sent there: ${fault}.`)
    if (protocol === 'http:' && !isIn(allowed, address)) {
      throw new Refused('Nothing is sent there without encryption: the address must begin with https://.')
    }
  }
}

async function beginningOf(response: http.IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  // Streams of HTTP give buffers as long as nobody sets an encoding.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= answerAtMost) break
  }
  if (size === 0) return null
  // PostgreSQL's text holds no NUL.
  return Buffer.concat(chunks).subarray(0, answerAtMost).toString().replaceAll('\0', '\uFFFD')
}

function faultOfStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null
  const redirect = status >= 300 && status < 400 ? ', and redirects are not followed' : ''
  return `The receiver answered ${status}${redirect}.`
}

function faultOf(error: unknown, { timeout, signal }: PostOptions): string {
  if (error instanceof Refused) return error.message
  if (signal.aborted) return 'The server was stopped meanwhile.'
  if (!(error instanceof Error)) return 'It could not be sent.'
  const cause = error.cause instanceof Error ? error.cause : error
  if (['TimeoutError', 'AbortError'].includes(cause.name)) {
    return `The receiver did not answer within ${timeout / 1_000} seconds.`
  }
  const { code } = error as NodeJS.ErrnoException
  return `It could not be sent: ${code ?? error.name}.`
}

/**
 * Asks the name servers. The system's own look-up would take one of the few threads that the process has for files and
 * names, for seconds if a name server doesn't answer: some such endpoints, and nobody could sign in. Names that only
 * /etc/hosts knows aren't found.
 */
const resolveByName: Resolve = async (hostname) => {
  // RFC 6761: it is this machine, whoever is asked.
  if (/(^|\.)localhost\.?$/i.test(hostname)) {
    return [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ]
  }
  const resolver = new dns.promises.Resolver({ timeout: 2_000, tries: 2 })
  const [four, six] = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)])
  if (four.status === 'rejected' && six.status === 'rejected') throw four.reason
  return [
    ...addressesIn(four).map((address) => ({ address, family: 4 })),
    ...addressesIn(six).map((address) => ({ address, family: 6 })),
  ]
}

function addressesIn(found: PromiseSettledResult<string[]>): readonly string[] {
  return found.status === 'fulfilled' ? found.value : []
}

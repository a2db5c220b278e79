import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { isIn, type Network } from '../addresses.ts'
import type { Trace, Tracing } from '../tracing/trace.ts'
import type { ServedRequest } from './asking.ts'
import type { Completion } from './completed.ts'
import { workBounds } from './work-bounds.ts'

/**
 * Begins what every request has, whoever answers it: its trace, the bounds of its work, its line in the log.
 *
 * @param workTimeout in milliseconds, if it may take longer than others
 * @returns to be called when its work is over
 */
export type StartRequest = (
  request: ServedRequest,
  response: ServerResponse,
  workTimeout?: number,
) => () => void

export interface StartOptions {
  readonly completion: Completion
  /** null: nobody wants traces. */
  readonly tracing: Tracing | null
  readonly trustedProxies: readonly Network[]
  readonly log: Logger
  /** In milliseconds. */
  readonly workTimeout: number
}

export function requestStart({ completion, tracing, workTimeout, ...options }: StartOptions): StartRequest {
  const boundWork = workBounds(completion)
  const warn = unknownProxyWarning(options.trustedProxies, options.log)
  return (request, response, timeout = workTimeout) => {
    warn(response.req)
    request.outcome.trace = traceOf(request, tracing)
    const isAnswered = completion.watch(request, response)
    boundWork(request, response, timeout)
    return isAnswered
  }
}

/** A proxy's id is kept where it is harmless to print. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const header = headers['x-request-id']
  return typeof header === 'string' && /^[\w.:-]{1,100}$/.test(header) ? header : randomUUID()
}

/** Behind a proxy that isn't configured everybody has one address, and shares its limits. */
function unknownProxyWarning(trusted: readonly Network[], log: Logger): (request: IncomingMessage) => void {
  let isToldAlready = false
  return ({ headers, socket: { remoteAddress: proxy } }) => {
    if (isToldAlready || headers['x-forwarded-for'] === undefined || isIn(trusted, proxy)) return
    isToldAlready = true
    log.warn({ proxy }, 'X-Forwarded-For is ignored: if this is a proxy of yours, name it in TRUSTED_PROXIES')
  }
}

/** Those who look after the server every second are left out. */
function traceOf({ method, headers, routeOptions }: ServedRequest, tracing: Tracing | null): Trace | null {
  const route = routeOptions.url
  if (tracing === null || route?.endsWith('z') === true) return null
  return tracing.begin({ method, headers, route: route ?? '(unknown)' })
}

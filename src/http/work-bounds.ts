import type { ServerResponse } from 'node:http'
import { stopWork, WorkStopped } from '../database/work.ts'
import type { ServedRequest } from './asking.ts'
import type { Completion } from './completed.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In milliseconds, of a route whose work takes longer than that of others. */
    workTimeout?: number
  }
}

/** @param timeout in milliseconds */
export type BoundWork = (request: ServedRequest, response: ServerResponse, timeout: number) => void

/**
 * Stops the work of requests that take too long, and of queries whose clients left. A change goes on if its client left:
 * it is about to be stored, and a client that comes back with the same Idempotency-Key is told how it went.
 */
export function workBounds(completion: Completion): BoundWork {
  const timers = new WeakMap<ServedRequest, NodeJS.Timeout>()
  completion.tell(({ request }) => clearTimeout(timers.get(request)))
  return (request, response, timeout) => {
    const stop = () =>
      stopWork(request.outcome, new WorkStopped(`The request took longer than ${timeout / 1000} s.`))
    timers.set(request, setTimeout(stop, timeout))
    response.once('close', () => {
      if (response.writableFinished || request.outcome.changes) return
      stopWork(request.outcome, new WorkStopped('The client left.'))
    })
  }
}

/** A client that doesn't take its answer would hold it, and its connection, for ever. @param timeout in milliseconds */
export function boundAnswer(response: ServerResponse, timeout: number): void {
  // Who has left takes none, and leaves only once.
  if (response.destroyed) return
  const giveUp = setTimeout(() => response.destroy(), timeout)
  response.once('close', () => clearTimeout(giveUp))
}

import type { FastifyInstance, FastifyRequest } from 'fastify'
import { stopWork, WorkStopped } from '../database/work.ts'
import type { Completion } from './completed.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In milliseconds, of a route whose work takes longer than that of others. */
    workTimeout?: number
  }
}

/**
 * Stops the work of requests that take too long, and of queries whose clients left. A change goes on if its client left:
 * it is about to be stored, and a client that comes back with the same Idempotency-Key is told how it went.
 *
 * @param usual in milliseconds, for routes that don't have a `workTimeout` of their own
 */
export function boundWork(app: FastifyInstance, completion: Completion, usual: number): void {
  const timers = new WeakMap<FastifyRequest, NodeJS.Timeout>()
  app.addHook('onRequest', (request, reply, done) => {
    const timeout = request.routeOptions.config.workTimeout ?? usual
    const stop = () =>
      stopWork(request.outcome, new WorkStopped(`The request took longer than ${timeout / 1000} s.`))
    timers.set(request, setTimeout(stop, timeout))
    reply.raw.once('close', () => {
      if (reply.raw.writableFinished || request.outcome.changes) return
      stopWork(request.outcome, new WorkStopped('The client left.'))
    })
    done()
  })
  completion.tell(({ request }) => clearTimeout(timers.get(request)))
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'

/** Whether the server can answer queries, and if not, what is in the way. */
export interface Readiness {
  readonly ready: boolean
  readonly database: 'reachable' | 'unreachable'
  /** The schema's state in a word, and what to do about it; null if the database couldn't be asked. */
  readonly schema: { readonly state: string; readonly message: string } | null
}

/** For the database to say how it is, in milliseconds. A balancer wants an answer within a second. */
const patience = 800

/** `/livez`: the process runs. `/readyz`: the database is reachable and has the schema that this build needs. */
export function registerHealth(app: FastifyInstance, readiness: () => Promise<Readiness>): void {
  const ask = oneAtATime(readiness)
  app.get('/livez', (_request, reply) => reply.header('cache-control', 'no-store').send({ live: true }))
  app.get('/readyz', async (_request, reply) => {
    const state = await Promise.race([ask(), sleep(patience, silent, { ref: false })])
    return reply
      .code(state.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(state)
  })
}

const silent: Readiness = { ready: false, database: 'unreachable', schema: null }

/** Whoever asks while the answer is on its way is given the same one. */
function oneAtATime<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let asked: Promise<Answer> | undefined
  return () =>
    (asked ??= ask().finally(() => {
      asked = undefined
    }))
}

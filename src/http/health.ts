import type { FastifyInstance } from 'fastify'

/** Whether the server can answer queries, and if not, what is in the way. */
export interface Readiness {
  readonly ready: boolean
  readonly database: 'reachable' | 'unreachable'
  /** The schema's state in a word, and what to do about it; null where the database couldn't be asked. */
  readonly schema: { readonly state: string; readonly message: string } | null
}

/** `/livez`: the process runs. `/readyz`: the database is reachable and has the schema that this build needs. */
export function registerHealth(app: FastifyInstance, readiness: () => Promise<Readiness>): void {
  app.get('/livez', (_request, reply) => reply.header('cache-control', 'no-store').send({ live: true }))
  app.get('/readyz', async (_request, reply) => {
    const state = await readiness()
    return reply
      .code(state.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(state)
  })
}

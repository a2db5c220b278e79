import type { FastifyInstance, FastifyRequest } from 'fastify'

/** A request whose work is over and whose connection is done with it. */
export interface Completed {
  readonly request: FastifyRequest
  readonly status: number
  readonly milliseconds: number
  /** Whether the client left before it had the whole answer. Its work went on to its end nevertheless, or was cut short. */
  readonly isAborted: boolean
}

export interface Completion {
  /** Has everybody told who is told of every request. */
  tell(told: (completed: Completed) => void): void
  /** How many requests aren't completed. */
  readonly underWay: number
}

/**
 * Finds out when requests are completed, each once. Fastify's own hook is silent about those whose clients left; and to
 * them the connection's end isn't the end of the work: what they have changed is known only later.
 */
export function watchCompletion(app: FastifyInstance): Completion {
  const everybody: ((completed: Completed) => void)[] = []
  const onAnswer = new WeakMap<FastifyRequest, () => void>()
  let underWay = 0
  app.addHook('onRequest', (request, reply, done) => {
    const began = performance.now()
    let missing = 2
    underWay += 1
    const partIsOver = () => {
      missing -= 1
      if (missing > 0) return
      underWay -= 1
      const milliseconds = performance.now() - began
      const isAborted = !reply.raw.writableFinished
      for (const told of everybody) told({ request, status: reply.statusCode, milliseconds, isAborted })
    }
    onAnswer.set(request, partIsOver)
    // Answered or broken off, it ends in 'close'.
    reply.raw.once('close', partIsOver)
    done()
  })
  app.addHook('onSend', (request, _reply, _payload, done) => {
    // An answer that fails while it is sent is sent a second time, as an error.
    onAnswer.get(request)?.()
    onAnswer.delete(request)
    done()
  })
  return {
    tell: (told) => void everybody.push(told),
    get underWay() {
      return underWay
    },
  }
}

import type { ServerResponse } from 'node:http'
import type { ServedRequest } from './asking.ts'

/** A request whose work is over and whose connection is done with it. */
export interface Completed {
  readonly request: ServedRequest
  readonly status: number
  readonly milliseconds: number
  /** Whether the client left before it had the whole answer. Its work went on to its end nevertheless, or was cut short. */
  readonly isAborted: boolean
}

export interface Completion {
  /** Has everybody told who is told of every request. */
  tell(told: (completed: Completed) => void): void
  /** Begins to watch a request. @returns to be called when its work is over */
  watch(request: ServedRequest, response: ServerResponse): () => void
  /** How many requests aren't completed. */
  readonly underWay: number
}

/**
 * Finds out when requests are completed, each once. Fastify's own hook is silent about those whose clients left; and to
 * them the connection's end isn't the end of the work: what they have changed is known only later.
 */
export function watchCompletion(): Completion {
  const everybody: ((completed: Completed) => void)[] = []
  let underWay = 0
  const watch: Completion['watch'] = (request, response) => {
    const began = performance.now()
    let missing = 2
    underWay += 1
    const partIsOver = () => {
      missing -= 1
      if (missing > 0) return
      underWay -= 1
      const milliseconds = performance.now() - began
      const isAborted = !response.writableFinished
      for (const told of everybody) told({ request, status: response.statusCode, milliseconds, isAborted })
    }
    // Answered or broken off, it ends in 'close'.
    response.once('close', partIsOver)
    let isAnswered = false
    return () => {
      // An answer that fails while it is sent is sent a second time, as an error.
      if (!isAnswered) partIsOver()
      isAnswered = true
    }
  }
  return {
    tell: (told) => void everybody.push(told),
    watch,
    get underWay() {
      return underWay
    },
  }
}

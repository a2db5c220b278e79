import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApolloServerPlugin } from '@apollo/server'
import type { Context } from '../context.ts'

let last: Promise<void> = Promise.resolve()

/** Resolves for one who waits in each turn of the event loop, in which what else is ready is looked at, too. */
export function turn(): Promise<void> {
  return (last = last.then(() => nextTurn()))
}

/**
 * A large query that wasn't asked before takes some 30 ms each to be parsed, validated and planned. Many at once would
 * hold up the shortest answer, and the health checks, for as long as all of them together take.
 */
export const givingWay: ApolloServerPlugin<Context> = {
  requestDidStart: async () => {
    let isNew = false
    return {
      parsingDidStart: async () => {
        isNew = true
        await turn()
      },
      validationDidStart: async () => {
        await turn()
      },
      responseForOperation: async () => {
        if (isNew) await turn()
        return null
      },
    }
  },
}

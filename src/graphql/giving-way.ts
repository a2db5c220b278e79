import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ApolloServerPlugin } from '@apollo/server'
import type { Context } from '../context.ts'

let last: Promise<void> = Promise.resolve()

/** What else comes takes so many turns of the event loop: to be let in, to be read, to be answered. */
const turnsOfOthers = 3

/** Resolves for one who waits at a time, and only when whatever came meanwhile has been looked at. */
export function turn(): Promise<void> {
  return (last = last.then(async () => {
    for (let n = 0; n < turnsOfOthers; n += 1) await nextTurn()
  }))
}

/** In characters or bytes: what is longer takes some milliseconds each time that it is read, copied or written. */
const long = 100_000

/** Between two steps of making an answer: lets others be answered, if it is a long one. */
export async function turnIfLong(length: number): Promise<void> {
  if (length > long) await turn()
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
      // What was executed is measured next, and written down.
      willSendResponse: async () => {
        if (isNew) await turn()
      },
    }
  },
}

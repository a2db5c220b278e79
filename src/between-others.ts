import { setImmediate } from 'node:timers/promises'

let turn: Promise<unknown> = Promise.resolve()

/** Does what takes the processor for long: one at a time in the process, so that others are answered between two. */
export function betweenOthers<Value>(work: () => Value): Promise<Value> {
  const done = turn.then(async () => {
    await setImmediate()
    return work()
  })
  turn = done.catch(() => undefined)
  return done
}

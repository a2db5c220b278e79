import { offsetAt } from './wall-clock.ts'

/** A clock change of a zone. */
export interface Transition {
  /** Its first instant, of whole seconds. */
  readonly at: Date
  /** By how many milliseconds the clocks are ahead of UTC before it, and from it on. */
  readonly before: number
  readonly after: number
}

/** The clock changes of a zone between two instants of whole seconds, in their order. Two on one day may go unseen. */
export function transitionsOf(timeZone: string, from: Date, until: Date): Transition[] {
  const transitions: Transition[] = []
  let [time, before] = [+from, offsetAt(from, timeZone)]
  while (time < +until) {
    const next = Math.min(time + day, +until)
    const after = offsetAt(new Date(next), timeZone)
    if (after !== before) transitions.push({ at: firstWith(after, time, next, timeZone), before, after })
    time = next
    before = after
  }
  return transitions
}

/** The first second after `low` until `high`, in milliseconds since 1970, at which the clocks have the offset. */
function firstWith(offset: number, low: number, high: number, timeZone: string): Date {
  while (high - low > 1_000) {
    const middle = low + Math.floor((high - low) / 2_000) * 1_000
    if (offsetAt(new Date(middle), timeZone) === offset) high = middle
    else low = middle
  }
  return new Date(high)
}

const day = 86_400_000

import type { ProgrammeClock } from '../../features/change/change.clock.ts'
import { type Coding, encode, worthIt } from '../compression.ts'
import { createRecent } from '../../recent.ts'

/** An answer as it was made at one place in a programme's commit order. */
export interface HotAnswer {
  readonly clock: ProgrammeClock
  readonly body: Buffer
  /** The points that it cost to make, which it costs whoever is given it. */
  readonly cost: number | undefined
  /** The bytes in a coding; null: the answer is too short for that, and is sent as it is. */
  in(coding: Coding | null): Promise<{ readonly coding: Coding | null; readonly bytes: Buffer }>
}

export function hotAnswer(clock: ProgrammeClock, body: string, cost: number | undefined): HotAnswer {
  const bytes = Buffer.from(body)
  const forms = new Map<Coding, Promise<Buffer>>()
  return {
    clock,
    body: bytes,
    cost,
    in: async (coding) => {
      if (coding === null || bytes.length < worthIt) return { coding: null, bytes }
      const form = forms.get(coding) ?? encode(bytes, coding)
      forms.set(coding, form)
      return { coding, bytes: await form }
    },
  }
}

/** Answers that are kept, and those that are being made; by a word for all that they depend on but the data. */
export interface HotAnswers {
  get(key: string): HotAnswer | undefined
  /** Makes an answer that others may wait for; keeps it, if it is one to be kept. Fails for who has it made only. */
  make<Made extends { readonly hot: HotAnswer | null }>(key: string, make: () => Promise<Made>): Promise<Made>
  /** What is being made; null once it turns out that it can't be kept. */
  underWay(key: string): Promise<HotAnswer | null> | undefined
  /** Whether answers to requests that no cache keeps are worth keeping here: it was asked for often of late. */
  isPopular(key: string): boolean
  /** In bytes. */
  readonly size: number
}

/** How often a request has to come, among the last thousands of different ones, until its answer is kept. */
const popularAt = 3

/** @param bytesAtMost of all that are kept; 0: none are */
export function createHotAnswers(bytesAtMost: number): HotAnswers {
  const kept = createRecent<HotAnswer>(bytesAtMost)
  const asked = createRecent<number>(5_000)
  const making = new Map<string, Promise<HotAnswer | null>>()
  return {
    get: (key) => kept.get(key),
    underWay: (key) => making.get(key),
    make: async (key, make) => {
      const made = make()
      const shared = made.then(
        ({ hot }) => hot,
        () => null,
      )
      making.set(key, shared)
      try {
        const answer = await made
        // Room for its compressed forms, and for what surrounds it.
        if (answer.hot !== null) kept.set(key, answer.hot, answer.hot.body.length * 2 + 2_000)
        // Its clock was read for nothing; the same may come of the next tries.
        else asked.set(key, 0, 1)
        return answer
      } finally {
        if (making.get(key) === shared) making.delete(key)
      }
    },
    isPopular: (key) => {
      if (bytesAtMost === 0) return false
      const times = (asked.get(key) ?? 0) + 1
      asked.set(key, times, 1)
      return times >= popularAt
    },
    get size() {
      return kept.size
    },
  }
}

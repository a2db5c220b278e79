import type { Database } from '../../database/client.ts'
import { beginWork, newWork } from '../../database/work.ts'
import { type ClockRequest, type ProgrammeClock, readClocks } from '../../features/change/change.clock.ts'

export interface ClockReader {
  /**
   * Where a programme stands now: not before this was called.
   *
   * @returns the clock, null where there is no such programme; and whether a statement was sent for this request
   */
  read(request: ClockRequest): Promise<{ readonly clock: ProgrammeClock | null; readonly isAsker: boolean }>
}

/** How many statements there may be at one time. */
const atOnce = 2

interface Waiting {
  readonly request: ClockRequest
  readonly told: ((clock: ProgrammeClock | null, isAsker: boolean) => void)[]
  readonly failed: ((reason: unknown) => void)[]
}

/**
 * Reads the clocks of programmes for many requests by few statements. Who comes while statements are under way waits for
 * the next one, since those may have looked before a write that the client knows of.
 */
export function createClockReader(db: Database): ClockReader {
  let waiting = new Map<string, Waiting>()
  let underWay = 0

  async function readWaiting(): Promise<void> {
    const batch = [...waiting.values()]
    waiting = new Map()
    underWay += 1
    try {
      const requests = batch.map(({ request }) => request)
      // Work of its own: it goes on if the client leaves that asked first.
      const clocks = await beginWork(newWork('clocks'), () => readClocks(db, requests))
      batch.forEach(({ told }, place) =>
        told.forEach((tell, n) => tell(clocks[place] ?? null, place === 0 && n === 0)),
      )
    } catch (error) {
      for (const { failed } of batch) for (const fail of failed) fail(error)
    } finally {
      underWay -= 1
      if (waiting.size > 0) void readWaiting()
    }
  }

  return {
    read: (request) =>
      new Promise((resolve, reject) => {
        const { event, asPublic } = request
        const key = `${asPublic} ${event.by} ${event.by === 'slug' ? event.slug : event.id}`
        const entry = waiting.get(key) ?? { request, told: [], failed: [] }
        entry.told.push((clock, isAsker) => resolve({ clock, isAsker }))
        entry.failed.push(reject)
        waiting.set(key, entry)
        if (underWay < atOnce) void readWaiting()
      }),
  }
}

import { beginWork, currentWork, newWork, stopWork, type Work, WorkStopped } from './work.ts'

/** How many statements there may be at one time. */
const atOnce = 2

/** After which a statement is given up, in milliseconds: those who come later don't wait for a connection that is dead. */
const patience = 10_000

export interface TogetherOptions<Asked, Found> {
  /** Whose connections it takes: no viewer's, because it is for many of them. */
  readonly payer: string
  /** What is the same for those who ask for the same. */
  keyOf(asked: Asked): string
  /** Reads by one statement what is asked for, in this order. */
  readAll(asked: readonly Asked[]): Promise<readonly Found[]>
}

interface Waiting<Asked, Found> {
  readonly asked: Asked
  readonly askers: Set<Asker<Found>>
}

interface Asker<Found> {
  readonly work: Work | undefined
  told(found: Found): void
  failed(reason: unknown): void
}

/**
 * Reads for many requests by few statements. Who comes while statements are under way waits for the next one, since those
 * may have looked before a write that the client knows of. The statement counts as that of the request that asked first.
 *
 * @returns what reads one: as it is now, not before this was called. Throws what the statement throws; WorkStopped
 */
export function readTogether<Asked, Found>({
  payer,
  keyOf,
  readAll,
}: TogetherOptions<Asked, Found>): (asked: Asked) => Promise<Found> {
  let waiting = new Map<string, Waiting<Asked, Found>>()
  let underWay = 0

  async function readWaiting(): Promise<void> {
    const batch = [...waiting.values()]
    waiting = new Map()
    underWay += 1
    // Work of its own: it goes on if the client leaves that asked first.
    const work = newWork(payer)
    const [first] = batch.flatMap(({ askers }) => [...askers])
    if (first?.work !== undefined) {
      first.work.statements += 1
      work.trace = first.work.trace
    }
    const timer = setTimeout(() => stopWork(work, new WorkStopped('The database keeps silent.')), patience)
    try {
      const found = await beginWork(work, () => readAll(batch.map(({ asked }) => asked)))
      batch.forEach(({ askers }, place) => askers.forEach((asker) => asker.told(found[place]!)))
    } catch (error) {
      for (const { askers } of batch) for (const asker of askers) asker.failed(error)
    } finally {
      clearTimeout(timer)
      underWay -= 1
      if (waiting.size > 0) void readWaiting()
    }
  }

  return (asked) =>
    new Promise((resolve, reject) => {
      const work = currentWork()
      if (work?.stopped) throw work.stopped
      const key = keyOf(asked)
      const entry = waiting.get(key) ?? { asked, askers: new Set() }
      const leave = () => {
        entry.askers.delete(asker)
        work?.underWay.delete(stop)
      }
      const stop = () => asker.failed(work!.stopped)
      const asker: Asker<Found> = {
        work,
        told: (found) => {
          leave()
          resolve(found)
        },
        failed: (reason) => {
          leave()
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as the statement failed
          reject(reason)
        },
      }
      entry.askers.add(asker)
      work?.underWay.add(stop)
      waiting.set(key, entry)
      if (underWay < atOnce) void readWaiting()
    })
}

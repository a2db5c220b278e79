import type { Work } from './work.ts'

/** How many connections there are for work of either kind, and how many of them one payer may have at a time. */
export interface PlaceLimits {
  readonly reads: number
  readonly changes: number
  readonly perPayer: number
  /** For a place, in milliseconds. */
  readonly patience: number
}

/** Lets go of the place; does nothing the second time. */
export type Release = () => void

/**
 * Shares out the connections of a pool. What reads and what changes have places apart, and those who wait are let in one
 * payer after the other, so that nobody waits for all that somebody else has asked for.
 */
export class Places {
  readonly #reads: Lane
  readonly #changes: Lane

  constructor(limits: PlaceLimits) {
    this.#reads = new Lane(limits.reads, limits)
    this.#changes = new Lane(limits.changes, limits)
  }

  /**
   * @returns once there is a place
   * @throws what the work was stopped by; Error if there is none for too long
   */
  take(work: Work): Promise<Release> {
    return (work.changes ? this.#changes : this.#reads).take(work)
  }

  /** How many wait. */
  get waiting(): number {
    return this.#reads.waiting + this.#changes.waiting
  }
}

class Lane {
  waiting = 0
  readonly #queues = new Map<string, (() => void)[]>()
  readonly #taken = new Map<string, number>()
  readonly #limits: PlaceLimits
  #free: number

  constructor(places: number, limits: PlaceLimits) {
    this.#free = places
    this.#limits = limits
  }

  async take(work: Work): Promise<Release> {
    const { payer } = work
    if (!this.#isOpenTo(payer)) await this.#wait(work)
    else this.#occupy(payer)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#free += 1
      const left = this.#taken.get(payer)! - 1
      if (left > 0) this.#taken.set(payer, left)
      else this.#taken.delete(payer)
      this.#letIn()
    }
  }

  #isOpenTo(payer: string): boolean {
    return this.#free > 0 && (this.#taken.get(payer) ?? 0) < this.#limits.perPayer
  }

  #occupy(payer: string): void {
    this.#free -= 1
    this.#taken.set(payer, (this.#taken.get(payer) ?? 0) + 1)
  }

  #wait(work: Work): Promise<void> {
    const { payer } = work
    const queue = this.#queues.get(payer) ?? []
    this.#queues.set(payer, queue)
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer)
        work.underWay.delete(stop)
        this.waiting -= 1
      }
      const enter = () => {
        leave()
        resolve()
      }
      const giveUp = (error: Error) => {
        leave()
        queue.splice(queue.indexOf(enter), 1)
        if (queue.length === 0) this.#queues.delete(payer)
        reject(error)
      }
      const stop = () => giveUp(work.stopped!)
      const timer = setTimeout(
        () => giveUp(new Error('timeout exceeded when trying to connect: all places are taken')),
        this.#limits.patience,
      )
      this.waiting += 1
      work.underWay.add(stop)
      queue.push(enter)
    })
  }

  /** The first who may: a payer that was served goes behind all others. */
  #letIn(): void {
    for (const [payer, queue] of this.#queues) {
      if (this.#free === 0) return
      if (!this.#isOpenTo(payer)) continue
      this.#queues.delete(payer)
      const enter = queue.shift()!
      if (queue.length > 0) this.#queues.set(payer, queue)
      this.#occupy(payer)
      enter()
    }
  }
}

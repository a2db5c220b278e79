import type { Work } from './work.ts'

export interface SharesOptions {
  /** How much there is: connections, or points. */
  readonly size: number
  /** How much one payer may hold at a time; one who holds nothing may take as much as there is. */
  readonly perPayer: number
  /** How much may be waited for by one payer. */
  readonly waitingPerPayer: number
  /** How long one may wait, in milliseconds. */
  readonly patience: number
}

/** Lets go of a share; does nothing the second time. */
export type Release = () => void

/** There is no share for the work: its payer waits for too much already, or it has waited for too long. */
export class NoShare extends Error {
  override readonly name = 'NoShare'
  readonly why: 'too many' | 'too long'

  constructor(why: NoShare['why']) {
    super(
      why === 'too many'
        ? 'The same payer waits for too much already.'
        : 'All shares were taken for too long.',
    )
    this.why = why
  }
}

/**
 * Shares out something that there is only so much of. Those who wait are let in one payer after the other, so that nobody
 * waits for all that somebody else has asked for.
 */
export class Shares {
  waiting = 0
  readonly #options: SharesOptions
  readonly #queues = new Map<string, Waiting[]>()
  readonly #taken = new Map<string, number>()
  #free: number

  constructor(options: SharesOptions) {
    this.#options = options
    this.#free = options.size
  }

  /**
   * @returns once there is a share of that size
   * @throws NoShare; WorkStopped
   */
  async take(work: Work, size = 1): Promise<Release> {
    const { payer } = work
    if (this.#queues.has(payer) || !this.#isOpenTo(payer, size)) await this.#wait(work, size)
    else this.#occupy(payer, size)
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      this.#free += size
      const left = this.#taken.get(payer)! - size
      if (left > 0) this.#taken.set(payer, left)
      else this.#taken.delete(payer)
      this.#letIn()
    }
  }

  #isOpenTo(payer: string, size: number): boolean {
    const taken = this.#taken.get(payer) ?? 0
    return this.#free >= size && (taken === 0 || taken + size <= this.#options.perPayer)
  }

  #occupy(payer: string, size: number): void {
    this.#free -= size
    this.#taken.set(payer, (this.#taken.get(payer) ?? 0) + size)
  }

  #wait(work: Work, size: number): Promise<void> {
    const { payer } = work
    const queue = this.#queues.get(payer) ?? []
    const waitedFor = queue.reduce((sum, waiting) => sum + waiting.size, 0)
    if (waitedFor + size > this.#options.waitingPerPayer) return Promise.reject(new NoShare('too many'))
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
        queue.splice(queue.indexOf(waiting), 1)
        if (queue.length === 0) this.#queues.delete(payer)
        reject(error)
      }
      const stop = () => giveUp(work.stopped!)
      const timer = setTimeout(() => giveUp(new NoShare('too long')), this.#options.patience)
      const waiting = { size, enter }
      this.waiting += 1
      work.underWay.add(stop)
      queue.push(waiting)
    })
  }

  /** The first of each payer who fits; a payer that was served goes behind all others. */
  #letIn(): void {
    for (const [payer, queue] of this.#queues) {
      if (this.#free === 0) return
      const [first] = queue
      if (!this.#isOpenTo(payer, first!.size)) continue
      this.#queues.delete(payer)
      queue.shift()
      if (queue.length > 0) this.#queues.set(payer, queue)
      this.#occupy(payer, first!.size)
      first!.enter()
    }
  }
}

interface Waiting {
  readonly size: number
  enter(): void
}

import { NoShare, type Release, Shares } from '../database/shares.ts'
import type { Work } from '../database/work.ts'
import { rateLimited } from '../errors.ts'
import { queryLimits } from './limits.ts'

/** In points. What costs less passes at once, however many dear queries wait, and holds up nobody for long. */
export const cheap = 2_000

/** What costs more is followed by a rest as long as itself, in which cheap queries have the processor to themselves. */
const dear = 10_000

/** The longest rest, in milliseconds. */
const longestRest = 250

/** Lets queries begin by what they cost: at one time as many points as the dearest query may have, shared out by payer. */
export class Admission {
  readonly #points = new Shares({
    size: queryLimits.points,
    perPayer: queryLimits.points / 2,
    // A hundred of the dearest; a web app's schedule pages by hundreds.
    waitingPerPayer: queryLimits.points * 50,
    patience: 10_000,
  })

  /**
   * @param points as the query was estimated
   * @returns once it may begin; to be called when its answer is there
   * @throws RATE_LIMITED if the payer's that wait cost too much; NoShare after ten seconds; WorkStopped
   */
  async enter(work: Work, points: number): Promise<Release> {
    if (points < cheap) return () => {}
    const leave = await this.#take(work, Math.min(points, queryLimits.points / 2))
    if (points < dear) return leave
    const began = performance.now()
    return () => void setTimeout(leave, Math.min(performance.now() - began, longestRest))
  }

  get waiting(): number {
    return this.#points.waiting
  }

  async #take(work: Work, points: number): Promise<Release> {
    try {
      return await this.#points.take(work, points)
    } catch (error) {
      if (!(error instanceof NoShare && error.why === 'too many')) throw error
      throw rateLimited('Too many dear queries of yours wait', 5)
    }
  }
}

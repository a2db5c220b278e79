import type { InputIssue } from '../errors.ts'
import { outOfRange } from './instant.ts'
import type { Times } from './moment.ts'
import { type Disambiguation, instantFromWallClock, wallClockOf } from './wall-clock.ts'

/** From the clocks of one zone to those of another. */
export interface ClockMove {
  readonly from: string
  readonly to: string
  readonly disambiguation: Disambiguation
}

/**
 * The instant at which the clocks of another zone show what the clocks of the first showed, to the millisecond.
 *
 * @throws RangeError as `instantFromWallClock`
 */
export function onClocksOf(instant: Date, { from, to, disambiguation }: ClockMove): Date {
  const moved = instantFromWallClock(wallClockOf(instant, from), to, disambiguation)
  return new Date(moved.getTime() + instant.getUTCMilliseconds())
}

/** From one start to another, by what the clocks show: the same distance from it in hours and days. */
export interface ClockShift extends ClockMove {
  readonly begins: Date
  readonly toBegin: Date
}

/**
 * The instant that is as far from the new start as another was from the old one, on the wall clocks of the two zones.
 *
 * @throws RangeError as `instantFromWallClock`
 */
export function shifted(instant: Date, { from, to, disambiguation, begins, toBegin }: ClockShift): Date {
  const shown = (time: Date, zone: string) => Date.parse(`${wallClockOf(time, zone)}Z`)
  const moved = new Date(shown(instant, from) - shown(begins, from) + shown(toBegin, to))
  if (Number.isNaN(moved.getTime())) throw new RangeError(`is ${outOfRange}`)
  const wallClock = moved.toISOString().slice(0, 19)
  const milliseconds = instant.getUTCMilliseconds()
  return new Date(instantFromWallClock(wallClock, to, disambiguation).getTime() + milliseconds)
}

/**
 * A begin and an end on the clocks of another zone.
 *
 * @param what how a fault calls what is moved
 * @returns null where a clock change skips or doubles one of them, or would put the end before the begin: a new issue
 *   says so
 */
export function timesOnClocksOf<Moved extends Times>(
  what: string,
  { startsAt, endsAt }: Moved,
  move: ClockMove,
  issues: InputIssue[],
): Pick<Moved, 'startsAt' | 'endsAt'> | null {
  const shift = (instant: Date | null) => (instant === null ? null : onClocksOf(instant, move))
  const fault = (message: string) => {
    issues.push({ path: ['patch', 'timeZone'], message: `${what}: ${message}` })
    return null
  }
  try {
    // What isn't null stays so.
    const moved = { startsAt: shift(startsAt), endsAt: shift(endsAt) } as Pick<Moved, 'startsAt' | 'endsAt'>
    if (moved.startsAt === null || moved.endsAt === null || moved.endsAt > moved.startsAt) return moved
    const span = `${moved.startsAt.toISOString()} to ${moved.endsAt.toISOString()}`
    return fault(`a clock change in ${move.to} would make it end before it starts: ${span}.`)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return fault(error.message)
  }
}

import { type Disambiguation, instantFromWallClock, wallClockOf } from './wall-clock.ts'

/**
 * The instant at which the clocks of another zone show what the clocks of the first showed, to the millisecond.
 *
 * @throws RangeError as `instantFromWallClock`
 */
export function onClocksOf(instant: Date, from: string, to: string, disambiguation: Disambiguation): Date {
  const moved = instantFromWallClock(wallClockOf(instant, from), to, disambiguation)
  return new Date(moved.getTime() + instant.getUTCMilliseconds())
}

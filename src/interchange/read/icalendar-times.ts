import ICAL from 'ical.js'
import { instantFromWallClock, wallClockOf } from '../../time/wall-clock.ts'
import type { StatedMoment } from './moments.ts'
import { zoneCalled } from './zone-names.ts'

/**
 * A time of a calendar. One without a zone waits for the event's. Where the TZID names a known zone its own rules count, not
 * the VTIMEZONE, which may be cut short; and the first of two instants where clocks go back (RFC 5545, 3.3.5).
 *
 * @param zoneId the TZID of the property; null where it has none
 */
export function momentIn(time: ICAL.Time, zoneId: string | null): StatedMoment {
  const wallClock = spelled(time)
  if (time.isDate) return { kind: 'day', day: wallClock.slice(0, 10) }
  // UTC stands for any offset: which one a zone has then isn't said twice.
  const instant = (at: Date): StatedMoment => ({ kind: 'instant', instant: at, offset: 'Z' })
  if (time.zone === ICAL.Timezone.utcTimezone) return instant(new Date(`${wallClock}Z`))
  const timeZone = zoneId === null ? null : zoneCalled(zoneId)
  if (timeZone !== null) return instant(instantOnClock(wallClock, timeZone))
  const isKnown = time.zone !== null && time.zone !== ICAL.Timezone.localTimezone
  return isKnown ? instant(new Date(time.toUnixTime() * 1_000)) : { kind: 'wallClock', wallClock }
}

/** Equal for times that are the same moment, whichever zones they are written in. */
export function keyOf(moment: StatedMoment): string {
  return moment.kind === 'instant' ? moment.instant.toISOString() : JSON.stringify(moment)
}

function instantOnClock(wallClock: string, timeZone: string): Date {
  const earlier = instantFromWallClock(wallClock, timeZone, 'EARLIER')
  const isShown = wallClockOf(earlier, timeZone).slice(0, 19) === wallClock
  return isShown ? earlier : instantFromWallClock(wallClock, timeZone, 'LATER')
}

/** 'YYYY-MM-DDTHH:mm:ss', as the clocks show it. */
function spelled({ year, month, day, hour, minute, second }: ICAL.Time): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}`
}

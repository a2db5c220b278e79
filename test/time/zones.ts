import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'

/** Every zone that the platform has, without its aliases. */
export const zones = Intl.supportedValuesOf('timeZone')

/** Any millisecond of the years in which the zones' rules are known: 1970 to 2037. */
export const anyInstant = fc.date({
  min: new Date('1970-01-02T00:00:00Z'),
  max: new Date('2037-12-30T00:00:00Z'),
  noInvalidDate: true,
})

/** Any millisecond that an instant may have. */
export const anyInstantInRange = fc.date({
  min: new Date('1900-01-01T00:00:00Z'),
  max: new Date('2200-12-31T23:59:59.999Z'),
  noInvalidDate: true,
})

/** An instant, as Temporal has it in the zone. */
export function zoned(instant: Date, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(zone)
}

/** An instant at which the zone's clocks are changed, and by how many seconds; any instant, by 0, where they never are. */
export function anyClockChange(zone: string): fc.Arbitrary<{ instant: Date; seconds: number }> {
  return anyInstant.map((near) => {
    const from = zoned(near, zone)
    const change = [from.getTimeZoneTransition('next'), from.getTimeZoneTransition('previous')].find(
      isInRange,
    )
    if (!change) return { instant: near, seconds: 0 }
    const before = change.subtract({ nanoseconds: 1 })
    return {
      instant: new Date(change.epochMilliseconds),
      seconds: (change.offsetNanoseconds - before.offsetNanoseconds) / 1e9,
    }
  })
}

function isInRange(change: Temporal.ZonedDateTime | null): boolean {
  return change !== null && change.year >= 1970 && change.year <= 2037
}

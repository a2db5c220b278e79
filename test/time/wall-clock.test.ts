import { formatInTimeZone } from 'date-fns-tz/formatInTimeZone'
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { formatInstant } from '../../src/time/instant.ts'
import {
  dayAndTimeOf,
  faultOfWallClock,
  instantFromWallClock,
  wallClockOf,
} from '../../src/time/wall-clock.ts'
import { anyClockChange, anyInstant, anyInstantInRange, zoned, zones } from './zones.ts'

describe('a wall-clock time', () => {
  test.each(['2026-02-01T10:00:00', '2026-02-01T10:00', '2024-02-29T23:59:59', '1900-01-01T00:00'])(
    'is %s',
    (text) => {
      expect(faultOfWallClock(text)).toBeNull()
    },
  )

  test.each([
    ['2026-02-01T10:00:00Z', 'without an offset'],
    ['2026-02-01T10:00:00+01:00', 'without an offset'],
    ['2026-02-01', "isn't a wall-clock time"],
    ['2026-02-01 10:00', "isn't a wall-clock time"],
    ['2026-02-01t10:00', "isn't a wall-clock time"],
    ['2026-02-01T10:00:00.5', "isn't a wall-clock time"],
    ['10000-01-01T00:00', "isn't a wall-clock time"],
    ['2026-02-01T10:00\n', "isn't a wall-clock time"],
    ['2026-02-30T10:00', "names a day that doesn't exist"],
    ['0000-06-01T10:00', 'is outside the years 1900 to 2200 in UTC'],
    ['1899-12-30T23:59', 'is outside the years 1900 to 2200 in UTC'],
    ['2201-01-02T00:00', 'is outside the years 1900 to 2200 in UTC'],
    ['9999-12-31T23:00', 'is outside the years 1900 to 2200 in UTC'],
    ['2026-02-01T24:00', "names a time of day that doesn't exist"],
    ['2026-02-01T23:59:60', "names a time of day that doesn't exist"],
  ])('is not %j: it %s', (text, reason) => {
    expect(faultOfWallClock(text)).toContain(reason)
    expect(() => instantFromWallClock(text, 'UTC')).toThrow(RangeError)
  })

  test.each([
    ['2024-07-01T12:00', 'Asia/Kathmandu', '2024-07-01T06:15:00.000Z'],
    ['1985-12-31T23:59:59', 'Asia/Kathmandu', '1985-12-31T18:29:59.000Z'],
    ['1971-06-01T12:00', 'Africa/Monrovia', '1971-06-01T12:44:30.000Z'],
    ['2026-07-01T12:00', 'Antarctica/Troll', '2026-07-01T10:00:00.000Z'],
    ['2026-01-01T12:00', 'Antarctica/Troll', '2026-01-01T12:00:00.000Z'],
    ['2011-12-29T23:59:59', 'Pacific/Apia', '2011-12-30T09:59:59.000Z'],
    ['2011-12-31T00:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
    ['2007-12-09T02:29:59', 'America/Caracas', '2007-12-09T06:29:59.000Z'],
    ['2026-02-01T10:00', 'Asia/Calcutta', '2026-02-01T04:30:00.000Z'],
  ])('%s in %s is %s', (wallClock, zone, instant) => {
    expect(formatInstant(instantFromWallClock(wallClock, zone))).toBe(instant)
    expect(wallClockOf(new Date(instant), zone)).toBe(wallClock.padEnd(19, ':00'))
  })

  test.each([
    ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T00:30:00.000Z', '2026-03-29T01:30:00.000Z'],
    ['2026-03-29T02:00', 'Antarctica/Troll', '2026-03-29T00:00:00.000Z', '2026-03-29T02:00:00.000Z'],
    ['2025-10-05T02:15', 'Australia/Lord_Howe', '2025-10-04T15:15:00.000Z', '2025-10-04T15:45:00.000Z'],
    ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-29T22:00:00.000Z', '2011-12-30T22:00:00.000Z'],
    ['1972-01-07T00:20', 'Africa/Monrovia', '1972-01-07T00:20:00.000Z', '1972-01-07T01:04:30.000Z'],
  ])('%s is skipped in %s, so it could mean %s or %s', (wallClock, zone, earlier, later) => {
    expect(meaningsOf(wallClock, zone)).toEqual([earlier, later])
    expect(() => instantFromWallClock(wallClock, zone)).toThrow(
      `${wallClock} is skipped by a clock change in ${zone}: it could mean ${earlier} or ${later}.`,
    )
  })

  test.each([
    ['2026-10-25T02:30:15', 'Europe/Berlin', '2026-10-25T00:30:15.000Z', '2026-10-25T01:30:15.000Z'],
    ['2026-10-25T02:00', 'Antarctica/Troll', '2026-10-25T00:00:00.000Z', '2026-10-25T02:00:00.000Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
    ['2007-12-09T02:30', 'America/Caracas', '2007-12-09T06:30:00.000Z', '2007-12-09T07:00:00.000Z'],
  ])('%s happens twice in %s, so it could mean %s or %s', (wallClock, zone, earlier, later) => {
    expect(meaningsOf(wallClock, zone)).toEqual([earlier, later])
    expect(() => instantFromWallClock(wallClock, zone)).toThrow(
      `${wallClock} happens twice at a clock change in ${zone}: it could mean ${earlier} or ${later}.`,
    )
  })

  test.each([
    ['2200-12-31T23:00', 'America/New_York'],
    ['1900-01-01T01:00', 'Asia/Tokyo'],
  ])('%s in %s is refused, for its instant is outside the years that instants have', (wallClock, zone) => {
    expect(() => instantFromWallClock(wallClock, zone, 'LATER')).toThrow(
      `${wallClock} in ${zone} is outside the years 1900 to 2200 in UTC.`,
    )
  })

  test('of the first and the last instant reads back in every zone', () => {
    const ends = [new Date('1900-01-01T00:00:00Z'), new Date('2200-12-31T23:59:59Z')]
    const lost = zones.flatMap((zone) =>
      ends
        .filter((instant) => +instantFromWallClock(wallClockOf(instant, zone), zone, 'EARLIER') !== +instant)
        .map((instant) => [zone, instant]),
    )
    expect(lost).toEqual([])
  })
})

describe('date-fns-tz agrees', () => {
  test('in what the clocks of every zone show at any instant that we take', () => {
    forEveryZone(30, (zone) =>
      fc.property(anyInstantInRange, (instant) => {
        expect([zone, instant, wallClockOf(instant, zone)]).toEqual([
          zone,
          instant,
          formatInTimeZone(instant, zone, "yyyy-MM-dd'T'HH:mm:ss"),
        ])
      }),
    )
  })
})

describe('for people', () => {
  test.each([
    ['2026-10-25T00:30:00Z', 'Europe/Berlin', '2026-10-25', '02:30 (+02:00)'],
    ['2026-10-25T01:30:00Z', 'Europe/Berlin', '2026-10-25', '02:30 (+01:00)'],
    ['2026-04-04T14:45:00Z', 'Australia/Lord_Howe', '2026-04-05', '01:45 (+11:00)'],
    ['2026-04-04T15:15:00Z', 'Australia/Lord_Howe', '2026-04-05', '01:45 (+10:30)'],
    ['2026-07-01T10:00:30Z', 'Europe/Berlin', '2026-07-01', '12:00:30'],
    ['9999-12-31T23:00:00Z', 'Europe/Berlin', '10000-01-01', '00:00'],
  ])('%s in %s is %s, %s', (instant, zone, day, time) => {
    expect(dayAndTimeOf(new Date(instant), zone)).toEqual([day, time])
  })
})

describe('Temporal agrees', () => {
  test('in what the clocks of every zone show at any instant', () => {
    forEveryZone(15, (zone) =>
      fc.property(anyInstant, (instant) => {
        expect([zone, instant, wallClockOf(instant, zone)]).toEqual([
          zone,
          instant,
          temporalsClock(instant, zone),
        ])
      }),
    )
  })

  test('in what the clocks of every zone show around a clock change', () => {
    const shifts = fc.constantFrom(-3_600_000, -1000, -1, 0, 1, 1000, 3_600_000)
    forEveryZone(15, (zone) =>
      fc.property(anyClockChange(zone), shifts, ({ instant: change }, shift) => {
        const instant = new Date(change.getTime() + shift)
        expect([zone, instant, wallClockOf(instant, zone)]).toEqual([
          zone,
          instant,
          temporalsClock(instant, zone),
        ])
      }),
    )
  })

  test('in which instants a time means that a clock change of any zone may skip or double', () => {
    forEveryZone(10, (zone) =>
      fc.property(aroundClockChange(zone), (wallClock) => {
        expect([zone, wallClock, ...ourReadings(wallClock, zone)]).toEqual([
          zone,
          wallClock,
          ...temporalsReadings(wallClock, zone),
        ])
      }),
    )
  })

  test('in which instant any other time means in any zone, and it reads back', () => {
    forEveryZone(8, (zone) =>
      fc.property(anyInstant, (instant) => {
        const wallClock = wallClockOf(instant, zone)
        const readings = ourReadings(wallClock, zone)
        expect([zone, wallClock, ...readings]).toEqual([
          zone,
          wallClock,
          ...temporalsReadings(wallClock, zone),
        ])
        expect(readings).toContain(Math.floor(instant.getTime() / 1000) * 1000)
      }),
    )
  })
})

/** A failure prints the zone, the counterexample and the seed. */
function forEveryZone(numRuns: number, law: (zone: string) => fc.IProperty<unknown>): void {
  for (const zone of zones) fc.assert(law(zone), { numRuns })
}

function meaningsOf(wallClock: string, zone: string): string[] {
  return (['EARLIER', 'LATER'] as const).map((which) =>
    formatInstant(instantFromWallClock(wallClock, zone, which)),
  )
}

/** The clock readings from a second before to a second after those that a clock change skips or doubles. */
function aroundClockChange(zone: string): fc.Arbitrary<string> {
  return anyClockChange(zone).chain(({ instant, seconds }) => {
    const last = Math.abs(seconds)
    const first = zoned(new Date(instant.getTime() - 1), zone)
      .toPlainDateTime()
      .round({ smallestUnit: 'second', roundingMode: 'ceil' })
      .add({ seconds: Math.min(seconds, 0) })
    return fc
      .oneof(fc.integer({ min: 0, max: last }), fc.constantFrom(-1, 0, last - 1, last, last + 1))
      .map((shift) => first.add({ seconds: shift }).toString({ smallestUnit: 'second' }))
  })
}

function temporalsClock(instant: Date, zone: string): string {
  return zoned(instant, zone).toPlainDateTime().toString({ smallestUnit: 'second' })
}

function ourReadings(wallClock: string, zone: string): Reading[] {
  return (['REJECT', 'EARLIER', 'LATER'] as const).map((which) =>
    readingOf(() => instantFromWallClock(wallClock, zone, which).getTime()),
  )
}

function temporalsReadings(wallClock: string, zone: string): Reading[] {
  const time = Temporal.PlainDateTime.from(wallClock)
  return (['reject', 'earlier', 'later'] as const).map((disambiguation) =>
    readingOf(() => time.toZonedDateTime(zone, { disambiguation }).epochMilliseconds),
  )
}

/** Milliseconds since 1970. */
type Reading = number | 'refused'

function readingOf(read: () => number): Reading {
  try {
    return read()
  } catch (error) {
    if (error instanceof RangeError) return 'refused'
    throw error
  }
}

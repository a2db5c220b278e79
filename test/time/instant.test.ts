import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { describe, expect, test } from 'vitest'
import { faultOfInstant, formatInstant, parseInstant } from '../../src/time/instant.ts'
import { stayInHostileZone } from './hostile-zone.ts'

stayInHostileZone()

describe('an instant', () => {
  test.each([
    ['2026-02-01T10:00:00Z', '2026-02-01T10:00:00.000Z', 'in UTC'],
    ['2026-02-01T10:00:00+01:00', '2026-02-01T09:00:00.000Z', 'with an offset'],
    ['2026-02-01T10:00:00-00:00', '2026-02-01T10:00:00.000Z', "with RFC 3339's unknown local offset"],
    ['2026-01-01T00:00:00+14:00', '2025-12-31T10:00:00.000Z', "with Kiribati's offset"],
    ['2026-01-01T00:00:00+23:59', '2025-12-31T00:01:00.000Z', 'with the largest offset'],
    ['2026-12-31T23:59:59-23:59', '2027-01-01T23:58:59.000Z', 'with the smallest offset'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z', 'on a leap day'],
    ['2026-02-01T10:00:00.5Z', '2026-02-01T10:00:00.500Z', 'with a tenth of a second'],
    ['2026-02-01T10:00:00.123999999Z', '2026-02-01T10:00:00.123Z', 'with nanoseconds, which are cut off'],
    ['1969-12-31T23:59:59.9999Z', '1969-12-31T23:59:59.999Z', 'before 1970, cut off and not rounded'],
    ['1900-01-01T00:00:00Z', '1900-01-01T00:00:00.000Z', 'at the first moment that is taken'],
    ['2200-12-31T23:59:59.999Z', '2200-12-31T23:59:59.999Z', 'at the last moment that is taken'],
  ])('%s is read as %s: %s', (text, expected) => {
    expect(formatInstant(parseInstant(text))).toBe(expected)
  })

  test.each([
    ['2026-02-01T10:00:00', 'has no offset'],
    ['2026-02-01T10:00:00.123', 'has no offset'],
    ['2026-02-01T10:00', 'has no offset'],
    ['2026-02-30T10:00:00Z', "names a day that doesn't exist"],
    ['2025-02-29T10:00:00Z', "names a day that doesn't exist"],
    ['1900-02-29T10:00:00Z', "names a day that doesn't exist"],
    ['2026-00-10T10:00:00Z', "names a day that doesn't exist"],
    ['2026-13-01T10:00:00Z', "names a day that doesn't exist"],
    ['2026-01-00T10:00:00Z', "names a day that doesn't exist"],
    ['2026-02-01T24:00:00Z', "names a time of day that doesn't exist"],
    ['2026-02-01T10:60:00Z', "names a time of day that doesn't exist"],
    ['2016-12-31T23:59:60Z', 'no leap second'],
    ['0000-06-01T00:00:00Z', 'outside the years 1900 to 2200 in UTC'],
    ['0001-01-01T00:00:00Z', 'outside the years 1900 to 2200 in UTC'],
    ['1900-01-01T00:00:00+00:01', 'outside the years 1900 to 2200 in UTC'],
    ['2200-12-31T23:59:59-00:01', 'outside the years 1900 to 2200 in UTC'],
    ['9999-12-31T23:00:00Z', 'outside the years 1900 to 2200 in UTC'],
  ])('is not %j: it %s', (text, reason) => {
    expect(faultOfInstant(text)).toContain(reason)
    expect(() => parseInstant(text)).toThrow(RangeError)
  })

  test.each([
    '10000-01-01T00:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2026-02-01t10:00:00Z',
    '2026-02-01T10:00:00z',
    '2026-02-01 10:00:00Z',
    '2026-02-01T10:00Z',
    '2026-02-01T10:00:00+24:00',
    '2026-02-01T10:00:00+01:60',
    '2026-02-01T10:00:00+0100',
    '2026-02-01T10:00:00+01',
    '2026-02-01T10:00:00−01:00',
    '2026-02-01T10:00:00.Z',
    '2026-02-01T10:00:00,5Z',
    '2026-02-01T10:00:00.1234567890Z',
    '2026-02-01T10:00:00Z[UTC]',
    '2026-02-01T10:00:00Z\n',
    ' 2026-02-01T10:00:00Z',
    '٢٠٢٦-02-01T10:00:00Z',
    '2026-2-1T10:00:00Z',
    '2026-02-01',
    '1769940000000',
    '',
  ])('is not %j, which RFC 3339 or its profile here has no form for', (text) => {
    expect(faultOfInstant(text)).toContain("isn't an RFC 3339 instant")
    expect(() => parseInstant(text)).toThrow(RangeError)
  })

  test('that comes out reads back as the same', () => {
    fc.assert(
      fc.property(anyInstant, (instant) => {
        expect(parseInstant(formatInstant(instant))).toEqual(instant)
      }),
    )
  })

  test('is what Temporal reads, cut to milliseconds, whatever the offset and the digits', () => {
    fc.assert(
      fc.property(anyInstant, anyOffset, anyFraction, (instant, offset, fraction) => {
        const text = `${instant.toISOString().slice(0, 19)}${fraction}${offset}`
        const expected = Temporal.Instant.from(text).round({
          smallestUnit: 'millisecond',
          roundingMode: 'floor',
        })
        expect(parseInstant(text).getTime()).toBe(expected.epochMilliseconds)
      }),
      { numRuns: 2000 },
    )
  })

  test('is taken exactly where Temporal takes the day and the time', () => {
    const digits = (max: number) =>
      fc.integer({ min: 0, max }).map((number) => String(number).padStart(2, '0'))
    fc.assert(
      fc.property(fc.tuple(digits(13), digits(32), digits(25), digits(61), digits(59)), (parts) => {
        const [month, day, hour, minute, second] = parts
        const text = `2024-${month}-${day}T${hour}:${minute}:${second}`
        expect(faultOfInstant(`${text}Z`) === null).toBe(isTakenByTemporal(text))
      }),
      { numRuns: 2000 },
    )
  })
})

/** Far enough from the first and the last year that no offset leads out of them. */
const anyInstant = fc.date({
  min: new Date('1900-01-03T00:00:00Z'),
  max: new Date('2200-12-29T00:00:00Z'),
  noInvalidDate: true,
})

const anyOffset = fc.oneof(
  fc.constantFrom('Z', '+00:00', '-00:00', '+14:00', '-12:00'),
  fc
    .tuple(fc.constantFrom('+', '-'), fc.nat(23), fc.nat(59))
    .map(
      ([sign, hour, minute]) => `${sign}${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`,
    ),
)

const anyFraction = fc.stringMatching(/^(\.[0-9]{1,9})?$/)

function isTakenByTemporal(text: string): boolean {
  try {
    Temporal.PlainDateTime.from(text)
    return true
  } catch {
    return false
  }
}

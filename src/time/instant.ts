/**
 * An instant is a JavaScript `Date`: milliseconds since 1970 in UTC, nothing about any zone.
 *
 * Text comes in as RFC 3339 with a mandatory offset and goes out as RFC 3339 in UTC with milliseconds.
 */
const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** What the text is wrong about, in words for the person who sent it; null where it is an instant. */
export function faultOfInstant(text: string): string | null {
  const parts = rfc3339.exec(text)
  if (parts === null) {
    return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text)
      ? `${JSON.stringify(text)} has no offset, so it isn't an instant. Add Z or an offset such as +01:00.`
      : `${JSON.stringify(text)} isn't an RFC 3339 instant such as 2026-02-01T10:00:00+01:00.`
  }
  const [, year, month, day, hour, minute, second] = parts.map(Number)
  if (!isCalendarDay(year!, month!, day!)) return `${JSON.stringify(text)} names a day that doesn't exist.`
  if (hour! > 23 || minute! > 59 || second! > 59) {
    return `${JSON.stringify(text)} names a time of day that doesn't exist (00:00:00 to 23:59:59, no leap second).`
  }
  return isInRange(new Date(text)) ? null : `${JSON.stringify(text)} is ${outOfRange}`
}

/**
 * Finer digits than milliseconds are cut off, never rounded: a rounded instant could be in the next second.
 *
 * @throws RangeError where `faultOfInstant` has something to say.
 */
export function parseInstant(text: string): Date {
  const fault = faultOfInstant(text)
  if (fault !== null) throw new RangeError(fault)
  return new Date(text)
}

/** '2026-02-01T09:00:00.000Z'. Throws a RangeError for an invalid Date. */
export function formatInstant(instant: Date): string {
  return instant.toISOString()
}

/**
 * Whether the instant is in the years 1900 to 2200 in UTC. We take no others: no programme needs them, and the clocks of
 * every zone can show these (at the end of the year 9999 some show a year of five digits).
 */
export function isInRange(instant: Date): boolean {
  return instant >= earliest && instant <= latest
}

/** How a fault of an instant out of range ends. */
export const outOfRange = 'outside the years 1900 to 2200 in UTC.'

const earliest = new Date('1900-01-01T00:00:00.000Z')
const latest = new Date('2200-12-31T23:59:59.999Z')

/** Rows may be older than the bounds that instants have; PostgreSQL takes no more digits than these. */
export function isFourDigitYear(instant: Date): boolean {
  const year = instant.getUTCFullYear()
  return year >= 1 && year <= 9999
}

/** Date.UTC rolls 30 February over to March; a day exists where nothing rolled. */
export function isCalendarDay(year: number, month: number, day: number): boolean {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

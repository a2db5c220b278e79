import { instantOption } from '../instant.ts'

/**
 * Until when a token is to be good, as the command line says it; null: until it is revoked.
 *
 * @throws RangeError where it can't be told, or is past
 */
export function endOf(days: string | undefined, expires: string | undefined, now: Date): Date | null {
  if (days !== undefined && expires !== undefined) throw new RangeError('Say --days or --expires, not both.')
  if (days !== undefined) return daysFrom(now, days)
  if (expires === undefined) return null
  const end = instantOption('--expires', expires)
  if (end <= now) throw new RangeError(`--expires: ${end.toISOString()} is past.`)
  return end
}

/** @throws RangeError where it isn't a whole number of days, 1 to 3650 */
function daysFrom(now: Date, text: string): Date {
  const days = Number(text)
  if (!/^\d+$/.test(text) || days < 1 || days > 3650) {
    throw new RangeError(`--days must be a whole number from 1 to 3650, not ${JSON.stringify(text)}.`)
  }
  return new Date(now.getTime() + days * 86_400_000)
}

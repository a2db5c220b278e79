const [minute, hour] = [60_000, 3_600_000]

/** How long to wait after each failed try, in milliseconds: ten tries within three days. */
export const usualDelays: readonly number[] = [
  1_000,
  30_000,
  5 * minute,
  30 * minute,
  2 * hour,
  6 * hour,
  12 * hour,
  22 * hour,
  28 * hour,
]

/** No receiver puts a message off for longer at once, in milliseconds. */
const longestAsked = 24 * hour

/**
 * How long to wait before the next try, in milliseconds; null: that was the last one.
 *
 * @param tries how many there were
 * @param asked for how long the receiver wants to be left alone; null: it didn't say
 * @param random from 0 to 1: receivers that failed together aren't asked again together
 */
export function delayAfter(
  tries: number,
  { delays, asked, random }: { delays: readonly number[]; asked: number | null; random: number },
): number | null {
  const usual = delays[tries - 1]
  if (usual === undefined) return null
  return Math.max(usual * (0.9 + 0.2 * random), Math.min(asked ?? 0, longestAsked))
}

/** What a Retry-After says, in milliseconds from now; null if it says nothing that can be understood. */
export function retryAfter(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1_000
  // Date.parse takes much for a date that is none: '-1' is a day of 2001.
  const until = /^[A-Z][a-z]{2}, /.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(until) ? null : Math.max(until - now, 0)
}

import type { Context } from '../../context.ts'
import type { InputIssue } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { faultOfOverlap, type Period } from '../../time/period.ts'
import { type ClockMove, timesOnClocksOf } from '../../time/shift.ts'

/** A part that has times: a break, the opening hours of a room, the availability of a speaker. */
export interface TimedPart {
  readonly entity: 'break' | 'room' | 'speaker'
  readonly id: string
  readonly name: string
  readonly starts: readonly Date[]
  readonly ends: readonly Date[]
}

/**
 * Moves the times of all parts of an event so that the clocks of another zone show what those of the first showed;
 * deleted parts too. Two statements, however many there are.
 *
 * @param issues gets every part with a time that a clock change skips or doubles, or puts behind another of its times;
 *   nothing may be committed then
 */
export async function keepWallClocksOfParts(
  tx: Context,
  eventId: string,
  move: ClockMove,
  issues: InputIssue[],
): Promise<void> {
  const moved = (await holdTimed(tx, eventId)).flatMap((part): TimedPart[] => {
    const periods = part.starts.map((startsAt, at) => ({ startsAt, endsAt: part.ends[at]! }))
    const shifted = periods.flatMap((period) => timesOnClocksOf(nameOfPart(part), period, move, issues) ?? [])
    const isWhole = shifted.length === periods.length && inOrder(part, shifted, move, issues)
    return isWhole ? [withPeriods(part, shifted)] : []
  })
  if (moved.length > 0) await writePartTimes(tx, moved)
}

function inOrder(
  part: TimedPart,
  periods: readonly Period[],
  { to }: ClockMove,
  issues: InputIssue[],
): boolean {
  const faults = periods.flatMap((period, at) => faultOfOverlap(period, periods[at - 1]) ?? [])
  const message = `${nameOfPart(part)}: by a clock change in ${to}, a period ${faults[0]}`
  if (faults.length > 0) issues.push({ path: ['patch', 'timeZone'], message })
  return faults.length === 0
}

function withPeriods(part: TimedPart, periods: readonly Period[]): TimedPart {
  const starts = periods.map(({ startsAt }) => startsAt)
  return { ...part, starts, ends: periods.map(({ endsAt }) => endsAt) }
}

/** How a message calls one. */
export function nameOfPart({ entity, id, name }: TimedPart): string {
  return `The ${entity} ${JSON.stringify(name)} (${id})`
}

async function holdTimed({ db }: Context, eventId: string): Promise<TimedPart[]> {
  return db.$queryRaw<TimedPart[]>`${timedParts(eventId)} SELECT * FROM timed WHERE starts <> '{}'`
}

/** Begins a statement: `timed` are the event's parts that may have times, held until the transaction ends. */
export function timedParts(eventId: string): Prisma.Sql {
  return Prisma.sql`
    WITH b AS (SELECT * FROM breaks WHERE event_id = ${eventId}::uuid ORDER BY id FOR NO KEY UPDATE),
         r AS (SELECT * FROM rooms WHERE event_id = ${eventId}::uuid ORDER BY id FOR NO KEY UPDATE),
         s AS (SELECT * FROM speakers WHERE event_id = ${eventId}::uuid ORDER BY id FOR NO KEY UPDATE),
         timed AS (
           SELECT 'break' AS entity, id, name, ARRAY[starts_at] AS starts, ARRAY[ends_at] AS ends FROM b
           UNION ALL SELECT 'room', id, name, open_from, open_until FROM r
           UNION ALL SELECT 'speaker', id, name, available_from, available_until FROM s
         )`
}

/** Writes the times of many parts: one statement. Times that they have already change nothing. */
export async function writePartTimes({ db }: Context, parts: readonly TimedPart[]): Promise<void> {
  const periods = parts.flatMap(({ id, starts, ends }) =>
    starts.map((startsAt, at) => ({ id, startsAt, endsAt: ends[at]! })),
  )
  await db.$executeRaw`
    WITH moved AS (
      SELECT id, array_agg(starts_at ORDER BY starts_at) AS starts, array_agg(ends_at ORDER BY starts_at) AS ends
      FROM unnest(${periods.map(({ id }) => id)}::uuid[], ${periods.map(({ startsAt }) => startsAt)}::timestamptz[],
                  ${periods.map(({ endsAt }) => endsAt)}::timestamptz[]) AS p(id, starts_at, ends_at)
      GROUP BY id
    ),
    b AS (UPDATE breaks t SET starts_at = starts[1], ends_at = ends[1] FROM moved WHERE t.id = moved.id),
    r AS (UPDATE rooms t SET open_from = starts, open_until = ends FROM moved WHERE t.id = moved.id)
    UPDATE speakers t SET available_from = starts, available_until = ends FROM moved WHERE t.id = moved.id`
}

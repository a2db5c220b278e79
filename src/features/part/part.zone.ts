import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../context.ts'
import type { InputIssue } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { faultOfOverlap, type Period } from '../../time/period.ts'
import { type ClockMove, timesOnClocksOf } from '../../time/shift.ts'
import type { Values } from '../history/history.rules.ts'

/** A part that has times: a break, the opening hours of a room, the availability of a speaker. */
interface TimedPart {
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
    const shifted = periods.flatMap((period) => timesOnClocksOf(nameOf(part), period, move, issues) ?? [])
    const isWhole = shifted.length === periods.length && inOrder(part, shifted, move, issues)
    return isWhole ? [withPeriods(part, shifted)] : []
  })
  if (moved.length > 0) await writeTimes(tx, moved)
}

function inOrder(
  part: TimedPart,
  periods: readonly Period[],
  { to }: ClockMove,
  issues: InputIssue[],
): boolean {
  const faults = periods.flatMap((period, at) => faultOfOverlap(period, periods[at - 1]) ?? [])
  const message = `${nameOf(part)}: by a clock change in ${to}, a period ${faults[0]}`
  if (faults.length > 0) issues.push({ path: ['patch', 'timeZone'], message })
  return faults.length === 0
}

function withPeriods(part: TimedPart, periods: readonly Period[]): TimedPart {
  const starts = periods.map(({ startsAt }) => startsAt)
  return { ...part, starts, ends: periods.map(({ endsAt }) => endsAt) }
}

function nameOf({ entity, id, name }: TimedPart): string {
  return `The ${entity} ${JSON.stringify(name)} (${id})`
}

async function holdTimed({ db }: Context, eventId: string): Promise<TimedPart[]> {
  return db.$queryRaw<TimedPart[]>`${timedParts(eventId)} SELECT * FROM timed WHERE starts <> '{}'`
}

/** Begins a statement: `timed` are the event's parts that may have times, held until the transaction ends. */
function timedParts(eventId: string): Prisma.Sql {
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
async function writeTimes({ db }: Context, parts: readonly TimedPart[]): Promise<void> {
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

interface MovedPart extends TimedPart {
  /** By column, before the first of the moves and after the last. */
  readonly before: Values
  readonly after: Values
}

/**
 * Puts back the times that parts had before changes of the event's zone since a version moved them.
 *
 * @returns every part that somebody has moved since; nothing may be committed then
 */
export async function putPartsBack(tx: Context, eventId: string, toVersion: number): Promise<InputIssue[]> {
  const moved = await partsMovedSince(tx, eventId, toVersion)
  const back = moved.map(({ before, ...part }) => {
    const { starts, ends } = timesIn(part, before)
    return { ...part, starts: starts ?? part.starts, ends: ends ?? part.ends }
  })
  if (back.length > 0) await writeTimes(tx, back)
  return moved
    .filter((part) => !isAsMoved(part))
    .map((part) => ({
      path: ['toVersion'],
      message: `${nameOf(part)} was moved since by itself. Put it where it was before, or change the event by updateEvent.`,
    }))
}

/** The parts whose times changed in the transactions in which the event's zone changed; held until the end. */
async function partsMovedSince({ db }: Context, eventId: string, version: number): Promise<MovedPart[]> {
  return db.$queryRaw<MovedPart[]>`
    ${timedParts(eventId)},
    moves AS (
      SELECT m.entity_id, m.version, m.before, m.after
      FROM revisions z JOIN revisions m ON m.event_id = z.event_id AND m.recorded_in = z.recorded_in
      WHERE z.entity = 'event' AND z.entity_id = ${eventId}::uuid AND z.version > ${version} AND z.after ? 'time_zone'
        AND m.entity IN ('break', 'room', 'speaker') AND m.operation = 'updated'
        AND m.after ?| ${Object.values(columns).flat()}::text[]
    )
    SELECT t.*, (SELECT before FROM moves WHERE entity_id = t.id ORDER BY version LIMIT 1) AS before,
           (SELECT after FROM moves WHERE entity_id = t.id ORDER BY version DESC LIMIT 1) AS after
    FROM timed t WHERE t.id IN (SELECT entity_id FROM moves)`
}

function isAsMoved(part: MovedPart): boolean {
  const { starts, ends } = timesIn(part, part.after)
  return (
    isDeepStrictEqual(starts ?? part.starts, part.starts) && isDeepStrictEqual(ends ?? part.ends, part.ends)
  )
}

/** The begins and ends among the values of a revision; undefined where it left them alone. */
function timesIn(
  { entity }: TimedPart,
  values: Values,
): { starts: Date[] | undefined; ends: Date[] | undefined } {
  const [starts, ends] = columns[entity].map((column) => {
    const value = values[column]
    // The triggers write nothing but texts, or lists of texts, for these columns.
    const texts = [value].flat() as string[]
    return value === undefined ? undefined : texts.map((text) => new Date(text))
  })
  return { starts, ends }
}

const columns = {
  break: ['starts_at', 'ends_at'],
  room: ['open_from', 'open_until'],
  speaker: ['available_from', 'available_until'],
} as const

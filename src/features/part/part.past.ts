import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../context.ts'
import type { InputIssue } from '../../errors.ts'
import type { Values } from '../history/history.rules.ts'
import { nameOfPart, type TimedPart, timedParts, writePartTimes } from './part.zone.ts'

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
  if (back.length > 0) await writePartTimes(tx, back)
  return moved
    .filter((part) => !isAsMoved(part))
    .map((part) => ({
      path: ['toVersion'],
      message: `${nameOfPart(part)} was moved since by itself. Put it where it was before, or change the event by updateEvent.`,
    }))
}

/** The parts whose times changed in the transactions in which the event's zone changed; held until the end. */
async function partsMovedSince({ db }: Context, eventId: string, version: number): Promise<MovedPart[]> {
  return db.$queryRaw<MovedPart[]>`
    ${timedParts(eventId)},
    moves AS (
      SELECT m.entity_id, m.version, m.before, m.after
      FROM revisions z JOIN revisions m
        ON m.event_id = z.event_id AND m.recorded_in = z.recorded_in AND m.change IS NOT DISTINCT FROM z.change
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

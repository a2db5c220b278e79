import type { Context } from '../../context.ts'
import { inTransaction } from '../../context.ts'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Select } from '../../selection/merge.ts'
import { holdScheduleAlone } from '../booking/booking.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import { pastRows, readPast } from '../history/history.ts'
import { rowOf } from '../history/history.rules.ts'
import { putPartsBack } from '../part/part.past.ts'
import type { EventRow } from '../rows.ts'
import { nameOfSession, type ScheduledSession, writeSessionTimes } from '../session/session.zone.ts'
import { formatOf } from '../text/text.fields.ts'
import { holdEvent } from './event.hold.ts'
import { type EventValues, writeEvent } from './event.ts'

/**
 * Writes the values that the event had at an earlier version, as a new version. What changes of the zone since
 * then moved, sessions, breaks, opening hours and availability, is put back in the same step.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT; BAD_USER_INPUT as `updateEvent`, where the history has no such version, and where
 *   what would be put back was moved by somebody since
 */
export async function revertEvent(
  ctx: Context,
  { id, expectedVersion }: ChangeFor,
  toVersion: number,
  select: Select,
): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const stored = await holdEvent(tx, { id, expectedVersion }, ['event:update', 'event:publish'])
    const [past] = await readPast(tx, [pastRows('event', [id], { lastVersion: toVersion })])
    if (past === undefined || past.version !== toVersion) {
      const message = `The history has no version ${toVersion} of this event.`
      throw badUserInput([{ path: ['toVersion'], message }])
    }
    const issues = [...(await putSessionsBack(tx, id, toVersion)), ...(await putPartsBack(tx, id, toVersion))]
    const values = rowOf(Object.values(Prisma.EventScalarFieldEnum), past.values) as unknown as EventValues
    return writeEvent(tx, stored, { values: editable(values), issues, argument: 'toVersion' }, select)
  })
}

function editable(values: EventValues): EventValues {
  const { slug, name, description, timeZone, startsAt, endsAt, state } = values
  const { websiteUrl, logoUrl, venue } = values
  // Revisions that are older than a value don't know it; until then all events had these.
  const conflictPolicy = values.conflictPolicy ?? 'WARN'
  const textFormat = formatOf(values)
  const showsCanceled = values.showsCanceled ?? true
  const dayStartsAt = values.dayStartsAt ?? '00:00'
  const links = values.links ?? []
  const content = { slug, name, description, textFormat, timeZone, startsAt, endsAt, dayStartsAt }
  return { ...content, websiteUrl, logoUrl, venue, links, state, conflictPolicy, showsCanceled }
}

interface MovedSession extends ScheduledSession {
  /** The times before the first of the moves and after the last. */
  readonly before: Moved
  readonly after: Moved
}

type Moved = { readonly starts_at?: string | null; readonly ends_at?: string | null }

/** @returns what is wrong with that; nothing may be committed then */
async function putSessionsBack(tx: Context, eventId: string, toVersion: number): Promise<InputIssue[]> {
  await holdScheduleAlone(tx, eventId)
  const moved = await sessionsMovedSince(tx, eventId, toVersion)
  const issues = moved
    .filter((session) => !isAsMoved(session))
    .map((session) => ({
      path: ['toVersion'],
      message: `${nameOfSession(session)} was moved since by itself. Put it where it was before, or change the event by updateEvent.`,
    }))
  const back = ({ before, startsAt, endsAt, ...session }: MovedSession) => ({
    ...session,
    startsAt: before.starts_at === undefined ? startsAt : instantOf(before.starts_at),
    endsAt: before.ends_at === undefined ? endsAt : instantOf(before.ends_at),
  })
  if (moved.length > 0) await writeSessionTimes(tx, moved.map(back))
  return issues
}

/** The sessions whose times changed in the transactions in which the event's zone changed; held until the end. */
async function sessionsMovedSince(
  { db }: Context,
  eventId: string,
  version: number,
): Promise<MovedSession[]> {
  return db.$queryRaw<MovedSession[]>`
    WITH moves AS (
      SELECT m.entity_id, m.version, m.before, m.after
      FROM revisions z JOIN revisions m
        ON m.event_id = z.event_id AND m.recorded_in = z.recorded_in AND m.change IS NOT DISTINCT FROM z.change
      WHERE z.entity = 'event' AND z.entity_id = ${eventId}::uuid AND z.version > ${version} AND z.after ? 'time_zone'
        AND m.entity = 'session' AND m.operation = 'updated' AND m.after ?| '{starts_at,ends_at}'
    )
    SELECT s.id, s.title, s.starts_at AS "startsAt", s.ends_at AS "endsAt",
           (SELECT before FROM moves WHERE entity_id = s.id ORDER BY version LIMIT 1) AS before,
           (SELECT after FROM moves WHERE entity_id = s.id ORDER BY version DESC LIMIT 1) AS after
    FROM sessions s WHERE s.id IN (SELECT entity_id FROM moves) ORDER BY s.id FOR UPDATE OF s`
}

function isAsMoved({ startsAt, endsAt, after }: MovedSession): boolean {
  const isAs = (now: Date | null, moved: string | null | undefined) =>
    moved === undefined || now?.getTime() === instantOf(moved)?.getTime()
  return isAs(startsAt, after.starts_at) && isAs(endsAt, after.ends_at)
}

function instantOf(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}

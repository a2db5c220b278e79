import type { Context } from '../../context.ts'
import type { InputIssue } from '../../errors.ts'
import { type ClockMove, timesOnClocksOf } from '../../time/shift.ts'

/** When a session is, under the name that people know it by. */
export interface ScheduledSession {
  readonly id: string
  readonly title: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/**
 * Moves all sessions of an event so that the clocks of another zone show what those of the first showed; deleted
 * sessions too, so that a restored one is in its place. Two statements, however many sessions there are. The schedule is
 * held alone already, because slots follow from the zone.
 *
 * @param issues gets every session whose time a clock change skips or doubles, or that would end before it starts;
 *   nothing may be committed then
 */
export async function keepWallClocks(
  tx: Context,
  eventId: string,
  move: ClockMove,
  issues: InputIssue[],
): Promise<void> {
  const moved = (await lockScheduled(tx, eventId)).flatMap((session): ScheduledSession[] => {
    const times = timesOnClocksOf(nameOfSession(session), session, move, issues)
    return times === null ? [] : [{ ...session, ...times }]
  })
  await writeSessionTimes(tx, moved)
}

/** Writes the times of many sessions: one statement. Times that they have already change nothing. */
export async function writeSessionTimes(
  { db }: Context,
  sessions: readonly ScheduledSession[],
): Promise<void> {
  await db.$executeRaw`
    UPDATE sessions s SET starts_at = m.starts_at, ends_at = m.ends_at
    FROM unnest(${sessions.map(({ id }) => id)}::uuid[], ${sessions.map(({ startsAt }) => startsAt)}::timestamptz[],
                ${sessions.map(({ endsAt }) => endsAt)}::timestamptz[]) AS m(id, starts_at, ends_at)
    WHERE s.id = m.id AND (s.starts_at, s.ends_at) IS DISTINCT FROM (m.starts_at, m.ends_at)`
}

/** How a message calls a session. */
export function nameOfSession({ id, title }: ScheduledSession): string {
  return `The session ${JSON.stringify(title)} (${id})`
}

async function lockScheduled({ db }: Context, eventId: string): Promise<ScheduledSession[]> {
  return db.$queryRaw<ScheduledSession[]>`
    SELECT id, title, starts_at AS "startsAt", ends_at AS "endsAt" FROM sessions
    WHERE event_id = ${eventId}::uuid AND starts_at IS NOT NULL ORDER BY id FOR UPDATE`
}

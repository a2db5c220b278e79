import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { onClocksOf } from '../../time/shift.ts'
import type { Disambiguation } from '../../time/wall-clock.ts'

/** When a session is, under the name that people know it by. */
export interface ScheduledSession {
  readonly id: string
  readonly title: string
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/**
 * Moves all sessions of an event so that the clocks of another zone show what those of the first showed; deleted
 * sessions too, so that a restored one is in its place. Two statements, however many sessions there are.
 *
 * @throws BAD_USER_INPUT that names every session whose time a clock change skips or doubles, or that would end before
 *   it starts
 */
export async function keepWallClocks(
  tx: Context,
  eventId: string,
  { from, to }: { from: string; to: string },
  disambiguation: Disambiguation,
): Promise<void> {
  const issues: InputIssue[] = []
  const moved = (await lockScheduled(tx, eventId)).flatMap((session): ScheduledSession[] => {
    try {
      return [movedSession(session, from, to, disambiguation)]
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      issues.push({ path: ['patch', 'timeZone'], message: `${nameOf(session)}: ${error.message}` })
      return []
    }
  })
  if (issues.length > 0) throw badUserInput(issues)
  await writeTimes(tx, moved)
}

/** Writes the times of many sessions: one statement. Times that they have already change nothing. */
export async function writeTimes({ db }: Context, sessions: readonly ScheduledSession[]): Promise<void> {
  await db.$executeRaw`
    UPDATE sessions s SET starts_at = m.starts_at, ends_at = m.ends_at
    FROM unnest(${sessions.map(({ id }) => id)}::uuid[], ${sessions.map(({ startsAt }) => startsAt)}::timestamptz[],
                ${sessions.map(({ endsAt }) => endsAt)}::timestamptz[]) AS m(id, starts_at, ends_at)
    WHERE s.id = m.id AND (s.starts_at, s.ends_at) IS DISTINCT FROM (m.starts_at, m.ends_at)`
}

/** How a message calls a session. */
export function nameOf({ id, title }: ScheduledSession): string {
  return `The session ${JSON.stringify(title)} (${id})`
}

async function lockScheduled({ db }: Context, eventId: string): Promise<ScheduledSession[]> {
  return db.$queryRaw<ScheduledSession[]>`
    SELECT id, title, starts_at AS "startsAt", ends_at AS "endsAt" FROM sessions
    WHERE event_id = ${eventId}::uuid AND starts_at IS NOT NULL ORDER BY id FOR UPDATE`
}

function movedSession(
  session: ScheduledSession,
  from: string,
  to: string,
  disambiguation: Disambiguation,
): ScheduledSession {
  const move = (instant: Date | null) =>
    instant === null ? null : onClocksOf(instant, from, to, disambiguation)
  const moved = { ...session, startsAt: move(session.startsAt), endsAt: move(session.endsAt) }
  if (moved.startsAt !== null && moved.endsAt !== null && moved.endsAt <= moved.startsAt) {
    throw new RangeError(
      `a clock change in ${to} would make it end before it starts: ${moved.startsAt.toISOString()} to ${moved.endsAt.toISOString()}.`,
    )
  }
  return moved
}

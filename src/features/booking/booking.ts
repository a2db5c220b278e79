import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'
import { bookingMessageOf } from './booking.rules.ts'

/** Two sessions that have one room or speaker at the same time, where the event refuses that. */
export interface DoubleBooking {
  readonly kind: 'room' | 'speaker'
  readonly resource: string
  readonly from: Date
  /** null where both are only known to begin at once. */
  readonly until: Date | null
  readonly sessionId: string
  readonly title: string
  readonly otherId: string
  /** null where the viewer may not see the other one. */
  readonly otherTitle: string | null
}

/** Some sessions, or all of an event. */
type Touched = { readonly sessionIds: readonly string[] } | { readonly eventId: string }

/**
 * Holds an event's schedule for writing, until the transaction ends; before sessions are locked, and after the event.
 * What the triggers do by themselves where nobody did it: but they come when the sessions are locked already.
 */
export async function holdSchedule({ db }: Pick<Context, 'db'>, eventId: string): Promise<void> {
  await db.$executeRaw`SELECT hold_schedule(${eventId}::uuid)`
}

/**
 * The same for who changes what bookings follow from besides the sessions, or many sessions one by one; with the event,
 * and before its rooms, speakers and types are locked.
 */
export async function holdScheduleAlone({ db }: Pick<Context, 'db'>, eventId: string): Promise<void> {
  await db.$executeRaw`
    SELECT hold_schedule_alone(e.id)
    FROM (SELECT id FROM events WHERE id = ${eventId}::uuid FOR NO KEY UPDATE) e`
}

/**
 * Where the event refuses double bookings: looks whether what was just written is one. The schedule is held, so nobody
 * can make it one afterwards; the constraint would only say so when the transaction commits, and not which.
 *
 * @param pathOf where the client named the session's place
 * @throws BAD_USER_INPUT that names the room or speaker, and the other session where the viewer may see it
 */
export async function requireNoDoubleBooking(
  tx: Context,
  touched: Touched,
  pathOf: (sessionId: string) => InputIssue['path'],
): Promise<void> {
  const found = await doubleBookings(tx, touched)
  if (found.length === 0) return
  const visible = await tx.db.session.findMany({
    where: { id: { in: found.map(({ otherId }) => otherId) }, AND: visibleSessionsAnywhere(tx.viewer) },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  const seen = new Set(visible.map(({ id }) => id))
  throw badUserInput(
    found.map((booking) => ({
      path: pathOf(booking.sessionId),
      message: bookingMessageOf(seen.has(booking.otherId) ? booking : { ...booking, otherTitle: null }),
    })),
  )
}

/**
 * Where the event refuses them: at most a hundred, by time; of an event each pair once. One statement. (Whether bookings
 * are exclusive isn't asked: while statistics say that none are, the planner would read all that are, again and again.)
 */
export async function doubleBookings(
  { db }: Pick<Context, 'db'>,
  touched: Touched,
): Promise<DoubleBooking[]> {
  const ofEvent = 'eventId' in touched
  const which = ofEvent
    ? Prisma.sql`s.event_id = ${touched.eventId}::uuid`
    : Prisma.sql`s.id = ANY (${[...touched.sessionIds]}::uuid[])`
  return db.$queryRaw<DoubleBooking[]>`
    WITH a AS MATERIALIZED (
      SELECT k.kind, k.resource_id, k.during, s.id, s.title
      FROM sessions s JOIN events e ON e.id = s.event_id JOIN bookings k ON k.session_id = s.id
      WHERE ${which} AND e.conflict_policy = 'refuse'
    )
    SELECT a.kind::text, coalesce(r.name, p.name) AS resource, greatest(lower(a.during), lower(b.during)) AS "from",
           nullif(least(upper(a.during), upper(b.during)), greatest(lower(a.during), lower(b.during))) AS until,
           a.id AS "sessionId", a.title, o.id AS "otherId", o.title AS "otherTitle"
    FROM a
    JOIN bookings b ON resource_range(b.resource_id) @> uuid_hash_extended(a.resource_id, 0) AND b.during && a.during
      AND b.session_id <> a.id AND (b.kind, b.resource_id) IS NOT DISTINCT FROM (a.kind, a.resource_id)
    JOIN sessions o ON o.id = b.session_id
    LEFT JOIN rooms r ON r.id = a.resource_id
    LEFT JOIN speakers p ON p.id = a.resource_id
    WHERE a.id < o.id OR NOT ${ofEvent}
    ORDER BY 3, 1, 2, a.id, o.id LIMIT 100`
}

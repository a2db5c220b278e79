import type { Context } from '../../context.ts'
import { newId } from '../../database/new-id.ts'
import type { InputIssue } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { faultOfOverlap, type Period } from '../../time/period.ts'
import { type ClockShift, shifted } from '../../time/shift.ts'

const kinds = ['track', 'room', 'sessionType', 'break', 'speaker', 'session'] as const
type Kind = (typeof kinds)[number]

/** Something of an event that is copied. */
interface CopiedPart {
  readonly kind: Kind
  /** Of the one that is copied. */
  readonly old: string
  readonly name: string
  /** Its times: of a session one, null if it has none; of a room as many as it has hours. */
  readonly starts: readonly (Date | null)[]
  readonly ends: readonly (Date | null)[]
}

/**
 * What there is to be copied, one statement. Of sessions those that take place or may yet; of speakers no availability,
 * which is about the days of then.
 */
export async function partsToCopy(
  { db }: Context,
  eventId: string,
  withSessions: boolean,
): Promise<CopiedPart[]> {
  const ofEvent = Prisma.sql`event_id = ${eventId}::uuid AND deleted_at IS NULL`
  const none = Prisma.sql`'{}'::timestamptz[] AS starts, '{}'::timestamptz[] AS ends`
  const people = Prisma.sql`
    UNION ALL SELECT 'speaker', id, name, ${none} FROM speakers WHERE ${ofEvent}
    UNION ALL SELECT 'session', id, title, ARRAY[starts_at], ARRAY[ends_at] FROM sessions
    WHERE ${ofEvent} AND state IN ('draft', 'pending', 'accepted', 'confirmed')`
  return db.$queryRaw<CopiedPart[]>`
    SELECT 'track' AS kind, id AS old, name, ${none} FROM tracks WHERE ${ofEvent}
    UNION ALL SELECT 'sessionType', id, name, ${none} FROM session_types WHERE ${ofEvent}
    UNION ALL SELECT 'room', id, name, open_from, open_until FROM rooms WHERE ${ofEvent}
    UNION ALL SELECT 'break', id, name, ARRAY[starts_at], ARRAY[ends_at] FROM breaks WHERE ${ofEvent}
    ${withSessions ? people : Prisma.empty}
    ORDER BY 1, 2`
}

/**
 * The parts with the times that they are to have.
 *
 * @param issues gets every part with a time that a clock change skips or doubles, or puts before another of its times
 */
export function shiftedParts(
  parts: readonly CopiedPart[],
  shift: ClockShift,
  issues: InputIssue[],
): CopiedPart[] {
  return parts.map((part) => {
    const fault = (message: string) => {
      issues.push({
        path: ['input', 'startsAt'],
        message: `The ${part.kind} ${JSON.stringify(part.name)}: ${message}`,
      })
      return part
    }
    try {
      const move = (time: Date | null) => (time === null ? null : shifted(time, shift))
      const [starts, ends] = [part.starts.map(move), part.ends.map(move)]
      const wrong = faultOfPeriods(starts, ends)
      return wrong === null ? { ...part, starts, ends } : fault(wrong)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return fault(error.message)
    }
  })
}

function faultOfPeriods(starts: readonly (Date | null)[], ends: readonly (Date | null)[]): string | null {
  const periods = starts.flatMap((startsAt, at): Period[] => {
    const endsAt = ends[at] ?? null
    return startsAt === null || endsAt === null ? [] : [{ startsAt, endsAt }]
  })
  if (periods.some(({ startsAt, endsAt }) => endsAt <= startsAt)) {
    return 'by a clock change it would end no later than it starts.'
  }
  return periods.flatMap((period, at) => faultOfOverlap(period, periods[at - 1]) ?? [])[0] ?? null
}

/** Writes the copies into an event: a statement for each kind, however many there are. */
export async function writeCopies(
  { db }: Context,
  eventId: string,
  parts: readonly CopiedPart[],
): Promise<void> {
  const ids = parts.map((part, index) => ({ id: newId(index), ...part }))
  const copies = Object.fromEntries(
    kinds.map((kind) => [kind, rowsOf(ids.filter((part) => part.kind === kind))]),
  )
  const { track, room, sessionType, break: pause, speaker, session } = copies as Record<Kind, Prisma.Sql>
  const event = Prisma.sql`${eventId}::uuid`
  await db.$executeRaw`
    INSERT INTO tracks (id, event_id, name, description, color, position)
    SELECT n.id, ${event}, t.name, t.description, t.color, t.position FROM ${track} n JOIN tracks t ON t.id = n.old`
  await db.$executeRaw`
    INSERT INTO rooms (id, event_id, name, floor, capacity, open_from, open_until, position)
    SELECT n.id, ${event}, t.name, t.floor, t.capacity, n.starts, n.ends, t.position
    FROM ${room} n JOIN rooms t ON t.id = n.old`
  await db.$executeRaw`
    INSERT INTO session_types (id, event_id, name, duration_minutes, position)
    SELECT n.id, ${event}, t.name, t.duration_minutes, t.position
    FROM ${sessionType} n JOIN session_types t ON t.id = n.old`
  await db.$executeRaw`
    INSERT INTO breaks (id, event_id, name, starts_at, ends_at, room_id)
    SELECT n.id, ${event}, t.name, n.starts[1], n.ends[1], r.id
    FROM ${pause} n JOIN breaks t ON t.id = n.old LEFT JOIN ${room} r ON r.old = t.room_id
    WHERE t.room_id IS NULL OR r.id IS NOT NULL`
  await db.$executeRaw`
    INSERT INTO speakers (id, event_id, name, biography, text_format, organisation, country, photo_url, website_url, links)
    SELECT n.id, ${event}, t.name, t.biography, t.text_format, t.organisation, t.country, t.photo_url, t.website_url, t.links
    FROM ${speaker} n JOIN speakers t ON t.id = n.old`
  // Where it was recorded and where people signed up is of then.
  await db.$executeRaw`
    INSERT INTO sessions (id, event_id, title, subtitle, abstract, description, text_format, language, level, state,
                          starts_at, ends_at, slides_url, image_url, links, track_id, room_id, session_type_id)
    SELECT n.id, ${event}, t.title, t.subtitle, t.abstract, t.description, t.text_format, t.language, t.level, 'draft',
           n.starts[1], n.ends[1], t.slides_url, t.image_url, t.links, k.id, r.id, y.id
    FROM ${session} n JOIN sessions t ON t.id = n.old LEFT JOIN ${track} k ON k.old = t.track_id
    LEFT JOIN ${room} r ON r.old = t.room_id LEFT JOIN ${sessionType} y ON y.old = t.session_type_id`
  await db.$executeRaw`
    INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
    SELECT ${event}, n.id, p.id, l.position
    FROM ${session} n JOIN session_speakers l ON l.session_id = n.old JOIN ${speaker} p ON p.old = l.speaker_id`
}

/** Rows of (id, old, starts, ends) in a statement: one parameter, however many they are. */
function rowsOf(parts: readonly (CopiedPart & { readonly id: string })[]): Prisma.Sql {
  const rows = JSON.stringify(parts.map(({ id, old, starts, ends }) => ({ id, old, starts, ends })))
  return Prisma.sql`
    (SELECT * FROM jsonb_to_recordset(${rows}::jsonb) AS c(id uuid, old uuid, starts timestamptz[], ends timestamptz[]))`
}

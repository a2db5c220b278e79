import { Prisma } from '../../generated/prisma/client.ts'
import type { ConflictKind } from '../../generated/graphql.ts'
import { badnessOf, kindsInOrder } from './schedule.rules.ts'

/** A conflict as the database computes it. */
export interface ConflictRow {
  /** The event or the session that it was asked for; null where it was asked for sessions together. */
  readonly about: string | null
  readonly eventId: string
  readonly timeZone: string
  readonly kind: ConflictKind
  /** One or two, the earlier one first. */
  readonly sessionIds: readonly string[]
  readonly roomId: string | null
  readonly speakerId: string | null
  readonly breakId: string | null
  readonly startsAt: Date
  readonly endsAt: Date | null
  readonly roomName: string | null
  readonly speakerName: string | null
  readonly breakName: string | null
  readonly typeMinutes: number | null
}

/** Whose conflicts are wanted, and which of them. */
export interface ConflictQuery {
  /** Those of all sessions of these events, and besides of these sessions. */
  readonly eventIds: readonly string[]
  readonly sessionIds: readonly string[]
  /** For whom the conflicts are told: a pair is told once an event, or once for each session, or once for all together. */
  readonly per: 'event' | 'session' | 'all'
  readonly kinds: readonly ConflictKind[]
  /** For each of them. */
  readonly first: number
}

/**
 * One statement for all kinds, of events and of sessions: ranges of `bookings` by the index on resource and time, the
 * others by the session's own row. (Were the resources compared by `=`, the planner could take a hash of all bookings
 * there are for the index.)
 *
 * Of double bookings there may be as many as pairs of sessions. So the bookings of an event that meet an earlier one are
 * found by one pass in the order of time, and only the first of them are paired.
 */
export function conflictsStatement({ eventIds, sessionIds, per, kinds, first }: ConflictQuery): Prisma.Sql {
  const about = Prisma.raw({ event: 'p.event_id', session: 'p.id', all: 'NULL::uuid' }[per])
  const events = Prisma.sql`${[...eventIds]}::uuid[]`
  const sessions = Prisma.sql`${[...sessionIds]}::uuid[]`
  // The other one of a pair comes by too, if it is asked for as well.
  const once = Prisma.sql`AND (NOT is_earlier OR NOT b.session_id = ANY (${sessions}))`
  const ordered = kindsInOrder.filter((kind) => kinds.includes(kind))
  const resources = ordered.flatMap((kind) => resourceOf[kind] ?? [])
  return Prisma.sql`
    WITH placed AS MATERIALIZED (
      SELECT * FROM placed_sessions() p WHERE p.event_id = ANY (${events}) OR p.id = ANY (${sessions})
    ),
    booked AS MATERIALIZED (
      SELECT p.id, p.event_id, k.kind, k.resource_id, k.during, p.event_id = ANY (${events}) AS of_event
      FROM placed_sessions() p JOIN bookings k ON k.session_id = p.id
      WHERE (p.event_id = ANY (${events}) OR p.id = ANY (${sessions})) AND k.kind::text = ANY (${resources}::text[])
    ),
    swept AS (
      SELECT *, lower(during) < max(
        upper(during) + CASE WHEN upper_inc(during) THEN interval '1 microsecond' ELSE interval '0' END
      ) OVER (
        PARTITION BY kind, resource_id ORDER BY lower(during), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS meets_earlier
      FROM booked WHERE of_event
    ),
    paired (id, event_id, kind, resource_id, during, of_event) AS (
      SELECT id, event_id, kind, resource_id, during, of_event FROM (
        SELECT *, row_number() OVER (PARTITION BY event_id ORDER BY lower(during), id, kind) AS place
        FROM swept WHERE meets_earlier
      ) s WHERE place <= ${first}
      UNION ALL
      SELECT id, event_id, kind, resource_id, during, of_event FROM booked WHERE NOT of_event
    ),
    twice AS (
      SELECT p.event_id, ${about} AS about, p.kind, p.resource_id, p.during * b.during AS during,
             CASE WHEN b.is_earlier THEN ARRAY[b.session_id, p.id] ELSE ARRAY[p.id, b.session_id] END AS ids,
             least(lower(b.during), lower(p.during)) AS since
      FROM paired p
      CROSS JOIN LATERAL (
        SELECT b.session_id, b.during, is_earlier FROM bookings b
        CROSS JOIN LATERAL (SELECT (lower(b.during), b.session_id) < (lower(p.during), p.id) AS is_earlier) o
        WHERE resource_range(b.resource_id) @> uuid_hash_extended(p.resource_id, 0) AND b.during && p.during
          AND b.session_id <> p.id AND (b.kind, b.resource_id) IS NOT DISTINCT FROM (p.kind, p.resource_id)
          AND (is_earlier OR NOT p.of_event) ${per === 'session' ? Prisma.empty : once}
        ORDER BY lower(b.during), b.session_id
        LIMIT ${first}
      ) b
    ),
    found (event_id, about, kind, ids, room_id, speaker_id, break_id, type_minutes, during, since) AS (
      SELECT event_id, about, 'ROOM_DOUBLE_BOOKED', ids, resource_id, NULL::uuid, NULL::uuid, NULL::integer, during, since
      FROM twice WHERE kind = 'room'
      UNION ALL
      SELECT event_id, about, 'SPEAKER_DOUBLE_BOOKED', ids, NULL, resource_id, NULL, NULL, during, since
      FROM twice WHERE kind = 'speaker'
      UNION ALL
      SELECT p.event_id, ${about}, 'ROOM_CLOSED', ARRAY[p.id], r.id, NULL, NULL, NULL, p.during, NULL
      FROM placed p JOIN rooms r ON r.id = p.room_id
      WHERE r.deleted_at IS NULL AND NOT p.during <@ within_periods(r.open_from, r.open_until)
      UNION ALL
      SELECT p.event_id, ${about}, 'SPEAKER_UNAVAILABLE', ARRAY[p.id], NULL, s.id, NULL, NULL, p.during, NULL
      FROM placed p JOIN speakers s ON s.id = ANY (p.speaker_ids)
      WHERE s.deleted_at IS NULL AND NOT p.during <@ within_periods(s.available_from, s.available_until)
      UNION ALL
      SELECT p.event_id, ${about}, 'OUTSIDE_EVENT', ARRAY[p.id], NULL, NULL, NULL, NULL, p.during, NULL
      FROM placed p JOIN events e ON e.id = p.event_id WHERE NOT p.during <@ tstzrange(e.starts_at, e.ends_at)
      UNION ALL
      SELECT p.event_id, ${about}, 'DURING_BREAK', ARRAY[p.id], NULL, NULL, k.id, NULL,
             p.during * tstzrange(k.starts_at, k.ends_at), NULL
      FROM placed p JOIN breaks k ON k.event_id = p.event_id AND coalesce(k.room_id = p.room_id, k.room_id IS NULL)
        AND tstzrange(k.starts_at, k.ends_at) && p.during
      WHERE k.deleted_at IS NULL AND NOT EXISTS (
        SELECT FROM rooms r WHERE r.id = k.room_id AND r.deleted_at IS NOT NULL
      )
      UNION ALL
      SELECT p.event_id, ${about}, CASE WHEN more THEN 'LONGER_THAN_TYPE' ELSE 'SHORTER_THAN_TYPE' END, ARRAY[p.id],
             NULL, NULL, NULL, p.type_minutes, p.during, NULL
      FROM placed p
      CROSS JOIN LATERAL (SELECT upper(p.during) - lower(p.during) AS takes, make_interval(mins => p.type_minutes) AS due) l
      CROSS JOIN LATERAL (SELECT l.takes > l.due AS more) m
      WHERE l.takes <> l.due
    ),
    ranked AS (
      SELECT f.*, row_number() OVER (
        PARTITION BY about
        ORDER BY k.badness, lower(during), ids[cardinality(ids)], k.place, since, ids, room_id, speaker_id, break_id
      ) AS place
      FROM found f
      JOIN unnest(${ordered}::text[], ${ordered.map(badnessOf)}::integer[]) WITH ORDINALITY AS k(kind, badness, place)
        USING (kind)
    )
    SELECT c.about, c.event_id AS "eventId", e.time_zone AS "timeZone", c.kind, c.ids AS "sessionIds",
           c.room_id AS "roomId", c.speaker_id AS "speakerId", c.break_id AS "breakId", lower(c.during) AS "startsAt",
           nullif(upper(c.during), lower(c.during)) AS "endsAt", r.name AS "roomName", s.name AS "speakerName",
           k.name AS "breakName", c.type_minutes AS "typeMinutes"
    FROM ranked c JOIN events e ON e.id = c.event_id
    LEFT JOIN rooms r ON r.id = c.room_id
    LEFT JOIN speakers s ON s.id = c.speaker_id
    LEFT JOIN breaks k ON k.id = c.break_id
    WHERE c.place <= ${first}
    ORDER BY c.place, c.about`
}

/** Of what kind the resource is that is taken twice. */
const resourceOf: Partial<Record<ConflictKind, 'room' | 'speaker'>> = {
  ROOM_DOUBLE_BOOKED: 'room',
  SPEAKER_DOUBLE_BOOKED: 'speaker',
}

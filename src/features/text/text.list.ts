import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { Piece } from './text.rules.ts'

/** Rows of one type whose sessions are asked for: an event, tracks ... */
interface Owners {
  readonly type: string
  readonly ids: readonly string[]
}

/**
 * SQL of the languages in whose forms words are looked for in an event. A draft in another language mustn't change what the
 * public finds: it would tell of the draft, and caches keep those answers until something public changes. Speakers, tracks and
 * rooms count as English.
 *
 * @param eventId SQL
 */
export function languagesFor({ kind }: Viewer, eventId: Prisma.Sql): Prisma.Sql {
  if (kind !== 'anonymous') return Prisma.sql`search_languages(${eventId})`
  return Prisma.sql`ARRAY(SELECT l.language FROM unnest(search_languages(${eventId}) || '{english}'::text[]) l (language)
    WHERE l.language = 'english' OR EXISTS (
      SELECT FROM search_documents d JOIN sessions s ON s.id = d.id
      WHERE d.event_id = ${eventId} AND d.language = l.language AND s.deleted_at IS NULL AND s.state IN ('accepted', 'confirmed'))
    GROUP BY l.language ORDER BY l.language)`
}

/** SQL of what asks for the pieces, in forms of these languages. */
export function termsOf(pieces: readonly Piece[], languages: Prisma.Sql): Prisma.Sql {
  const texts = pieces.map(({ text }) => text)
  const exact = pieces.map(({ isExact }) => isExact)
  return Prisma.sql`search_terms(${texts}::text[], ${exact}::boolean[], ${languages})`
}

/** The sessions of the owners' events that `sessionsBy` finds. One statement. */
export async function sessionsMatching(
  { db, viewer }: Context,
  pieces: readonly Piece[],
  { type, ids }: Owners,
): Promise<string[]> {
  const table = tables[type]
  if (table === undefined) throw new Error(`${type} has no sessions.`)
  const eventId = Prisma.raw(type === 'Event' ? 'id' : 'event_id')
  const events = Prisma.sql`SELECT DISTINCT ${eventId} FROM ${Prisma.raw(table)} WHERE id = ANY (${[...ids]}::uuid[])`
  const rows = await db.$queryRaw<{ id: string }[]>(sessionsBy(viewer, pieces, events))
  return rows.map(({ id }) => id)
}

/**
 * SQL of the ids of the sessions in which all pieces are found, be it in their texts or in the names of their speakers, track
 * and room; whether the viewer may see them isn't asked here.
 *
 * @param events SQL of the ids of their events
 */
export function sessionsBy(viewer: Viewer, pieces: readonly Piece[], events: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH asked AS MATERIALIZED (
      SELECT e.id AS event_id, ${termsOf(pieces, languagesFor(viewer, Prisma.sql`e.id`))} AS terms
      FROM (${events}) e (id)
    ), terms AS MATERIALIZED (
      SELECT a.event_id, cardinality(a.terms) AS number, t.nr,
             search_query(ARRAY[t.term], search_key(a.event_id, 'se'), '&') AS own,
             search_query(ARRAY[t.term], search_key(a.event_id, 'na'), '&') AS names
      FROM asked a, unnest(a.terms) WITH ORDINALITY t (term, nr)
    ), named AS MATERIALIZED (
      SELECT t.event_id, t.nr, t.number, d.id FROM terms t JOIN search_documents d ON d.words @@ t.names
    )
    SELECT id FROM (
      SELECT d.id, t.event_id, t.nr, t.number FROM terms t JOIN search_documents d ON d.words @@ t.own
      UNION ALL
      SELECT k.session_id, n.event_id, n.nr, n.number FROM named n
      JOIN speakers p ON p.id = n.id AND p.deleted_at IS NULL
      JOIN session_speakers k ON k.event_id = n.event_id AND k.speaker_id = p.id
      UNION ALL
      SELECT s.id, n.event_id, n.nr, n.number FROM named n
      JOIN tracks t ON t.id = n.id AND t.deleted_at IS NULL
      JOIN sessions s ON s.event_id = n.event_id AND s.track_id = t.id
      UNION ALL
      SELECT s.id, n.event_id, n.nr, n.number FROM named n
      JOIN rooms r ON r.id = n.id AND r.deleted_at IS NULL
      JOIN sessions s ON s.event_id = n.event_id AND s.room_id = r.id
    ) f GROUP BY id HAVING count(DISTINCT nr) = max(number)`
}

/** The speakers of these events that `speakersBy` finds. One statement. */
export async function speakersMatching(
  { db, viewer }: Context,
  pieces: readonly Piece[],
  eventIds: readonly string[],
): Promise<string[]> {
  const events = Prisma.sql`SELECT unnest(${[...eventIds]}::uuid[])`
  const rows = await db.$queryRaw<{ id: string }[]>(speakersBy(viewer, pieces, events))
  return rows.map(({ id }) => id)
}

/**
 * SQL of the ids of the speakers who are found by all pieces in their own texts; whether the viewer may see them isn't asked
 * here.
 *
 * @param events SQL of the ids of their events
 */
export function speakersBy(viewer: Viewer, pieces: readonly Piece[], events: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    WITH asked AS MATERIALIZED (
      SELECT search_query(${termsOf(pieces, languagesFor(viewer, Prisma.sql`e.id`))}, search_key(e.id, 'sp'), '&') AS query
      FROM (${events}) e (id)
    )
    SELECT d.id FROM asked a JOIN search_documents d ON d.words @@ a.query`
}

/** The events that are found by all pieces in name or description, whoever sees them. One statement. */
export async function eventsMatching({ db }: Context, pieces: readonly Piece[]): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(eventsBy(pieces))
  return rows.map(({ id }) => id)
}

/** SQL of the ids of these events. Of what language they are nobody says, so they count as English. */
export function eventsBy(pieces: readonly Piece[]): Prisma.Sql {
  return Prisma.sql`
    SELECT d.id FROM search_documents d
    WHERE d.words @@ search_query(${termsOf(pieces, Prisma.sql`'{english}'::text[]`)}, 'event', '&')`
}

const tables: Readonly<Record<string, string>> = {
  Event: 'events',
  Track: 'tracks',
  Room: 'rooms',
  SessionType: 'session_types',
  Speaker: 'speakers',
}

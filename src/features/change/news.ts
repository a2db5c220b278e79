import type { Context } from '../../context.ts'
import { notFound, queryTooComplex, resync } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { commitAt, isHiddenSince, isTooOld } from './change.page.ts'
import { viewedEvent } from './change.sight.ts'
import {
  type NewsKind,
  newsOf,
  newsworthy,
  type NewsOfSession,
  type NewsSight,
  type Standing,
} from './news.rules.ts'

/** What is news in a programme since an instant, netted: what came and went, or went back, isn't in it. */
export interface SummaryOfChanges {
  readonly eventId: string
  readonly since: Date
  readonly until: Date
  /** By the start that a session has, or had; those without one last. */
  readonly news: readonly (NewsOfSession & { readonly id: string; readonly startsAt: Date | null })[]
}

/** The most sessions of which a summary is made. */
const mostSummarised = 5_000

interface SummaryRow extends Omit<NewsSight, 'showsCanceled'> {
  readonly eventId: string
  readonly until: Date
  readonly showsCanceled: boolean
  readonly isTooOld: boolean
  readonly wasHidden: boolean
  readonly sessions:
    readonly { id: string; isNew: boolean; now: Standing; former: Partial<Standing> | null }[] | null
  /** By id: the name now and then; null where the room isn't there. */
  readonly rooms: Readonly<Record<string, readonly [now: string | null, then: string | null]>> | null
}

/**
 * What changed for people since an instant, from the history. One statement.
 *
 * @throws NOT_FOUND for the event; RESYNC if the history doesn't reach back as far, or the event was hidden or shown since;
 *   QUERY_TOO_COMPLEX if it is more than 5,000 sessions
 */
export async function changesSummary(
  ctx: Context,
  eventSlug: string,
  since: Date,
): Promise<SummaryOfChanges> {
  const [row] = await ctx.db.$queryRaw<SummaryRow[]>`
    WITH ${viewedEvent(ctx.viewer, eventSlug)},
    here AS MATERIALIZED (${commitAt({ at: 'instant', since })}),
    touched AS MATERIALIZED (
      SELECT r.entity, r.entity_id AS id, r.version, r.operation, r.before, r.after
      FROM e CROSS JOIN here h JOIN programme_commits c ON c.event_id = e.id AND c.seq > h.seq
      JOIN revisions r ON r.change = c.change AND r.event_id = c.event_id
      WHERE r.entity IN ('session', 'room')
    ),
    past AS MATERIALIZED (
      SELECT entity, id, bool_or(operation = 'created') AS is_new,
             jsonb_object_agg(name, before -> name ORDER BY version DESC) FILTER (WHERE name IS NOT NULL) AS former
      FROM touched LEFT JOIN LATERAL (
        SELECT name FROM jsonb_object_keys(before || after) name WHERE name = ANY (${[...newsworthy, 'name']})
      ) names ON true
      GROUP BY entity, id
    )
    SELECT e.id AS "eventId", now() AS until, e.all_sessions AS "allSessions", e.is_published AS "isPublished",
      e.own_in_sessions::text AS "ownSpeaker", (SELECT shows_canceled FROM events WHERE id = e.id) AS "showsCanceled",
      ${isTooOld()} AS "isTooOld", ${isHiddenSince()} AS "wasHidden",
      (SELECT json_agg(json_build_object('id', s.id, 'isNew', s.is_new, 'former', s.former, 'now', s.now))
       FROM (
         SELECT n.id, coalesce(p.is_new, false) AS is_new, p.former, ${standing('n')} AS now
         FROM (
           SELECT id FROM past WHERE entity = 'session'
           UNION SELECT w.id FROM sessions w WHERE w.event_id = e.id
             AND w.room_id IN (SELECT id FROM past WHERE entity = 'room' AND former ? 'deleted_at')
         ) t JOIN sessions n USING (id) LEFT JOIN past p ON p.entity = 'session' AND p.id = n.id
         LIMIT ${mostSummarised + 1}
       ) s) AS sessions,
      (SELECT json_object_agg(n.id, json_build_array(
         CASE WHEN n.deleted_at IS NULL THEN n.name END,
         CASE WHEN NOT coalesce(p.is_new, false)
                AND (CASE WHEN p.former ? 'deleted_at' THEN p.former ->> 'deleted_at' ELSE n.deleted_at::text END) IS NULL
              THEN coalesce(p.former ->> 'name', n.name) END))
       FROM rooms n LEFT JOIN past p ON p.entity = 'room' AND p.id = n.id WHERE n.event_id = e.id) AS rooms
    FROM e LEFT JOIN here h ON true`
  if (row === undefined) throw notFound('event', eventSlug)
  if (row.isTooOld) throw resync('The history begins later than that.')
  if (row.wasHidden) throw resync('The event was hidden or shown since, so that all of it came or went.')
  const sessions = row.sessions ?? []
  if (sessions.length > mostSummarised) {
    throw queryTooComplex(`would sum up changes of more than ${mostSummarised.toLocaleString('en')} sessions`)
  }
  const names = (place: 0 | 1) =>
    new Map(
      Object.entries(row.rooms ?? {}).flatMap(([id, each]) =>
        each[place] === null ? [] : [[id, each[place]]],
      ),
    )
  const [now, then] = [names(0), names(1)]
  const news = sessions.flatMap((session) => {
    const before = session.isNew ? null : { ...session.now, ...session.former }
    const moments = {
      before: { standing: before, rooms: then },
      after: { standing: session.now, rooms: now },
    }
    const found = newsOf(session.id, moments, row)
    return found === null ? [] : [{ ...found, id: session.id, startsAt: (found.to ?? found.from)!.startsAt }]
  })
  return { eventId: row.eventId, since, until: row.until, news: news.toSorted(byStart) }
}

/** How many sessions have news of a kind. */
export function countNews({ news }: SummaryOfChanges, kind: NewsKind): number {
  return news.filter(({ kinds }) => kinds.includes(kind)).length
}

/** What of a row of sessions can be news. */
export function standing(alias: string): Prisma.Sql {
  const columns = newsworthy.map((name) => `'${name}', ${alias}.${name}`)
  return Prisma.raw(`jsonb_build_object(${columns.join(', ')})`)
}

type Row = SummaryOfChanges['news'][number]

function byStart(one: Row, other: Row): number {
  const at = ({ startsAt }: Row) => startsAt?.getTime() ?? Infinity
  return at(one) === at(other) ? (one.id < other.id ? -1 : 1) : at(one) - at(other)
}

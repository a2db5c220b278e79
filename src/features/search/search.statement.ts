import type { Context } from '../../context.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { SearchType } from '../../generated/graphql.ts'
import type { Page, Position } from '../../paging.ts'
import { seesRow, theEvent, viewedEvent } from '../change/change.sight.ts'
import { tableOf } from '../tables.ts'
import { termsOf } from '../text/text.list.ts'
import type { Search } from './search.input.ts'

/** What the statement of a search gives. */
export interface Found {
  readonly eventId: string
  /** What asks for each piece, as `search_terms` writes it. */
  readonly terms: readonly string[]
  readonly total: number
  /** The rows of the page in the order in which it is read, and one more if there are more. */
  readonly hits: readonly FoundHit[]
}

export interface FoundHit {
  readonly type: SearchType
  readonly id: string
  readonly score: number
}

/** The most hits of a kind that are ranked. */
const most = 500

/** In one statement; null if the viewer may not see the event. */
export async function findHits(
  ctx: Context,
  { eventSlug, pieces, types, page }: Search,
): Promise<Found | null> {
  const isBrief = pieces.length === 1 && /^[\p{Script=Latin}\p{N}]{1,2}$/u.test(pieces[0]!.text)
  const kinds = types.map((type) => (isBrief ? headedHits(type) : ownHits(type)))
  const hits = types.includes('SESSION') ? [...kinds, hitsByNames()] : kinds
  const isForward = page.from === 'start'
  const direction = Prisma.raw(isForward ? 'DESC' : 'ASC')
  const [found] = await ctx.db.$queryRaw<Found[]>`
    WITH ${viewedEvent(ctx.viewer, eventSlug)},
    asked AS MATERIALIZED (
      SELECT terms,
             ARRAY(SELECT search_query(ARRAY[term], search_key(id, 'se'), '&') FROM unnest(terms) term) AS of_sessions,
             ARRAY(SELECT search_query(ARRAY[term], search_key(id, 'na'), '&') FROM unnest(terms) term) AS of_names
      FROM (SELECT e.id, ${termsOf(pieces, Prisma.sql`search_languages(e.id)`)} AS terms FROM e) t
    ),
    named AS MATERIALIZED (
      SELECT d.id, ${maskOf('of_names')} AS mask FROM search_documents d
      WHERE d.words @@ ${queryOf('na', '|')} LIMIT 500
    ),
    found AS MATERIALIZED (
      SELECT type, id, round(max(rank) * 1000000)::integer AS score FROM (${Prisma.join(hits, ' UNION ALL ')}) h GROUP BY type, id
    )
    SELECT e.id AS "eventId", (SELECT terms FROM asked) AS terms, (SELECT count(*)::integer FROM found) AS total,
      (SELECT coalesce(json_agg(p), '[]') FROM (
        SELECT type, id, score FROM found WHERE ${between(page)}
        ORDER BY score ${direction}, id ${direction} LIMIT ${page.size + 1}
      ) p) AS hits
    FROM e`
  return found ?? null
}

/** A name that has the words says more than a title that has them. */
const ofNames = 1.2

/** What has all of the words in its own texts. */
function ownHits(type: SearchType): Prisma.Sql {
  const key = entities[type].slice(0, 2)
  return hitsOf(type, key, Prisma.sql`${rankOf(key)} * ${type === 'SESSION' ? 1 : ofNames}::real`)
}

/** What has them in its heading, the shortest first: of what a letter or two begin, all else would be too much. */
function headedHits(type: SearchType): Prisma.Sql {
  const [key, heading] = type === 'SESSION' ? ['ti', 'title'] : ['na', 'name']
  return hitsOf(type, key!, Prisma.sql`10.0 / (10 + length(s.${Prisma.raw(heading!)}))`)
}

function hitsOf(type: SearchType, key: string, rank: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(
    SELECT ${type}::text AS type, s.id, ${rank} AS rank
    FROM search_documents d JOIN ${tableOf(entities[type])} s ON s.id = d.id, e
    WHERE d.words @@ ${queryOf(key, '&')} AND s.event_id = e.id AND ${seesRow(entities[type], 's')} LIMIT ${most})`
}

const entities = { SESSION: 'session', SPEAKER: 'speaker', TRACK: 'track', ROOM: 'room' } as const

/** Sessions of speakers, tracks and rooms that have some of the words in their names, and that have the others themselves. */
function hitsByNames(): Prisma.Sql {
  const all = Prisma.sql`(SELECT (1 << cardinality(terms)) - 1 FROM asked)`
  return Prisma.sql`(
    SELECT 'SESSION' AS type, id, rank + CASE WHEN mask = ${all} THEN 0 ELSE ${rankOf('se')} END AS rank
    FROM (
      -- Concatenated, so that a long one is fetched once for all that is asked of it.
      SELECT s.id, l.mask, l.rank, CASE WHEN l.mask = ${all} THEN NULL ELSE w.words || '' END AS words
      FROM (
        SELECT id, bit_or(mask) AS mask, max(rank) AS rank FROM (
          (SELECT k.session_id AS id, n.mask, 0.2 AS rank
           FROM named n JOIN speakers p ON p.id = n.id AND p.deleted_at IS NULL
           JOIN session_speakers k ON k.event_id = p.event_id AND k.speaker_id = p.id LIMIT ${most})
          UNION ALL
          (SELECT o.id, n.mask, 0.02 FROM named n JOIN tracks t ON t.id = n.id AND t.deleted_at IS NULL
           JOIN sessions o ON o.event_id = t.event_id AND o.track_id = t.id LIMIT ${most})
          UNION ALL
          (SELECT o.id, n.mask, 0.01 FROM named n JOIN rooms r ON r.id = n.id AND r.deleted_at IS NULL
           JOIN sessions o ON o.event_id = r.event_id AND o.room_id = r.id LIMIT ${most})
        ) linked GROUP BY id
      ) l JOIN sessions s ON s.id = l.id JOIN search_documents w ON w.id = s.id, e
      WHERE s.event_id = e.id AND ${seesRow('session', 's')}
      OFFSET 0
    ) d
    WHERE mask = ${all} OR (mask | ${maskOf('of_sessions')}) = ${all}
    LIMIT ${most})`
}

/** Which terms a document has, as bits. */
function maskOf(queries: 'of_sessions' | 'of_names'): Prisma.Sql {
  return Prisma.sql`(
    SELECT coalesce(bit_or(1 << (x.nr - 1)::integer), 0)
    FROM unnest((SELECT ${Prisma.raw(queries)} FROM asked)) WITH ORDINALITY x (query, nr) WHERE d.words @@ x.query)`
}

/** A heading counts most, then a second heading, an abstract, and all the rest. */
function rankOf(key: string): Prisma.Sql {
  return Prisma.sql`ts_rank('{0.03, 0.1, 0.4, 1}', d.words, ${queryOf(key, '|')})`
}

function queryOf(key: string, operator: '&' | '|'): Prisma.Sql {
  return Prisma.sql`(SELECT search_query(terms, search_key(${theEvent}, ${key}), ${operator}) FROM asked)`
}

/** The hits between the cursors. */
function between({ after, before }: Page): Prisma.Sql {
  const bound = (sign: '<' | '>', position: Position | null) =>
    position === null
      ? []
      : [
          Prisma.sql`(score, id) ${Prisma.raw(sign)} (${Number(position.value)}::integer, ${position.id}::uuid)`,
        ]
  return Prisma.join([Prisma.sql`true`, ...bound('<', after), ...bound('>', before)], ' AND ')
}

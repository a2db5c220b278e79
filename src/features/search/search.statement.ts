import type { Context } from '../../context.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { SearchType } from '../../generated/graphql.ts'
import type { Page, Position } from '../../paging.ts'
import type { RowJson } from '../node/node.compiled.ts'
import { seesRow, viewedEvent } from '../change/change.sight.ts'
import { tableOf } from '../tables.ts'
import { languagesFor, termsOf } from '../text/text.list.ts'
import type { Search } from './search.input.ts'
import type { MatchedTexts } from './search.matches.ts'
import { entities, matchedOfHit, nodeOfHit, type Shown } from './search.shown.ts'

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
  /** null: another statement has to tell it. */
  readonly node: RowJson | null
  /** null: it isn't wanted. */
  readonly matched: MatchedTexts | null
}

/** The most hits of a kind. */
const most = 500

/** The most hits whose words are read to rank them: fetching those of a long text takes longer than finding it. */
const mostRead = 100

/** In one statement, with what is shown of the hits; null if the viewer may not see the event. */
export async function findHits(
  ctx: Context,
  { eventSlug, pieces, types, page }: Search,
  shown: Shown,
): Promise<Found | null> {
  const isBrief = pieces.length === 1 && /^[\p{Script=Latin}\p{N}]{1,2}$/u.test(pieces[0]!.text)
  const kinds = types.map((type) => (isBrief ? headedHits(type) : ownHits(type)))
  const hits = types.includes('SESSION') ? [...kinds, hitsByNames] : types.length === 0 ? [noHits] : kinds
  const isForward = page.from === 'start'
  const direction = Prisma.raw(isForward ? 'DESC' : 'ASC')
  const [found] = await ctx.db.$queryRaw<Found[]>`
    WITH ${viewedEvent(ctx.viewer, eventSlug)},
    asked AS MATERIALIZED (
      SELECT id, terms, (1 << cardinality(terms)) - 1 AS every_term, ${queries}
      FROM (SELECT e.id, ${termsOf(pieces, languagesFor(ctx.viewer, Prisma.sql`e.id`))} AS terms FROM e OFFSET 0) t
    ),
    ${sessionsByNames},
    hits AS MATERIALIZED (
      SELECT type, id, max(bonus) AS bonus, max(guess) AS guess
      FROM (${Prisma.join(hits, ' UNION ALL ')}) h GROUP BY type, id
    ),
    found AS MATERIALIZED (
      SELECT type, id, round((bonus + CASE
        WHEN guess IS NULL THEN 0
        WHEN row_number() OVER (ORDER BY guess DESC NULLS LAST, id DESC) > ${mostRead} THEN guess
        ELSE ${rank}
      END) * 1000000)::integer AS score
      FROM (
        SELECT *, row_number() OVER (PARTITION BY type ORDER BY bonus + coalesce(guess, 0) DESC, id DESC) AS place FROM hits
      ) p WHERE place <= ${most}
    )
    SELECT e.id AS "eventId", (SELECT terms FROM asked) AS terms, (SELECT count(*)::integer FROM found) AS total,
      (SELECT coalesce(json_agg(json_build_object(
         'type', type, 'id', id, 'score', score, 'node', ${nodeOfHit(shown)}, 'matched', ${matchedOfHit(shown)}
       ) ORDER BY score ${direction}, id ${direction}), '[]')
       FROM (
         SELECT type, id, score FROM found WHERE ${between(page)}
         ORDER BY score ${direction}, id ${direction} LIMIT ${page.size + 1}
       ) p) AS hits
    FROM e`
  return found ?? null
}

/** The keys of the words of each kind, and of its headings alone. */
const keys = {
  SESSION: ['se', 'ti'],
  SPEAKER: ['sp', 'na'],
  TRACK: ['tr', 'na'],
  ROOM: ['ro', 'na'],
} as const

/** What asks the index for all of the words, and a rank for each of them, as columns by key. */
const queries = Prisma.raw(
  [
    ...['se', 'sp', 'tr', 'ro', 'ti', 'na'].map((key) => [key, 'all', '&']),
    ...['se', 'sp', 'tr', 'ro'].map((key) => [key, 'any', '|']),
  ]
    .map(
      ([key, name, operator]) =>
        `search_query(terms, search_key(id, '${key}'), '${operator}') AS ${key}_${name}`,
    )
    .join(', '),
)

/**
 * What has all of the words in its own texts. How well they fit is guessed by what the index tells and how long the texts
 * are, below all that is read.
 */
function ownHits(type: SearchType): Prisma.Sql {
  const [own, heading] = keys[type]
  return hitsOf(
    type,
    Prisma.sql`${documents(`${heading}_all`, 0.1)} UNION ALL ${documents(`${own}_all && !!${heading}_all`, 0.001)}`,
    Prisma.sql`0 AS bonus, d.guess / (1 + d.size / 10000.0) AS guess`,
  )
}

/** What has them in its heading, the shortest first: of what a letter or two begin, all else would be too much. */
function headedHits(type: SearchType): Prisma.Sql {
  const bonus = Prisma.sql`10.0 / (10 + length(s.heading)) AS bonus, NULL::float8 AS guess`
  return hitsOf(type, documents(`${keys[type][1]}_all`, 0), bonus)
}

function hitsOf(type: SearchType, found: Prisma.Sql, columns: Prisma.Sql): Prisma.Sql {
  const heading = Prisma.raw(type === 'SESSION' ? 'title' : 'name')
  const row = Prisma.sql`
    SELECT s.id, s.${heading} AS heading FROM ${tableOf(entities[type])} s
    WHERE s.event_id = e.id AND ${seesRow(entities[type], 's')}`
  // An event has few tracks and rooms: all of them are read at once.
  const rows =
    type === 'TRACK' || type === 'ROOM'
      ? Prisma.sql`LATERAL (${row})`
      : each(Prisma.sql`${row} AND s.id = d.id`)
  return Prisma.sql`(
    WITH d AS MATERIALIZED (${found})
    SELECT ${type}::text AS type, s.id, ${columns} FROM e, d, ${rows} s WHERE s.id = d.id LIMIT ${most})`
}

/** @param query which column of `asked` */
function documents(query: string, guess: number): Prisma.Sql {
  return Prisma.sql`
    SELECT id, ${guess}::float8 AS guess, pg_column_size(words) AS size FROM search_documents
    WHERE words @@ (SELECT ${Prisma.raw(query)} FROM asked)`
}

/** For each row before it, and by no other way: OFFSET keeps the planner from reading whole tables instead. */
function each(found: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`LATERAL (${found} OFFSET 0)`
}

/** Sessions of speakers, tracks and rooms that have some of the words in their names, and that have the others themselves. */
const sessionsByNames = Prisma.sql`
    named AS MATERIALIZED (
      SELECT d.id, bit_or(1 << (t.nr - 1)::integer) AS mask
      FROM asked CROSS JOIN unnest(terms) WITH ORDINALITY t (term, nr)
      CROSS JOIN ${each(Prisma.sql`
        SELECT id FROM search_documents WHERE words @@ search_query(ARRAY[t.term], search_key(asked.id, 'na'), '&')`)} d
      GROUP BY d.id LIMIT ${most}
    ),
    linked AS MATERIALIZED (
      SELECT id, bit_or(mask) AS mask, max(bonus) AS bonus FROM (
        (SELECT f.id, mask, 0.2 AS bonus FROM e, named n, ${each(Prisma.sql`
           SELECT k.session_id AS id FROM session_speakers k JOIN speakers p ON p.id = k.speaker_id
           WHERE k.event_id = e.id AND k.speaker_id = n.id AND p.deleted_at IS NULL`)} f LIMIT ${most})
        UNION ALL
        (SELECT f.id, mask, 0.02 FROM e, tracks t JOIN named n ON n.id = t.id, ${each(
          Prisma.sql`SELECT o.id FROM sessions o WHERE o.event_id = t.event_id AND o.track_id = t.id`,
        )} f WHERE t.event_id = e.id AND t.deleted_at IS NULL LIMIT ${most})
        UNION ALL
        (SELECT f.id, mask, 0.01 FROM e, rooms r JOIN named n ON n.id = r.id, ${each(
          Prisma.sql`SELECT o.id FROM sessions o WHERE o.event_id = r.event_id AND o.room_id = r.id`,
        )} f WHERE r.event_id = e.id AND r.deleted_at IS NULL LIMIT ${most})
      ) l GROUP BY id
    ),
    own AS MATERIALIZED (
      SELECT m.mask, d.id FROM (
        SELECT mask, search_query(ARRAY(
          SELECT term FROM unnest(terms) WITH ORDINALITY t (term, nr) WHERE mask & (1 << (nr - 1)::integer) = 0
        ), search_key(asked.id, 'se'), '&') AS query
        FROM (SELECT DISTINCT mask FROM linked) l, asked WHERE mask <> every_term
      ) m CROSS JOIN ${each(Prisma.sql`SELECT id FROM search_documents WHERE words @@ m.query`)} d
    )`

const noHits = Prisma.sql`SELECT ''::text AS type, NULL::uuid AS id, 0 AS bonus, NULL::float8 AS guess WHERE FALSE`

const hitsByNames = Prisma.sql`(
    SELECT 'SESSION' AS type, l.id, l.bonus, CASE WHEN l.mask <> every_term THEN 0.001 END AS guess
    FROM e, asked, linked l, ${each(Prisma.sql`
      SELECT FROM sessions s WHERE s.id = l.id AND s.event_id = e.id AND ${seesRow('session', 's')}`)} seen
    WHERE l.mask = every_term OR (l.mask, l.id) IN (SELECT mask, id FROM own)
    LIMIT ${most})`

/** A name that has the words says more than a title that has them. */
const ofNames = 1.2

/** A heading counts most, then a second heading, an abstract, and all the rest. */
const rank = Prisma.sql`(
    SELECT ts_rank('{0.03, 0.1, 0.4, 1}', d.words, CASE p.type
      WHEN 'SESSION' THEN se_any WHEN 'SPEAKER' THEN sp_any WHEN 'TRACK' THEN tr_any ELSE ro_any END)
      * CASE p.type WHEN 'SESSION' THEN 1 ELSE ${ofNames}::real END
    FROM search_documents d, asked WHERE d.id = p.id)`

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

import type { Context } from '../../context.ts'
import { Prisma, type RevisionOperation } from '../../generated/prisma/client.ts'
import { tableOf } from '../tables.ts'
import type { FeedPlace } from './change.cursor.ts'
import { rowsRead } from './change.rules.ts'
import { type Entity, isTold, type NodeSelects, rowAsJson, type RowJson } from '../node/node.compiled.ts'
import { asPublic, newestCommit, seesRow, tellsOf, theEvent, viewedEvent } from './change.sight.ts'

/** What a page is asked for. */
export interface PageRequest {
  readonly eventSlug: string
  /** The kinds of rows that the feed tells of. */
  readonly entities: readonly Entity[]
  readonly first: number
  readonly selects: NodeSelects
  readonly wantsChecksum: boolean
}

/** Where a page begins: at the beginning of a snapshot, behind the newest commit, a place, or the last commit until an instant. */
export type Start =
  | { readonly at: 'snapshot' }
  | { readonly at: 'newest' }
  | { readonly at: 'place'; readonly place: FeedPlace }
  | { readonly at: 'instant'; readonly since: Date }

/** One row of a page, as the statement gives it. */
export interface ToldRow {
  /** Of the commit; of a row of the snapshot: where the chain begins. */
  readonly seq: string
  readonly token: string
  readonly entity: Entity
  readonly id: string
  readonly version: number
  readonly operation: Lowercase<RevisionOperation>
  readonly changedAt: string
  /** null: the viewer doesn't see it any more. */
  readonly node: RowJson | null
  /** What comes or goes with it. */
  readonly follows: readonly Pick<ToldRow, 'entity' | 'id' | 'version' | 'node'>[] | null
}

/** A row, and behind it what comes or goes with it, each as a row of its own. */
export function withFollowing(row: ToldRow): ToldRow[] {
  return [row, ...(row.follows ?? []).map((follow) => ({ ...row, ...follow, operation: 'updated' as const }))]
}

export interface ToldPage {
  readonly eventId: string
  readonly rights: string
  readonly key: Uint8Array
  /** Where the page begins; null if there is no such place. */
  readonly hereSeq: bigint | null
  readonly hereToken: string | null
  /** Whether what was committed since can't be told any more. */
  readonly isTooOld: boolean
  /** Whether the event was hidden or shown since, so that all of it came or went. */
  readonly wasHidden: boolean
  readonly isStandby: boolean
  /** Where the programme stands, as far as the viewer is told. */
  readonly headSeq: bigint
  readonly headToken: string | null
  readonly rows: ToldRow[]
  /** The commit of the row that would come next; null if the page is the last one. */
  readonly nextSeq: string | null
  readonly checksum: string | null
}

/** Reads a page, in one statement, so that all of it is of one moment; null if the viewer may not see the event. */
export async function readPage(ctx: Context, request: PageRequest, start: Start): Promise<ToldPage | null> {
  const isSnapshot =
    start.at === 'snapshot' || (start.at === 'place' && start.place.inside?.of === 'snapshot')
  const [page] = await ctx.db.$queryRaw<ToldPage[]>`
    WITH ${viewedEvent(ctx.viewer, request.eventSlug)},
    head AS MATERIALIZED (${newestCommit()}),
    here AS MATERIALIZED (${commitAt(start)}),
    upcoming AS MATERIALIZED (${isSnapshot ? snapshotRows(request, start) : revisionRows(request, start)}),
    told AS MATERIALIZED (SELECT * FROM upcoming ORDER BY seq, entity, entity_id, version LIMIT ${request.first})
    SELECT e.id AS "eventId", e.rights, (SELECT key FROM cursor_keys ORDER BY id LIMIT 1) AS key,
      h.seq AS "hereSeq", h.token AS "hereToken", ${isTooOld()} AS "isTooOld", ${isHiddenSince()} AS "wasHidden",
      pg_is_in_recovery() AS "isStandby",
      coalesce((SELECT seq FROM head), -1) AS "headSeq", (SELECT token FROM head) AS "headToken",
      (SELECT coalesce(json_agg(${toldRow(request, isSnapshot)} ORDER BY seq, entity, entity_id, version), '[]')
       FROM told w) AS rows,
      (SELECT u.seq::text FROM upcoming u ORDER BY u.seq, u.entity, u.entity_id, u.version
       OFFSET ${request.first} LIMIT 1) AS "nextSeq",
      ${request.wantsChecksum ? checksum(request) : Prisma.sql`NULL`} AS checksum
    FROM e LEFT JOIN here h ON true`
  return page ?? null
}

/** The commit behind which a page begins. Before the first one stands the place -1, which has no token. */
export function commitAt(start: Start): Prisma.Sql {
  const beforeAll = Prisma.sql`SELECT -1::bigint AS seq, NULL::uuid AS token, NULL::bigint AS change`
  switch (start.at) {
    case 'snapshot':
    case 'newest':
      return Prisma.sql`
        SELECT seq, token, NULL::bigint AS change FROM head UNION ALL ${beforeAll} ORDER BY seq DESC LIMIT 1`
    case 'instant':
      return Prisma.sql`(
        SELECT seq, token, change FROM programme_commits
        WHERE event_id = ${theEvent} AND committed_at <= ${start.since}
        ORDER BY committed_at DESC, seq DESC LIMIT 1
      ) UNION ALL ${beforeAll} ORDER BY seq DESC LIMIT 1`
    case 'place': {
      const { seq, token } = start.place
      if (token === null) return beforeAll
      return Prisma.sql`
        SELECT seq, token, change FROM programme_commits
        WHERE event_id = ${theEvent} AND seq = ${seq} AND token = ${token}::uuid`
    }
  }
}

/** Whether something was committed behind the commit `h` that can't be told: a commit without a change. */
export function isTooOld(): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT FROM programme_commits b
    WHERE b.event_id = e.id AND b.change IS NULL AND b.seq > h.seq AND (b.is_public OR NOT e.as_public))`
}

/** Whether the event was hidden or shown behind the commit `h`, for who sees no more of it than the public. */
export function isHiddenSince(): Prisma.Sql {
  return Prisma.sql`NOT e.all_sessions AND EXISTS (
    SELECT FROM revisions r JOIN programme_commits c ON c.change = r.change AND c.event_id = r.event_id
    WHERE r.entity = 'event' AND r.entity_id = e.id AND r.was_shown <> r.is_shown AND r.operation <> 'created'
      AND c.seq > h.seq)`
}

/** Everything that the viewer sees, by kind and id. */
function snapshotRows({ entities, first }: PageRequest, start: Start): Prisma.Sql {
  const inside = start.at === 'place' ? start.place.inside : null
  const parts = entities.map((entity) => {
    const table = tableOf(entity)
    const whose = Prisma.raw(entity === 'event' ? 'n.id' : 'n.event_id')
    const after =
      inside === null
        ? Prisma.sql`true`
        : Prisma.sql`(${entity}::revised_entity, n.id) > (${inside.entity}::revised_entity, ${inside.id}::uuid)`
    return Prisma.sql`(
      SELECT ${entity}::revised_entity AS entity, n.id AS entity_id, n.version, n.last_modified_at AS changed_at
      FROM e CROSS JOIN ${table} n
      WHERE ${whose} = ${theEvent} AND ${after} AND ${seesRow(entity, 'n')}
      ORDER BY n.id LIMIT ${rowsRead(first)})`
  })
  return Prisma.sql`
    SELECT h.seq, h.token, s.*, 'created'::revision_operation AS operation, false AS was_shown, false AS is_shown,
           '{}'::jsonb AS before, '{}'::jsonb AS after
    FROM here h CROSS JOIN (${Prisma.join(parts, ' UNION ALL ')}) s
    ORDER BY entity, entity_id LIMIT ${rowsRead(first)}`
}

/** What was committed behind the place, a revision a row, in commit order. */
function revisionRows({ entities, first }: PageRequest, start: Start): Prisma.Sql {
  const columns = Prisma.raw(
    `r.entity, r.entity_id, r.version, r.operation, r.was_shown, r.is_shown, r.before, r.after`,
  )
  // In the text, too, for it is one of two lists.
  const told = Prisma.raw(entities.map((entity) => `'${entity}'`).join(', '))
  const isOfFeed = Prisma.sql`r.entity IN (${told}) AND ${tellsOf(Prisma.sql`r.entity`)}`
  const order = Prisma.raw('r.entity, r.entity_id, r.version')
  const inside = start.at === 'place' && start.place.inside?.of === 'commit' ? start.place.inside : null
  const restOfCommit =
    inside === null
      ? []
      : [
          Prisma.sql`(
      SELECT c.seq, c.token, c.committed_at AS changed_at, ${columns}
      FROM e CROSS JOIN here h JOIN programme_commits c ON c.event_id = e.id AND c.seq = h.seq
      JOIN revisions r ON r.change = h.change AND r.event_id = e.id
      WHERE (r.entity, r.entity_id, r.version) > (${inside.entity}::revised_entity, ${inside.id}::uuid, ${inside.version})
        AND ${isOfFeed}
      ORDER BY ${order} LIMIT ${rowsRead(first)})`,
        ]
  const following = (condition: Prisma.Sql) => Prisma.sql`(
    SELECT c.seq, c.token, c.committed_at AS changed_at, r.*
    FROM e CROSS JOIN programme_commits c CROSS JOIN LATERAL (
      SELECT ${columns} FROM revisions r WHERE r.change = c.change AND r.event_id = c.event_id AND ${isOfFeed}
      ORDER BY ${order} LIMIT ${rowsRead(first)}
    ) r
    WHERE c.event_id = ${theEvent} AND c.seq > (SELECT seq FROM here) AND ${condition}
    ORDER BY c.seq, ${order} LIMIT ${rowsRead(first)})`
  const branches = [
    ...restOfCommit,
    following(Prisma.sql`${asPublic} AND c.is_public`),
    following(Prisma.sql`NOT ${asPublic}`),
  ]
  return Prisma.sql`
    SELECT seq, token, entity, entity_id, version, changed_at, operation, was_shown, is_shown, before, after
    FROM (${Prisma.join(branches, ' UNION ALL ')}) found
    ORDER BY seq, entity, entity_id, version LIMIT ${rowsRead(first)}`
}

/** A row `w` as JSON, with what it is now as far as the viewer sees it. */
function toldRow({ entities, selects }: PageRequest, isSnapshot: boolean): Prisma.Sql {
  const present = entities.map(
    (entity) =>
      Prisma.sql`WHEN ${entity}::revised_entity THEN ${presentNode(entity, Prisma.sql`w.entity_id`, selects)}`,
  )
  const follows = isSnapshot || entities.length === 1 ? Prisma.sql`NULL` : following(selects)
  return Prisma.sql`json_build_object(
    'seq', w.seq::text, 'token', w.token, 'entity', w.entity, 'id', w.entity_id, 'version', w.version,
    'operation', w.operation, 'changedAt', w.changed_at,
    'node', CASE w.entity ${Prisma.join(present, ' ')} END, 'follows', ${follows})`
}

/** The row as it is now; NULL if the viewer doesn't see it. Only its id where another statement has to tell the rest. */
function presentNode(entity: Entity, id: Prisma.Sql, selects: NodeSelects): Prisma.Sql {
  return Prisma.sql`(
    SELECT ${nodeAsJson(entity, selects)} FROM ${tableOf(entity)} n WHERE n.id = ${id} AND ${seesRow(entity, 'n')})`
}

function nodeAsJson(entity: Entity, selects: NodeSelects): Prisma.Sql {
  const select = selects[entity]
  return isTold(entity, select)
    ? rowAsJson(entity, 'n', select)
    : Prisma.sql`json_build_object('row', json_build_object('id', n.id))`
}

/** Who speaks in a session comes and goes with it, if that is why they are seen; a break with its room. */
function following(selects: NodeSelects): Prisma.Sql {
  const one = (entity: Entity) => Prisma.sql`json_agg(json_build_object(
    'entity', ${entity}::text, 'id', n.id, 'version', n.version,
    'node', CASE WHEN ${seesRow(entity, 'n')} THEN ${nodeAsJson(entity, selects)} END) ORDER BY n.id)`
  return Prisma.sql`CASE
    WHEN w.entity = 'session' AND NOT e.all_speakers AND (w.was_shown <> w.is_shown OR w.after ? 'speaker_ids') THEN (
      SELECT ${one('speaker')} FROM speakers n WHERE n.event_id = e.id AND n.id IN (
        SELECT unnest(o.speaker_ids) FROM sessions o WHERE o.id = w.entity_id
        UNION ALL SELECT jsonb_array_elements_text(nullif(w.before -> 'speaker_ids', 'null'))::uuid
        UNION ALL SELECT jsonb_array_elements_text(nullif(w.after -> 'speaker_ids', 'null'))::uuid))
    WHEN w.entity = 'room' AND w.was_shown <> w.is_shown THEN (
      SELECT ${one('break')} FROM breaks n WHERE n.event_id = e.id AND n.room_id = w.entity_id AND n.deleted_at IS NULL)
  END`
}

/** SHA-256 over 'ID VERSION' of all that the viewer sees, a line each, by id. */
function checksum({ entities }: PageRequest): Prisma.Sql {
  const parts = entities.map((entity) => {
    const whose = Prisma.raw(entity === 'event' ? 'n.id' : 'n.event_id')
    return Prisma.sql`
      SELECT n.id, n.version FROM ${tableOf(entity)} n WHERE ${whose} = e.id AND ${seesRow(entity, 'n')}`
  })
  return Prisma.sql`(
    SELECT encode(sha256(convert_to(coalesce(string_agg(id::text || ' ' || version, E'\\n' ORDER BY id), ''), 'UTF8')), 'hex')
    FROM (${Prisma.join(parts, ' UNION ALL ')}) seen)`
}

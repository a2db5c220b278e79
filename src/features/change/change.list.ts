import type { Context } from '../../context.ts'
import { Prisma, type RevisionOperation } from '../../generated/prisma/client.ts'
import { tableOf } from '../tables.ts'
import type { FeedPlace } from './change.cursor.ts'
import {
  type Entity,
  type ProgrammeRow,
  type NodeSelects,
  wholeRowAsJson,
  rowFrom,
  type RowJson,
} from '../node/node.compiled.ts'
import { readPage, withFollowing } from './change.page.ts'
import { feeds, placeBehind } from './change.ts'
import { seesRow, viewedEvent } from './change.sight.ts'

export type { FeedPlace } from './change.cursor.ts'
export type { Entity, ProgrammeRow } from '../node/node.compiled.ts'

/** A committed change of something that the viewer sees, or saw. */
export interface CommittedChange {
  readonly entity: Entity
  readonly id: string
  readonly version: number
  readonly operation: RevisionOperation
  readonly committedAt: Date
  /** The commit's place and its token, which no other commit has. */
  readonly seq: bigint
  readonly token: string
}

/** What comes behind a place. */
export interface ChangesBehind {
  readonly changes: CommittedChange[]
  /** Where to go on from. */
  readonly place: FeedPlace
  readonly hasMore: boolean
  /** Whether there is no going on: the place is unknown (any more), or what was committed since can't be told. */
  readonly isLost: boolean
}

/**
 * The changes of a programme behind a place in its commit order; null if the viewer may not see the event. One statement.
 *
 * @param first how many at most; what comes or goes with them is in addition
 */
export async function changesBehind(
  ctx: Context,
  eventSlug: string,
  place: FeedPlace,
  first: number,
): Promise<ChangesBehind | null> {
  const request = { eventSlug, entities: feeds.programme, first, selects: noTexts, wantsChecksum: false }
  const page = await readPage(ctx, request, { at: 'place', place })
  if (page === null) return null
  const head: FeedPlace = { seq: page.headSeq, token: page.headToken, inside: null }
  if (page.hereSeq === null || page.isTooOld || page.wasHidden) {
    // A standby may not have heard of the place yet.
    const isBehind = page.isStandby && place.seq > page.headSeq
    return { changes: [], place: isBehind ? place : head, hasMore: false, isLost: !isBehind }
  }
  const last = page.rows.at(-1)
  const isWhole = last === undefined || page.nextSeq !== last.seq
  const told = last === undefined ? place : placeBehind(last, { isSnapshot: false, isLast: isWhole })
  const changes = page.rows.flatMap((row) =>
    withFollowing(row).map(({ entity, id, version, operation, changedAt, seq, token }) => ({
      ...{ entity, id, version, token, seq: BigInt(seq), committedAt: new Date(changedAt) },
      operation: operation.toUpperCase() as RevisionOperation,
    })),
  )
  const hasMore = page.nextSeq !== null
  return { changes, place: hasMore || told.seq >= head.seq ? told : head, hasMore, isLost: false }
}

/** The place behind the last commit before `since`, and the last commit until `until`: -1 if there is none. */
export async function placesAt(
  { db }: Context,
  eventId: string,
  since: Date,
  until: Date,
): Promise<{ begin: FeedPlace; end: bigint }> {
  const [row] = await db.$queryRaw<{ seq: bigint | null; token: string | null; end: bigint | null }[]>`
    SELECT b.seq, b.token, (
      SELECT seq FROM programme_commits WHERE event_id = ${eventId}::uuid AND committed_at <= ${until}
      ORDER BY committed_at DESC, seq DESC LIMIT 1) AS "end"
    FROM (SELECT) one LEFT JOIN LATERAL (
      SELECT seq, token FROM programme_commits WHERE event_id = ${eventId}::uuid AND committed_at < ${since}
      ORDER BY committed_at DESC, seq DESC LIMIT 1) b ON true`
  return {
    begin: { seq: row?.seq ?? -1n, token: row?.token ?? null, inside: null },
    end: row?.end ?? -1n,
  }
}

/** Where the event's programme stands. */
export async function newestPlace({ db }: Context, eventId: string): Promise<FeedPlace> {
  const [head] = await db.$queryRaw<{ seq: bigint; token: string }[]>`
    SELECT seq, token FROM programme_commits WHERE event_id = ${eventId}::uuid ORDER BY seq DESC LIMIT 1`
  return { seq: head?.seq ?? -1n, token: head?.token ?? null, inside: null }
}

/** Things of a programme as they are now, by id; without those that the viewer doesn't see. One statement. */
export async function nodesNow(
  ctx: Context,
  eventSlug: string,
  wanted: readonly { readonly entity: Entity; readonly id: string }[],
): Promise<Map<string, ProgrammeRow>> {
  const parts = feeds.programme.flatMap((entity) => {
    const ids = wanted.flatMap((one) => (one.entity === entity ? one.id : []))
    if (ids.length === 0) return []
    return Prisma.sql`
      SELECT ${entity}::text AS entity, n.id, ${wholeRowAsJson(entity, 'n')} AS json
      FROM e CROSS JOIN ${tableOf(entity)} n WHERE n.id = ANY (${ids}::uuid[]) AND ${seesRow(entity, 'n')}`
  })
  if (parts.length === 0) return new Map()
  const rows = await ctx.db.$queryRaw<{ entity: Entity; id: string; json: RowJson }[]>`
    WITH ${viewedEvent(ctx.viewer, eventSlug)} ${Prisma.join(parts, ' UNION ALL ')}`
  return new Map(rows.map(({ entity, id, json }) => [id, rowFrom(entity, json)]))
}

/** What changed is told by its name only. */
const noTexts = Object.fromEntries(feeds.programme.map((entity) => [entity, {}])) as NodeSelects

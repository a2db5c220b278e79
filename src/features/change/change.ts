import type { Context } from '../../context.ts'
import { ApiError, badUserInput, type InputIssue, notFound, resync, unavailable } from '../../errors.ts'
import type { RevisionOperation } from '../../generated/prisma/client.ts'
import { maxPageSize } from '../../paging.ts'
import { feedCursorText, type FeedPlace, readCursor, type UnprovedCursor } from './change.cursor.ts'
import { type Entity, isTold, kinds, nodesById, type ProgrammeRow, rowFrom } from '../node/node.compiled.ts'
import {
  type PageRequest,
  readPage,
  type Start,
  type ToldPage,
  type ToldRow,
  withFollowing,
} from './change.page.ts'
import { seesAsPublic } from './change.rules.ts'
import { rightsWord } from './change.sight.ts'

/** One committed change, or one row of what there was when the chain began. */
export interface ChangeRow {
  readonly nodeId: string
  readonly operation: RevisionOperation
  readonly version: number
  readonly changedAt: Date
  /** The row as it is now; null if the viewer doesn't see it any more. An error is told in its place. */
  readonly node: ProgrammeRow | ApiError | null
  readonly transactionEnds: boolean
  readonly cursor: string
}

/** One page of a feed. */
export interface ChangeFeed {
  readonly changes: ChangeRow[]
  readonly cursor: string
  readonly hasMore: boolean
  readonly serverTime: Date
  readonly checksum: string | null
  readonly eventId: string
  /** The last place in the event's commit order that is told. */
  readonly seq: bigint
}

/** What feeds tell of, by their names. */
export const feeds = {
  sessions: ['session'],
  // The keys of a record of all entities.
  programme: Object.keys(kinds) as Entity[],
} satisfies Record<string, readonly Entity[]>

/** A page of a feed as a client asks for it. */
export interface FeedRequest extends Omit<PageRequest, 'entities'> {
  readonly feed: keyof typeof feeds
  readonly after: string | null
  /** Without a cursor: the instant behind which the chain begins, or now; null: with all that the viewer sees. */
  readonly since: Date | 'now' | null
  /** Whether a row of more texts than an answer may have is told by an error in its place; otherwise the page is refused. */
  readonly goesOn?: boolean
}

/**
 * The next page of a chain. One without a cursor begins with all that the viewer sees, page by page, or behind an instant,
 * and goes on with each change committed since, once, in commit order. One statement; one more for each kind of node of
 * which more is selected than its own values and those of the single rows that it refers to.
 *
 * @throws NOT_FOUND for the event; BAD_USER_INPUT; RESYNC if the chain can't be continued; UNAVAILABLE on a standby that
 *   hasn't come to the cursor's place yet; QUERY_TOO_COMPLEX for more texts than an answer may have
 */
export async function changePage(ctx: Context, request: FeedRequest): Promise<ChangeFeed> {
  const cursor = parse(request)
  const start = startOf(cursor, request)
  const page = await readPage(ctx, { ...request, entities: feeds[request.feed] }, start)
  if (page === null) throw notFound('event', request.eventSlug)
  requireContinuable(page, request, cursor)
  return feedOf(page, start, request, await nodesOf(ctx, page, request))
}

function startOf(cursor: UnprovedCursor | null, { since }: FeedRequest): Start {
  if (cursor !== null) return { at: 'place', place: cursor.place }
  if (since === null) return { at: 'snapshot' }
  return since === 'now' ? { at: 'newest' } : { at: 'instant', since }
}

/** @throws BAD_USER_INPUT */
function parse({ after, since, first }: FeedRequest): UnprovedCursor | null {
  const issues: InputIssue[] = []
  if (first < 1 || first > maxPageSize) {
    issues.push({ path: ['first'], message: `must be 1 to ${maxPageSize}; ask for the rest by "after".` })
  }
  if (after !== null && since instanceof Date) {
    issues.push({ path: ['since'], message: 'says where a chain begins, so it comes without "after".' })
  }
  const cursor = after === null ? null : readCursor(after)
  if (after !== null && cursor === null) {
    issues.push({ path: ['after'], message: 'This is no cursor of a feed. Begin again without it.' })
  }
  if (issues.length > 0) throw badUserInput(issues)
  return cursor
}

/** @throws RESYNC, UNAVAILABLE */
function requireContinuable(page: ToldPage, { feed }: FeedRequest, cursor: UnprovedCursor | null): void {
  if (cursor !== null) {
    if (!cursor.isSignedBy(page.key)) throw resync('The cursor was made by another database.')
    if (cursor.feed !== feed) throw resync(`The cursor is of the feed of ${cursor.feed}.`)
    if (cursor.eventId !== page.eventId) throw resync('The cursor is of another event.')
    if (cursor.rights !== rightsWord(page.rights)) throw resync('What you may see has changed since.')
    if (page.hereSeq === null) {
      if (page.isStandby && cursor.place.seq > page.headSeq) {
        throw unavailable('This replica has not come as far as the cursor yet.')
      }
      throw resync(
        "The history doesn't know the cursor's place (any more): it was pruned, or the database restored.",
      )
    }
  }
  if (page.isTooOld) throw resync('The history begins later than that.')
  if (page.wasHidden) throw resync('The event was hidden or shown since, so that all of it came or went.')
}

/** The nodes of a page by id. */
async function nodesOf(
  ctx: Context,
  { rows }: ToldPage,
  request: FeedRequest,
): Promise<Map<string, ProgrammeRow | ApiError>> {
  const told = rows.flatMap((row) => [row, ...(row.follows ?? [])])
  const nodes = new Map<string, ProgrammeRow | ApiError>()
  const read = request.goesOn === true ? rowOrFault : rowFrom
  for (const entity of feeds[request.feed]) {
    const seen = told.filter((row) => row.entity === entity && row.node !== null)
    const select = request.selects[entity]
    if (isTold(entity, select)) for (const { id, node } of seen) nodes.set(id, read(entity, node!))
    else if (seen.length > 0) {
      const ids = [...new Set(seen.map(({ id }) => id))]
      for (const [id, row] of await nodesById(ctx, entity, ids, select)) nodes.set(id, row)
    }
  }
  return nodes
}

function rowOrFault(...told: Parameters<typeof rowFrom>): ProgrammeRow | ApiError {
  try {
    return rowFrom(...told)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

function feedOf(
  page: ToldPage,
  start: Start,
  request: FeedRequest,
  nodes: ReadonlyMap<string, ProgrammeRow | ApiError>,
): ChangeFeed {
  const written = (place: FeedPlace) =>
    feedCursorText(
      { feed: request.feed, eventId: page.eventId, rights: rightsWord(page.rights), place },
      page.key,
    )
  const here: FeedPlace = { seq: page.hereSeq ?? -1n, token: page.hereToken, inside: null }
  const isSnapshot =
    start.at === 'snapshot' || (start.at === 'place' && start.place.inside?.of === 'snapshot')
  let place: FeedPlace = start.at === 'place' ? start.place : here
  const changes = page.rows.flatMap((row, index) => {
    const next = page.rows[index + 1]?.seq ?? page.nextSeq
    const before = place
    place = placeBehind(row, { isSnapshot, isLast: next !== row.seq })
    const rows = withFollowing(row)
    // What follows from a row is told with it, or again: only behind all of it the row is done with.
    return rows.map((one, n): ChangeRow => {
      const isEnd = n === rows.length - 1
      return {
        nodeId: one.id,
        operation: one.operation.toUpperCase() as RevisionOperation,
        version: one.version,
        changedAt: new Date(one.changedAt),
        node: nodes.get(one.id) ?? null,
        transactionEnds: isEnd && next !== row.seq,
        cursor: written(isEnd ? place : before),
      }
    })
  })
  const isCaughtUp = page.nextSeq === null && !isSnapshot
  const head: FeedPlace = { seq: page.headSeq, token: page.headToken, inside: null }
  if (page.nextSeq === null) place = isCaughtUp && head.seq > here.seq ? head : here
  return {
    changes,
    cursor: written(place),
    hasMore: page.nextSeq !== null || (isSnapshot && head.seq > here.seq),
    serverTime: new Date(),
    checksum: page.checksum,
    eventId: page.eventId,
    seq: place.seq,
  }
}

/** @param isLast whether it is the last row of its commit, or of the snapshot */
export function placeBehind(
  row: ToldRow,
  { isSnapshot, isLast }: { isSnapshot: boolean; isLast: boolean },
): FeedPlace {
  const { entity, id, version } = row
  const at = { seq: BigInt(row.seq), token: row.token }
  if (isLast) return { ...at, inside: null }
  return {
    ...at,
    inside: isSnapshot ? { of: 'snapshot', entity, id } : { of: 'commit', entity, id, version },
  }
}

/**
 * When the last change of each of these events' programmes was committed, by id; for who sees no more than the public, the
 * last that the public sees. One statement. It grows with each such commit, in the order in which they become visible.
 */
export async function programmesModifiedAt(
  { db, viewer }: Context,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const asPublic = ids.map((id) => seesAsPublic(viewer, id))
  const rows = await db.$queryRaw<{ id: string; moment: Date | null }[]>`
    SELECT e.id, CASE
      WHEN e.as_public THEN (SELECT committed_at FROM programme_commits c
                             WHERE c.event_id = e.id AND c.is_public ORDER BY seq DESC LIMIT 1)
      ELSE (SELECT committed_at FROM programme_commits c WHERE c.event_id = e.id ORDER BY seq DESC LIMIT 1)
    END AS moment
    FROM unnest(${[...ids]}::uuid[], ${asPublic}::boolean[]) AS e(id, as_public)`
  return new Map(rows.flatMap(({ id, moment }) => (moment === null ? [] : [[id, moment]])))
}

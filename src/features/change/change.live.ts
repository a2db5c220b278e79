import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { databaseFaultOf } from '../../database/faults.ts'
import { beginWork, newWork } from '../../database/work.ts'
import { ApiError, badUserInput } from '../../errors.ts'
import { shareKey, type Stream } from '../../live/streams.ts'
import { createRecent } from '../../recent.ts'
import { isTold, type NodeSelects } from '../node/node.compiled.ts'
import { readingReach } from './change.rules.ts'
import { type ChangeFeed, changePage, feeds, type FeedRequest } from './change.ts'

/** How many changes are read at once. */
const pageSize = 20

/** What a client follows. */
export type FollowRequest = Pick<FeedRequest, 'feed' | 'eventSlug' | 'after' | 'selects'>

/** A page of what was committed, as a subscription reads it. */
export type LiveChanges = Pick<ChangeFeed, 'changes' | 'cursor' | 'hasMore'>

/**
 * What is committed behind the cursor, or from now on, page by page. It reads one when it is woken and the page before is
 * done with: nothing is queued, so who is slow loses nothing. Pages may be empty.
 *
 * @throws what `changePage` throws but QUERY_TOO_COMPLEX, RESYNC too as soon as the viewer is no longer what they were
 */
export function followChanges(ctx: Context, request: FollowRequest): AsyncGenerator<LiveChanges, void> {
  return changesOf(ctx, { ...request, selects: sameSelects(request.selects) })
}

/** What thousands select alike is held once. */
function sameSelects(selects: NodeSelects): NodeSelects {
  const text = JSON.stringify(selects)
  const known = selections.get(text)
  if (known !== undefined) return known
  selections.set(text, selects, text.length)
  return selects
}

/** By their text, up to as many characters in all. */
const selections = createRecent<NodeSelects>(100_000)

async function* changesOf(ctx: Context, request: FollowRequest): AsyncGenerator<LiveChanges, void> {
  const { following } = ctx
  if (following === undefined) {
    throw badUserInput([{ path: [], message: 'A subscription needs a WebSocket or Server-Sent Events.' }])
  }
  const { stream, lastEventId } = following
  const read = pageReader(ctx, stream, request)
  let after = lastEventId ?? request.after
  while (stream.end === null) {
    const page = await read(after)
    yield page
    after = page.cursor
    if (!page.hasMore) await stream.next(page.eventId, page.seq)
  }
}

/** Who stands at the same place, sees the same and asks for the same is given the same page. */
function pageReader(ctx: Context, stream: Stream, { feed, eventSlug, selects }: FollowRequest) {
  const read = (after: string | null) =>
    pageThatFits(ctx, {
      ...{ feed, eventSlug, after, selects },
      since: after === null ? 'now' : null,
      first: pageSize,
      wantsChecksum: false,
    })
  const sight = sightOf(ctx.viewer, feed, selects)
  if (sight === null) return read
  const key = shareKey(feed, eventSlug, sight, selects)
  return (after: string | null) => stream.share(key, after ?? '', () => read(after))
}

/**
 * A client can't ask for a shorter page of what it follows: one of more texts than an answer may have is halved, down to one
 * change, which is told even so.
 */
async function pageThatFits(ctx: Context, request: FeedRequest): Promise<ChangeFeed> {
  const { first } = request
  try {
    // Each page is work of its own, however long the subscription lasts.
    return await beginWork(newWork('subscriptions'), () =>
      changePage(ctx, { ...request, goesOn: first === 1 }),
    )
  } catch (error) {
    if (first === 1 || !isTooMuch(error)) throw error
    return pageThatFits(ctx, { ...request, first: Math.floor(first / 2) })
  }
}

function isTooMuch(error: unknown): boolean {
  if (error instanceof ApiError) return error.code === 'QUERY_TOO_COMPLEX'
  return databaseFaultOf(error)?.kind === 'too large'
}

/** What a page depends on; null if more than what its statement reads. */
function sightOf(viewer: Viewer, feed: FeedRequest['feed'], selects: NodeSelects): unknown {
  return feeds[feed].every((entity) => isTold(entity, selects[entity])) ? readingReach(viewer) : null
}

import { type Permission } from '../../access/permissions.ts'
import { reachOf } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { beginWork, newWork } from '../../database/work.ts'
import { ApiError, badUserInput } from '../../errors.ts'
import { shareKey, type Stream } from '../../live/streams.ts'
import { createRecent } from '../../recent.ts'
import { isTold, type NodeSelects } from './change.nodes.ts'
import { changePage, type ChangeRow, feeds, type FeedRequest } from './change.ts'

/** How many changes are read at once; a slow client holds no more than these. */
const pageSize = 20

/** What a client follows. */
export type FollowRequest = Pick<FeedRequest, 'feed' | 'eventSlug' | 'after' | 'selects'>

/**
 * Each change committed behind the cursor, or from now on, as long as the client takes them. It reads a page when it is
 * woken and has given all of the page before: nothing is queued, so who is slow loses nothing.
 *
 * @throws what `changePage` throws; UNAUTHENTICATED and RESYNC as soon as the viewer is no longer what they were
 */
export function followChanges(ctx: Context, request: FollowRequest): AsyncGenerator<ChangeRow, void> {
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

async function* changesOf(ctx: Context, request: FollowRequest): AsyncGenerator<ChangeRow, void> {
  const { following } = ctx
  if (following === undefined) {
    throw badUserInput([{ path: [], message: 'A subscription needs a WebSocket or Server-Sent Events.' }])
  }
  const { stream, lastEventId } = following
  const read = pageReader(ctx, stream, request)
  let after = lastEventId ?? request.after
  while (stream.end === null) {
    const page = await read(after)
    for (const change of page.changes) {
      yield change
      if (stream.end !== null) break
    }
    after = page.cursor
    if (!page.hasMore && stream.end === null) await stream.next(page.eventId, page.seq)
  }
  if (stream.end instanceof ApiError) throw stream.end
}

/** Who stands at the same place, sees the same and asks for the same is given the same page. */
function pageReader(ctx: Context, stream: Stream, { feed, eventSlug, selects }: FollowRequest) {
  // Each page is work of its own, however long the subscription lasts.
  const read = (after: string | null) =>
    beginWork(newWork('subscriptions'), () =>
      changePage(ctx, {
        ...{ feed, eventSlug, after, selects },
        since: after === null ? 'now' : null,
        first: pageSize,
        wantsChecksum: false,
      }),
    )
  const sight = sightOf(ctx.viewer, feed, selects)
  if (sight === null) return read
  const key = shareKey(feed, eventSlug, sight, selects)
  return (after: string | null) => stream.share(key, after ?? '', () => read(after))
}

const reading: readonly Permission[] = ['event:read', 'session:read', 'speaker:read']

/** What a page depends on; null if more than what its statement reads. */
function sightOf(viewer: Viewer, feed: FeedRequest['feed'], selects: NodeSelects): unknown {
  if (!feeds[feed].every((entity) => isTold(entity, selects[entity]))) return null
  const reaches = reading.map((permission) => reachOf(viewer, permission))
  return [reaches, reaches.some(({ speaksAt }) => speaksAt.length > 0) ? userIdOf(viewer) : null]
}

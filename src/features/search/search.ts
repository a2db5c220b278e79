import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { type Connection, connectionOf } from '../../paging.ts'
import { rowFrom } from '../node/node.compiled.ts'
import { type NodeRow, nodesOfTypes } from '../node/node.list.ts'
import type { Search } from './search.input.ts'
import { entities, type Shown, resultTypes } from './search.shown.ts'
import { findHits, type FoundHit } from './search.statement.ts'

/** A thing that was found, and what it was found by. */
export interface HitRow extends Pick<FoundHit, 'id' | 'score' | 'matched'> {
  readonly node: NodeRow
  readonly terms: readonly string[]
}

/**
 * A page of what is found in an event, best first. One statement, and one for each type on the page of which more is wanted
 * than that can tell, such as lists.
 *
 * @throws NOT_FOUND if the viewer may not see the event, BAD_USER_INPUT for a cursor of another search, QUERY_TOO_COMPLEX for
 *   more texts than an answer may have
 */
export async function search(ctx: Context, asked: Search, shown: Shown): Promise<Connection<HitRow>> {
  const found = await findHits(ctx, asked, shown)
  if (found === null) throw notFound('event', asked.eventSlug)
  const untold = found.hits.filter(({ node }) => node === null)
  const nodes = await nodesOfTypes(
    ctx,
    untold.map(({ type, id }) => ({ type: resultTypes[type], id })),
    shown.selects,
  )
  const hits = found.hits.flatMap(({ type, node: told, ...hit }): HitRow[] => {
    const node = told === null ? nodes.get(hit.id) : rowFrom(entities[type], told)
    // What was hidden since the search is left out.
    return node === undefined ? [] : [{ ...hit, node, terms: found.terms }]
  })
  return connectionOf(hits, asked.page, { of: found.eventId, total: found.total })
}

import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { type Connection, connectionOf } from '../../paging.ts'
import type { Select } from '../../selection/merge.ts'
import { type NodeRow, type NodeType, nodesOfTypes } from '../node/node.list.ts'
import type { Search } from './search.input.ts'
import { findHits, type FoundHit } from './search.statement.ts'

/** A thing that was found, and what it was found by. */
export interface HitRow extends FoundHit {
  readonly node: NodeRow
  readonly terms: readonly string[]
}

/** The GraphQL types of what a search finds. */
export const resultTypes = ['Session', 'Speaker', 'Track', 'Room'] as const satisfies readonly NodeType[]

const typeOf = { SESSION: 'Session', SPEAKER: 'Speaker', TRACK: 'Track', ROOM: 'Room' } as const

/**
 * A page of what is found in an event, best first. One statement, and one for each type on the page.
 *
 * @param selects what is wanted of each type
 * @throws NOT_FOUND if the viewer may not see the event, BAD_USER_INPUT for a cursor of another search
 */
export async function search(
  ctx: Context,
  asked: Search,
  selects: Readonly<Record<(typeof resultTypes)[number], Select>>,
): Promise<Connection<HitRow>> {
  const found = await findHits(ctx, asked)
  if (found === null) throw notFound('event', asked.eventSlug)
  const typed = found.hits.map(({ type, id }) => ({ type: typeOf[type], id }))
  const nodes = await nodesOfTypes(ctx, typed, selects)
  const hits = found.hits.flatMap((hit): HitRow[] => {
    const node = nodes.get(hit.id)
    // What was hidden since the search is left out.
    return node === undefined ? [] : [{ ...hit, node, terms: found.terms }]
  })
  return connectionOf(hits, asked.page, { of: found.eventId, total: found.total })
}

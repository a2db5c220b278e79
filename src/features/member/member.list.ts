import type { Context } from '../../context.ts'
import type { TrackRow } from '../track/track.selection.ts'
import { type Connection, connectionOf, keysetPage, newestById, type Page } from '../../paging.ts'
import type { Select } from '../../selection/merge.ts'
import type { ConnectionSelection } from '../../selection/select.ts'
import type { MemberRow } from './member.selection.ts'

/** Whoever is there the longest comes first. */
export const oldestFirst = { ...newestById.order, direction: 'ASC' } as const

/** One page of the members of an event; whether the viewer may see them is the caller's to ask. */
export async function listMembers(
  { db }: Context,
  eventId: string,
  page: Page,
  wanted: ConnectionSelection,
): Promise<Connection<MemberRow>> {
  const { where, orderBy, take } = keysetPage(page, newestById.column)
  const select = { ...wanted.node, id: true }
  const rows = await db.membership.findMany({ where: { AND: [{ eventId }, where] }, orderBy, take, select })
  const total = wanted.wantsTotalCount ? await db.membership.count({ where: { eventId } }) : undefined
  return connectionOf(rows as object[] as MemberRow[], page, newestById.column, total)
}

/**
 * The tracks of each of these sets of ids, as `trackSet` writes them, by position, without deleted ones. One statement
 * for all of them.
 */
export async function tracksOfSets(
  { db }: Context,
  sets: readonly string[],
  select: Select,
): Promise<Map<string, TrackRow[]>> {
  const ids = sets.flatMap((set) => set.split(' ')).filter((id) => id !== '')
  const rows = (await db.track.findMany({
    where: { id: { in: ids }, deletedAt: null },
    orderBy: [{ position: 'asc' }, { name: 'asc' }, { id: 'asc' }],
    select: { ...select, id: true },
  })) as object[] as TrackRow[]
  return new Map(sets.map((set) => [set, rows.filter(({ id }) => set.split(' ').includes(id))]))
}

/** Names a set of tracks. */
export function trackSet(trackIds: readonly string[]): string {
  return trackIds.join(' ')
}

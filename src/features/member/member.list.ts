import type { Context } from '../../context.ts'
import { type Connection, connectionOf, keysetPage, listByCreation, type Page } from '../../paging.ts'
import type { ConnectionSelection } from '../../selection/select.ts'
import type { MemberRow } from './member.selection.ts'

/** Whoever is there the longest comes first. */
export const memberList = listByCreation('Event.members', 50, 'ASC')

/** One page of the members of an event; whether the viewer may see them is the caller's to ask. */
export async function listMembers(
  { db }: Context,
  eventId: string,
  page: Page,
  wanted: ConnectionSelection,
): Promise<Connection<MemberRow>> {
  const { where, orderBy, take } = keysetPage(page)
  const select = { ...wanted.node, id: true }
  const rows = await db.membership.findMany({ where: { AND: [{ eventId }, where] }, orderBy, take, select })
  const total = wanted.wantsTotalCount ? await db.membership.count({ where: { eventId } }) : undefined
  return connectionOf(rows as object[] as MemberRow[], page, { of: eventId, total })
}

import type { Context } from '../../context.ts'
import { type Connection, listByCreation } from '../../paging.ts'
import { pageByCreation, type WantedPage } from '../../selection/page-by-creation.ts'
import type { MemberRow } from '../rows.ts'

/** Whoever is there the longest comes first. */
export const memberList = listByCreation('Event.members', 50, 'ASC')

/** One page of the members of an event; whether the viewer may see them is the caller's to ask. */
export async function listMembers(
  { db }: Context,
  eventId: string,
  wanted: WantedPage,
): Promise<Connection<MemberRow>> {
  return pageByCreation(db.membership, { where: { eventId }, of: eventId }, wanted)
}

import { may, refusal } from '../../access/may.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, connectionOf, keysetPage, listByCreation, type Page } from '../../paging.ts'
import type { ConnectionSelection } from '../../selection/select.ts'
import type { InvitationRow } from './invitation.selection.ts'

export const invitationList = listByCreation('Event.invitations', 50, 'DESC')

/**
 * One page of an event's invitations that can still be accepted and that the viewer may see, newest first.
 *
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export async function listInvitations(
  ctx: Context,
  eventId: string,
  page: Page,
  wanted: ConnectionSelection,
): Promise<Connection<InvitationRow>> {
  const holds = {
    eventId,
    acceptedAt: null,
    revokedAt: null,
    expiresAt: { gt: ctx.clock() },
    OR: [{ speakerId: null }, { speaker: { deletedAt: null } }],
  }
  const living = { AND: [holds, visibleInvitations(ctx, eventId)] }
  const { where, orderBy, take } = keysetPage(page)
  const select = { ...wanted.node, id: true }
  const rows = await ctx.db.invitation.findMany({ where: { AND: [living, where] }, orderBy, take, select })
  const total = wanted.wantsTotalCount ? await ctx.db.invitation.count({ where: living }) : undefined
  return connectionOf(rows as object[] as InvitationRow[], page, { of: eventId, total })
}

function visibleInvitations({ viewer }: Context, eventId: string): Prisma.InvitationWhereInput {
  if (may(viewer, 'member:manage', { eventId })) return {}
  if (may(viewer, 'speaker:manage', { eventId })) return { role: 'SPEAKER' }
  throw refusal(viewer, 'member:manage')
}

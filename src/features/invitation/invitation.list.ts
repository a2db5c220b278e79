import { may, refusal } from '../../access/may.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, listByCreation } from '../../paging.ts'
import { pageByCreation, type WantedPage } from '../../selection/page-by-creation.ts'
import type { InvitationRow } from '../rows.ts'

export const invitationList = listByCreation('Event.invitations', 50, 'DESC')

/**
 * One page of an event's invitations that can still be accepted and that the viewer may see, newest first.
 *
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export async function listInvitations(
  ctx: Context,
  eventId: string,
  wanted: WantedPage,
): Promise<Connection<InvitationRow>> {
  const holds = {
    eventId,
    acceptedAt: null,
    revokedAt: null,
    expiresAt: { gt: ctx.clock() },
    OR: [{ speakerId: null }, { speaker: { deletedAt: null } }],
  }
  const where = { AND: [holds, visibleInvitations(ctx, eventId)] }
  return pageByCreation(ctx.db.invitation, { where, of: eventId }, wanted)
}

function visibleInvitations({ viewer }: Context, eventId: string): Prisma.InvitationWhereInput {
  if (may(viewer, 'member:manage', { eventId })) return {}
  if (may(viewer, 'speaker:manage', { eventId })) return { role: 'SPEAKER' }
  throw refusal(viewer, 'member:manage')
}

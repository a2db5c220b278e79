import { requireMay } from '../../access/may.ts'
import { hashOfSecret } from '../../access/tokens.ts'
import { userIdOf } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, forbidden } from '../../errors.ts'
import type { EventRole, Prisma } from '../../generated/prisma/client.ts'
import { faultOfInvitation, requireFreeSpeaker } from './invitation.rules.ts'

/**
 * Makes the viewer what the invitation says: a member, or the user of a speaker.
 *
 * @returns where, and what the viewer is there now
 * @throws FORBIDDEN for a token that acts for nobody; BAD_USER_INPUT where there is no such invitation, it doesn't hold
 *   (any more), or the viewer is something there already
 */
export async function acceptInvitation(
  ctx: Context,
  secret: string,
): Promise<{ eventId: string; role: EventRole }> {
  requireMay(ctx.viewer, 'invitation:accept', { eventId: null })
  const userId = userIdOf(ctx.viewer)
  if (userId === null) {
    throw forbidden('A person accepts an invitation: sign in, or use a token that acts for you.')
  }
  return inTransaction(ctx, async (tx) => {
    const invitation = await holdInvitation(tx, secret)
    const fault = faultOfInvitation(invitation, tx.clock())
    if (fault !== null) throw refused(fault)
    await (invitation.role === 'SPEAKER' ? tieSpeaker : addMember)(tx, invitation, userId)
    const { id, eventId, role } = invitation
    await tx.db.invitation.update({ where: { id }, data: { acceptedAt: tx.clock() }, select: { id: true } })
    return { eventId, role }
  })
}

/** An invitation that nobody else accepts or takes back meanwhile; its event is held first, as by everybody. */
async function holdInvitation({ db }: Context, secret: string): Promise<Prisma.InvitationModel> {
  const hash = hashOfSecret(secret)
  const held = await db.$queryRaw<unknown[]>`
    SELECT FROM events WHERE id = (SELECT event_id FROM invitations WHERE hash = ${hash}) AND deleted_at IS NULL
    FOR NO KEY UPDATE`
  const found = held.length === 0 ? null : await db.invitation.findUnique({ where: { hash } })
  if (found === null) throw refused('is of no invitation that there is.')
  return found
}

async function addMember(tx: Context, invitation: Prisma.InvitationModel, userId: string): Promise<void> {
  const { eventId, role, trackIds } = invitation
  const where = { eventId_userId: { eventId, userId } }
  const member = await tx.db.membership.findUnique({ where, select: { role: true } })
  if (member !== null) {
    throw refused(
      `is for somebody else: you are the event's ${member.role} already, which its organizers change.`,
    )
  }
  await tx.db.membership.create({ data: { eventId, userId, role, trackIds }, select: { id: true } })
}

async function tieSpeaker(tx: Context, invitation: Prisma.InvitationModel, userId: string): Promise<void> {
  const { eventId } = invitation
  // The database holds that a speaker's invitation names one.
  const speakerId = invitation.speakerId!
  await requireFreeSpeaker(tx, speakerId, ['secret'])
  const own = await tx.db.speaker.findFirst({
    where: { eventId, userId },
    select: { id: true, deletedAt: true },
  })
  if (own !== null && own.deletedAt === null) {
    throw refused('is for somebody else: you are another speaker of the event already.')
  }
  // A speaker who was deleted lets go of the user.
  if (own !== null) await tie(tx, own.id, null)
  await tie(tx, speakerId, userId)
}

async function tie({ db }: Context, id: string, userId: string | null): Promise<void> {
  await db.speaker.update({ where: { id }, data: { userId }, select: { id: true } })
}

function refused(message: string) {
  return badUserInput([{ path: ['secret'], message }])
}

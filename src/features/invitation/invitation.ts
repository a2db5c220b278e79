import { may } from '../../access/may.ts'
import { hashOfSecret, newSecret } from '../../access/tokens.ts'
import { type Context, inTransaction } from '../../context.ts'
import { notFound } from '../../errors.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { checkAll, type Parsed } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { visibleEvents } from '../event/event.rules.ts'
import { requireVisibleEvent } from '../event/event.ts'
import { holdTeam } from '../member/member.ts'
import { type MemberPosition, requirePosition } from '../member/member.rules.ts'
import type { InvitationRow } from '../rows.ts'
import { visibleSpeakers } from '../speaker/speaker.list.ts'
import { requireFreeSpeaker } from './invitation.rules.ts'

/** For whom an invitation is, and until when it holds. */
export interface Offer {
  readonly email: string
  readonly expiresAt: Date
}

/** An invitation with the secret that is shown this once. */
export interface ShownInvitation {
  readonly invitation: InvitationRow
  readonly secret: string
}

/** @throws NOT_FOUND for the event; FORBIDDEN; BAD_USER_INPUT for tracks that don't fit the role */
export async function inviteMember(
  ctx: Context,
  eventSlug: string,
  { position, offer }: { readonly position: MemberPosition; readonly offer: Parsed<Offer> },
  select: Select,
): Promise<ShownInvitation> {
  return inTransaction(ctx, async (tx) => {
    const event = await requireVisibleEvent(tx, eventSlug)
    await holdTeam(tx, event.id, 'member:manage')
    await checkAll(offer.issues, [() => requirePosition(tx, event.id, position, ['input'])])
    const { role, trackIds } = position
    return create(tx, { ...offer.values, eventId: event.id, role, trackIds: [...trackIds] }, select)
  })
}

/** @throws NOT_FOUND for the speaker; FORBIDDEN; BAD_USER_INPUT for one who has a user already */
export async function inviteSpeaker(
  ctx: Context,
  speakerId: string,
  { values: offer, issues }: Parsed<Offer>,
  select: Select,
): Promise<ShownInvitation> {
  return inTransaction(ctx, async (tx) => {
    const seen = { AND: [visibleSpeakers(tx.viewer), { event: visibleEvents(tx.viewer) }] }
    const speaker = isId(speakerId)
      ? await tx.db.speaker.findFirst({ where: { id: speakerId, ...seen }, select: { eventId: true } })
      : null
    if (speaker === null) throw notFound('speaker', speakerId)
    await holdTeam(tx, speaker.eventId, 'speaker:manage')
    await checkAll(issues, [() => requireFreeSpeaker(tx, speakerId, ['input', 'speakerId'])])
    return create(tx, { ...offer, eventId: speaker.eventId, role: 'SPEAKER', speakerId }, select)
  })
}

/** Takes an invitation back; one that nobody can accept any more is NOT_FOUND. @throws FORBIDDEN @returns its id */
export async function revokeInvitation(ctx: Context, id: string): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const open = { id, acceptedAt: null, revokedAt: null }
    const found = isId(id) ? await tx.db.invitation.findFirst({ where: open }) : null
    if (found === null) throw notFound('invitation', id)
    const needed = found.role === 'SPEAKER' ? ('speaker:manage' as const) : ('member:manage' as const)
    // Nobody sees an invitation but who may take it back.
    if (!may(tx.viewer, needed, found) && !may(tx.viewer, 'member:manage', found)) {
      throw notFound('invitation', id)
    }
    await holdTeam(tx, found.eventId, may(tx.viewer, needed, found) ? needed : 'member:manage')
    const { count } = await tx.db.invitation.updateMany({ where: open, data: { revokedAt: tx.clock() } })
    if (count === 0) throw notFound('invitation', id)
    return found.id
  })
}

async function create(
  tx: Context,
  data: Omit<Prisma.InvitationUncheckedCreateInput, 'hash'>,
  select: Select,
): Promise<ShownInvitation> {
  const secret = newSecret('oei')
  const { id } = await tx.db.invitation.create({
    data: { ...data, hash: hashOfSecret(secret) },
    select: { id: true },
  })
  tx.shownOnce.push(secret)
  const invitation = await tx.db.invitation.findUniqueOrThrow({ where: { id }, select })
  return { invitation: asRow(invitation), secret }
}

import { may, requireMay } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { viewerNow } from '../../access/tokens.ts'
import { userIdOf } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound, requireVersionOf } from '../../errors.ts'
import type { EventRole } from '../../generated/prisma/client.ts'
import { checkAll } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { holdEvent } from '../event/event.hold.ts'
import type { MemberRow } from '../rows.ts'
import { type MemberPosition, requirePosition } from './member.rules.ts'

/**
 * Gives a member another role or other tracks.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT; BAD_USER_INPUT for the owner's membership, and tracks that don't fit
 */
export async function changeMember(
  ctx: Context,
  { id, expectedVersion }: { readonly id: string; readonly expectedVersion: number | null },
  position: MemberPosition,
  select: Select,
): Promise<MemberRow> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdMember(tx, id, expectedVersion)
    await checkAll(
      [],
      [
        () => requireNotOwner(held, 'The owner stays the owner until transferEvent hands the event over.'),
        () => requirePosition(tx, held.eventId, position, []),
      ],
    )
    const data = { role: position.role, trackIds: [...position.trackIds] }
    await tx.db.membership.update({ where: { id }, data, select: { id: true } })
    return memberWith(tx, id, select)
  })
}

/** Ends somebody's membership. Throws as `changeMember`. @returns whose */
export async function removeMember(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdMember(tx, id, expectedVersion)
    requireNotOwner(held, "An event isn't left without its owner: hand it over by transferEvent first.")
    await tx.db.membership.delete({ where: { id } })
    return held.id
  })
}

/**
 * Ends the viewer's own membership.
 *
 * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT for the owner, and for who is no member
 * @returns which one ended
 */
export async function leaveEvent(ctx: Context, eventId: string): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const now = await holdTeam(tx, eventId, 'member:leave')
    const userId = userIdOf(now.viewer)
    const own =
      userId && (await tx.db.membership.findUnique({ where: { eventId_userId: { eventId, userId } } }))
    if (!own) throw badUserInput([{ path: ['id'], message: 'names an event that you are no member of.' }])
    requireNotOwner(own, "An event isn't left without its owner: hand it over by transferEvent first.")
    await tx.db.membership.delete({ where: { id: own.id } })
    return own.id
  })
}

/**
 * Makes a member the owner; who owned the event is an organizer from then on.
 *
 * @throws NOT_FOUND, FORBIDDEN; BAD_USER_INPUT for who owns it already
 */
export async function transferEvent(
  ctx: Context,
  eventId: string,
  toMemberId: string,
  select: { owner: Select; formerOwner: Select },
): Promise<{ owner: MemberRow; formerOwner: MemberRow | null }> {
  return inTransaction(ctx, async (tx) => {
    await holdTeam(tx, eventId, 'event:transfer')
    const next = isId(toMemberId)
      ? await tx.db.membership.findFirst({ where: { id: toMemberId, eventId } })
      : null
    if (next === null) throw notFound('member', toMemberId)
    if (next.role === 'OWNER') {
      throw badUserInput([{ path: ['toMemberId'], message: 'names who owns the event already.' }])
    }
    const former = await tx.db.membership.findFirst({ where: { eventId, role: 'OWNER' } })
    if (former !== null) {
      await tx.db.membership.update({ where: { id: former.id }, data: { role: 'ORGANIZER' } })
    }
    await tx.db.membership.update({ where: { id: next.id }, data: { role: 'OWNER', trackIds: [] } })
    return {
      owner: await memberWith(tx, next.id, select.owner),
      formerOwner: former && (await memberWith(tx, former.id, select.formerOwner)),
    }
  })
}

/**
 * Holds an event for a change of who is what there: until the transaction ends, nobody else changes that. The
 * permission is asked of what the viewer is by now, not of what they were when the request came.
 *
 * @returns the context of whoever the viewer is by now
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function holdTeam(tx: Context, eventId: string, needed: Permission): Promise<Context> {
  const { id } = await holdEvent(tx, { id: eventId, expectedVersion: null }, [needed])
  const viewer = await viewerNow(tx.db, tx.viewer)
  requireMay(viewer, needed, { eventId: id })
  return { ...tx, viewer }
}

interface HeldMember {
  readonly id: string
  readonly eventId: string
  readonly role: EventRole
  readonly version: number
  readonly lastModifiedAt: Date
}

async function holdMember(tx: Context, id: string, expectedVersion: number | null): Promise<HeldMember> {
  const found = isId(id) ? await tx.db.membership.findUnique({ where: { id } }) : null
  if (found === null || !seesMembers(tx, found.eventId)) throw notFound('member', id)
  await holdTeam(tx, found.eventId, 'member:manage')
  const held = await tx.db.membership.findUnique({ where: { id } })
  if (held === null) throw notFound('member', id)
  requireVersionOf('member', held, expectedVersion)
  return held
}

function seesMembers({ viewer }: Context, eventId: string): boolean {
  return may(viewer, 'member:read', { eventId }) || may(viewer, 'member:manage', { eventId })
}

function requireNotOwner({ role }: { readonly role: EventRole }, message: string): void {
  if (role === 'OWNER') throw badUserInput([{ path: ['id'], message }])
}

async function memberWith({ db }: Context, id: string, select: Select): Promise<MemberRow> {
  return asRow(await db.membership.findUniqueOrThrow({ where: { id }, select }))
}

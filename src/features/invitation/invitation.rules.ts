import type { Context } from '../../context.ts'
import { badUserInput } from '../../errors.ts'

/** What of an invitation says whether it holds. */
export interface Holding {
  readonly expiresAt: Date
  readonly acceptedAt: Date | null
  readonly revokedAt: Date | null
}

/** Why an invitation can't be accepted, for whoever has its secret; null where it can. */
export function faultOfInvitation({ expiresAt, acceptedAt, revokedAt }: Holding, now: Date): string | null {
  if (acceptedAt !== null) return 'was accepted already.'
  if (revokedAt !== null) return 'was taken back. Ask for another.'
  return expiresAt <= now ? 'has expired. Ask for another.' : null
}

/**
 * A speaker has one user, and keeps it.
 *
 * @throws BAD_USER_INPUT where the speaker has one, or is gone
 */
export async function requireFreeSpeaker(
  { db }: Context,
  id: string,
  path: readonly string[],
): Promise<void> {
  const speaker = await db.speaker.findUnique({ where: { id }, select: { userId: true, deletedAt: true } })
  if (speaker === null || speaker.deletedAt !== null) {
    throw badUserInput([{ path, message: 'is of a speaker who is no longer there.' }])
  }
  if (speaker.userId !== null) {
    throw badUserInput([{ path, message: 'is of a speaker who has a user already.' }])
  }
}

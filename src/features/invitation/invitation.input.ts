import type { InviteMemberInput, InviteSpeakerInput } from '../../generated/graphql.ts'
import { type Parsed, readInput } from '../../input.ts'
import { isEmailAddress } from '../../text.ts'
import type { Offer } from './invitation.ts'

const day = 86_400_000

/** For whom an invitation is, and until when it holds. */
export function parseOffer(input: InviteMemberInput | InviteSpeakerInput, now: Date): Parsed<Offer> {
  const read = readInput('input')
  const { email, expiresAt } = input
  if (!isEmailAddress(email)) read.fault('email', "isn't an email address such as ada@example.org.")
  const end = expiresAt ?? new Date(now.getTime() + 14 * day)
  if (end <= now || end.getTime() > now.getTime() + 90 * day) {
    read.fault('expiresAt', 'must be in the future, at most 90 days from now.')
  }
  return { values: { email, expiresAt: end }, issues: read.issues }
}

import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { SpeakerRow } from '../speaker/speaker.selection.ts'

/** An invitation as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface InvitationRow extends Prisma.InvitationModel {
  readonly speaker: SpeakerRow | null
}

/** What the fields of an invitation need from the database. */
export const invitationPlan: TypePlan<Context> = {
  speaker: ({ select }) => ({ speaker: { select: select() } }),
  tracks: { trackIds: true },
}

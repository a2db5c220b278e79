import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

/** What the fields of an invitation need from the database. */
export const invitationPlan: TypePlan<Context> = {
  speaker: ({ select }) => ({ speaker: { select: select() } }),
  tracks: { trackIds: true },
}

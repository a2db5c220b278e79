import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

/** What the fields of a member need from the database. */
export const memberPlan: TypePlan<Context> = {
  user: ({ select }) => ({ user: { select: select() } }),
  email: { eventId: true, user: { select: { email: true } } },
  tracks: { trackIds: true },
}

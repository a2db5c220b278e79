import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

/** What the fields of a token need from the database. */
export const tokenPlan: TypePlan<Context> = {
  isEverywhere: { eventIds: true },
  events: { id: true, eventIds: true },
  user: ({ select }) => ({ user: { select: select() } }),
}

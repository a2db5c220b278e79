import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

const ownZone = { event: { select: { timeZone: true } } }

/** What the fields of a break need from the database. */
export const breakPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  startsAtLocal: ({ args }) => ({ startsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  endsAtLocal: ({ args }) => ({ endsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  event: ({ select }) => ({ event: { select: select() } }),
  room: ({ select }) => ({ room: { select: select() } }),
}

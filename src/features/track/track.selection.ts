import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'
import { planSessions } from '../session/session.connection.ts'

/** What the fields of a track need from the database. */
export const trackPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  event: ({ select }) => ({ event: { select: select() } }),
  sourceId: { sourceId: true, eventId: true },
  sessions: planSessions,
}

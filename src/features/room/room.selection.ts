import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'
import { periodsPlan } from '../part/part.selection.ts'
import { planSessions } from '../session/session.connection.ts'
import { planSlot } from '../session/slot.list.ts'

/** What the fields of a room need from the database. */
export const roomPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  event: ({ select }) => ({ event: { select: select() } }),
  sourceId: { sourceId: true, eventId: true },
  openingHours: periodsPlan('openFrom', 'openUntil'),
  sessions: planSessions,
  currentSession: planSlot('current'),
  nextSession: planSlot('next'),
}

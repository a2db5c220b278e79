import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'
import { periodsPlan } from '../part/part.selection.ts'
import { planLinkedSessions } from '../session/session.connection.ts'

const availabilityPlan = periodsPlan('availableFrom', 'availableUntil')

/** What the fields of a speaker need from the database. */
export const speakerPlan: TypePlan<Context> = {
  biographyHtml: { biography: true, textFormat: true },
  biographyText: { biography: true, textFormat: true },
  history: { id: true, eventId: true },
  event: ({ select }) => ({ event: { select: select() } }),
  sourceId: { sourceId: true, eventId: true, userId: true },
  availability: (field) => ({ ...availabilityPlan(field), eventId: true, userId: true }),
  sessions: planLinkedSessions,
}

import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import { periodsPlan } from '../part/part.selection.ts'
import { type LinksSessions, planLinkedSessions } from '../session/session.connection.ts'

/** A speaker as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface SpeakerRow extends Prisma.SpeakerModel, LinksSessions {
  readonly event: EventRow
}

const availabilityPlan = periodsPlan('availableFrom', 'availableUntil')

/** What the fields of a speaker need from the database. */
export const speakerPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  availability: (field) => ({ ...availabilityPlan(field), eventId: true, userId: true }),
  sessions: planLinkedSessions,
}

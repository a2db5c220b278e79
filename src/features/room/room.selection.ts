import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import { periodsPlan } from '../part/part.selection.ts'
import { type HasSessions, planSessions } from '../session/session.connection.ts'

/** A room as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface RoomRow extends Prisma.RoomModel, HasSessions {
  readonly event: EventRow
}

/** What the fields of a room need from the database. */
export const roomPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  openingHours: periodsPlan('openFrom', 'openUntil'),
  sessions: planSessions,
}

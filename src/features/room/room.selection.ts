import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import { periodsPlan } from '../part/part.selection.ts'
import { sessionsByStart } from '../session/session.rules.ts'
import type { SessionRow } from '../session/session.selection.ts'

/** A room as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface RoomRow extends Prisma.RoomModel {
  readonly event: EventRow
  readonly sessions: SessionRow[]
}

/** What the fields of a room need from the database. */
export const roomPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  openingHours: periodsPlan('openFrom', 'openUntil'),
  sessions: ({ context, select }) => ({ sessions: { ...sessionsByStart(context.viewer), select: select() } }),
}

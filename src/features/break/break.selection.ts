import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import type { RoomRow } from '../room/room.selection.ts'

/** A break as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface BreakRow extends Prisma.BreakModel {
  readonly event: EventRow
  readonly room: RoomRow | null
}

const ownZone = { event: { select: { timeZone: true } } }

/** What the fields of a break need from the database. */
export const breakPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  startsAtLocal: ({ args }) => ({ startsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  endsAtLocal: ({ args }) => ({ endsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  room: ({ select }) => ({ room: { select: select() } }),
}

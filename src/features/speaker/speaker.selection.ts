import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import { periodsPlan } from '../part/part.selection.ts'
import type { SessionRow } from '../session/session.selection.ts'
import { visibleSessions } from '../session/session.rules.ts'

/** A speaker as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface SpeakerRow extends Prisma.SpeakerModel {
  readonly event: EventRow
  readonly sessions: readonly { readonly session: SessionRow }[]
}

const availabilityPlan = periodsPlan('availableFrom', 'availableUntil')

/** What the fields of a speaker need from the database. */
export const speakerPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  availability: (field) => ({ ...availabilityPlan(field), eventId: true, userId: true }),
  sessions: ({ context, select }) => ({
    sessions: {
      where: { session: visibleSessions(context.viewer) },
      orderBy: [{ session: { startsAt: { sort: 'asc', nulls: 'last' } } }, { sessionId: 'asc' }],
      select: { session: { select: select() } },
    },
  }),
}

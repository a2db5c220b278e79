import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { SessionRow } from '../session/session.selection.ts'
import { visibleSessions } from '../session/session.rules.ts'

/** A speaker as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface SpeakerRow extends Prisma.SpeakerModel {
  readonly sessions: readonly { readonly session: SessionRow }[]
}

/** What the fields of a speaker need from the database. */
export const speakerPlan: TypePlan<Context> = {
  sessions: ({ context, select }) => ({
    sessions: {
      where: { session: visibleSessions(context.viewer) },
      orderBy: [{ session: { startsAt: { sort: 'asc', nulls: 'last' } } }, { sessionId: 'asc' }],
      select: { session: { select: select() } },
    },
  }),
}

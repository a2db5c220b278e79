import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import { sessionsByStart } from '../session/session.rules.ts'
import type { SessionRow } from '../session/session.selection.ts'

/** A track as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface TrackRow extends Prisma.TrackModel {
  readonly sessions: SessionRow[]
}

/** What the fields of a track need from the database. */
export const trackPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  sessions: ({ context, select }) => ({ sessions: { ...sessionsByStart(context.viewer), select: select() } }),
}

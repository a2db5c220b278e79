import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import { type HasSessions, planSessions } from '../session/session.connection.ts'

/** A track as resolvers are given it: typed whole, fetched only as far as the query asks. */
export type TrackRow = Prisma.TrackModel & HasSessions

/** What the fields of a track need from the database. */
export const trackPlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  sessions: planSessions,
}

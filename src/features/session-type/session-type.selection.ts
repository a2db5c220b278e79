import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import { type HasSessions, planSessions } from '../session/session.connection.ts'

/** A session type as resolvers are given it: typed whole, fetched only as far as the query asks. */
export type SessionTypeRow = Prisma.SessionTypeModel & HasSessions

/** What the fields of a session type need from the database. */
export const sessionTypePlan: TypePlan<Context> = {
  history: { id: true, eventId: true },
  sessions: planSessions,
}

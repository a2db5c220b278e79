import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'

/** A membership as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface MemberRow extends Prisma.MembershipModel {
  readonly user: Prisma.UserModel
}

/** A person as others may know them. */
export type UserRow = Pick<Prisma.UserModel, 'id' | 'name'>

/** What the fields of a member need from the database. */
export const memberPlan: TypePlan<Context> = {
  user: ({ select }) => ({ user: { select: select() } }),
  email: { eventId: true, user: { select: { email: true } } },
  tracks: { trackIds: true },
}

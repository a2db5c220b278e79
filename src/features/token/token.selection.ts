import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'

/** A token as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface TokenRow extends Prisma.AccessTokenModel {
  readonly user: Prisma.UserModel | null
}

/** What the fields of a token need from the database. */
export const tokenPlan: TypePlan<Context> = {
  isEverywhere: { eventIds: true },
  events: { id: true, eventIds: true },
  user: ({ select }) => ({ user: { select: select() } }),
}

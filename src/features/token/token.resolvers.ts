import { requireMay } from '../../access/may.ts'
import { allPermissions } from '../../access/permissions.ts'
import { renewViewer } from '../../context.ts'
import type { AccessTokenResolvers, EventResolvers, MutationResolvers } from '../../generated/graphql.ts'
import { pageOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { idSet } from '../../selection/id-sets.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { visibleEventsOfSets } from '../event/event.list.ts'
import { parseNewToken } from './token.input.ts'
import { eventTokenList, listTokens } from './token.list.ts'
import { mintOwnToken, revokeToken, rotateToken } from './token.ts'

export const tokenMutations = {
  mintToken: (_root, { input }, ctx, info) =>
    mintOwnToken(ctx, parseNewToken(input), selectFor(info, ctx, 'token')),
  rotateToken: (_root, { id, expectedVersion = null, expiresAt }, ctx, info) => {
    const change = { expectedVersion, expiresAt: expiresAt ?? undefined }
    return rotateToken(ctx, id, change, selectFor(info, ctx, 'token'))
  },
  revokeToken: async (_root, { id, expectedVersion = null }, ctx, info) => {
    const token = await revokeToken(ctx, id, expectedVersion, selectFor(info, ctx, 'token'))
    await renewViewer(ctx)
    return { token }
  },
} satisfies MutationResolvers

export const tokensOfEvent = {
  tokens: async (event, args, ctx, info) => {
    requireMay(ctx.viewer, 'token:manage', { eventId: event.id })
    const page = pageOf(args, eventTokenList)
    const ofEvent = { where: { eventIds: { has: event.id } }, of: event.id }
    return listTokens(ctx, ofEvent, { page, selection: connectionFor(info, ctx) })
  },
} satisfies EventResolvers

export const tokenFields = {
  isEverywhere: ({ eventIds }) => eventIds.length === 0,
  events: async ({ eventIds }, _args, ctx, info) =>
    (await loadForAllParents(ctx.batches, info, idSet(eventIds), (sets) =>
      visibleEventsOfSets(ctx, sets, selectFor(info, ctx)),
    )) ?? [],
  // What this release no longer knows allows nothing.
  permissions: ({ permissions }) => allPermissions.filter((one) => permissions.includes(one)),
} satisfies AccessTokenResolvers

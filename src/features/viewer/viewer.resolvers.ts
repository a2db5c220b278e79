import type { GraphQLResolveInfo } from 'graphql'
import { allPermissions, type Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import type {
  AnonymousViewerResolvers,
  EventResolvers,
  QueryResolvers,
  TokenViewerResolvers,
  TokenViewerTokensArgs,
  UserViewerResolvers,
  ViewerResolvers,
  ViewerRoleResolvers,
} from '../../generated/graphql.ts'
import { pageOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { ownSpeakersAt } from '../speaker/speaker.list.ts'
import { listTokens, ownTokenList, tokensOf } from '../token/token.list.ts'
import { tokenWith } from '../token/token.ts'
import { tracksField } from '../track/track.list.ts'
import { permissionsAt, permissionsEverywhere, rolesOf, type ViewerOf } from './viewer.ts'

export const viewerQueries = {
  viewer: (_root, _args, { viewer }) => {
    if (viewer.kind === 'operator') throw new Error('An operator uses commands, not GraphQL.')
    return viewer
  },
} satisfies QueryResolvers

export const viewerTypes = {
  __resolveType: ({ kind }) => typeNames[kind],
} satisfies ViewerResolvers

const typeNames = { anonymous: 'AnonymousViewer', user: 'UserViewer', token: 'TokenViewer' } as const

const everyViewer = {
  permissions: (viewer: ViewerOf<Kind>) => permissionsEverywhere(viewer),
  roles: (_viewer: ViewerOf<Kind>, _args: object, ctx: Context, info: GraphQLResolveInfo) =>
    rolesOf(ctx, selectFor(info, ctx, 'event')),
  tokens: (viewer: ViewerOf<Kind>, args: TokenViewerTokensArgs, ctx: Context, info: GraphQLResolveInfo) => {
    const page = pageOf(args, ownTokenList)
    return listTokens(ctx, tokensOf(viewer), { page, selection: connectionFor(info, ctx) })
  },
}

type Kind = 'anonymous' | 'user' | 'token'

export const anonymousFields = everyViewer satisfies AnonymousViewerResolvers

export const userFields = {
  ...everyViewer,
  user: ({ userId, name }) => ({ id: userId, name }),
  isAdmin: ({ grants }) => grants.some(({ role }) => role === 'ADMIN'),
} satisfies UserViewerResolvers

export const tokenViewerFields = {
  ...everyViewer,
  token: ({ tokenId }, _args, ctx, info) => tokenWith(ctx, tokenId, selectFor(info, ctx)),
} satisfies TokenViewerResolvers

export const viewerRoleFields = {
  tracks: tracksField,
  speaker: async ({ role, eventId }, _args, ctx, info) => {
    if (role !== 'SPEAKER' || eventId === null) return null
    const load = (ids: readonly string[]) => ownSpeakersAt(ctx, ids, selectFor(info, ctx))
    return (await loadForAllParents(ctx.batches, info, eventId, load)) ?? null
  },
} satisfies ViewerRoleResolvers

export const viewerPermissionsOfEvent = {
  viewerPermissions: ({ id }, _args, { viewer }) => permissionsAt(viewer, id),
} satisfies EventResolvers

/** The names that an enum of GraphQL can have, to those that the table gives: SESSION_READ_DELETED is session:read-deleted. */
export const permissionNames: Record<string, Permission> = Object.fromEntries(
  allPermissions.map((one) => [one.replace(/[:-]/g, '_').toUpperCase(), one]),
)

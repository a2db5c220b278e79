import { may, requireMay } from '../../access/may.ts'
import { renewViewer } from '../../context.ts'
import type { EventResolvers, MemberResolvers, MutationResolvers } from '../../generated/graphql.ts'
import { pageOf } from '../../paging.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { tracksField } from '../track/track.list.ts'
import { changeMember, leaveEvent, removeMember, transferEvent } from './member.ts'
import { listMembers, memberList } from './member.list.ts'

export const memberMutations = {
  changeMember: async (_root, { id, expectedVersion = null, role, trackIds }, ctx, info) => {
    const position = { role, trackIds: trackIds ?? [] }
    const select = selectFor(info, ctx, 'member')
    const member = await changeMember(ctx, { id, expectedVersion }, position, select)
    await renewViewer(ctx)
    return { member }
  },
  removeMember: async (_root, { id, expectedVersion = null }, ctx) => {
    const memberId = await removeMember(ctx, id, expectedVersion)
    await renewViewer(ctx)
    return { memberId }
  },
  leaveEvent: async (_root, { id }, ctx) => {
    const memberId = await leaveEvent(ctx, id)
    await renewViewer(ctx)
    return { memberId }
  },
  transferEvent: async (_root, { id, toMemberId }, ctx, info) => {
    const transferred = await transferEvent(ctx, id, toMemberId, {
      owner: selectFor(info, ctx, 'owner'),
      formerOwner: selectFor(info, ctx, 'formerOwner'),
    })
    await renewViewer(ctx)
    return transferred
  },
} satisfies MutationResolvers

export const membersOfEvent = {
  members: async (event, args, ctx, info) => {
    requireMay(ctx.viewer, 'member:read', { eventId: event.id })
    const page = pageOf(args, memberList)
    return listMembers(ctx, event.id, { page, selection: connectionFor(info, ctx) })
  },
} satisfies EventResolvers

export const memberFields = {
  email: ({ eventId, user }, _args, { viewer }) =>
    may(viewer, 'member:manage', { eventId }) ? user.email : null,
  tracks: tracksField,
} satisfies MemberResolvers

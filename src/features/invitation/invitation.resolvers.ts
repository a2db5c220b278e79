import { renewViewer } from '../../context.ts'
import type { EventResolvers, InvitationResolvers, MutationResolvers } from '../../generated/graphql.ts'
import { notFound } from '../../errors.ts'
import { pageOf } from '../../paging.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { eventsWith } from '../event/event.ts'
import { tracksField } from '../track/track.list.ts'
import { acceptInvitation } from './invitation.accept.ts'
import { parseOffer } from './invitation.input.ts'
import { invitationList, listInvitations } from './invitation.list.ts'
import { inviteMember, inviteSpeaker, revokeInvitation } from './invitation.ts'

export const invitationMutations = {
  inviteMember: (_root, { input }, ctx, info) => {
    const position = { role: input.role, trackIds: input.trackIds ?? [] }
    const select = selectFor(info, ctx, 'invitation')
    const offer = parseOffer(input, ctx.clock())
    return inviteMember(ctx, input.eventSlug, { position, offer }, select)
  },
  inviteSpeaker: (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'invitation')
    return inviteSpeaker(ctx, input.speakerId, parseOffer(input, ctx.clock()), select)
  },
  acceptInvitation: async (_root, { secret }, ctx, info) => {
    const { eventId, role } = await acceptInvitation(ctx, secret)
    await renewViewer(ctx)
    const select = selectFor(info, ctx, 'event')
    const event = (await eventsWith(ctx, [eventId], select)).get(eventId)
    if (event === undefined) throw notFound('event', eventId)
    return { event, role }
  },
  revokeInvitation: async (_root, { id }, ctx) => ({ invitationId: await revokeInvitation(ctx, id) }),
} satisfies MutationResolvers

export const invitationsOfEvent = {
  invitations: async (event, args, ctx, info) => {
    const page = pageOf(args, invitationList)
    return listInvitations(ctx, event.id, { page, selection: connectionFor(info, ctx) })
  },
} satisfies EventResolvers

export const invitationFields = {
  tracks: tracksField,
} satisfies InvitationResolvers

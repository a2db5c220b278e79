import type { GraphQLResolveInfo } from 'graphql'
import { requireMay, type Target } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import type {
  BreakResolvers,
  EventResolvers,
  RoomResolvers,
  SessionResolvers,
  SessionTypeResolvers,
  SpeakerResolvers,
  TrackResolvers,
} from '../../generated/graphql.ts'
import { type Connection, connectionOf, type PageArguments, pageOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { connectionFor } from '../../selection/select.ts'
import { countRevisions, historyList, type RevisionRow, revisionsOf } from './history.ts'

export const historyOfEvent = {
  history: (event, args, ctx, info) => eventHistory({ id: event.id, eventId: event.id }, args, ctx, info),
} satisfies EventResolvers

const eventHistory = historyOf('EVENT', 'event:update')

export const historyOfSession = {
  // A session as it was may have been in a track of the viewer's that it is no longer in.
  history: (session, args, ctx, info) => sessionHistory({ ...session, ...session.now }, args, ctx, info),
} satisfies SessionResolvers

const sessionHistory = historyOf('SESSION', 'session:history')

export const historyOfTrack = { history: historyOf('TRACK', 'programme:edit') } satisfies TrackResolvers

export const historyOfRoom = { history: historyOf('ROOM', 'programme:edit') } satisfies RoomResolvers

export const historyOfSessionType = {
  history: historyOf('SESSION_TYPE', 'programme:edit'),
} satisfies SessionTypeResolvers

export const historyOfBreak = { history: historyOf('BREAK', 'programme:edit') } satisfies BreakResolvers

export const historyOfSpeaker = {
  history: historyOf('SPEAKER', 'speaker:manage'),
} satisfies SpeakerResolvers

/** The field `history` of one kind of things, for those who have the permission. */
function historyOf(entity: Parameters<typeof revisionsOf>[1], permission: Permission) {
  const list = historyList(entity)
  return async (
    row: Target & { readonly id: string },
    args: PageArguments<never>,
    ctx: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<RevisionRow>> => {
    requireMay(ctx.viewer, permission, row)
    const page = pageOf(args, list)
    const rows = await loadForAllParents(ctx.batches, info, row.id, (ids) =>
      revisionsOf(ctx, entity, ids, page),
    )
    const total = connectionFor(info, ctx).wantsTotalCount
      ? ((await loadForAllParents(ctx.batches, info, { id: row.id, part: 'total' }, (ids) =>
          countRevisions(ctx, entity, ids),
        )) ?? 0)
      : undefined
    return connectionOf(rows ?? [], page, { of: row.id, total })
  }
}

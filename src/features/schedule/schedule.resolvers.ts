import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import type {
  EventResolvers,
  MutationResolvers,
  PlacedSessionsPayloadResolvers,
  ScheduleConflictResolvers,
  SessionAtVersionInput,
  SessionPayloadResolvers,
  SessionResolvers,
} from '../../generated/graphql.ts'
import { type Parsed, valid } from '../../input.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { selectFor } from '../../selection/select.ts'
import { breaksWith } from '../break/break.list.ts'
import { roomsWith } from '../room/room.list.ts'
import { sessionsWith } from '../session/session.list.ts'
import { speakersWith } from '../speaker/speaker.list.ts'
import { parseConflictFilter, parsePlacements, parseSlot } from './schedule.input.ts'
import { type Placement, placeSessions, swapSessions } from './schedule.placements.ts'
import { conflictMessageOf, severities } from './schedule.rules.ts'
import { conflictsAmong, conflictsOfEvents, conflictsOfSessions } from './schedule.ts'

export const scheduleMutations = {
  placeSession: async (_root, { id, expectedVersion = null, to }, ctx, info) => {
    const { values, issues } = parseSlot(to)
    const placement = { id, expectedVersion, path: ['id'], to: values, toPath: ['to'] }
    return placeOne(ctx, { values: placement, issues }, info)
  },
  unplaceSession: async (_root, { id, expectedVersion = null }, ctx, info) =>
    placeOne(ctx, valid({ id, expectedVersion, path: ['id'], to: nowhere, toPath: [] }), info),
  swapSessions: async (_root, { one, other, keepLengths }, ctx, info) => {
    const toHold = ({ id, expectedVersion = null }: SessionAtVersionInput, argument: string) => ({
      ...{ id, expectedVersion, path: [argument, 'id'] },
    })
    const both = [toHold(one, 'one'), toHold(other, 'other')] as const
    return { sessions: await swapSessions(ctx, both, keepLengths, selectFor(info, ctx, 'sessions')) }
  },
  placeSessions: async (_root, { placements }, ctx, info) => {
    const select = selectFor(info, ctx, 'sessions')
    return { sessions: await placeSessions(ctx, parsePlacements(placements), select) }
  },
} satisfies MutationResolvers

const nowhere = { startsAt: null, endsAt: null, roomId: null }

async function placeOne(ctx: Context, { values, issues }: Parsed<Placement>, info: GraphQLResolveInfo) {
  const [session] = await placeSessions(ctx, { values: [values], issues }, selectFor(info, ctx, 'session'))
  return { session: session! }
}

export const conflictsOfEvent = {
  scheduleConflicts: async ({ id }, args, ctx, info) => {
    const filter = parseConflictFilter(args)
    const load = (ids: readonly string[]) => conflictsOfEvents(ctx, ids, filter)
    return (await loadForAllParents(ctx.batches, info, id, load)) ?? []
  },
} satisfies EventResolvers

export const conflictsOfSession = {
  scheduleConflicts: async ({ id }, _args, ctx, info) =>
    (await loadForAllParents(ctx.batches, info, id, (ids) => conflictsOfSessions(ctx, ids))) ?? [],
} satisfies SessionResolvers

export const conflictsOfPayload = {
  conflicts: async ({ session }, _args, ctx) =>
    (await conflictsOfSessions(ctx, [session.id])).get(session.id) ?? [],
} satisfies SessionPayloadResolvers

export const conflictsOfPlaced = {
  conflicts: ({ sessions }, _args, ctx) =>
    conflictsAmong(
      ctx,
      sessions.map(({ id }) => id),
    ),
} satisfies PlacedSessionsPayloadResolvers

export const conflictFields = {
  severity: ({ kind }) => severities[kind],
  message: (conflict) => conflictMessageOf(conflict),
  sessions: async ({ sessionIds }, _args, ctx, info) => {
    const load = (ids: readonly string[]) => sessionsWith(ctx, ids, selectFor(info, ctx))
    const rows = await Promise.all(sessionIds.map((id) => loadForAllParents(ctx.batches, info, id, load)))
    return rows.filter((row) => row !== undefined)
  },
  room: async ({ roomId }, _args, ctx, info) => {
    if (roomId === null) return null
    const load = (ids: readonly string[]) => roomsWith(ctx, ids, selectFor(info, ctx))
    return (await loadForAllParents(ctx.batches, info, roomId, load)) ?? null
  },
  speaker: async ({ speakerId }, _args, ctx, info) => {
    if (speakerId === null) return null
    const load = (ids: readonly string[]) => speakersWith(ctx, ids, selectFor(info, ctx))
    return (await loadForAllParents(ctx.batches, info, speakerId, load)) ?? null
  },
  break: async ({ breakId }, _args, ctx, info) => {
    if (breakId === null) return null
    const load = (ids: readonly string[]) => breaksWith(ctx, ids, selectFor(info, ctx))
    return (await loadForAllParents(ctx.batches, info, breakId, load)) ?? null
  },
} satisfies ScheduleConflictResolvers

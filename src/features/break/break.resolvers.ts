import type { BreakResolvers, MutationResolvers } from '../../generated/graphql.ts'
import { selectFor } from '../../selection/select.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { createPart, deletePart, restorePart, updatePart } from '../part/part.ts'
import { parseNewBreak, parseBreakPatch } from './break.input.ts'
import { breaks } from './break.ts'

export const breakMutations = {
  createBreak: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'break')
    return {
      break: await createPart(
        ctx,
        breaks,
        { eventSlug: input.eventSlug, part: parseNewBreak(input) },
        select,
      ),
    }
  },
  updateBreak: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'break')
    return {
      break: await updatePart(
        ctx,
        breaks,
        { change: { id, expectedVersion, onConflict }, patch: parseBreakPatch(patch) },
        select,
      ),
    }
  },
  deleteBreak: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    break: await deletePart(ctx, breaks, { id, expectedVersion }, selectFor(info, ctx, 'break')),
  }),
  restoreBreak: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    break: await restorePart(ctx, breaks, { id, expectedVersion }, selectFor(info, ctx, 'break')),
  }),
} satisfies MutationResolvers

export const breakFields = {
  startsAtLocal: ({ startsAt, event }, { timeZone }) => wallClockOf(startsAt, timeZone ?? event.timeZone),
  endsAtLocal: ({ endsAt, event }, { timeZone }) => wallClockOf(endsAt, timeZone ?? event.timeZone),
} satisfies BreakResolvers

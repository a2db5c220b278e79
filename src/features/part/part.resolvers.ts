import type { EventResolvers, PeriodResolvers } from '../../generated/graphql.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { deletedPartsOf, parseDeletedPartsFilter, requireMayRestore } from './part.deleted.ts'

export const periodFields = {
  startsAtLocal: ({ startsAt, event }, { timeZone }) => wallClockOf(startsAt, timeZone ?? event.timeZone),
  endsAtLocal: ({ endsAt, event }, { timeZone }) => wallClockOf(endsAt, timeZone ?? event.timeZone),
} satisfies PeriodResolvers

export const deletedPartsOfEvent = {
  deletedParts: async ({ id }, args, ctx, info) => {
    requireMayRestore(ctx, id)
    const filter = parseDeletedPartsFilter(args)
    const load = (ids: readonly string[]) => deletedPartsOf(ctx, ids, filter)
    return (await loadForAllParents(ctx.batches, info, id, load)) ?? []
  },
} satisfies EventResolvers

import { requireMay } from '../../access/may.ts'
import type { SessionResolvers } from '../../generated/graphql.ts'
import { connectionOf, pageOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { connectionFor } from '../../selection/select.ts'
import { countRevisions, revisionColumn, revisionsOf } from './history.ts'

const newestFirst = { field: 'VERSION', direction: 'DESC' } as const

export const historyOfSession = {
  history: async (session, args, ctx, info) => {
    requireMay(ctx.viewer, 'session:history', session)
    const page = pageOf<string>({ ...args, orderBy: newestFirst }, { first: 20, order: newestFirst })
    const rows = await loadForAllParents(ctx.batches, info, session.id, (ids) => revisionsOf(ctx, ids, page))
    const total = connectionFor(info, ctx).wantsTotalCount
      ? ((await loadForAllParents(
          ctx.batches,
          info,
          session.id,
          (ids) => countRevisions(ctx, ids),
          'total',
        )) ?? 0)
      : undefined
    return connectionOf(rows ?? [], page, revisionColumn, total)
  },
} satisfies SessionResolvers

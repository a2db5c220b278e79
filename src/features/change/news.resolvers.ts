import type { Context } from '../../context.ts'
import type {
  ChangesSummaryResolvers,
  QueryResolvers,
  SessionNewsResolvers,
} from '../../generated/graphql.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { selectFor } from '../../selection/select.ts'
import { visibleSessionsWith } from '../session/session.list.ts'
import { newsPage } from './news.list.ts'
import { changesSummary, countNews } from './news.ts'

export const newsQueries = {
  changesSummary: (_root, { eventSlug, since }, ctx) => changesSummary(ctx, eventSlug, since),
} satisfies QueryResolvers

export const changesSummaryFields = {
  newCount: (summary) => countNews(summary, 'NEW'),
  movedCount: (summary) => countNews(summary, 'MOVED'),
  canceledCount: (summary) => countNews(summary, 'CANCELED'),
  renamedCount: (summary) => countNews(summary, 'RENAMED'),
  changes: (summary, args) => newsPage(summary, args),
} satisfies ChangesSummaryResolvers

export const sessionNewsFields = {
  session: async ({ sessionId }, _args, ctx: Context, info) =>
    (await loadForAllParents(ctx.batches, info, sessionId, (ids) =>
      visibleSessionsWith(ctx, ids, selectFor(info, ctx)),
    )) ?? null,
} satisfies SessionNewsResolvers

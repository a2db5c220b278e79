import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type {
  MutationResolvers,
  PersonalCalendarResolvers,
  SessionResolvers,
  UserViewerResolvers,
} from '../../generated/graphql.ts'
import { pageOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { visibleEventsOfSets } from '../event/event.list.ts'
import { visibleSessionsWith } from '../session/session.list.ts'
import {
  favoriteCounts,
  favoriteList,
  favoritesAmong,
  listCalendars,
  listFavorites,
  seesFavoriteCounts,
} from './favorite.list.ts'
import { createCalendar, revokeCalendar, setFavorite } from './favorite.ts'

export const favoriteMutations = {
  setFavorite: async (_root, { sessionId, isFavorite }, ctx, info) => {
    await setFavorite(ctx, sessionId, isFavorite)
    const rows = await visibleSessionsWith(ctx, [sessionId], selectFor(info, ctx, 'session'))
    return { session: rows.get(sessionId.toLowerCase()) ?? null }
  },
  createPersonalCalendar: (_root, { eventSlug }, ctx) => createCalendar(ctx, eventSlug),
  revokePersonalCalendar: async (_root, { id }, ctx) => {
    await revokeCalendar(ctx, id)
    return { calendarId: id }
  },
} satisfies MutationResolvers

export const favoritesOfSession = {
  isFavorite: async ({ id }, _args, ctx: Context, info) => {
    if (userIdOf(ctx.viewer) === null) return null
    return (await loadForAllParents(ctx.batches, info, id, (ids) => favoritesAmong(ctx, ids))) ?? false
  },
  favoriteCount: async ({ id, eventId }, _args, ctx: Context, info) => {
    if (!seesFavoriteCounts(ctx.viewer, eventId)) return null
    return (await loadForAllParents(ctx.batches, info, id, (ids) => favoriteCounts(ctx, ids))) ?? 0
  },
} satisfies SessionResolvers

export const favoritesOfUser = {
  favorites: ({ userId }, args, ctx, info) =>
    listFavorites(ctx, userId, { page: pageOf(args, favoriteList), selection: connectionFor(info, ctx) }),
  personalCalendars: ({ userId }, _args, ctx) => listCalendars(ctx, userId),
} satisfies UserViewerResolvers

export const calendarFields = {
  event: async ({ eventId }, _args, ctx: Context, info) => {
    const load = (sets: readonly string[]) => visibleEventsOfSets(ctx, sets, selectFor(info, ctx))
    return (await loadForAllParents(ctx.batches, info, eventId, load))?.[0] ?? null
  },
} satisfies PersonalCalendarResolvers

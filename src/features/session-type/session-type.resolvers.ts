import type { MutationResolvers, QueryResolvers, SessionTypeResolvers } from '../../generated/graphql.ts'
import { selectFor } from '../../selection/select.ts'
import { createPart, deletePart, reorderParts, restorePart, updatePart } from '../part/part.ts'
import { sourceIdField } from '../part/part.rules.ts'
import { sessionsField } from '../session/session.connection.ts'
import { sessionTypeById, sessionTypesWith } from './session-type.list.ts'
import { parseNewSessionType, parseSessionTypePatch } from './session-type.input.ts'
import { sessionTypes } from './session-type.ts'

export const sessionTypeQueries = {
  sessionType: (_root, { id }, ctx, info) => sessionTypeById(ctx, id, selectFor(info, ctx)),
} satisfies QueryResolvers

export const sessionTypeMutations = {
  createSessionType: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'sessionType')
    return {
      sessionType: await createPart(
        ctx,
        sessionTypes,
        { eventSlug: input.eventSlug, part: parseNewSessionType(input) },
        select,
      ),
    }
  },
  updateSessionType: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'sessionType')
    return {
      sessionType: await updatePart(
        ctx,
        sessionTypes,
        { change: { id, expectedVersion, onConflict }, patch: parseSessionTypePatch(patch) },
        select,
      ),
    }
  },
  deleteSessionType: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    sessionType: await deletePart(
      ctx,
      sessionTypes,
      { id, expectedVersion },
      selectFor(info, ctx, 'sessionType'),
    ),
  }),
  restoreSessionType: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    sessionType: await restorePart(
      ctx,
      sessionTypes,
      { id, expectedVersion },
      selectFor(info, ctx, 'sessionType'),
    ),
  }),
  reorderSessionTypes: async (_root, { eventSlug, ids }, ctx, info) => ({
    event: await reorderParts(ctx, sessionTypes, { eventSlug, ids }, selectFor(info, ctx, 'event')),
  }),
} satisfies MutationResolvers

export const sessionTypeFields = {
  sourceId: sourceIdField,
  sessions: sessionsField(sessionTypesWith),
} satisfies SessionTypeResolvers

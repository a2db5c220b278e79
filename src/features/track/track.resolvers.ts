import type { MutationResolvers, QueryResolvers, TrackResolvers } from '../../generated/graphql.ts'
import { selectFor } from '../../selection/select.ts'
import { createPart, deletePart, reorderParts, restorePart, updatePart } from '../part/part.ts'
import { sourceIdField } from '../part/part.rules.ts'
import { sessionsField } from '../session/session.connection.ts'
import { trackById, tracksWith } from './track.list.ts'
import { parseNewTrack, parseTrackPatch } from './track.input.ts'
import { tracks } from './track.ts'

export const trackQueries = {
  track: (_root, { id }, ctx, info) => trackById(ctx, id, selectFor(info, ctx)),
} satisfies QueryResolvers

export const trackMutations = {
  createTrack: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'track')
    return {
      track: await createPart(
        ctx,
        tracks,
        { eventSlug: input.eventSlug, part: parseNewTrack(input) },
        select,
      ),
    }
  },
  updateTrack: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'track')
    return {
      track: await updatePart(
        ctx,
        tracks,
        { change: { id, expectedVersion, onConflict }, patch: parseTrackPatch(patch) },
        select,
      ),
    }
  },
  deleteTrack: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    track: await deletePart(ctx, tracks, { id, expectedVersion }, selectFor(info, ctx, 'track')),
  }),
  restoreTrack: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    track: await restorePart(ctx, tracks, { id, expectedVersion }, selectFor(info, ctx, 'track')),
  }),
  reorderTracks: async (_root, { eventSlug, ids }, ctx, info) => ({
    event: await reorderParts(ctx, tracks, { eventSlug, ids }, selectFor(info, ctx, 'event')),
  }),
} satisfies MutationResolvers

export const trackFields = {
  sourceId: sourceIdField,
  sessions: sessionsField(tracksWith),
} satisfies TrackResolvers

import type { MutationResolvers, QueryResolvers, RoomResolvers } from '../../generated/graphql.ts'
import { selectFor } from '../../selection/select.ts'
import { createPart, deletePart, reorderParts, restorePart, updatePart } from '../part/part.ts'
import { periodRows } from '../part/part.selection.ts'
import { sourceIdField } from '../part/part.rules.ts'
import { sessionsField } from '../session/session.connection.ts'
import { slotField } from '../session/slot.list.ts'
import { roomById, roomsWith } from './room.list.ts'
import { parseNewRoom, parseRoomPatch } from './room.input.ts'
import { rooms } from './room.ts'

export const roomQueries = {
  room: (_root, { id }, ctx, info) => roomById(ctx, id, selectFor(info, ctx)),
} satisfies QueryResolvers

export const roomMutations = {
  createRoom: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'room')
    return {
      room: await createPart(ctx, rooms, { eventSlug: input.eventSlug, part: parseNewRoom(input) }, select),
    }
  },
  updateRoom: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'room')
    return {
      room: await updatePart(
        ctx,
        rooms,
        { change: { id, expectedVersion, onConflict }, patch: parseRoomPatch(patch) },
        select,
      ),
    }
  },
  deleteRoom: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    room: await deletePart(ctx, rooms, { id, expectedVersion }, selectFor(info, ctx, 'room')),
  }),
  restoreRoom: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    room: await restorePart(ctx, rooms, { id, expectedVersion }, selectFor(info, ctx, 'room')),
  }),
  reorderRooms: async (_root, { eventSlug, ids }, ctx, info) => ({
    event: await reorderParts(ctx, rooms, { eventSlug, ids }, selectFor(info, ctx, 'event')),
  }),
} satisfies MutationResolvers

export const roomFields = {
  openingHours: ({ openFrom, openUntil, event }) => periodRows(openFrom, openUntil, event),
  sourceId: sourceIdField,
  sessions: sessionsField(roomsWith),
  currentSession: slotField(roomsWith, 'current'),
  nextSession: slotField(roomsWith, 'next'),
} satisfies RoomResolvers

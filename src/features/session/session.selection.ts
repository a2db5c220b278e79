import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { TypePlan } from '../../selection/select.ts'
import type { EventRow } from '../event/event.selection.ts'
import type { RoomRow } from '../room/room.selection.ts'
import type { SessionTypeRow } from '../session-type/session-type.selection.ts'
import type { SpeakerRow } from '../speaker/speaker.selection.ts'
import type { TrackRow } from '../track/track.selection.ts'

/** A session as resolvers are given it: typed whole, fetched only as far as the query asks. */
export interface SessionRow extends Prisma.SessionModel {
  readonly event: EventRow
  readonly track: TrackRow | null
  readonly room: RoomRow | null
  readonly sessionType: SessionTypeRow | null
  readonly speakers: readonly { readonly speaker: SpeakerRow }[]
}

/** What a mutation of a session answers; the session with its id, whatever the query asks. */
export interface SessionPayloadRow {
  readonly session: SessionRow
}

const ownZone = { event: { select: { timeZone: true } } }

/** What the fields of a session need from the database. */
export const sessionPlan: TypePlan<Context> = {
  availableTransitions: { id: true, eventId: true, trackId: true, state: true, deletedAt: true },
  history: { id: true, eventId: true, trackId: true },
  scheduleConflicts: { id: true },
  event: ({ select }) => ({ event: { select: select() } }),
  startsAtLocal: ({ args }) => ({ startsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  endsAtLocal: ({ args }) => ({ endsAt: true, ...(args['timeZone'] ? {} : ownZone) }),
  track: ({ select }) => ({ track: { select: { ...select(), deletedAt: true } } }),
  room: ({ select }) => ({ room: { select: { ...select(), deletedAt: true } } }),
  sessionType: ({ select }) => ({ sessionType: { select: { ...select(), deletedAt: true } } }),
  speakers: ({ select }) => ({
    speakers: {
      where: { speaker: { deletedAt: null } },
      orderBy: [{ position: 'asc' }, { speakerId: 'asc' }],
      select: { speaker: { select: select() } },
    },
  }),
}

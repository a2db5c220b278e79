import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

const ownZone = { event: { select: { timeZone: true } } }

/** What the fields of a session need from the database. */
export const sessionPlan: TypePlan<Context> = {
  canceledAt: { canceled: { select: { lastModifiedAt: true } } },
  abstractHtml: { abstract: true, textFormat: true },
  abstractText: { abstract: true, textFormat: true },
  descriptionHtml: { description: true, textFormat: true },
  descriptionText: { description: true, textFormat: true },
  availableTransitions: { id: true, eventId: true, trackId: true, state: true, deletedAt: true },
  history: { id: true, eventId: true, trackId: true },
  scheduleConflicts: { id: true },
  sourceId: { sourceId: true, eventId: true },
  isFavorite: { id: true },
  favoriteCount: { id: true, eventId: true },
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

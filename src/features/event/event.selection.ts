import type { Context } from '../../context.ts'
import type { EventSpeakersArgs } from '../../generated/graphql.ts'
import { type ConnectionSelection, type TypePlan, whoseList, withCursor } from '../../selection/select.ts'
import type { Select } from '../../selection/merge.ts'
import { shownBreaks } from '../break/break.rules.ts'
import { planSessions } from '../session/session.connection.ts'
import { planCurrentSessions } from '../session/slot.list.ts'
import { parseSpeakerList, type SpeakerList, speakerPage, speakersInList } from '../speaker/speaker.list.ts'

const byPosition = {
  where: { deletedAt: null },
  orderBy: [{ position: 'asc' }, { name: 'asc' }, { id: 'asc' }],
}

/** What the fields of an event need from the database. */
export const eventPlan: TypePlan<Context> = {
  descriptionHtml: { description: true, textFormat: true },
  descriptionText: { description: true, textFormat: true },
  programmeModifiedAt: { id: true, lastModifiedAt: true },
  history: { id: true },
  deletedParts: { id: true },
  scheduleConflicts: { id: true },
  viewerPermissions: { id: true },
  members: { id: true },
  invitations: { id: true },
  tokens: { id: true },
  webhooks: { id: true },
  startsAtLocal: ({ args }) => ({ startsAt: true, ...(args['timeZone'] ? {} : { timeZone: true }) }),
  endsAtLocal: ({ args }) => ({ endsAt: true, ...(args['timeZone'] ? {} : { timeZone: true }) }),
  days: { startsAt: true, endsAt: true, timeZone: true, dayStartsAt: true },
  currentSessions: planCurrentSessions,
  tracks: ({ select }) => ({ tracks: { ...byPosition, select: select() } }),
  rooms: ({ select }) => ({ rooms: { ...byPosition, select: select() } }),
  sessionTypes: ({ select }) => ({ sessionTypes: { ...byPosition, select: select() } }),
  breaks: ({ select }) => ({
    breaks: { where: shownBreaks, orderBy: [{ startsAt: 'asc' }, { id: 'asc' }], select: select() },
  }),
  sessions: planSessions,
  // The arguments are coerced by graphql-js to what the SDL says, which the generated types repeat.
  speakers: ({ args, context, connection }) =>
    planSpeakers(parseSpeakerList(args as unknown as EventSpeakersArgs, context.viewer), context, connection),
}

/** What a text finds the database says, so that such a list is read after the event. */
function planSpeakers(list: SpeakerList, context: Context, wanted: () => ConnectionSelection): Select {
  return list.pieces === null ? selectSpeakers(list, context, wanted()) : { id: true }
}

/** The page and the count of the speakers, as part of the event's `select`. */
export function selectSpeakers(list: SpeakerList, { viewer }: Context, wanted: ConnectionSelection): Select {
  return {
    ...whoseList(wanted, list.page, 'id'),
    speakers: { ...speakerPage(list, viewer), select: withCursor(wanted, list.page) },
    ...(wanted.wantsTotalCount
      ? { _count: { select: { speakers: { where: speakersInList(list, viewer) } } } }
      : {}),
  }
}

import { renewViewer } from '../../context.ts'
import type { EventResolvers, MutationResolvers, QueryResolvers } from '../../generated/graphql.ts'
import { connectionOf, firstUpTo } from '../../paging.ts'
import { linksIn, venueIn } from '../../links.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { connectionFor, selectFor, withCursor } from '../../selection/select.ts'
import { daysOf } from '../../time/days.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { programmesModifiedAt } from '../change/change.ts'
import { sessionsField } from '../session/session.connection.ts'
import { currentSessionsField } from '../session/slot.list.ts'
import { parseSpeakerList } from '../speaker/speaker.list.ts'
import { formatOf, htmlField, textField } from '../text/text.fields.ts'
import { eventsMatching, speakersMatching } from '../text/text.list.ts'
import { copyEvent } from './event.copy.ts'
import { deletedEvents, deleteEvent, restoreEvent } from './event.deletion.ts'
import { revertEvent } from './event.past.ts'
import { parseEventCopy, parseEventPatch, parseNewEvent } from './event.input.ts'
import { countEvents, listEvents, parseEventList } from './event.list.ts'
import { selectSpeakers } from './event.selection.ts'
import { createEvent, eventNamed, eventsWith, updateEvent } from './event.ts'

export const eventQueries = {
  event: (_root, named, ctx, info) => eventNamed(ctx, named, selectFor(info, ctx)),
  events: async (_root, args, ctx, info) => {
    const parsed = parseEventList(args)
    const list = { ...parsed, matching: parsed.pieces && (await eventsMatching(ctx, parsed.pieces)) }
    const wanted = connectionFor(info, ctx)
    const rows = await listEvents(ctx, list, withCursor(wanted, list.page))
    const total = wanted.wantsTotalCount ? await countEvents(ctx, list) : undefined
    return connectionOf(rows, list.page, { of: null, total })
  },
  deletedEvents: (_root, { first }, ctx) => deletedEvents(ctx, firstUpTo(first, 1_000)),
} satisfies QueryResolvers

export const eventMutations = {
  createEvent: async (_root, { input }, ctx, info) => {
    const event = await createEvent(ctx, parseNewEvent(input), selectFor(info, ctx, 'event'))
    await renewViewer(ctx)
    return { event }
  },
  copyEvent: async (_root, { id, input }, ctx, info) => {
    const event = await copyEvent(ctx, id, parseEventCopy(input), selectFor(info, ctx, 'event'))
    await renewViewer(ctx)
    return { event }
  },
  updateEvent: async (_root, args, ctx, info) => {
    const { id, expectedVersion = null, onConflict, patch, onZoneChange, disambiguation } = args
    const zoneChange = {
      keeps: onZoneChange ?? 'INSTANTS',
      disambiguation: disambiguation ?? 'REJECT',
    } as const
    const change = { id, expectedVersion, onConflict }
    const select = selectFor(info, ctx, 'event')
    return { event: await updateEvent(ctx, change, { patch: parseEventPatch(patch), zoneChange }, select) }
  },
  revertEvent: async (_root, { id, expectedVersion = null, toVersion }, ctx, info) => ({
    event: await revertEvent(ctx, { id, expectedVersion }, toVersion, selectFor(info, ctx, 'event')),
  }),
  deleteEvent: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    event: await deleteEvent(ctx, { id, expectedVersion }, selectFor(info, ctx, 'event')),
  }),
  restoreEvent: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    event: await restoreEvent(ctx, { id, expectedVersion }, selectFor(info, ctx, 'event')),
  }),
} satisfies MutationResolvers

export const eventFields = {
  textFormat: formatOf,
  descriptionHtml: htmlField('description'),
  descriptionText: textField('description'),
  programmeModifiedAt: async (event, _args, ctx, info) => {
    const moment = await loadForAllParents(ctx.batches, info, event.id, (ids) =>
      programmesModifiedAt(ctx, ids),
    )
    return moment ?? event.lastModifiedAt
  },
  startsAtLocal: (event, { timeZone }) => wallClockOf(event.startsAt, timeZone ?? event.timeZone),
  endsAtLocal: (event, { timeZone }) => wallClockOf(event.endsAt, timeZone ?? event.timeZone),
  venue: ({ venue }) => venueIn(venue),
  links: ({ links }) => linksIn(links),
  days: (event) => daysOf(event, event, mostDays),
  sessions: sessionsField(eventsWith),
  currentSessions: currentSessionsField(eventsWith),
  speakers: async (event, args, ctx, info) => {
    const list = parseSpeakerList(args, ctx.viewer)
    const load = async (ids: readonly string[]) => {
      const matching = list.pieces && (await speakersMatching(ctx, list.pieces, ids))
      return eventsWith(ctx, ids, selectSpeakers({ ...list, matching }, ctx, connectionFor(info, ctx)))
    }
    const isFetched = event.speakers !== undefined || event._count?.speakers !== undefined
    const row = isFetched ? event : await loadForAllParents(ctx.batches, info, event.id, load)
    if (row === undefined) throw new Error(`The event ${event.id} vanished while the query ran.`)
    return connectionOf(row.speakers ?? [], list.page, { of: event.id, total: row._count?.speakers })
  },
} satisfies EventResolvers

/** Of an event that lasts longer, nobody shows the days one by one. */
const mostDays = 366

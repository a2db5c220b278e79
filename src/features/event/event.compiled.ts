import { asColumn, connection, eventIdOf, wallClock, longText } from '../../compiled/twins.ts'
import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import type { Context } from '../../context.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { EventSpeakersArgs, QueryEventsArgs } from '../../generated/graphql.ts'
import { isId } from '../../paging.ts'
import { programmeModifiedAtTwin } from '../change/change.compiled.ts'
import { linksTwin, venueTwin } from '../link/link.compiled.ts'
import { sessionsTwin } from '../session/session.compiled.ts'
import { parseSpeakerList, speakerPage, speakersInList } from '../speaker/speaker.list.ts'
import { eventsBy, speakersBy } from '../text/text.list.ts'
import { eventPage, eventsInList, parseEventList } from './event.list.ts'
import { isSlug, ledToBy, visibleEvents } from './event.rules.ts'

export const eventRoots: Readonly<Record<string, RootTwin<Context>>> = {
  event: {
    model: 'Event',
    keys: {
      slug: { isKey: isSlug, where: ledToBy },
      id: { isKey: isId, where: (id) => ({ id }) },
    },
    visible: ({ viewer }) => visibleEvents(viewer),
  },
  events: {
    model: 'Event',
    page: (args, { viewer }) => {
      const list = parseEventList(args as unknown as QueryEventsArgs)
      const found = { ...list, matching: list.pieces && eventsBy(list.pieces) }
      return { page: list.page, rows: eventPage(found, viewer), counted: eventsInList(found, viewer) }
    },
  },
}

/** What the fields of an event with resolvers of their own are in SQL. */
export const eventTwins: TypeTwins<Context> = {
  description: longText,
  textFormat: asColumn,
  programmeModifiedAt: programmeModifiedAtTwin,
  startsAtLocal: wallClock('startsAt'),
  endsAtLocal: wallClock('endsAt'),
  venue: venueTwin,
  links: linksTwin,
  sessions: sessionsTwin,
  speakers: connection((field) => {
    const { args, context } = field
    const list = parseSpeakerList(args as unknown as EventSpeakersArgs, context.viewer)
    if (list.pieces === null) return list
    const matching = speakersBy(
      context.viewer,
      list.pieces,
      Prisma.sql`SELECT ${Prisma.raw(eventIdOf(field))}`,
    )
    const found = { ...list, matching }
    const { viewer } = context
    return { page: list.page, rows: speakerPage(found, viewer), counted: speakersInList(found, viewer) }
  }),
}

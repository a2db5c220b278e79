import { NotCompilable } from '../../compiled/data-model.ts'
import type { RootTwin, Twin, TwinField, TypeTwins } from '../../compiled/twin.ts'
import {
  asColumn,
  byId,
  columnBehind,
  connection,
  eventIdOf,
  longText,
  through,
  unlessDeleted,
  wallClock,
} from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import type { EventSessionsArgs } from '../../generated/graphql.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { linksTwin } from '../link/link.compiled.ts'
import { sourceIdTwin } from '../part/part.compiled.ts'
import { sessionsBy } from '../text/text.list.ts'
import { parseSessionList, type SessionList, sessionPage, sessionsInList } from './session.list.ts'
import { speakersOfAnAnswer, visibleSessionsAnywhere } from './session.rules.ts'

export const sessionRoots: Readonly<Record<string, RootTwin<Context>>> = {
  session: {
    ...byId('Session', ({ viewer }) => visibleSessionsAnywhere(viewer)),
    // Of one that left the programme the public sees something all the same.
    elsewhere: 'CanceledSession',
  },
}

/** What the fields of a session that have resolvers are in SQL. */
export const sessionTwins: TypeTwins<Context> = {
  abstract: longText,
  description: longText,
  canceledAt: columnBehind('canceled', 'lastModifiedAt'),
  textFormat: asColumn,
  sourceId: sourceIdTwin,
  links: linksTwin,
  startsAtLocal: wallClock('startsAt'),
  endsAtLocal: wallClock('endsAt'),
  track: unlessDeleted,
  room: unlessDeleted,
  sessionType: unlessDeleted,
  speakers: through('speaker', speakersOfAnAnswer),
}

/** The field `sessions` of an event, a track, a room or a session type. */
export const sessionsTwin: Twin<Context> = connection((field) => {
  const { list, found } = listFor(field)
  if (found === null) return list
  const { viewer } = field.context
  return { page: list.page, rows: sessionPage(found, viewer), counted: sessionsInList(found, viewer) }
})

/** The field `sessions` of a speaker. */
export const linkedSessionsTwin: Twin<Context> = connection(
  (field) => {
    const { list, found } = listFor(field)
    if (found === null) return list
    const { viewer } = field.context
    const { where, orderBy } = sessionPage(found, viewer)
    const rows = { where: { session: where }, orderBy: orderBy.map((order) => ({ session: order })) }
    return { page: list.page, rows, counted: { session: sessionsInList(found, viewer) } }
  },
  { behind: 'session' },
)

/** The list, and what a text finds of it as SQL: the plan can't say that, because resolvers ask for it first. */
function listFor(field: TwinField<Context>): { list: SessionList; found: SessionList | null } {
  const { type, args, context } = field
  const list = parseSessionList(type, args as unknown as EventSessionsArgs, context.viewer)
  if (list.pieces === null) return { list, found: null }
  // When a day begins the event says.
  if (list.filter.day != null) throw new NotCompilable('the day of a text')
  const events = Prisma.sql`SELECT ${Prisma.raw(eventIdOf(field))}`
  return { list, found: { ...list, matching: sessionsBy(context.viewer, list.pieces, events) } }
}

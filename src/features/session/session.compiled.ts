import type { RootTwin, Twin, TwinField, TypeTwins } from '../../compiled/twin.ts'
import { byId, connection, through, unlessDeleted, wallClock } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import type { EventSessionsArgs } from '../../generated/graphql.ts'
import type { Page } from '../../paging.ts'
import { parseSessionList } from './session.list.ts'
import { visibleSessionsAnywhere } from './session.rules.ts'

export const sessionRoots: Readonly<Record<string, RootTwin<Context>>> = {
  session: byId('Session', ({ viewer }) => visibleSessionsAnywhere(viewer)),
}

/** What the fields of a session that have resolvers are in SQL. */
export const sessionTwins: TypeTwins<Context> = {
  startsAtLocal: wallClock('startsAt'),
  endsAtLocal: wallClock('endsAt'),
  track: unlessDeleted,
  room: unlessDeleted,
  sessionType: unlessDeleted,
  speakers: through('speaker'),
}

/** The field `sessions` of an event, a track, a room or a session type. */
export const sessionsTwin: Twin<Context> = connection(pageOf)

/** The field `sessions` of a speaker. */
export const linkedSessionsTwin: Twin<Context> = connection(pageOf, { behind: 'session' })

function pageOf({ type, args, context }: TwinField<Context>): Page {
  return parseSessionList(type, args as unknown as EventSessionsArgs, context.viewer).page
}

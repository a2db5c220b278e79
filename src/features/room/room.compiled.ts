import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import { byId, periods } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import { visibleParts } from '../event/event.rules.ts'
import { sourceIdTwin } from '../part/part.compiled.ts'
import { sessionsTwin } from '../session/session.compiled.ts'

export const roomRoots: Readonly<Record<string, RootTwin<Context>>> = {
  room: byId('Room', ({ viewer }) => visibleParts(viewer)),
}

/** What the fields of a room that have resolvers are in SQL. */
export const roomTwins: TypeTwins<Context> = {
  openingHours: periods('openFrom', 'openUntil'),
  sourceId: sourceIdTwin,
  sessions: sessionsTwin,
}

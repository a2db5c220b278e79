import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import { byId } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import { visibleParts } from '../event/event.rules.ts'
import { sourceIdTwin } from '../part/part.compiled.ts'
import { sessionsTwin } from '../session/session.compiled.ts'

export const sessionTypeRoots: Readonly<Record<string, RootTwin<Context>>> = {
  sessionType: byId('SessionType', ({ viewer }) => visibleParts(viewer)),
}

/** What the fields of a session type that have resolvers are in SQL. */
export const sessionTypeTwins: TypeTwins<Context> = { sourceId: sourceIdTwin, sessions: sessionsTwin }

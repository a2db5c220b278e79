import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import { byId, longText } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import { visibleParts } from '../event/event.rules.ts'
import { sourceIdTwin } from '../part/part.compiled.ts'
import { sessionsTwin } from '../session/session.compiled.ts'

export const trackRoots: Readonly<Record<string, RootTwin<Context>>> = {
  track: byId('Track', ({ viewer }) => visibleParts(viewer)),
}

/** What the fields of a track that have resolvers are in SQL. */
export const trackTwins: TypeTwins<Context> = {
  description: longText,
  sourceId: sourceIdTwin,
  sessions: sessionsTwin,
}

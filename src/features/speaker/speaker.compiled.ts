import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import { byId } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import { linkedSessionsTwin } from '../session/session.compiled.ts'
import { visibleSpeakersAnywhere } from './speaker.list.ts'

export const speakerRoots: Readonly<Record<string, RootTwin<Context>>> = {
  speaker: byId('Speaker', ({ viewer }) => visibleSpeakersAnywhere(viewer)),
}

/** What the fields of a speaker that have resolvers are in SQL. */
export const speakerTwins: TypeTwins<Context> = { sessions: linkedSessionsTwin }

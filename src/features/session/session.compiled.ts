import type { RootTwin, Twin, TwinField, TypeTwins } from '../../compiled/twin.ts'
import {
  asColumn,
  byId,
  columnBehind,
  connection,
  longText,
  through,
  unlessDeleted,
  wallClock,
} from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import type { EventSessionsArgs } from '../../generated/graphql.ts'
import type { Page } from '../../paging.ts'
import { linksTwin } from '../link/link.compiled.ts'
import { sourceIdTwin } from '../part/part.compiled.ts'
import { parseSessionList } from './session.list.ts'
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
export const sessionsTwin: Twin<Context> = connection(pageOf)

/** The field `sessions` of a speaker. */
export const linkedSessionsTwin: Twin<Context> = connection(pageOf, { behind: 'session' })

function pageOf({ type, args, context }: TwinField<Context>): Page {
  return parseSessionList(type, args as unknown as EventSessionsArgs, context.viewer).page
}

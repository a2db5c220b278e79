import type { RootTwin, TypeTwins } from '../compiled/twin.ts'
import type { Context } from '../context.ts'
import { breakTwins } from '../features/break/break.compiled.ts'
import { eventRoots, eventTwins } from '../features/event/event.compiled.ts'
import { linkTwins } from '../features/link/link.compiled.ts'
import { nodeRoots } from '../features/node/node.compiled.ts'
import { periodTwins } from '../features/part/part.compiled.ts'
import { roomRoots, roomTwins } from '../features/room/room.compiled.ts'
import { sessionTypeRoots, sessionTypeTwins } from '../features/session-type/session-type.compiled.ts'
import { sessionRoots, sessionTwins } from '../features/session/session.compiled.ts'
import { speakerRoots, speakerTwins } from '../features/speaker/speaker.compiled.ts'
import { trackRoots, trackTwins } from '../features/track/track.compiled.ts'

/** Which rows the root fields give. A query with one that isn't here is answered by the resolvers. */
export const roots: Readonly<Record<string, RootTwin<Context>>> = {
  ...eventRoots,
  ...sessionRoots,
  ...speakerRoots,
  ...trackRoots,
  ...roomRoots,
  ...sessionTypeRoots,
  ...nodeRoots,
}

/** What fields that have resolvers are in SQL, by type. A query with one that isn't here is answered by the resolvers. */
export const twins: Readonly<Record<string, TypeTwins<Context>>> = {
  Event: eventTwins,
  Session: sessionTwins,
  Speaker: speakerTwins,
  Track: trackTwins,
  Room: roomTwins,
  SessionType: sessionTypeTwins,
  Break: breakTwins,
  Period: periodTwins,
  Link: linkTwins,
}

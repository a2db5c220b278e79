import { type Reach, reachOf } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { maxPageSize } from '../../paging.ts'

/** What makes somebody see more of a programme than the public does. */
const reading: readonly Permission[] = ['event:read', 'session:read', 'speaker:read']

/** How far the viewer sees into programmes; whoever is alike in this is shown the same. */
export function readingReach(viewer: Viewer): Reach[] {
  return reading.map((permission) => reachOf(viewer, permission))
}

/** Where the viewer sees more of a programme than everybody does. */
export function insideOf(viewer: Viewer): { everywhere: boolean; eventIds: string[] } {
  const reaches = readingReach(viewer)
  return {
    everywhere: reaches.some(({ everywhere }) => everywhere),
    eventIds: [...new Set(reaches.flatMap(({ eventIds, speaksAt }) => [...eventIds, ...speaksAt]))],
  }
}

/** Whether the viewer sees no more of the event's programme than everybody does, so that drafts being edited are nothing to tell. */
export function seesAsPublic(viewer: Viewer, eventId: string): boolean {
  const { everywhere, eventIds } = insideOf(viewer)
  return !everywhere && !eventIds.includes(eventId)
}

/**
 * How many rows are read for a page: one more than it has, or some. It stands in the statement's text, since to a number
 * that PostgreSQL doesn't know it plans for thousands of rows, or anew each time.
 */
export function rowsRead(first: number): Prisma.Sql {
  const enough = [1, 10, 100, maxPageSize].find((size) => size >= first) ?? first
  return Prisma.raw(String(enough + 1))
}

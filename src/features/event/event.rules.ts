import { isOrganizer, type Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/** The events that the viewer may see: everybody the published ones, organizers the drafts too. */
export function visibleEvents(viewer: Viewer): Prisma.EventWhereInput {
  return isOrganizer(viewer) ? { deletedAt: null } : { deletedAt: null, state: 'PUBLISHED' }
}

/** An event's name in addresses. */
export function isSlug(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)
}

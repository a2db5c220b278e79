import { type Reach, reachOf } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'

/** What makes somebody see more of a programme than the public does. */
const reading: readonly Permission[] = ['event:read', 'session:read', 'speaker:read']

/** Whether the viewer sees no more of the event's programme than everybody does, so that drafts being edited are nothing to tell. */
export function seesAsPublic(viewer: Viewer, eventId: string): boolean {
  return !reading.some((permission) => touches(reachOf(viewer, permission), eventId))
}

function touches({ everywhere, eventIds, speaksAt }: Reach, eventId: string): boolean {
  return everywhere || eventIds.includes(eventId) || speaksAt.includes(eventId)
}

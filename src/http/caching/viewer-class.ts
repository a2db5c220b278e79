import { createHash } from 'node:crypto'
import { userIdOf, type Viewer } from '../../access/viewer.ts'

/** All that a programme's answer depends on of who asks, as one word; null for the public. */
export function viewerClass(viewer: Viewer): string | null {
  if (viewer.kind === 'anonymous') return null
  const grants = viewer.grants.map(({ role, eventId, trackIds, atMost }) =>
    JSON.stringify([role, eventId, trackIds.toSorted(), atMost]),
  )
  const heldTo = viewer.heldTo === null ? null : [...viewer.heldTo].toSorted()
  const rights = JSON.stringify([viewer.kind, userIdOf(viewer), grants.toSorted(), heldTo])
  return createHash('sha256').update(rights).digest('base64url')
}

import { isOrganizer, type Viewer } from '../../access/viewer.ts'
import type { Prisma, SessionState } from '../../generated/prisma/client.ts'

/** The states in which the public sees a session of a published event. */
export const publicStates: readonly SessionState[] = ['ACCEPTED', 'CONFIRMED']

/** The sessions of a list's event, or of anything else that the viewer already sees, that the viewer may see. */
export function visibleSessions(viewer: Viewer): Prisma.SessionWhereInput {
  return isOrganizer(viewer) ? { deletedAt: null } : { deletedAt: null, state: { in: [...publicStates] } }
}

/** The same where nothing says yet that the viewer sees the event; organizers are given deleted sessions too. */
export function visibleSessionsAnywhere(viewer: Viewer): Prisma.SessionWhereInput {
  if (isOrganizer(viewer)) return {}
  return { ...visibleSessions(viewer), event: { state: 'PUBLISHED', deletedAt: null } }
}

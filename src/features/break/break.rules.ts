import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { visibleEvents } from '../event/event.rules.ts'

/** The breaks that a programme shows: nobody would look for one in a room that is gone. */
export const shownBreaks = {
  deletedAt: null,
  OR: [{ roomId: null }, { room: { deletedAt: null } }],
} satisfies Prisma.BreakWhereInput

/** The same where nothing says yet that the viewer sees the event. */
export function visibleBreaks(viewer: Viewer): Prisma.BreakWhereInput {
  return { ...shownBreaks, event: visibleEvents(viewer) }
}

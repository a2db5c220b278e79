import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { unseenOfCanceled, visibleCanceled } from '../session/canceled.list.ts'

/**
 * What the viewer sees of the sessions that left the programme of an event, as rows of sessions of which nothing else is
 * known. Those that the viewer sees whole aren't among them.
 *
 * @param narrowed what else they have to be
 */
export async function canceledAsSeen(
  { db, viewer }: Context,
  eventId: string,
  narrowed: readonly Prisma.CanceledSessionWhereInput[],
) {
  const rows = await db.canceledSession.findMany({
    where: { eventId, AND: [visibleCanceled(viewer), ...narrowed] },
    orderBy: { id: 'asc' },
    include: { session: { select: { sourceId: true } } },
  })
  return rows.map(({ session, ...row }) => ({
    ...{ ...row, ...session, ...unseenOfCanceled, sessionTypeId: null },
    speakers: [] as { speakerId: string }[],
  }))
}

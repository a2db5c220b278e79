import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { visibleCanceled } from '../session/canceled.list.ts'

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
  const texts = { subtitle: null, abstract: null, description: null, textFormat: 'PLAIN' as const }
  const pages = {
    slidesUrl: null,
    videoUrl: null,
    audioUrl: null,
    signupUrl: null,
    imageUrl: null,
    links: [],
  }
  const nothing = { language: null, level: null, submittedAt: null, sessionTypeId: null }
  return rows.map(({ session, ...row }) => ({
    ...{ ...row, ...session, ...texts, ...pages, ...nothing, state: 'CANCELED' as const },
    speakers: [] as { speakerId: string }[],
  }))
}

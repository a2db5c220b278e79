import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { visibleEvents } from '../event/event.rules.ts'
import { visibleCanceled } from '../session/canceled.list.ts'
import { visibleSessions } from '../session/session.rules.ts'

/** The event of a session that the viewer may see, or could see until it was canceled. @throws NOT_FOUND */
export async function exportedSession(
  ctx: Context,
  id: string,
): Promise<{ readonly slug: string; readonly sessionId: string }> {
  const { db, viewer } = ctx
  const found = isId(id)
    ? await db.session.findFirst({
        where: { id, event: visibleEvents(viewer) },
        select: { id: true, eventId: true, event: { select: { slug: true } } },
      })
    : null
  if (found === null) throw notFound('session', id)
  const isVisible = await db.session.count({ where: { id, AND: visibleSessions(viewer) } })
  const isCanceled = async () =>
    (await db.canceledSession.count({ where: { id, AND: visibleCanceled(viewer) } })) > 0
  if (isVisible === 0 && !(await isCanceled())) throw notFound('session', id)
  return { slug: found.event.slug, sessionId: found.id }
}

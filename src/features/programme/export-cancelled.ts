import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'

/**
 * The cancelled sessions of an event that everybody could see until then, with what they showed: their title, time and
 * place. One that was changed since its cancellation isn't among them, because nobody may see what it says now; nor is
 * one whose cancellation the history doesn't have (any more).
 *
 * @param narrowed what else they have to be
 */
export async function cancelledAsShown(
  { db }: Context,
  eventId: string,
  narrowed: readonly Prisma.SessionWhereInput[],
) {
  const shown = await db.$queryRaw<{ id: string }[]>`
    SELECT s.id FROM sessions s
    JOIN LATERAL (
      SELECT r.version FROM revisions r
      WHERE r.entity = 'session' AND r.entity_id = s.id AND r.was_shown AND NOT r.is_shown
      ORDER BY r.version DESC LIMIT 1
    ) hidden ON true
    WHERE s.event_id = ${eventId}::uuid AND s.state = 'canceled' AND s.deleted_at IS NULL AND NOT EXISTS (
      SELECT FROM revisions r
      WHERE r.entity = 'session' AND r.entity_id = s.id AND r.version >= hidden.version
        AND r.after ?| ARRAY['title', 'starts_at', 'ends_at', 'room_id'])`
  const rows = await db.session.findMany({
    where: { id: { in: shown.map(({ id }) => id) }, AND: [...narrowed] },
    orderBy: { id: 'asc' },
  })
  const nothing = { subtitle: null, abstract: null, description: null, trackId: null, sessionTypeId: null }
  const noLinks = { slidesUrl: null, videoUrl: null, audioUrl: null, signupUrl: null }
  return rows.map((row) => ({ ...row, ...nothing, ...noLinks, speakers: [] as { speakerId: string }[] }))
}

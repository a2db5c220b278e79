import type { Context } from '../../context.ts'
import { seesAsPublic } from './change.rules.ts'

/**
 * When the last change of each of these events' programmes was committed, by id; for who sees no more than the public, the
 * last that the public sees. One statement. It grows with each such commit, in the order in which they become visible.
 */
export async function programmesModifiedAt(
  { db, viewer }: Context,
  ids: readonly string[],
): Promise<Map<string, Date>> {
  const asPublic = ids.map((id) => seesAsPublic(viewer, id))
  const rows = await db.$queryRaw<{ id: string; moment: Date | null }[]>`
    SELECT e.id, CASE
      WHEN e.as_public THEN (SELECT committed_at FROM programme_commits c
                             WHERE c.event_id = e.id AND c.is_public ORDER BY seq DESC LIMIT 1)
      ELSE (SELECT committed_at FROM programme_commits c WHERE c.event_id = e.id ORDER BY seq DESC LIMIT 1)
    END AS moment
    FROM unnest(${[...ids]}::uuid[], ${asPublic}::boolean[]) AS e(id, as_public)`
  return new Map(rows.flatMap(({ id, moment }) => (moment === null ? [] : [[id, moment]])))
}

import { requireMay } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { requireVisibleEvent } from '../event/event.ts'
import type { RowReport } from './report.ts'

/** All that an import may do to an event that exists. Showing it to the public is asked for when an edition does that. */
const needed: readonly Permission[] = [
  ...(['event:update', 'programme:edit', 'speaker:manage', 'speaker:update'] as const),
  ...(['session:create', 'session:update', 'session:place', 'session:decide', 'session:delete'] as const),
]

/**
 * @param eventId null: it is made by the import
 * @throws UNAUTHENTICATED, FORBIDDEN
 */
export function requireMayImport(viewer: Viewer, eventId: string | null): void {
  for (const permission of needed) requireMay(viewer, permission, { eventId })
}

/**
 * For who sends a programme to an event: before anything of it is read.
 *
 * @throws UNAUTHENTICATED; NOT_FOUND if the viewer doesn't see such an event; FORBIDDEN
 */
export async function requireImportInto(ctx: Context, slug: string): Promise<void> {
  if (ctx.viewer.kind === 'anonymous') requireMayImport(ctx.viewer, null)
  const { id } = await requireVisibleEvent(ctx, slug)
  requireMayImport(ctx.viewer, id)
}

/** @throws FORBIDDEN if the import shows the event to the public, or hides it, and the viewer may not */
export function requireMayPublish(viewer: Viewer, eventId: string | null, rows: readonly RowReport[]): void {
  const isPublished = rows.some(({ kind, changes }) => {
    return kind === 'event' && changes.some(({ field }) => field === 'state')
  })
  if (isPublished) requireMay(viewer, 'event:publish', { eventId })
}

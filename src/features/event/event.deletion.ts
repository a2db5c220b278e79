import { mayAnywhere, reachOf, refusal } from '../../access/may.ts'
import { type Context, inTransaction } from '../../context.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import type { EventRow } from '../rows.ts'
import { holdAnyEvent, holdEvent } from './event.hold.ts'

/**
 * Soft delete: the event and all that is in it are nowhere to be seen, and nothing of it can be changed. Its slug stays
 * taken.
 *
 * @throws NOT_FOUND, also if it is deleted already; FORBIDDEN, CONFLICT
 */
export async function deleteEvent(ctx: Context, change: ChangeFor, select: Select): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const { id } = await holdEvent(tx, change, ['event:delete'])
    return asRow(await tx.db.event.update({ where: { id }, data: { deletedAt: tx.clock() }, select }))
  })
}

/** Undoes a soft delete; an event that isn't deleted stays as it is. @throws NOT_FOUND, FORBIDDEN, CONFLICT */
export async function restoreEvent(ctx: Context, change: ChangeFor, select: Select): Promise<EventRow> {
  return inTransaction(ctx, async (tx) => {
    const { id } = await holdAnyEvent(tx, change, ['event:delete'])
    return asRow(await tx.db.event.update({ where: { id }, data: { deletedAt: null }, select }))
  })
}

/** As much of a deleted event as it takes to choose and restore it. */
export interface DeletedEventRow {
  readonly id: string
  readonly slug: string
  readonly name: string
  readonly deletedAt: Date
  readonly version: number
}

/** The events that are deleted and the viewer may restore, the latest first. @throws UNAUTHENTICATED, FORBIDDEN */
export async function deletedEvents({ db, viewer }: Context, first: number): Promise<DeletedEventRow[]> {
  if (!mayAnywhere(viewer, 'event:delete')) throw refusal(viewer, 'event:delete')
  const { everywhere, eventIds } = reachOf(viewer, 'event:delete')
  const rows = await db.event.findMany({
    where: { deletedAt: { not: null }, ...(everywhere ? {} : { id: { in: [...eventIds] } }) },
    orderBy: [{ deletedAt: 'desc' }, { id: 'asc' }],
    take: first,
    select: { id: true, slug: true, name: true, deletedAt: true, version: true },
  })
  return rows.map((row) => ({ ...row, deletedAt: row.deletedAt! }))
}

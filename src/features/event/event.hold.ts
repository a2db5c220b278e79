import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import type { ConflictPolicy } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { type ChangeFor, requireVersion, type ConflictSight } from '../history/history.conflict.ts'
import { visibleEvents } from './event.rules.ts'

/** An event that nobody else changes before the transaction ends. */
export interface HeldEvent {
  readonly id: string
  readonly version: number
  readonly lastModifiedAt: Date
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly conflictPolicy: ConflictPolicy
  readonly deletedAt: Date | null
}

/**
 * Holds an event for a change that needs the permissions: nobody else changes it before the transaction ends.
 *
 * @throws NOT_FOUND where the viewer may not see it; FORBIDDEN, CONFLICT
 */
export async function holdEvent(
  tx: Context,
  change: ChangeFor,
  needed: readonly Permission[],
): Promise<HeldEvent> {
  const stored = await holdAnyEvent(tx, change, needed)
  if (stored.deletedAt !== null) throw notFound('event', change.id)
  return stored
}

/** Holds an event that may be deleted. One that is, nobody sees who may not restore it. Throws as `holdEvent`. */
export async function holdAnyEvent(
  tx: Context,
  change: ChangeFor,
  needed: readonly Permission[],
): Promise<HeldEvent> {
  const { id } = change
  const rows = isId(id)
    ? await tx.db.$queryRaw<HeldEvent[]>`
        SELECT id, version, last_modified_at AS "lastModifiedAt", time_zone AS "timeZone", starts_at AS "startsAt",
               ends_at AS "endsAt", upper(conflict_policy::text) AS "conflictPolicy",
               deleted_at AS "deletedAt"
        FROM events WHERE id = ${id}::uuid FOR NO KEY UPDATE`
    : []
  const stored = rows[0]
  if (stored === undefined) throw notFound('event', id)
  const seesDeletion = stored.deletedAt === null || may(tx.viewer, 'event:delete', { eventId: stored.id })
  if (!seesDeletion) throw notFound('event', id)
  const denied = needed.find((permission) => !may(tx.viewer, permission, { eventId: stored.id }))
  if (denied !== undefined) {
    throw (await isSeen(tx, stored.id)) ? refusal(tx.viewer, denied) : notFound('event', id)
  }
  const sight: ConflictSight = {
    readsHistory: may(tx.viewer, 'event:update', { eventId: stored.id }),
    show: async (values) => ((await isSeen(tx, stored.id)) ? values : null),
  }
  await requireVersion(tx, 'EVENT', stored, { change, sight })
  return stored
}

async function isSeen({ db, viewer }: Context, id: string): Promise<boolean> {
  return (await db.event.count({ where: { id, AND: visibleEvents(viewer) } })) > 0
}

/** The event's zone, which nobody changes before the transaction ends. An event is always held before what it holds. */
export async function holdZone({ db }: Context, eventId: string): Promise<string> {
  const rows = await db.$queryRaw<{ timeZone: string }[]>`
    SELECT time_zone AS "timeZone" FROM events WHERE id = ${eventId}::uuid FOR SHARE`
  if (rows[0] === undefined) throw notFound('event', eventId)
  return rows[0].timeZone
}

import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { type ChangeFor, requireVersion, type ConflictSight } from '../history/history.conflict.ts'
import type { PartPlace, PartTable } from './part.ts'
import { nounOf, type PartEntity } from './part.rules.ts'
import { tableOf } from '../tables.ts'

/** A part that nobody else changes before the transaction ends. */
export interface HeldPart extends PartPlace {
  readonly id: string
  readonly version: number
  readonly lastModifiedAt: Date
  readonly deletedAt: Date | null
  /** Whether it is the viewer, as a speaker. */
  readonly isOwn: boolean
}

/**
 * Holds a part, which may be deleted, for a change that needs the permission.
 *
 * @throws NOT_FOUND where the viewer may not see it; FORBIDDEN, CONFLICT
 */
export async function holdPart<Values, New extends Partial<Values>, Row>(
  tx: Context,
  table: PartTable<Values, New, Row>,
  change: ChangeFor,
  needed: Permission,
): Promise<HeldPart> {
  const { id } = change
  const held = await lock(tx, table.entity, id)
  const seesDeletion = held.deletedAt === null || may(tx.viewer, table.permissions.manage, held)
  if (!seesDeletion) throw notFound(nounOf(table.entity), id)
  if (!may(tx.viewer, needed, held)) {
    const seen = await table.countSeen(tx, id)
    throw seen === 0 ? notFound(nounOf(table.entity), id) : refusal(tx.viewer, needed)
  }
  await requireVersion(tx, table.entity, held, { change, sight: sightOf(tx, table, held) })
  return held
}

/** How far the viewer reads the values of the part. A speaker's availability isn't for all who see the speaker. */
function sightOf<Values, New extends Partial<Values>, Row>(
  tx: Context,
  { entity, permissions, countSeen }: PartTable<Values, New, Row>,
  held: HeldPart,
): ConflictSight {
  const mayRead = entity === 'SPEAKER' ? may(tx.viewer, 'speaker:read', held) : null
  return {
    readsHistory: may(tx.viewer, permissions.manage, held),
    show: async (values) => ((mayRead ?? (await countSeen(tx, held.id)) > 0) ? values : null),
  }
}

/** Holds the zone of a part's event, as `holdZone`; nothing where there is no such part. */
export async function holdZoneOfPart({ db }: Context, entity: PartEntity, id: string): Promise<void> {
  if (!isId(id)) return
  await db.$queryRaw`
    SELECT time_zone FROM events WHERE id = (SELECT event_id FROM ${tableOf(entity)} WHERE id = ${id}::uuid) FOR SHARE`
}

/** Holds the schedule of a part's event alone, as `holdScheduleAlone`, for a change that bookings follow. */
export async function holdScheduleOfPart({ db }: Context, entity: PartEntity, id: string): Promise<void> {
  if (!isId(id)) return
  await db.$executeRaw`
    SELECT hold_schedule_alone(e.id) FROM (
      SELECT id FROM events WHERE id = (SELECT event_id FROM ${tableOf(entity)} WHERE id = ${id}::uuid) FOR NO KEY UPDATE
    ) e`
}

/** A person who was erased is nobody who could be changed. */
async function lock({ db, viewer }: Context, entity: PartEntity, id: string): Promise<HeldPart> {
  const userId = userIdOf(viewer)
  const rows = isId(id)
    ? await db.$queryRaw<HeldPart[]>`
        SELECT p.id, p.event_id AS "eventId", e.time_zone AS "timeZone", p.version,
               p.last_modified_at AS "lastModifiedAt", p.deleted_at AS "deletedAt",
               coalesce(to_jsonb(p) ->> 'user_id' = ${userId}, false) AS "isOwn"
        FROM ${tableOf(entity)} p JOIN events e ON e.id = p.event_id
        WHERE p.id = ${id}::uuid AND e.deleted_at IS NULL AND to_jsonb(p) ->> 'erased_at' IS NULL
        FOR NO KEY UPDATE OF p`
    : []
  if (rows[0] === undefined) throw notFound(nounOf(entity), id)
  return rows[0]
}

import type { Context } from '../../context.ts'
import { tableOf } from '../tables.ts'
import type { PartEntity } from './part.rules.ts'

/** Behind all that the event has of the kind, deleted ones too: they may come back. */
export async function nextPosition({ db }: Context, entity: PartEntity, eventId: string): Promise<number> {
  const [row] = await db.$queryRaw<{ next: number }[]>`
    SELECT coalesce(max(position) + 1, 0) AS next FROM ${tableOf(entity)} WHERE event_id = ${eventId}::uuid`
  return row!.next
}

/** @param deletedAt null: it isn't deleted */
export async function setDeletedAt(
  { db }: Context,
  entity: PartEntity,
  id: string,
  deletedAt: Date | null,
): Promise<void> {
  await db.$executeRaw`
    UPDATE ${tableOf(entity)} SET deleted_at = ${deletedAt}::timestamptz WHERE id = ${id}::uuid`
}

/** Holds all that the event has of the kind, but for deleted ones. */
export async function holdAll(
  { db }: Context,
  entity: PartEntity,
  eventId: string,
): Promise<{ id: string; name: string }[]> {
  return db.$queryRaw`
    SELECT id, name FROM ${tableOf(entity)} WHERE event_id = ${eventId}::uuid AND deleted_at IS NULL
    ORDER BY id FOR NO KEY UPDATE`
}

/** Writes the positions that the order of the ids gives them: one statement; only those that move are changed. */
export async function writeOrder({ db }: Context, entity: PartEntity, ids: readonly string[]): Promise<void> {
  await db.$executeRaw`
    UPDATE ${tableOf(entity)} p SET position = o.place - 1
    FROM unnest(${[...ids]}::uuid[]) WITH ORDINALITY AS o(id, place) WHERE p.id = o.id AND p.position <> o.place - 1`
}

import type { Context } from '../../context.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { RoomRow } from '../rows.ts'

/** The selected values of rooms that the viewer is known to see, by id. */
export function roomsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, RoomRow>> {
  return rowsById<RoomRow>((args) => db.room.findMany(args), ids, select)
}

/** @returns null where there is no such room that the viewer may see */
export async function roomById({ db, viewer }: Context, id: string, select: Select) {
  if (!isId(id)) return null
  const found = await db.room.findFirst({ where: { id, AND: visibleParts(viewer) }, select })
  return found && asRow<RoomRow>(found)
}

import type { Context } from '../../context.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import type { RoomRow } from '../rows.ts'

/** The selected values of rooms that the viewer is known to see, by id. */
export function roomsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, RoomRow>> {
  return rowsById<RoomRow>((args) => db.room.findMany(args), ids, select)
}

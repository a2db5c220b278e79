import type { Context } from '../../context.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import type { BreakRow } from '../rows.ts'

/** The selected values of breaks that the viewer is known to see, by id. */
export function breaksWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, BreakRow>> {
  return rowsById<BreakRow>((args) => db.break.findMany(args), ids, select)
}

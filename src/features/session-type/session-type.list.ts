import type { Context } from '../../context.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import type { SessionTypeRow } from '../rows.ts'

/** The selected values of session types that the viewer is known to see, by id. */
export function sessionTypesWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionTypeRow>> {
  return rowsById<SessionTypeRow>((args) => db.sessionType.findMany(args), ids, select)
}

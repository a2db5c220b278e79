import type { Context } from '../../context.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { SessionTypeRow } from '../rows.ts'

/** The selected values of session types that the viewer is known to see, by id. */
export function sessionTypesWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionTypeRow>> {
  return rowsById<SessionTypeRow>((args) => db.sessionType.findMany(args), ids, select)
}

/** @returns null where there is no such session type that the viewer may see */
export async function sessionTypeById({ db, viewer }: Context, id: string, select: Select) {
  if (!isId(id)) return null
  const found = await db.sessionType.findFirst({ where: { id, AND: visibleParts(viewer) }, select })
  return found && asRow<SessionTypeRow>(found)
}

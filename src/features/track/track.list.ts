import { rowsById } from '../../selection/rows-by-id.ts'
import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import { isId } from '../../paging.ts'
import { asRow, asRows } from '../../selection/as-rows.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { idSet, loadSets } from '../../selection/id-sets.ts'
import type { Select } from '../../selection/merge.ts'
import { selectFor } from '../../selection/select.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { TrackRow } from '../rows.ts'

/** The field `tracks` of what keeps the ids of tracks: by position, without deleted ones. */
export async function tracksField(
  { trackIds }: { readonly trackIds: readonly string[] },
  _args: object,
  ctx: Context,
  info: GraphQLResolveInfo,
): Promise<TrackRow[]> {
  const load = (sets: readonly string[]) => tracksOfSets(ctx, sets, selectFor(info, ctx))
  return (await loadForAllParents(ctx.batches, info, idSet(trackIds), load)) ?? []
}

async function tracksOfSets(
  { db }: Context,
  sets: readonly string[],
  select: Select,
): Promise<Map<string, TrackRow[]>> {
  return loadSets(sets, async (ids) => {
    const rows = await db.track.findMany({
      where: { id: { in: ids }, deletedAt: null },
      orderBy: [{ position: 'asc' }, { name: 'asc' }, { id: 'asc' }],
      select: { ...select, id: true },
    })
    return asRows<TrackRow>(rows)
  })
}

/** The selected values of tracks that the viewer is known to see, by id. */
export function tracksWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, TrackRow>> {
  return rowsById<TrackRow>((args) => db.track.findMany(args), ids, select)
}

/** @returns null where there is no such track that the viewer may see */
export async function trackById({ db, viewer }: Context, id: string, select: Select) {
  if (!isId(id)) return null
  const found = await db.track.findFirst({ where: { id, AND: visibleParts(viewer) }, select })
  return found && asRow<TrackRow>(found)
}

import type { DatabaseTransaction } from '../../database/client.ts'
import { mainSource } from './imported-rows.ts'
import { inSlices } from './report.ts'

/** What files of the main source have called the rows of an event besides their `sourceId`, by the rows' ids. */
export async function otherIdsOf(
  db: DatabaseTransaction,
  eventId: string,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const byRow = new Map<string, string[]>()
  const orderBy = [{ rowId: 'asc' }, { sourceId: 'asc' }] as const
  for (const { rowId, sourceId } of await db.sourceId.findMany({
    where: { eventId, source: mainSource },
    orderBy: [...orderBy],
  })) {
    byRow.set(rowId, [...(byRow.get(rowId) ?? []), sourceId])
  }
  return byRow
}

/** Keeps ids by which rows weren't known before. */
export async function learnIds<Item>(
  db: DatabaseTransaction,
  { eventId, source }: { readonly eventId: string; readonly source: string },
  learned: readonly { readonly item: Item; readonly ids: readonly string[] }[],
  rowIds: ReadonlyMap<Item, string>,
): Promise<void> {
  const rows = learned.flatMap(({ item, ids }) =>
    ids.map((sourceId) => ({ eventId, rowId: rowIds.get(item)!, source, sourceId })),
  )
  for (const slice of inSlices(rows, 2000)) {
    await db.sourceId.createMany({ data: slice, skipDuplicates: true })
  }
}

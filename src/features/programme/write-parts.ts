import type { DatabaseTransaction } from '../../database/client.ts'
import type { FoundPart } from '../../interchange/read/found.ts'
import type { Admitted, AdmittedPart } from './admitted.ts'
import { differenceOf } from './difference.ts'
import type { PartRows } from './part-rows.ts'
import { type Counts, inSlices, noCounts } from './report.ts'
import { learnIds } from './source-ids.ts'

export interface WrittenParts {
  /** The stored id of each part, for the sessions to refer to. */
  readonly ids: ReadonlyMap<FoundPart, string>
  readonly counts: Counts
  /** To be called when the sessions were written: removes what is gone from the file, unless it is still in use. */
  removeGone(deletedAt: Date): Promise<number>
}

export interface EventToWrite {
  readonly db: DatabaseTransaction
  readonly eventId: string
  /** What files have called its rows, besides their `sourceId`. */
  readonly otherIds: ReadonlyMap<string, readonly string[]>
}

/** Writes one kind of parts; only what differs. */
export async function writeParts<Values extends { readonly name: string }>(
  { db, eventId, otherIds }: EventToWrite,
  table: PartRows<Values>,
  { items, kept }: Admitted<AdmittedPart<Values>>,
): Promise<WrittenParts> {
  if (items === null) return { ids: new Map(), counts: noCounts, removeGone: async () => 0 }
  const rows = await table.read(eventId)
  // Every kind has a name, whatever else it has.
  const nameOf = (row: (typeof rows)[number]) => String(row['name'])
  const difference = differenceOf({ rows, nameOf, slotOf: () => null, otherIds }, items, kept)
  const { created, changed, unchanged, removed } = difference
  const rowIds = new Map(difference.rowIds)

  // New ones go behind those that are there, whose order may be an organizer's by now.
  let position = Math.max(-1, ...rows.map((row) => row.position)) + 1
  for (const slice of inSlices(created)) {
    const fresh = slice.map(({ item, sourceId }) => ({ ...item.values, eventId, sourceId }))
    const byId = new Map((await table.create(fresh, position)).map(({ id, sourceId }) => [sourceId, id]))
    for (const { item, sourceId } of slice) rowIds.set(item, byId.get(sourceId)!)
    position += slice.length
  }
  // What differs are values of the kind.
  for (const { id, data } of changed) await table.change(id, data as Partial<Values> & { deletedAt?: null })
  await learnIds(db, eventId, difference.learned, rowIds)
  return {
    ids: new Map([...rowIds].map(([{ part }, id]) => [part, id])),
    counts: { created: created.length, changed: changed.length, unchanged: unchanged.length, removed: 0 },
    async removeGone(deletedAt) {
      return removed.length === 0 ? 0 : (await table.remove([...removed], deletedAt)).count
    },
  }
}

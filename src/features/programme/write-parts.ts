import type { Admitted, AdmittedPart } from './admitted.ts'
import { differenceOf } from './difference.ts'
import type { PartRows } from './part-rows.ts'
import { type Counts, inSlices, noCounts } from './report.ts'

export interface WrittenParts {
  /** The stored ids by source id, for the sessions to refer to. */
  readonly ids: ReadonlyMap<string, string>
  readonly counts: Counts
  /** To be called when the sessions were written: removes what is gone from the file, unless it is still in use. */
  removeGone(deletedAt: Date): Promise<number>
}

/** Writes one kind of parts; only what differs. */
export async function writeParts<Values extends { readonly name: string }>(
  table: PartRows<Values>,
  eventId: string,
  { items, kept }: Admitted<AdmittedPart<Values>>,
): Promise<WrittenParts> {
  const stored = await table.read(eventId)
  const ids = new Map(
    stored.flatMap(({ id, sourceId }) => (sourceId === null ? [] : [[sourceId, id] as const])),
  )
  if (items === null) return { ids, counts: noCounts, removeGone: async () => 0 }
  const { created, changed, unchanged, removed } = differenceOf(stored, items, kept)

  // New ones go behind those that are there, whose order may be an organizer's by now.
  let position = Math.max(-1, ...stored.map((row) => row.position)) + 1
  for (const slice of inSlices(created)) {
    const rows = slice.map(({ sourceId, values }) => ({ ...values, eventId, sourceId }))
    for (const { id, sourceId } of await table.create(rows, position))
      if (sourceId !== null) ids.set(sourceId, id)
    position += slice.length
  }
  for (const { id, data } of changed) await table.change(id, data)
  return {
    ids,
    counts: { created: created.length, changed: changed.length, unchanged: unchanged.length, removed: 0 },
    async removeGone(deletedAt) {
      return removed.length === 0 ? 0 : (await table.remove([...removed], deletedAt)).count
    },
  }
}

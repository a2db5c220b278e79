import type { DatabaseTransaction } from '../../database/client.ts'
import type { FoundPart } from '../../interchange/read/found.ts'
import type { Admitted, AdmittedPart } from './admitted.ts'
import { differenceOf, type RowOutcome } from './difference.ts'
import { keepSaid } from './imported-rows.ts'
import type { Merging } from './origins.ts'
import type { PartRows } from './part-rows.ts'
import { type Counts, inSlices, noCounts } from './report.ts'
import { createdOutcomes, goneFrom, keepWritten } from './written.ts'

export interface WrittenParts {
  /** The stored id of each part, for the sessions to refer to. */
  readonly ids: ReadonlyMap<FoundPart, string>
  readonly counts: Counts
  /** Those that a person deleted: nothing new refers to them. */
  readonly deletedHere: ReadonlySet<string>
  readonly names: PartNames
  readonly outcomes: readonly RowOutcome[]
  /**
   * To be called when the sessions were written: removes what is gone from the file, unless it is still in use.
   *
   * @returns what was removed
   */
  removeGone(): Promise<readonly RowOutcome[]>
}

/** What parts are called, by their ids. */
export interface PartNames {
  readonly before: ReadonlyMap<string, string>
  /** Once the file is imported; new ones among them. */
  readonly now: ReadonlyMap<string, string>
}

export interface EventToWrite extends Merging {
  readonly db: DatabaseTransaction
  readonly eventId: string
}

/** Writes one kind of parts; only what the source changed. */
export async function writeParts<Values extends { readonly name: string }>(
  event: EventToWrite,
  table: PartRows<Values>,
  { items, kept }: Admitted<AdmittedPart<Values>>,
): Promise<WrittenParts> {
  if (items === null) return nothingWritten
  const { db, eventId, now } = event
  const rows = await table.read(eventId)
  // Every kind has a name, whatever else it has.
  const nameOf = (row: (typeof rows)[number]) => String(row['name'])
  const difference = differenceOf({ rows, nameOf, slotOf: () => null }, { wanted: items, kept }, event)
  const { created, changed, unchanged, removed, deletedHere, outcomes } = difference
  const rowIds = new Map(difference.rowIds)
  const before = new Map(rows.map((row) => [row.id, nameOf(row)]))

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
  await keepWritten(event, difference, rowIds)
  return {
    ids: new Map([...rowIds].map(([{ part }, id]) => [part, id])),
    counts: { created: created.length, changed: changed.length, unchanged: unchanged.length, removed: 0 },
    deletedHere,
    names: {
      before,
      now: new Map([
        ...before,
        ...changed.flatMap(({ id, data: { name } }) =>
          typeof name === 'string' ? [[id, name] as const] : [],
        ),
        ...created.map(({ item }) => [rowIds.get(item)!, item.name] as const),
      ]),
    },
    outcomes: [...createdOutcomes(difference, rowIds), ...outcomes],
    async removeGone() {
      if (removed.length === 0) return []
      const ids = removed.map(({ id }) => id)
      const gone = new Set((await table.remove(ids, now)).map(({ id }) => id))
      await keepSaid(db, event, goneFrom(event, [...gone]))
      return removed.filter(({ id }) => gone.has(id)).map(({ outcome }) => outcome)
    },
  }
}

const nothingWritten: WrittenParts = {
  ...{ ids: new Map(), counts: noCounts, deletedHere: new Set(), outcomes: [] },
  names: { before: new Map(), now: new Map() },
  removeGone: async () => [],
}

import type { Difference, RowOutcome, Wanted } from './difference.ts'
import { keepSaid, type RowSaid } from './imported-rows.ts'
import { plainValues } from './merge.ts'
import type { Merging } from './origins.ts'
import { learnIds } from './source-ids.ts'
import type { EventToWrite } from './write-parts.ts'

/** Keeps what the source said of the rows of a kind, and by which ids, once they are written. */
export async function keepWritten<Item extends Wanted<object>>(
  event: EventToWrite,
  { created, said, left, learned }: Difference<Item>,
  rowIds: ReadonlyMap<Item, string>,
  /** What a new row has that the source didn't say. */
  defaultsOf: (item: Item) => object = () => ({}),
): Promise<void> {
  await learnIds(event.db, event, learned, rowIds)
  const fresh = created.map(({ item }) => {
    return {
      rowId: rowIds.get(item)!,
      values: plainValues({ ...defaultsOf(item), ...item.values }),
      goneAt: null,
    }
  })
  await keepSaid(event.db, event, [...fresh, ...said, ...goneFrom(event, left)])
}

/** That the newest edition has the rows no longer. */
export function goneFrom({ origins, source, now }: Merging, rowIds: readonly string[]): RowSaid[] {
  return rowIds.map((rowId) => {
    return { rowId, values: origins.get(rowId)?.bySource.get(source)?.values ?? {}, goneAt: now }
  })
}

/** What is told of new rows: all that they have. */
export function createdOutcomes<Item extends Wanted<object>>(
  { created }: Difference<Item>,
  rowIds: ReadonlyMap<Item, string>,
): RowOutcome[] {
  return created.map(({ item }) => ({
    id: rowIds.get(item)!,
    sourceId: item.ids[0] ?? item.name,
    name: item.name,
    outcome: 'created',
    changes: Object.entries(plainValues(item.values)).flatMap(([field, after]) => {
      const isNothing = after === null || (Array.isArray(after) && after.length === 0)
      return isNothing ? [] : [{ field, before: null, after }]
    }),
    ...{ conflicts: [], changedHere: [] },
  }))
}

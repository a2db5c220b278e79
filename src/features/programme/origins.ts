import { type ImportedRow, mainSource, type Origin } from './imported-rows.ts'
import type { PlainValues, Preference } from './merge.ts'

/** What an import merges with. */
export interface Merging {
  /** The source whose programme is imported. */
  readonly source: string
  readonly prefer: Preference
  /** Where the event and its rows came from, by their ids. */
  readonly origins: ReadonlyMap<string, Origin>
  /** By their ids what people changed since rows were imported, as it was before; for rows without a record. */
  readonly before: ReadonlyMap<string, PlainValues>
  readonly now: Date
}

/** A stored row, as far as an import compares it. */
export interface StoredRow {
  readonly id: string
  readonly sourceId: string | null
  readonly deletedAt: Date | null
  /** Of a speaker: when the person was erased. What a file says of them is not written again. */
  readonly erasedAt?: Date | null
}

/** What is known of one row from the side of the source that is imported. */
export interface RowOrigin {
  /** What the source said of it last; undefined where that isn't known. */
  readonly mine: ImportedRow | undefined
  /** Whether the source had it in an edition. */
  readonly isMine: boolean
  /** Whether only other sources had it. */
  readonly isOthers: boolean
  /** What the source has called it. */
  readonly ids: readonly string[]
  /** Whether another source has it in its newest edition. */
  readonly isHeldByOthers: boolean
  /** Whether a person deleted it, not an edition that no longer had it. */
  readonly isDeletedHere: boolean
  /**
   * What the source said of it last, as far as that is known: for rows that were imported before it was kept, how the last
   * import left them, by their history; where another source has the row, nothing.
   */
  base(ours: PlainValues): PlainValues
}

export function originOf(row: StoredRow, { source, origins, before }: Merging): RowOrigin {
  const origin = origins.get(row.id)
  const bySource = origin?.bySource ?? new Map<string, ImportedRow>()
  const named = [...bySource.keys()]
  // Rows that were imported before sources had names have an id of the main one, and no record.
  const isUnrecorded =
    row.sourceId !== null &&
    !bySource.has(mainSource) &&
    !named.some((name) => row.sourceId!.startsWith(`${name}:`))
  const has = isUnrecorded ? [...named, mainSource] : named
  const mine = bySource.get(source)
  const isMine = has.includes(source) || (origin?.ids ?? []).length > 0
  const isOthers = !isMine && has.length > 0
  const changedSince = before.get(row.id)
  return {
    mine,
    isMine,
    isOthers,
    ids: [...(source === mainSource && row.sourceId !== null ? [row.sourceId] : []), ...(origin?.ids ?? [])],
    isHeldByOthers: has.some((name) => name !== source && (bySource.get(name)?.goneAt ?? null) === null),
    isDeletedHere: row.deletedAt !== null && !wasRemoved(row, row.deletedAt, bySource, changedSince),
    base: (ours) => mine?.values ?? (isOthers ? {} : { ...ours, ...changedSince }),
  }
}

/** Whether an import deleted the row, because no edition had it any more. */
function wasRemoved(
  { sourceId }: StoredRow,
  deletedAt: Date,
  bySource: ReadonlyMap<string, ImportedRow>,
  changedSince: PlainValues | undefined,
): boolean {
  if (bySource.size > 0) return [...bySource.values()].some(({ goneAt }) => +(goneAt ?? 0) === +deletedAt)
  return sourceId !== null && changedSince?.['deletedAt'] === undefined
}

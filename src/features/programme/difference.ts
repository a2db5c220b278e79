/** A stored row, as far as an import compares it. */
export interface StoredRow {
  readonly id: string
  readonly sourceId: string | null
  readonly deletedAt: Date | null
  /** Of a speaker: when the person was erased. What a file says of them is not written again. */
  readonly erasedAt?: Date | null
}

export interface Wanted<Values> {
  readonly sourceId: string
  readonly values: Values
}

export interface Difference<Values> {
  readonly created: readonly Wanted<Values>[]
  /** Only the values that differ; `deletedAt: null` brings back what was deleted. */
  readonly changed: readonly { readonly id: string; readonly data: Partial<Values> & { deletedAt?: null } }[]
  readonly unchanged: readonly string[]
  /** Stored rows that came from a file and are gone from it. */
  readonly removed: readonly string[]
}

/**
 * What has to be written so that the stored rows are as wanted. Rows that never came from a file (`sourceId` null) and
 * values that the file doesn't know are left alone.
 *
 * @param kept source ids that stay as they are although nobody wants them: the file has them, but faulty
 */
export function differenceOf<Values extends object>(
  stored: readonly (StoredRow & Readonly<Record<keyof Values, unknown>>)[],
  wanted: readonly Wanted<Values>[],
  kept: ReadonlySet<string> = new Set(),
): Difference<Values> {
  const storedBySource = new Map(
    stored.flatMap((row) => (row.sourceId === null ? [] : [[row.sourceId, row] as const])),
  )
  const wantedIds = new Set(wanted.map(({ sourceId }) => sourceId))
  const created: Wanted<Values>[] = []
  const changed: { id: string; data: Partial<Values> & { deletedAt?: null } }[] = []
  const unchanged: string[] = []
  for (const want of wanted) {
    const row = storedBySource.get(want.sourceId)
    if (row === undefined) {
      created.push(want)
      continue
    }
    if (row.erasedAt != null) {
      unchanged.push(row.id)
      continue
    }
    const data = changesOf(row, want.values)
    if (row.deletedAt !== null) data.deletedAt = null
    if (Object.keys(data).length > 0) changed.push({ id: row.id, data })
    else unchanged.push(row.id)
  }
  const removed = stored.filter(
    ({ sourceId, deletedAt }) =>
      sourceId !== null && deletedAt === null && !wantedIds.has(sourceId) && !kept.has(sourceId),
  )
  return { created, changed, unchanged, removed: removed.map(({ id }) => id) }
}

/** The values that the row doesn't have yet. */
export function changesOf<Values extends object>(
  row: Readonly<Record<keyof Values, unknown>>,
  values: Values,
): Partial<Values> & { deletedAt?: null } {
  const changes = Object.entries(values).filter(([name, value]) => !isSame(row[name as keyof Values], value))
  // A part of the values' own entries.
  return Object.fromEntries(changes) as Partial<Values> & { deletedAt?: null }
}

function isSame(stored: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true
  return stored instanceof Date && wanted instanceof Date
    ? stored.getTime() === wanted.getTime()
    : stored === wanted
}

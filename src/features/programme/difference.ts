import { type KnownRow, matchRows, type NamedItem, type Slot } from './match.ts'

/** A stored row, as far as an import compares it. */
export interface StoredRow {
  readonly id: string
  readonly sourceId: string | null
  readonly deletedAt: Date | null
  /** Of a speaker: when the person was erased. What a file says of them is not written again. */
  readonly erasedAt?: Date | null
}

export interface Wanted<Values> extends NamedItem {
  readonly values: Values
}

/** What is stored of one kind, and how its rows are recognised. */
export interface Stored<Row extends StoredRow> {
  readonly rows: readonly Row[]
  nameOf(row: Row): string
  slotOf(row: Row): Slot | null
  /** What files have called a row besides its `sourceId`. */
  readonly otherIds: ReadonlyMap<string, readonly string[]>
}

export interface Difference<Item> {
  /** Each with a source id that no row has. */
  readonly created: readonly { readonly item: Item; readonly sourceId: string }[]
  /** Only the values that differ; `deletedAt: null` brings back what was deleted. */
  readonly changed: readonly { readonly id: string; readonly data: object }[]
  readonly unchanged: readonly string[]
  /** Stored rows that came from a file and are gone from it. */
  readonly removed: readonly string[]
  /** The row of each item that has one already. */
  readonly rowIds: ReadonlyMap<Item, string>
  /** Ids that a row wasn't known by, among them those of the rows to be created. */
  readonly learned: readonly { readonly item: Item; readonly ids: readonly string[] }[]
}

/**
 * What has to be written so that the stored rows are as wanted. Rows that never came from a file (`sourceId` null) and
 * values that the file doesn't know are left alone.
 *
 * @param kept what the file has, but faulty: its rows stay as they are
 */
export function differenceOf<Row extends StoredRow, Item extends Wanted<object>>(
  stored: Stored<Row>,
  wanted: readonly Item[],
  kept: readonly NamedItem[],
): Difference<Item> {
  const known = stored.rows.filter(knownTo([...wanted, ...kept], stored)).map((row) => knownRow(row, stored))
  const matches = matchRows<NamedItem, KnownRow & { readonly row: Row }>([...wanted, ...kept], known)
  const created: { item: Item; sourceId: string }[] = []
  const changed: { id: string; data: object }[] = []
  const unchanged: string[] = []
  const rowIds = new Map<Item, string>()
  const learned: { item: Item; ids: readonly string[] }[] = []
  const sourceIds = new Set(known.map(({ row }) => row.sourceId))
  for (const item of wanted) {
    const match = matches.get(item)
    const learn = (knows: (id: string) => boolean) => {
      const ids = item.ids.filter((id) => !knows(id))
      if (ids.length > 0) learned.push({ item, ids })
    }
    if (match === undefined) {
      const sourceId = freeSourceId(item, sourceIds)
      learn((id) => id === sourceId)
      created.push({ item, sourceId })
      continue
    }
    learn((id) => match.ids.has(id))
    const { row } = match
    rowIds.set(item, row.id)
    // The row has the columns that the values name; the kinds' own tables say so.
    const data: { deletedAt?: null } = changesOf(row as StoredRow & Record<string, unknown>, item.values)
    if (row.deletedAt !== null) data.deletedAt = null
    if (row.erasedAt == null && Object.keys(data).length > 0) changed.push({ id: row.id, data })
    else unchanged.push(row.id)
  }
  const present = new Set([...matches.values()].map(({ id }) => id))
  const removed = known
    .filter(({ id, row, isDeleted }) => row.sourceId !== null && !isDeleted && !present.has(id))
    .map(({ id }) => id)
  return { created, changed, unchanged, removed, rowIds, learned }
}

/**
 * Which rows a file can mean: those that came from one, and of those that were made here what it calls by their own ids, as
 * files that were exported here do, or by their names alone, if nothing that came from a file is called so.
 */
function knownTo<Row extends StoredRow>(items: readonly NamedItem[], stored: Stored<Row>) {
  const ids = new Set(items.flatMap((item) => item.ids))
  const namesAlone = new Set(items.flatMap(({ ids: its, name }) => (its.length === 0 ? name : [])))
  for (const row of stored.rows) if (row.sourceId !== null) namesAlone.delete(stored.nameOf(row))
  return (row: Row) =>
    row.sourceId !== null || ids.has(row.id) || (row.deletedAt === null && namesAlone.has(stored.nameOf(row)))
}

function knownRow<Row extends StoredRow>(row: Row, stored: Stored<Row>) {
  return {
    row,
    id: row.id,
    name: stored.nameOf(row),
    ids: new Set([
      row.id,
      ...(row.sourceId === null ? [] : [row.sourceId]),
      ...(stored.otherIds.get(row.id) ?? []),
    ]),
    isDeleted: row.deletedAt !== null,
    slot: stored.slotOf(row),
  }
}

/** The item's first id, else its name, with a number where another row has that. */
function freeSourceId({ ids, name }: NamedItem, taken: Set<string | null>): string {
  const first = ids[0] ?? name
  let sourceId = first
  for (let number = 2; taken.has(sourceId); number += 1) sourceId = `${first} (${number})`
  taken.add(sourceId)
  return sourceId
}

/** The values that the row doesn't have yet. */
export function changesOf<Values extends object>(
  row: Readonly<Record<keyof Values, unknown>>,
  values: Values,
): Partial<Values> {
  const changes = Object.entries(values).filter(([name, value]) => !isSame(row[name as keyof Values], value))
  // A part of the values' own entries.
  return Object.fromEntries(changes) as Partial<Values>
}

function isSame(stored: unknown, wanted: unknown): boolean {
  if (wanted === undefined) return true
  return stored instanceof Date && wanted instanceof Date
    ? stored.getTime() === wanted.getTime()
    : stored === wanted
}

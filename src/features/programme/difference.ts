import { type RowSaid, saidAnew, mainSource } from './imported-rows.ts'
import { type KnownRow, matchRows, type NamedItem, type Slot } from './match.ts'
import { changedHere, mergeValues, type PlainValues, plain, plainValues } from './merge.ts'
import { type Merging, originOf, type RowOrigin, type StoredRow } from './origins.ts'
import type { RowReport } from './report.ts'

export interface Wanted<Values> extends NamedItem {
  readonly values: Values
}

/** What is stored of one kind, and how its rows are recognised. */
export interface Stored<Row extends StoredRow> {
  readonly rows: readonly Row[]
  nameOf(row: Row): string
  slotOf(row: Row): Slot | null
}

/** What becomes of one row, before it is said of which kind it is. */
export type RowOutcome = Omit<RowReport, 'kind'>

export interface Difference<Item> {
  /** Each with a source id that no row has. */
  readonly created: readonly { readonly item: Item; readonly sourceId: string }[]
  /** Only the values that are to be written; `deletedAt: null` brings back what an earlier edition removed. */
  readonly changed: readonly { readonly id: string; readonly data: Record<string, unknown> }[]
  readonly unchanged: readonly string[]
  /** Stored rows that the source had, and that no source has any more. */
  readonly removed: readonly { readonly id: string; readonly outcome: RowOutcome }[]
  /** Stored rows that the source had, and another one still has. */
  readonly left: readonly string[]
  /** How many of the source's rows are there. */
  readonly present: number
  /** The row of each item that has one already. */
  readonly rowIds: ReadonlyMap<Item, string>
  /** Rows that stay deleted, because a person deleted them. */
  readonly deletedHere: ReadonlySet<string>
  /** Ids that a row wasn't known by, among them those of the rows to be created. */
  readonly learned: readonly { readonly item: Item; readonly ids: readonly string[] }[]
  /** What is to be kept of what the source says of stored rows. */
  readonly said: readonly RowSaid[]
  /** The stored rows that change, or that a person should look at. */
  readonly outcomes: readonly RowOutcome[]
}

/**
 * What has to be written so that the stored rows have what the source changed, and keep what was changed here. Rows that
 * never came from a source and values that this one doesn't know are left alone.
 *
 * @param kept what the file has, but faulty: its rows stay as they are
 */
export function differenceOf<Row extends StoredRow, Item extends Wanted<object>>(
  stored: Stored<Row>,
  { wanted, kept }: { readonly wanted: readonly Item[]; readonly kept: readonly NamedItem[] },
  merging: Merging,
): Difference<Item> {
  const all = stored.rows.map((row) => knownRow(row, stored, merging))
  const known = all.filter(knownTo([...wanted, ...kept], all))
  const matches = matchRows<NamedItem, Known<Row>>([...wanted, ...kept], known)
  const created: { item: Item; sourceId: string }[] = []
  const changed: { id: string; data: Record<string, unknown> }[] = []
  const unchanged: string[] = []
  const rowIds = new Map<Item, string>()
  const deletedHere = new Set<string>()
  const learned: { item: Item; ids: readonly string[] }[] = []
  const said: RowSaid[] = []
  const outcomes: RowOutcome[] = []
  const taken = new Map(all.map(({ row }) => [row.sourceId, 1]))
  for (const item of wanted) {
    const match = matches.get(item)
    const itsIds = item.ids.length === 0 && merging.source !== mainSource ? [item.name] : item.ids
    const learn = (knows: (id: string) => boolean) => {
      const ids = itsIds.filter((id) => !knows(id))
      if (ids.length > 0) learned.push({ item, ids })
    }
    if (match === undefined) {
      const sourceId = freeSourceId(item, merging.source, taken)
      learn((id) => id === sourceId)
      created.push({ item, sourceId })
      continue
    }
    learn((id) => match.ids.has(id))
    rowIds.set(item, match.id)
    const outcome = (what: Pick<RowOutcome, 'outcome'> & Partial<RowOutcome>): RowOutcome => {
      return { ...unnoticed, id: match.id, sourceId: item.ids[0] ?? item.name, name: match.name, ...what }
    }
    if (match.origin.isDeletedHere && match.row.erasedAt == null) {
      deletedHere.add(match.id)
      outcomes.push(outcome({ outcome: 'deletedHere' }))
    }
    const merged = match.isFixed ? null : mergedWith(item, match, merging)
    if (merged === null) unchanged.push(match.id)
    else {
      if (merged.said !== null) said.push(merged.said)
      const isChanged = Object.keys(merged.data).length > 0
      if (isChanged) changed.push({ id: match.id, data: merged.data })
      else unchanged.push(match.id)
      if (isChanged || merged.conflicts.length > 0) {
        const verb = match.isDeleted ? 'restored' : isChanged ? 'changed' : 'unchanged'
        outcomes.push(outcome({ outcome: verb, changes: merged.changes, conflicts: merged.conflicts }))
      }
    }
  }
  const itsOwn = known.filter(({ row, origin: { isMine }, isDeleted }) => {
    return isMine && row.sourceId !== null && !isDeleted
  })
  const found = new Set([...matches.values()].map(({ id }) => id))
  const gone = itsOwn.filter(({ id, origin }) => !found.has(id) && (origin.mine?.goneAt ?? null) === null)
  return {
    ...{ created, changed, unchanged, rowIds, deletedHere, learned, said, outcomes },
    removed: gone.filter(({ origin }) => !origin.isHeldByOthers).map(removalOf),
    left: gone.filter(({ origin }) => origin.isHeldByOthers).map(({ id }) => id),
    present: itsOwn.length,
  }
}

const unnoticed = { changes: [], conflicts: [], changedHere: [] }

interface Known<Row extends StoredRow> extends KnownRow {
  readonly row: Row
  readonly origin: RowOrigin
  /** Whether nothing is written to it, whatever a file says: a person deleted it, or was erased. */
  readonly isFixed: boolean
}

function knownRow<Row extends StoredRow>(row: Row, stored: Stored<Row>, merging: Merging): Known<Row> {
  const origin = originOf(row, merging)
  return {
    ...{ row, origin },
    id: row.id,
    name: stored.nameOf(row),
    ids: new Set([row.id, ...origin.ids]),
    isDeleted: row.deletedAt !== null,
    isFixed: origin.isDeletedHere || row.erasedAt != null,
    isOfOthers: origin.isOthers,
    slot: stored.slotOf(row),
  }
}

/**
 * Which rows a file can mean: those that came from one, and of those that were made here what it calls by their own ids, as
 * files that were exported here do, or by their names alone, if nothing that came from a file is called so.
 */
function knownTo<Row extends StoredRow>(items: readonly NamedItem[], all: readonly Known<Row>[]) {
  const ids = new Set(items.flatMap((item) => item.ids))
  const namesAlone = new Set(items.flatMap(({ ids: its, name }) => (its.length === 0 ? name : [])))
  for (const { row, name } of all) if (row.sourceId !== null) namesAlone.delete(name)
  return ({ id, name, isDeleted, origin }: Known<Row>) =>
    origin.isMine || origin.isOthers || ids.has(id) || (!isDeleted && namesAlone.has(name))
}

/** What of an item comes into its row, and what is to be kept of what the source says. */
function mergedWith<Row extends StoredRow, Item extends Wanted<object>>(
  { values }: Item,
  { id, row, origin }: Known<Row>,
  { prefer }: Merging,
) {
  const theirs = plainValues(values)
  const ours = oursOf(row, Object.keys(theirs))
  const merged = mergeValues({ base: origin.base(ours), ours, theirs }, prefer)
  // The values have the fields that changed, because only those are compared.
  const data = Object.fromEntries(
    merged.changes.map(({ field }) => [field, values[field as keyof typeof values] as unknown]),
  )
  if (row.deletedAt !== null) data['deletedAt'] = null
  return { ...merged, data, said: saidAnew(id, origin.mine, { values: theirs, goneAt: null }) }
}

/** The row has a column for each field that values can have; the kinds' own tables say so. */
export function oursOf(row: object, fields: readonly string[]): PlainValues {
  const columns = row as Readonly<Record<string, unknown>>
  return Object.fromEntries(fields.map((field) => [field, plain(columns[field])]))
}

function removalOf<Row extends StoredRow>({ id, row, name, origin }: Known<Row>) {
  const base = origin.mine?.values ?? origin.base({})
  const outcome: RowOutcome = {
    ...{ ...unnoticed, id, name, sourceId: row.sourceId ?? id, outcome: 'removed' },
    changedHere: changedHere(base, oursOf(row, Object.keys(base))).filter((field) => field !== 'deletedAt'),
  }
  return { id, outcome }
}

/**
 * The item's first id, else its name, with a number where another row has that. Sources other than the main one put
 * their name before it, so that what they call 17 isn't taken for another source's.
 *
 * @param taken with the last number that was given after each
 */
function freeSourceId({ ids, name }: NamedItem, source: string, taken: Map<string | null, number>): string {
  const first = source === mainSource ? (ids[0] ?? name) : `${source}:${ids[0] ?? name}`
  let sourceId = first
  let number = taken.get(first) ?? 1
  while (taken.has(sourceId)) sourceId = `${first} (${(number += 1)})`
  taken.set(first, number).set(sourceId, 1)
  return sourceId
}

import { type RowSaid, saidAnew, mainSource } from './imported-rows.ts'
import { type KnownRow, matchRows, type NamedItem, type MatchedSlot } from './match.ts'
import {
  changedHere,
  changedValues,
  type Merged,
  mergeValues,
  type PlainValues,
  plain,
  plainValues,
} from './merge.ts'
import { type Merging, originOf, type RowOrigin, type StoredRow } from './origins.ts'
import type { RowReport } from './report.ts'

export interface Wanted<Values> extends NamedItem {
  readonly values: Values
  /** What it has besides if the source said last that it is canceled, and doesn't any more. */
  readonly onceBack?: object
}

/** What is stored of one kind, and how its rows are recognised. */
export interface Stored<Row extends StoredRow> {
  readonly rows: readonly Row[]
  nameOf(row: Row): string
  slotOf(row: Row): MatchedSlot | null
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
  const unmatched = wanted.filter((item) => !matches.has(item))
  const created = withSourceIds(unmatched, stored.rows, merging.source)
  const met = wanted.flatMap((item) => {
    const row = matches.get(item)
    return row === undefined ? [] : [{ item, row, ...mergedWith(item, row, merging) }]
  })
  const [changed, unchanged] = [met.filter(isChanged), met.filter((one) => !isChanged(one))]
  const learned = [
    ...created.map(({ item, sourceId }) => learnedOf(item, new Set([sourceId]), merging)),
    ...met.map(({ item, row }) => learnedOf(item, row.ids, merging)),
  ]
  const itsOwn = known.filter(({ row, origin: { isMine }, isDeleted }) => {
    return isMine && row.sourceId !== null && !isDeleted
  })
  const found = new Set([...matches.values()].map(({ id }) => id))
  const gone = itsOwn.filter(({ id, origin }) => !found.has(id) && (origin.mine?.goneAt ?? null) === null)
  return {
    created,
    changed: changed.map(({ row, data }) => ({ id: row.id, data })),
    unchanged: unchanged.map(({ row }) => row.id),
    removed: gone.filter(({ origin }) => !origin.isHeldByOthers).map(removalOf),
    left: gone.filter(({ origin }) => origin.isHeldByOthers).map(({ id }) => id),
    present: itsOwn.length,
    rowIds: new Map(met.map(({ item, row }) => [item, row.id])),
    deletedHere: new Set(met.filter(({ row }) => staysDeleted(row)).map(({ row }) => row.id)),
    learned: learned.filter(({ ids }) => ids.length > 0),
    said: met.flatMap(({ said }) => said ?? []),
    outcomes: met.flatMap(outcomesOf),
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
    said: saidOf(origin),
  }
}

function saidOf({ mine }: RowOrigin): KnownRow['said'] {
  if (mine === undefined || mine.goneAt !== null) return null
  const { name, title = name, startsAt } = mine.values
  return typeof title === 'string'
    ? { name: title, startsAt: typeof startsAt === 'string' ? startsAt : '' }
    : null
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

/** An item and its row, what of the item comes into the row, and what is to be kept of what the source says. */
interface Met<Row extends StoredRow, Item> extends Merged {
  readonly item: Item
  readonly row: Known<Row>
  readonly data: Record<string, unknown>
  readonly said: RowSaid | null
}

function mergedWith<Row extends StoredRow>(
  { values: stated, onceBack }: Wanted<object>,
  { id, row, origin, isFixed }: Known<Row>,
  { prefer }: Merging,
): Omit<Met<Row, never>, 'item' | 'row'> {
  if (isFixed) return { changes: [], conflicts: [], data: {}, said: null }
  const isBack = origin.mine?.values['state'] === 'CANCELED'
  const values = isBack ? { ...onceBack, ...stated } : stated
  const theirs = plainValues(values)
  const ours = oursOf(row, Object.keys(theirs))
  const merged = mergeValues({ base: origin.base(ours), ours, theirs }, prefer)
  const data = { ...changedValues(merged, values), ...(row.deletedAt === null ? {} : { deletedAt: null }) }
  return { ...merged, data, said: saidAnew(id, origin.mine, { values: theirs, goneAt: null }) }
}

function isChanged<Row extends StoredRow, Item>({ data }: Met<Row, Item>): boolean {
  return Object.keys(data).length > 0
}

/** Whether a person deleted it, who may be seen again. */
function staysDeleted<Row extends StoredRow>({ origin, row }: Known<Row>): boolean {
  return origin.isDeletedHere && row.erasedAt == null
}

/** The ids of an item by which its row isn't known yet. What another source gives no id, is known by its name. */
function learnedOf<Item extends NamedItem>(item: Item, knownIds: ReadonlySet<string>, { source }: Merging) {
  const ids = item.ids.length === 0 && source !== mainSource ? [item.name] : item.ids
  return { item, ids: ids.filter((id) => !knownIds.has(id)) }
}

function outcomesOf<Row extends StoredRow, Item extends NamedItem>(met: Met<Row, Item>): RowOutcome[] {
  const { item, row, changes, conflicts } = met
  const named = { ...unnoticed, id: row.id, sourceId: item.ids[0] ?? item.name, name: row.name }
  const [stays, isTouched] = [staysDeleted(row), isChanged(met)]
  const verb = row.isDeleted ? 'restored' : isTouched ? 'changed' : 'unchanged'
  return [
    ...(stays ? [{ ...named, outcome: 'deletedHere' } as const] : []),
    ...(isTouched || conflicts.length > 0 ? [{ ...named, outcome: verb, changes, conflicts } as const] : []),
  ]
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

/** Gives each item a source id that no row has. */
function withSourceIds<Item extends NamedItem>(
  items: readonly Item[],
  rows: readonly StoredRow[],
  source: string,
): { item: Item; sourceId: string }[] {
  const taken = new Map(rows.map(({ sourceId }) => [sourceId, 1]))
  return items.map((item) => ({ item, sourceId: freeSourceId(item, source, taken) }))
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

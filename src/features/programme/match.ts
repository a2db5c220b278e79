/** A stored row that came from a file, as far as it is recognised again. */
export interface KnownRow {
  readonly id: string
  readonly name: string
  /** All that files have called it. */
  readonly ids: ReadonlySet<string>
  readonly isDeleted: boolean
  /** Whether only other sources had it: then it is known by its name, and only at its own time. */
  readonly isOfOthers: boolean
  readonly slot: MatchedSlot | null
  /** What the source that is imported said of it last; null if that isn't known. */
  readonly said: { readonly name: string; readonly startsAt: string } | null
}

/** Something of a file. */
export interface NamedItem {
  readonly name: string
  /** What the file calls it, the strongest first. */
  readonly ids: readonly string[]
  readonly slot: MatchedSlot | null
}

/** When and where a session is. */
export interface MatchedSlot {
  readonly startsAt: Date | null
  readonly roomId: string | null
}

/**
 * Which stored row each item is: the one that any file has ever called by one of its ids, else the only one of its name
 * if the file has one of that name only. A number that went to another item of the last edition doesn't count. Where one id
 * is that of several, they are told apart by their slots, then by their names, then in the order of their starts. No row is
 * two items.
 *
 * @returns without the items that are new
 */
export function matchRows<Item extends NamedItem, Row extends KnownRow>(
  items: readonly Item[],
  rows: readonly Row[],
): ReadonlyMap<Item, Row> {
  const matches = new Map<Item, Row>()
  const taken = new Set<Row>()
  const match = (item: Item, row: Row) => {
    matches.set(item, row)
    taken.add(row)
  }
  const rowsById = groupedBy(rows, ({ ids }) => new Set([...ids].map(spelledId)))
  for (const [item, row] of renumbered(items, rows, rowsById)) match(item, row)
  const strengths = items.reduce((most, item) => Math.max(most, idsOf(item).length), 0)
  for (let strength = 0; strength < strengths; strength += 1) {
    const unmatched = items.filter((item) => !matches.has(item))
    for (const [id, sharing] of groupedBy(unmatched, (item) => idsOf(item).slice(strength, strength + 1))) {
      matchSharing(sharing, rowsById.get(id) ?? [], { taken, match, isWeak: strength > 0 })
    }
  }

  // In other letters only where nothing has the very name.
  matchNames(items, rows, plainName, { matches, taken, match })
  matchNames(items, rows, foldedName, { matches, taken, match })
  return matches
}

/** Matches by a name that only one item and only one row has. */
function matchNames<Item extends NamedItem, Row extends KnownRow>(
  items: readonly Item[],
  rows: readonly Row[],
  keyOf: (name: string) => string,
  {
    matches,
    taken,
    match,
  }: Pick<Matching<Item, Row>, 'taken' | 'match'> & { matches: ReadonlyMap<Item, Row> },
): void {
  const itemsByName = groupedBy(items, ({ name }) => [keyOf(name)])
  const rowsByName = groupedBy(rows, ({ name, ids }) => new Set([name, ...ids].map(keyOf)))
  for (const [name, [item, ...others]] of itemsByName) {
    if (item === undefined || others.length > 0 || matches.has(item)) continue
    const named = rowsByName.get(name) ?? []
    const present = named.filter(({ isDeleted }) => !isDeleted)
    const candidates = present.length > 0 ? present : named
    const [only, ...more] = candidates
    if (only === undefined || more.length > 0 || taken.has(only)) continue
    if (!only.isOfOthers || startOf(only) === startOf(item)) match(item, only)
  }
}

/** What has no id was called by its name. */
function idsOf({ ids, name }: NamedItem): readonly string[] {
  return ids.length > 0 ? ids.map(spelledId) : [name]
}

/** A UUID is the same in capitals, in braces, without hyphens, and behind 'urn:uuid:'. */
function spelledId(id: string): string {
  const digits = uuidForm.exec(id)?.[1]?.replaceAll('-', '').toLowerCase()
  return digits?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5') ?? id
}

const uuidForm = /^(?:urn:uuid:|\{)?([\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12})\}?$/i

function isUuid(id: string): boolean {
  return uuidForm.test(id)
}

/**
 * The rows of items whose number the last edition had for something else, as in files that number from one what they have. A
 * session is known then by its name and its start together, anything else by its name.
 */
function renumbered<Item extends NamedItem, Row extends KnownRow>(
  items: readonly Item[],
  rows: readonly Row[],
  rowsById: ReadonlyMap<string, readonly Row[]>,
): (readonly [Item, Row])[] {
  const keyOf = (name: string, start: string) => `${start} ${plainName(name)}`
  const itemsByKey = groupedBy(items, (item) => [keyOf(item.name, startOf(item))])
  const rowsByKey = groupedBy(rows, ({ said, isDeleted }) =>
    said === null || isDeleted ? [] : [keyOf(said.name, said.startsAt)],
  )
  return [...itemsByKey].flatMap(([key, [item, ...likeIt]]) => {
    const [row, ...others] = rowsByKey.get(key) ?? []
    if (item === undefined || row === undefined || likeIt.length + others.length > 0) return []
    const hasNumber =
      item.ids.length > 0 && !item.ids.some(isUuid) && (item.slot === null || startOf(item) !== '')
    const holders = hasNumber ? idsOf(item).flatMap((id) => rowsById.get(id) ?? []) : []
    const isOther = ({ said }: Row) =>
      said !== null &&
      plainName(said.name) !== plainName(item.name) &&
      (item.slot === null || said.startsAt !== startOf(item))
    return holders.length > 0 && holders.every(isOther) ? [[item, row] as const] : []
  })
}

interface Matching<Item, Row> {
  readonly taken: ReadonlySet<Row>
  readonly match: (item: Item, row: Row) => void
  /** Whether the items have a stronger id, which is unknown. */
  readonly isWeak: boolean
}

/** Matches items and rows that share an id; the more two have in common, the sooner they find each other. */
function matchSharing<Item extends NamedItem, Row extends KnownRow>(
  items: readonly Item[],
  rows: readonly Row[],
  { taken, match, isWeak }: Matching<Item, Row>,
): void {
  let left = items.toSorted(byStart)
  const free = new Set(rows.filter((row) => !taken.has(row)).toSorted(presentFirst))
  for (const key of likenesses) {
    const freeByKey = groupedBy([...free], (row) => [key(row)])
    left = left.filter((item) => {
      const alike = freeByKey.get(key(item)) ?? []
      const at = alike.findIndex((row) => !(isWeak && isOfOtherGuid(item, row)))
      if (at === -1) return true
      const [row] = alike.splice(at, 1)
      match(item, row!)
      free.delete(row!)
      return false
    })
  }
}

type Likeness = (some: { readonly name: string; readonly slot: MatchedSlot | null }) => string

const startOf: Likeness = ({ slot }) => slot?.startsAt?.toISOString() ?? ''
const slotOf: Likeness = (some) => `${startOf(some)} ${some.slot?.roomId ?? ''}`
const nameOf: Likeness = ({ name }) => plainName(name)

const likenesses: readonly Likeness[] = [
  (some) => `${slotOf(some)} ${nameOf(some)}`,
  slotOf,
  (some) => `${startOf(some)} ${nameOf(some)}`,
  nameOf,
  () => '',
]

/** Merged schedules number their sessions anew, so an id counts for less than two guids that differ. */
function isOfOtherGuid(item: NamedItem, row: KnownRow): boolean {
  if (!item.ids.some(isUuid) || ![...row.ids].some(isUuid)) return false
  return plainName(item.name) !== plainName(row.name)
}

/** A name by what is seen of it. */
function plainName(name: string): string {
  return name
    .normalize('NFC')
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
}

/** In small letters, wide and ligated ones taken apart: 'ＳＡＡＬ' is 'saal'. */
function foldedName(name: string): string {
  return plainName(name).normalize('NFKC').toLowerCase()
}

function byStart(a: { readonly slot: MatchedSlot | null }, b: { readonly slot: MatchedSlot | null }): number {
  return (a.slot?.startsAt?.getTime() ?? 0) - (b.slot?.startsAt?.getTime() ?? 0)
}

function presentFirst(a: KnownRow, b: KnownRow): number {
  return Number(a.isDeleted) - Number(b.isDeleted) || byStart(a, b)
}

function groupedBy<Value>(
  values: readonly Value[],
  keysOf: (value: Value) => Iterable<string>,
): ReadonlyMap<string, Value[]> {
  const groups = new Map<string, Value[]>()
  for (const value of values) {
    for (const key of keysOf(value)) {
      const group = groups.get(key)
      if (group === undefined) groups.set(key, [value])
      else group.push(value)
    }
  }
  return groups
}

import { createHash } from 'node:crypto'
import { isId } from '../../paging.ts'

/** A row, with what files have called it. */
export interface Named {
  readonly id: string
  readonly sourceId: string | null
  readonly otherIds: readonly string[]
}

/** The UUID under which files know the row: that of the file that it came from, else its own id. */
export function guidOf({ id, sourceId }: Named): string {
  return sourceId !== null && isId(sourceId) ? sourceId.toLowerCase() : id
}

/**
 * A number above 0 for each of the rows, by id: the one that files gave it, else one that follows from its guid, so that
 * it stays the same. No two rows have the same.
 *
 * @param rows all of a kind in an event, in the order of their ids
 */
export function numbersOf(rows: readonly Named[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>()
  const taken = new Set<number>()
  const give = (row: Named, number: number) => {
    numbers.set(row.id, number)
    taken.add(number)
  }
  for (const row of rows) {
    const given = [row.sourceId ?? '', ...row.otherIds].find((id) => /^[1-9]\d{0,8}$/.test(id))
    if (given !== undefined && !taken.has(Number(given))) give(row, Number(given))
  }
  for (const row of rows) {
    if (numbers.has(row.id)) continue
    let number = hashed(guidOf(row))
    while (taken.has(number)) number += 1
    give(row, number)
  }
  return numbers
}

/** Nine or ten digits, so that it is none of those that files count by. */
function hashed(guid: string): number {
  const bits = createHash('sha256').update(guid).digest().readUInt32BE() >>> 2
  return 1_000_000_000 + (bits % 1_000_000_000)
}

import { withLineageRows } from '../files/lineage-rows.ts'
import { checksumOf } from '../files/lineage.ts'

/** A migration as a database has it recorded. */
export interface AppliedRecord {
  readonly name: string
  readonly checksum: string
  /** By the database's own lineage; null where it has no row of it. */
  readonly parent: string | null
}

/**
 * Finds what a database knows under the name that a migration had before it was put elsewhere: the file of today with
 * the row of then is the file that was applied, byte for byte. So it doesn't matter who moved it, or when.
 *
 * @param unknown what the database has and the folder hasn't
 * @param pending what the folder has and the database hasn't
 * @returns the former name to today's, for those that are found
 */
export function formerNames(
  unknown: readonly AppliedRecord[],
  pending: ReadonlyMap<string, string | null>,
): Map<string, string> {
  const found = new Map<string, string>()
  const taken = new Set<string>()
  for (const { name, checksum, parent } of unknown) {
    if (parent === null) continue
    const now = [...pending].find(
      ([each, sql]) =>
        !taken.has(each) && checksumOf(withLineageRows(sql ?? '', [{ name, parent }])) === checksum,
    )
    if (now === undefined) continue
    found.set(name, now[0])
    taken.add(now[0])
  }
  return found
}

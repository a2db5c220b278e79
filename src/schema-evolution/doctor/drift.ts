import { type Catalog, compareCatalogs, ownedBy } from '../files/catalog.ts'
import type { Finding } from '../files/finding.ts'

/** An object of the catalog that isn't as the migrations make it. */
export interface DriftedObject {
  /** As the catalog names it. */
  readonly name: string
  /** Undefined: it isn't ours. */
  readonly expected: string | undefined
  /** Undefined: it is missing. */
  readonly found: string | undefined
}

/** Makes the schema what the applied migrations make, without losing rows. */
export const takeBack = 'npm run migrations -- drift --take-back'

/**
 * The objects that aren't what the applied migrations make, those of a missing or foreign table left out, because the
 * table says it all.
 */
export function driftedObjects(expected: Catalog, found: Catalog): DriftedObject[] {
  const { missing, changed, extra } = compareCatalogs(expected, found)
  const isOfMissing = ownedBy(missing, expected)
  const isOfExtra = ownedBy(extra, found)
  return [
    ...missing.filter((name) => !isOfMissing(name)),
    ...changed,
    ...extra.filter((name) => !isOfExtra(name)),
  ].map((name) => ({ name, expected: expected.get(name), found: found.get(name) }))
}

export function driftFindings(objects: readonly DriftedObject[]): Finding[] {
  return objects.map((object) => ({
    severity: 'error',
    code: codeOf(object),
    message: describe(object),
    cause: 'Somebody changed the schema by hand.',
    migrations: [],
    remedy: `${takeBack}; or, to keep the change as a migration: npm run migrations -- drift --adopt NAME`,
  }))
}

function codeOf({ expected, found }: DriftedObject): string {
  if (found === undefined) return 'drift-missing'
  return expected === undefined ? 'drift-not-ours' : 'drift-changed'
}

function describe({ name, expected, found }: DriftedObject): string {
  if (found === undefined)
    return `The ${name} is missing${expected ? `. The migrations make: ${expected}` : '.'}`
  if (expected === undefined) return `The ${name} is made by no migration${found ? `: ${found}` : '.'}`
  return `The ${name} is another. The migrations make: ${expected || 'nothing more'}. Found: ${found || 'nothing more'}`
}

import { type Catalog, compareCatalogs } from '../files/catalog.ts'
import type { Finding } from '../files/finding.ts'
import { type DriftedObject, repairOf } from './repair.ts'

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

function ownedBy(names: readonly string[], catalog: Catalog): (name: string) => boolean {
  const tables = names.filter((name) => name.startsWith('table ')).map((name) => name.slice('table '.length))
  return (name) =>
    tables.some(
      (table) =>
        (/^(column|constraint|trigger|policy) /.test(name) && name.includes(` ${table}.`)) ||
        (name.startsWith('index ') && / ON (?:ONLY )?(\S+) /.exec(catalog.get(name) ?? '')?.[1] === table),
    )
}

export function driftFindings(
  objects: readonly DriftedObject[],
  scripts: ReadonlyMap<string, string | null>,
): Finding[] {
  return objects.map((object) => ({
    severity: 'error',
    code: codeOf(object),
    message: describe(object),
    cause:
      'Somebody changed the schema by hand. To keep the change, make it a migration: npx prisma migrate dev ' +
      '--create-only --name what-changed',
    migrations: [],
    remedy:
      repairOf(object, scripts) ??
      'Take it back by hand, or make it a migration; no command does it without loss.',
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

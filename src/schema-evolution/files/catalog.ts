import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** Every object of a schema: kind and name to what it is. `trigger sessions.stamp_row` to its definition. */
export type Catalog = ReadonlyMap<string, string>

/** How a schema differs from the one that is expected; the names of the objects, in order. */
export interface CatalogDifference {
  readonly missing: readonly string[]
  readonly changed: readonly string[]
  readonly extra: readonly string[]
}

/** The file in `prisma/migrations` that has what they make. */
export const catalogFile = 'catalog'

/**
 * What all migrations make, as it is kept beside them.
 *
 * @param folder `prisma/migrations`
 * @returns null where there is no such file
 */
export async function readCatalogFile(folder: string): Promise<Catalog | null> {
  const text = await readFile(path.join(folder, catalogFile), 'utf8').catch(() => null)
  if (text === null) return null
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => splitLine(line)))
}

/** Keeps what is in a database's schema as what all migrations make. @returns whether the file was another before */
export async function writeCatalogFile(folder: string, catalog: Catalog): Promise<boolean> {
  const file = path.join(folder, catalogFile)
  const text = formatCatalog(catalog)
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return false
  await writeFile(file, text)
  return true
}

/** A line an object, sorted, so that two branches that change different ones can be merged. */
export function formatCatalog(catalog: Catalog): string {
  const lines = [...catalog].map(([name, definition]) =>
    definition === '' ? name : `${name}: ${definition}`,
  )
  return `# What all migrations make, object by object. Written by "npx prisma migrate dev" and "npm run catalog".\n${lines.sort().join('\n')}\n`
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf(': ')
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)]
}

/** A difference for people; null where there is none. */
export function describeDifference({ missing, changed, extra }: CatalogDifference): string | null {
  const parts = [
    ...(missing.length > 0 ? [`missing: ${shortList(missing)}`] : []),
    ...(changed.length > 0 ? [`changed: ${shortList(changed)}`] : []),
    ...(extra.length > 0 ? [`not ours: ${shortList(extra)}`] : []),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

/** The first ten, and how many more there are. */
export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}

export function compareCatalogs(expected: Catalog, actual: Catalog): CatalogDifference {
  return {
    missing: [...expected.keys()].filter((name) => !actual.has(name)),
    changed: [...expected].flatMap(([name, definition]) => {
      const found = actual.get(name)
      return found === undefined || found === definition ? [] : [name]
    }),
    extra: [...actual.keys()].filter((name) => !expected.has(name)),
  }
}

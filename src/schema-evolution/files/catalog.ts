import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { checksumOf } from './lineage.ts'

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
  return (await readKeptCatalog(folder))?.catalog ?? null
}

/** What is kept beside the migrations. */
export interface KeptCatalog {
  readonly catalog: Catalog
  /** The names of the migrations that made it; null if an older version wrote the file. */
  readonly migrations: ReadonlySet<string> | null
}

/** @returns null if there is no such file */
export async function readKeptCatalog(folder: string): Promise<KeptCatalog | null> {
  const text = await readFile(path.join(folder, catalogFile), 'utf8').catch(() => null)
  if (text === null) return null
  const names = [...text.matchAll(/^# [0-9a-f]{8} (\S+)$/gm)].map(([, name = '']) => name)
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const catalog = new Map(lines.map((line) => splitLine(line)))
  return { catalog, migrations: names.length === 0 ? null : new Set(names) }
}

/** Keeps what is in a database's schema as what all migrations make. @returns whether the file was another before */
export async function writeCatalogFile(
  folder: string,
  catalog: Catalog,
  migrations: Iterable<string>,
): Promise<boolean> {
  const file = path.join(folder, catalogFile)
  const text = formatCatalog(catalog, migrations)
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return false
  await writeFile(file, text)
  return true
}

/**
 * A line an object, sorted, so that two branches that change different ones can be merged. So can the names of the
 * migrations, because they stand in an order of their own.
 *
 * @param migrations the names of all that make it: one that isn't there was written without its catalog
 */
export function formatCatalog(catalog: Catalog, migrations: Iterable<string>): string {
  const names = [...migrations].map((name) => `# ${checksumOf(name).slice(0, 8)} ${name}\n`)
  const lines = [...catalog].map(([name, definition]) =>
    definition === '' ? name : `${name}: ${definition}`,
  )
  const head =
    '# What all migrations make, object by object. Written by "npx prisma migrate dev" and "npm run catalog".\n'
  return `${head}${names.sort().join('')}#\n${lines.sort().join('\n')}\n`
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

/** Whether an object belongs to one of the tables among the names, and comes and goes with it. */
export function ownedBy(names: readonly string[], catalog: Catalog): (name: string) => boolean {
  const tables = names.filter((name) => name.startsWith('table ')).map((name) => name.slice('table '.length))
  return (name) =>
    tables.some(
      (table) =>
        (/^(column|constraint|trigger|policy|rule) /.test(name) && name.includes(` ${table}.`)) ||
        (name.startsWith('index ') && / ON (?:ONLY )?(\S+) /.exec(catalog.get(name) ?? '')?.[1] === table),
    )
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

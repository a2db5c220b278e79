import type { Catalog } from '../files/catalog.ts'

/**
 * Why a build can't serve a database that is ahead of it; empty where it can: where all that it reads and writes is
 * there as it knows it, and nothing that was added can refuse what it writes.
 *
 * What triggers, functions, views and plain indexes do is the database's own business: the newer build changed them on
 * purpose, and the older one calls a function by its signature.
 *
 * @param built what the build's own migrations make
 * @param found what is in the database
 */
export function hindrances(built: Catalog, found: Catalog): string[] {
  const lost = [...built.keys()].filter((name) => name.startsWith('table ') && !found.has(name))
  const isOfLost = (name: string) =>
    lost.some((table) => name.split(' ')[1]?.startsWith(`${table.slice(6)}.`))
  const gone = [...built.keys()].filter(
    (name) => !found.has(name) && !isOfLost(name) && isRelied(name, built),
  )
  const others = [...built].filter(([name, was]) => found.has(name) && isAnother(name, was, found.get(name)!))
  const added = [...found].filter(([name, is]) => !built.has(name) && refusesWrites(name, is, built))
  return [
    ...gone.map((name) => `${name} is gone`),
    ...others.map(([name]) => `${name} is another`),
    ...added.map(([name]) => `${name} was added`),
  ]
}

/** Unique ones are relied on by ON CONFLICT; what else refuses writes isn't missed. */
function isRelied(name: string, built: Catalog): boolean {
  if (/^(table|column|enum|domain|type|function|sequence) /.test(name)) return true
  return /\bUNIQUE\b|\bPRIMARY KEY\b/.test(built.get(name) ?? '')
}

function isAnother(name: string, was: string, is: string): boolean {
  if (name.startsWith('column ')) return withoutDefault(was) !== withoutDefault(is)
  return /^(constraint|enum|domain|type) /.test(name) && was !== is
}

function withoutDefault(column: string): string {
  return column.replace(/ default .*$/, '')
}

/** On tables that the build knows. What rests on a new column alone is never met by who doesn't write that column. */
function refusesWrites(name: string, definition: string, built: Catalog): boolean {
  const [, kind, table = ''] = /^(column|constraint) ([^.]+)\./.exec(name) ?? []
  if (kind === 'column') {
    return (
      built.has(`table ${table}`) &&
      / not null\b/.test(definition) &&
      !/ (default|identity|generated|virtual)\b/.test(definition)
    )
  }
  if (kind === 'constraint') return built.has(`table ${table}`) && concernsKnown(definition, table, built)
  const [, indexed = ''] = /^CREATE UNIQUE INDEX \S+ ON (\S+) /.exec(definition) ?? []
  return built.has(`table ${indexed}`) && concernsKnown(definition, indexed, built)
}

/** A CHECK that names a known column; a key, or a unique rule, all of whose columns are known: one that is NULL passes. */
function concernsKnown(definition: string, table: string, built: Catalog): boolean {
  const isKnown = (column: string) => built.has(`column ${table}.${column}`)
  if (definition.startsWith('CHECK ')) return (definition.match(/\w+/g) ?? []).some(isKnown)
  const columns = /\(([^)]*)\)/.exec(definition)?.[1]?.split(', ') ?? []
  return columns.every((column) => isKnown(column.replaceAll('"', '')))
}

import pg from 'pg'
import type { Catalog, CatalogDifference } from '../files/catalog.ts'
import type { Definitions } from '../database/definitions.ts'
import { columnType } from './column.ts'
import { optionsOf } from './sequence.ts'

type Change = Pick<CatalogDifference, 'missing' | 'extra'>

/** An object that is there under another name, as the catalog has it: `table breaks`, `column rooms.floor`. */
export interface Renamed {
  readonly former: string
  readonly now: string
}

/** The statements that give what was renamed its new name: made anew and dropped, it would lose its rows. */
export function renames(from: Definitions, to: Definitions, change: Change): string[] {
  return renamedIn(from, to, change).map(({ former, now }) => renaming(former, now))
}

/**
 * Tables, columns, enums and sequences that are there under another name. Known by what they are: a column by its type and its
 * number in the table, or if there is just one that it can be. Columns of a table that was renamed too aren't told yet.
 */
export function renamedIn(from: Definitions, to: Definitions, change: Change): Renamed[] {
  return ['table ', 'enum ', 'sequence ', 'column '].flatMap((kind) => {
    const ofKind = (names: readonly string[]) => names.filter((name) => name.startsWith(kind))
    const [missing, extra] = [ofKind(change.missing), ofKind(change.extra)]
    return missing.flatMap((now) => {
      const wanted = likeness(now, to.objects)
      const former = extra.filter((name) => likeness(name, from.objects) === wanted)
      const rivals = missing.filter((name) => likeness(name, to.objects) === wanted)
      const number = to.numbers.get(now)
      const inPlace = former.find((name) => number !== undefined && from.numbers.get(name) === number)
      const only = former.length === 1 && rivals.length === 1 ? former[0] : undefined
      const found = inPlace ?? only
      return found === undefined ? [] : [{ former: found, now }]
    })
  })
}

/** What stays the same when it is renamed. */
function likeness(name: string, catalog: Catalog): string {
  const rest = name.slice(name.indexOf(' ') + 1)
  if (name.startsWith('enum ')) return catalog.get(name)!
  if (name.startsWith('sequence ')) return optionsOf(catalog.get(name)!)
  if (name.startsWith('column ')) return `${rest.split('.')[0]!} ${columnType(catalog.get(name)!)}`
  const prefix = `column ${rest}.`
  return JSON.stringify(
    [...catalog]
      .filter(([other]) => other.startsWith(prefix))
      .map(([other, column]) => `${other.slice(prefix.length)} ${column}`)
      .sort(),
  )
}

function renaming(former: string, now: string): string {
  const [kind = '', from = ''] = former.split(/ (.*)/s)
  const own = (name: string) => pg.escapeIdentifier(name.slice(name.indexOf('.') + 1))
  if (kind === 'table') return `ALTER TABLE ${pg.escapeIdentifier(from)} RENAME TO ${own(now.slice(6))}`
  if (kind === 'sequence') return `ALTER SEQUENCE ${pg.escapeIdentifier(from)} RENAME TO ${own(now.slice(9))}`
  if (kind === 'enum') return `ALTER TYPE ${pg.escapeIdentifier(from)} RENAME TO ${own(now.slice(5))}`
  const table = pg.escapeIdentifier(from.slice(0, from.indexOf('.')))
  return `ALTER TABLE ${table} RENAME COLUMN ${own(from)} TO ${own(now)}`
}

import { isDeepStrictEqual } from 'node:util'
import { wordsOf } from '../../compiled/data-model.ts'
import { dataModel } from '../../generated/data-model.ts'
import { RevisedEntity } from '../../generated/prisma/client.ts'
import { tableOf } from '../tables.ts'

/** One value of a revision: a column's name and what PostgreSQL's JSON says of it. */
export interface ColumnChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** Columns to what PostgreSQL's JSON says of them. */
export type Values = Readonly<Record<string, unknown>>

/** What a revision changed, by the names that clients know, in their order. */
export function changesOf(before: Values, after: Values): ColumnChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((column) => !unknownToClients.has(column))
    .map((column) => ({
      field: fieldOf(column),
      before: valueOf(column, before[column]),
      after: valueOf(column, after[column]),
    }))
    .sort((a, b) => (a.field < b.field ? -1 : 1))
}

/**
 * Columns that no client writes: how imports know a row, whose a speaker is, that a person was erased, and the slugs that
 * an event had, each of which is told by the change that gave it up.
 */
const unknownToClients = new Set(['source_id', 'user_id', 'erased_at', 'former_slugs'])

/** What several revisions of one thing, oldest first, changed on the whole: a value that came back is none. */
export function differenceOver(revisions: readonly { before: Values; after: Values }[]): ColumnChange[] {
  const before = Object.assign({}, ...revisions.map((revision) => revision.before).toReversed()) as Values
  const after = Object.assign({}, ...revisions.map((revision) => revision.after)) as Values
  return changesOf(before, after).filter((change) => !isDeepStrictEqual(change.before, change.after))
}

/** The names of the fields that changed, each once; what clients know as one list is two columns. */
export function fieldsIn(changes: readonly ColumnChange[]): string[] {
  const listOf = (column: string) =>
    Object.keys(periodLists).find((list) => periodLists[list]?.includes(column)) ?? column
  return [...new Set(changes.map(({ field }) => listOf(field)))]
}

/** Lists of periods by the names that clients know, and the two columns that hold the begins and the ends of each. */
export const periodLists: Readonly<Record<string, readonly [string, string]>> = {
  openingHours: ['openFrom', 'openUntil'],
  availability: ['availableFrom', 'availableUntil'],
}

/** Whether a revision only says how a row was when its history began: the triggers name what changed on both sides. */
export function isBaseline({ before, after }: { readonly before: Values; readonly after: Values }): boolean {
  return Object.keys(before).length === 0 && Object.keys(after).length > 0
}

/**
 * A row as Prisma would have given it.
 *
 * @param fields the names of all its fields; those that the history doesn't know are null
 */
export function rowOf(fields: readonly string[], values: Values): Record<string, unknown> {
  const known = Object.entries(values).map(([column, value]) => {
    return [fieldOf(column), instants.has(column) ? datesOf(value) : nameIn(column, valueOf(column, value))]
  })
  return { ...Object.fromEntries(fields.map((field) => [field, null])), ...Object.fromEntries(known) }
}

/** 'starts_at' is 'startsAt' to clients, as the Prisma schema maps it. */
function fieldOf(column: string): string {
  return column.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase())
}

/** Instants as clients get them, enumerated values by the names that the SDL gives them. */
function valueOf(column: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => valueOf(column, item))
  if (typeof value !== 'string') return value ?? null
  if (instants.has(column)) return new Date(value).toISOString()
  const name = value.toUpperCase()
  return enumerated.get(column)?.has(name) === true ? name : value
}

/** A column that is enumerated has its first value where what it had was erased. */
function nameIn(column: string, value: unknown): unknown {
  const names = enumerated.get(column)
  if (names === undefined || typeof value !== 'string' || names.has(value)) return value
  return [...names][0]
}

/** Text to Dates, in lists too. */
function datesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(datesOf)
  return typeof value === 'string' ? new Date(value) : (value ?? null)
}

/** The columns of all that has a history. */
const columns = Object.values(RevisedEntity).flatMap((entity) => {
  const model = Object.values(dataModel.models).find(({ table }) => table === tableOf(entity).sql)
  return Object.values(model?.fields ?? {}).filter((field) => 'column' in field)
})
const instants = new Set(columns.flatMap(({ type, column }) => (type === 'DateTime' ? [column] : [])))
/** Of each column that is enumerated, the names of its values; of columns of one name together. */
const enumerated = new Map<string, ReadonlySet<string>>()
for (const { type, column } of columns) {
  const names = Object.keys(wordsOf(type) ?? {})
  if (names.length > 0) enumerated.set(column, new Set([...(enumerated.get(column) ?? []), ...names]))
}

import type { GraphQLField } from 'graphql'
import { getNamedType, getNullableType, isEnumType, isListType, isNonNullType } from 'graphql'
import { type Column, columnOf, NotCompilable, wordsOf } from './data-model.ts'
import { sayable, unsayable } from './marks.ts'
import type { Scope } from './statement.ts'
import { unlessTooMuch } from './text-budget.ts'

/** JSON text in the making: pieces of SQL that are put together by ||, which takes half the time of json_build_object. */
export class JsonText {
  readonly #parts: Part[] = []
  #literal = ''

  /** @param text JSON, or a part of it */
  add(text: string): this {
    this.#literal += text
    return this
  }

  /** @param expression SQL that gives a text, never null: what is null makes the whole row null */
  sql(expression: string): this {
    return this.#push({ sql: expression, isLong: false })
  }

  /** As `sql`, of a text that may be long: wherever it can, it stays a column of its own. */
  long(expression: string): this {
    return this.#push({ sql: expression, isLong: true })
  }

  /** The text, if the database isn't needed for it. */
  get constant(): string | null {
    return this.#parts.length === 0 ? this.#literal : null
  }

  toSql(): string {
    this.#flush()
    return concatenated(this.#parts)
  }

  /**
   * The text in columns, none of which is null. PostgreSQL copies a text anew each time that something is put before or
   * behind it; for the long one of a list this takes longer than to make it.
   */
  toColumns(): string[] {
    this.#flush()
    const groups: Part[][] = []
    for (const part of this.#parts) {
      const last = groups.at(-1)
      if (last === undefined || part.isLong || last[0]!.isLong) groups.push([part])
      else last.push(part)
    }
    if (groups.length > columnsAtMost) return [sayable(concatenated(this.#parts))]
    return groups.map((parts) => sayable(concatenated(parts)))
  }

  #push(part: Part): this {
    this.#flush()
    this.#parts.push(part)
    return this
  }

  #flush(): void {
    if (this.#literal !== '') this.#parts.push({ sql: quoted(this.#literal), isLong: false })
    this.#literal = ''
  }
}

/** A statement has 1,664 at most, and takes them from other columns. */
const columnsAtMost = 100

interface Part {
  readonly sql: string
  readonly isLong: boolean
}

/**
 * By halves: each || copies what it is given, and keeps the copy until the row is done. One after the other, 800 pieces
 * of 100 kB would take 32 GB.
 */
function concatenated(parts: readonly Part[]): string {
  if (parts.length <= 8) return parts.length === 0 ? "''" : parts.map(({ sql }) => sql).join('||')
  const half = Math.ceil(parts.length / 2)
  return [parts.slice(0, half), parts.slice(half)].map((some) => `(${concatenated(some)})`).join('||')
}

/** Columns in a SELECT, as `c0`, `c1` and so on. */
export function numbered(columns: readonly string[]): string {
  return columns.map((column, index) => `${column} AS c${index}`).join(', ')
}

/** A literal of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * The field's JSON from the column of its name, if that gives what the SDL promises.
 *
 * @throws NotCompilable
 */
export function writeColumn(text: JsonText, scope: Scope, field: GraphQLField<unknown, unknown>): void {
  const column = columnOf(scope.model, field.name)
  const isRequired = isNonNullType(field.type)
  const isList = isListType(getNullableType(field.type))
  if (isList || column.isList || (isRequired && !column.isRequired))
    throw new NotCompilable(`${scope.model.table}.${field.name}`)
  const named = getNamedType(field.type)
  const words = wordsOf(column.type)
  const fits =
    words === undefined
      ? columnTypes[named.name] === column.type
      : isEnumType(named) && Object.keys(words).every((name) => named.getValue(name)?.value === name)
  if (!fits) throw new NotCompilable(`${scope.model.table}.${field.name}`)
  writeValue(text, scope.column(field.name), column, scope.statement.countsAllTexts ? 1 : null)
}

/** Of the scalars, the type of the columns that serialize as they are stored. */
const columnTypes: Readonly<Record<string, string>> = {
  ID: 'String',
  String: 'String',
  TimeZone: 'String',
  LocalTime: 'String',
  URL: 'String',
  Int: 'Int',
  Float: 'Float',
  Boolean: 'Boolean',
  DateTime: 'DateTime',
}

/**
 * The JSON of a value of a column's type.
 *
 * @param times how often a text counts; it is left out if there is too much. null: it doesn't count, and never is
 */
export function writeValue(text: JsonText, sql: string, column: Column, times: number | null = null): void {
  const { isRequired, isUuid, type } = column
  const words = wordsOf(type)
  if (words !== undefined) return void text.sql(enumText(sql, words, isRequired))
  if (type === 'DateTime') return void text.sql(instantText(sql, isRequired))
  if (isUuid && isRequired) return void text.add('"').sql(`${sql}::text`).add('"')
  const json = type === 'String' ? `to_json(${sql})::text` : `${sql}::text`
  const value = isRequired ? json : `coalesce(${json}, 'null')`
  text.sql(times !== null && type === 'String' ? unlessTooMuch(sql, value, times) : value)
}

/** A word that this release doesn't know is for Prisma to refuse. */
function enumText(sql: string, words: Readonly<Record<string, string>>, isRequired: boolean): string {
  const cases = Object.entries(words).map(([name, word]) => `WHEN ${quoted(word)} THEN '"${name}"'`)
  const otherwise = isRequired ? unsayable : `CASE WHEN ${sql} IS NULL THEN 'null' ELSE ${unsayable} END`
  return `CASE ${sql} ${cases.join(' ')} ELSE ${otherwise} END`
}

/** As `Date.toISOString` has it: digits below milliseconds are cut off. The session is in UTC, so to_char is. */
export function instantText(sql: string, isRequired: boolean): string {
  const nothing = isRequired ? '' : `WHEN ${sql} IS NULL THEN 'null' `
  const written = `to_char(${sql}, '\\"YYYY-MM-DD"T"HH24:MI:SS.MS"Z"\\"')`
  return `CASE ${nothing}WHEN ${isOrdinary(sql)} THEN ${written} ELSE ${unsayable} END`
}

/** Whether PostgreSQL and JavaScript write the year alike: four digits, after Christ. Not so for null and infinity. */
export function isOrdinary(sql: string): string {
  return `${sql} >= '0001-01-01Z'::timestamptz AND ${sql} < '10000-01-01Z'::timestamptz`
}

/** As `Date.getTime` has it: milliseconds, cut off below. */
export function milliseconds(sql: string): string {
  return `floor(extract(epoch FROM ${sql})*1000)::bigint`
}

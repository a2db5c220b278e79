import type { Model } from './data-model.ts'
import { sayable } from './marks.ts'
import { Scope } from './statement.ts'
import type { Twin, TwinField } from './twin.ts'

/** The keys of an object in a column of JSON, and what PostgreSQL is to read them as; 'text!' is there always. */
type Keys = Readonly<Record<string, 'text' | 'text!' | 'numeric'>>

/** The field's list of objects, from the column of its name that holds them as JSON. */
export function jsonList<Context>(keys: Keys): Twin<Context> {
  return (field) => {
    const rows = new Scope(field.scope.statement, modelOf(keys))
    const { alias } = rows
    const read = `ROWS FROM (jsonb_to_recordset(${columnOf(field)}) AS (${columns(keys)})) WITH ORDINALITY`
    const all = `string_agg(${sayable(field.object(rows))}, ',' ORDER BY ${alias}.n)`
    const from = `${read} ${alias}(${Object.keys(keys).join(', ')}, n)`
    field.text.sql(`(SELECT '['||coalesce(${all}, '')||']' FROM ${from})`)
  }
}

/** The field's object, from the column of its name that holds it as JSON; null if there is none. */
export function jsonObject<Context>(keys: Keys): Twin<Context> {
  return (field) => {
    const row = new Scope(field.scope.statement, modelOf(keys))
    const from = `jsonb_to_record(${columnOf(field)}) AS ${row.alias}(${columns(keys)})`
    const read = `(SELECT ${field.object(row)} FROM ${from})`
    field.text.sql(`CASE WHEN ${columnOf(field)} IS NULL THEN 'null' ELSE ${read} END`)
  }
}

function columnOf<Context>({ scope, name }: TwinField<Context>): string {
  return scope.column(name)
}

function columns(keys: Keys): string {
  return Object.entries(keys)
    .map(([key, type]) => `${key} ${type.replace('!', '')}`)
    .join(', ')
}

/** No table: what is in a row's JSON. */
function modelOf(keys: Keys): Model {
  const fields = Object.entries(keys).map(([key, type]) => {
    const column = { column: key, type: type === 'numeric' ? 'Float' : 'String' }
    return [key, { ...column, isUuid: false, isList: false, isRequired: type === 'text!' }] as const
  })
  return { table: 'json', key: fields[0]![0], fields: Object.fromEntries(fields) }
}

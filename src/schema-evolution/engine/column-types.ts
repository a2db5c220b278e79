import { type ColumnType, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import pg from 'pg'

type Parse = (text: string) => unknown

const asText: Parse = (text) => text
const asDateTime: Parse = (text) => text.replace(' ', 'T').replace(/(\+00)?$/, '+00:00')
const arrayOf = (oid: number): Parse => pg.types.getTypeParser(oid, 'text')
const arrayOfText = arrayOf(1009)

/**
 * How the engine wants the types that its catalog queries return, by PostgreSQL's OID. `"char"` (18) has to be a
 * Character: read as text it makes the engine panic on a CHECK constraint.
 */
const columnTypes: ReadonlyMap<number, readonly [ColumnType, Parse]> = new Map([
  [16, [ColumnTypeEnum.Boolean, (text: string) => text === 't']],
  [18, [ColumnTypeEnum.Character, asText]],
  [20, [ColumnTypeEnum.Int64, asText]],
  [21, [ColumnTypeEnum.Int32, Number]],
  [23, [ColumnTypeEnum.Int32, Number]],
  [26, [ColumnTypeEnum.Int64, asText]],
  [114, [ColumnTypeEnum.Json, asText]],
  [700, [ColumnTypeEnum.Float, Number]],
  [701, [ColumnTypeEnum.Double, Number]],
  [1000, [ColumnTypeEnum.BooleanArray, arrayOf(1000)]],
  [1002, [ColumnTypeEnum.CharacterArray, arrayOfText]],
  [1003, [ColumnTypeEnum.TextArray, arrayOfText]],
  [1005, [ColumnTypeEnum.Int32Array, arrayOf(1005)]],
  [1007, [ColumnTypeEnum.Int32Array, arrayOf(1007)]],
  [1009, [ColumnTypeEnum.TextArray, arrayOfText]],
  [1015, [ColumnTypeEnum.TextArray, arrayOfText]],
  [1016, [ColumnTypeEnum.Int64Array, arrayOfText]],
  [1028, [ColumnTypeEnum.Int64Array, arrayOfText]],
  [1114, [ColumnTypeEnum.DateTime, asDateTime]],
  [1184, [ColumnTypeEnum.DateTime, asDateTime]],
  [1700, [ColumnTypeEnum.Numeric, asText]],
  [2950, [ColumnTypeEnum.Uuid, asText]],
  [3802, [ColumnTypeEnum.Json, asText]],
])

/** Text for every type that isn't known: the engine asks for no such column without a cast. */
export function columnTypeOf(oid: number): ColumnType {
  return columnTypes.get(oid)?.[0] ?? ColumnTypeEnum.Text
}

/** Parsers for `pg` that give values in the form that goes with `columnTypeOf`. Expects a session in UTC. */
export const engineTypes: pg.CustomTypesConfig = {
  // The signature of pg is overloaded by format; only texts are ever asked for here.
  getTypeParser: ((oid: number) =>
    columnTypes.get(oid)?.[1] ?? asText) as pg.CustomTypesConfig['getTypeParser'],
}

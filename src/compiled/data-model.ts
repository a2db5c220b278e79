import { dataModel } from '../generated/data-model.ts'

/** What statements need to know of the Prisma schema; `src/cli/generate/data-model.ts` writes it. */
export interface DataModel {
  readonly models: Readonly<Record<string, Model>>
  /** Of each enum the names that Prisma has, to the words that PostgreSQL has. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export interface Model {
  readonly table: string
  /** The first field of the primary key. */
  readonly key: string
  readonly fields: Readonly<Record<string, Field>>
}

export type Field = Column | Relation

export interface Column {
  readonly column: string
  /** Prisma's type: 'String', 'DateTime' ..., or an enum. */
  readonly type: string
  readonly isUuid: boolean
  readonly isList: boolean
  readonly isRequired: boolean
}

export interface Relation {
  readonly model: string
  readonly isList: boolean
  readonly isRequired: boolean
  /** Columns of this model to those of the other that equal them. */
  readonly on: readonly (readonly [string, string])[]
}

/** An operation isn't answered by one statement. The message names the field or the form that isn't known. */
export class NotCompilable extends Error {
  override readonly name = 'NotCompilable'
}

/** @throws NotCompilable */
export function modelNamed(name: string): Model {
  const model = dataModel.models[name]
  if (model === undefined) throw new NotCompilable(name)
  return model
}

/** @throws NotCompilable */
export function columnOf(model: Model, name: string): Column {
  const field = model.fields[name]
  if (field === undefined || 'model' in field) throw new NotCompilable(`${model.table}.${name}`)
  return field
}

/** @throws NotCompilable */
export function relationOf(model: Model, name: string): Relation {
  const field = model.fields[name]
  if (field === undefined || !('model' in field)) throw new NotCompilable(`${model.table}.${name}`)
  return field
}

/** Prisma's names of an enum's values to PostgreSQL's words; undefined if it is no enum. */
export function wordsOf(type: string): Readonly<Record<string, string>> | undefined {
  return dataModel.enums[type]
}

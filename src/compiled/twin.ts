import { type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql'
import type { Page } from '../paging.ts'
import type { JsonText } from './json-text.ts'
import type { Writer } from './marks.ts'
import type { Rows } from './query.ts'
import type { Scope } from './statement.ts'
import type { Where } from './where.ts'

/**
 * What a field that has a resolver is in SQL. A field without a resolver needs no twin: it is the column of its name, or
 * the relation that its plan names. Which rows there are is never said here, but by the field's plan.
 */
export type Twin<Context> = (field: TwinField<Context>) => void

export type TypeTwins<Context> = Readonly<Record<string, Twin<Context>>>

/** A field in an operation that is being compiled. */
export interface TwinField<Context> {
  /** The name of the type whose field it is. */
  readonly type: string
  readonly name: string
  /** As graphql-js coerces them. */
  readonly args: Readonly<Record<string, unknown>>
  /** As far as it doesn't change from one request to the next of the same viewer. */
  readonly context: Context
  /** The row whose field it is. */
  readonly scope: Scope
  /** Where its JSON is to be put. */
  readonly text: JsonText
  /** How many names the object shows the field under, and whether this is the first of them. */
  aliases(): { readonly number: number; readonly isFirst: boolean }
  /** What the plan asks of a relation: which rows, in which order. @throws NotCompilable */
  relation(name: string): Rows
  /** Which rows of a relation the plan counts. */
  counted(name: string): Where
  /** The JSON of an object of the field's type, as SQL, from the columns of a row. */
  object(row: Scope): string
  /** Puts the JSON of a connection into `text`. */
  connection(list: ListWanted): void
  /** SQL that stands before each thing that is counted: the resolvers answer if the answer has more of them. */
  countedTo(most: number): string
  /** JSON that Node writes from what the database gives: text without bare control characters, never null. */
  later(write: Writer, values: string): string
}

/** Which rows a root field gives. */
export type RootTwin<Context> = OneOfRoot<Context> | PageOfRoot<Context> | NodesOfRoot<Context>

/** A field that finds one row by a key. */
export interface OneOfRoot<Context> {
  readonly model: string
  /** The arguments that name a row; if anything else is given, the resolver answers. */
  readonly keys: Readonly<Record<string, RootKey>>
  /** The rows that the viewer may see. */
  visible(context: Context): Where
  /** The model in which the resolver looks by the same key if there is no such row. */
  readonly elsewhere?: string
}

/** An argument that names a row. */
export interface RootKey {
  /** Whether a value can find anything at all. */
  isKey(value: string): boolean
  where(key: string): object
}

/** A field that finds rows of any type by their ids: one by `id`, or some by `ids`. */
export interface NodesOfRoot<Context> {
  /** By the names of the types. */
  readonly types: Readonly<Record<string, Omit<OneOfRoot<Context>, 'keys'>>>
  readonly keys: Readonly<Record<string, Pick<RootKey, 'isKey'>>>
  /** How many ids may be asked for at once. */
  readonly most: number
}

/** A field that gives a page of a list that lies in no event. */
export interface PageOfRoot<Context> {
  readonly model: string
  page(args: Readonly<Record<string, unknown>>, context: Context): WantedRows
}

/** A page, in Prisma's arguments. */
export interface WantedRows {
  readonly page: Page
  readonly rows: Rows
  /** The rows of all pages. */
  readonly counted: Where
}

/** A page of a list that may lie in an event. */
export interface ListWanted extends WantedRows {
  /** Of the rows that are asked. */
  readonly model: string
  /** The row whose list it is, and the relation that the list is; null: a root field's. */
  readonly of: readonly [Scope, string] | null
  /** SQL of the id of the event in which the list is; null: it is in none. */
  readonly whose: string | null
  /** The relation of the rows that leads to those that are shown; of links only. */
  readonly behind?: string
}

/** Tells the schema how the database answers its fields; the twins of all types, and those of the root fields. */
export function attachTwins<Context>(
  schema: GraphQLSchema,
  types: Readonly<Record<string, TypeTwins<Context>>>,
  roots: Readonly<Record<string, RootTwin<Context>>>,
): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type)) continue
    type.extensions = { ...type.extensions, [twinsKey]: types[type.name] ?? {} }
    // Asked before Apollo gives every field a resolver of its own.
    for (const field of Object.values(type.getFields()))
      field.extensions = { ...field.extensions, [resolvedKey]: field.resolve !== undefined }
  }
  schema.extensions = { ...schema.extensions, [twinsKey]: roots }
}

const twinsKey = 'compiledTwins'
const resolvedKey = 'hasResolver'

export function twinOf(type: GraphQLObjectType, field: string): Twin<unknown> | undefined {
  return (type.extensions[twinsKey] as TypeTwins<unknown> | undefined)?.[field]
}

export function rootTwinOf(schema: GraphQLSchema, field: string): RootTwin<unknown> | undefined {
  return (schema.extensions[twinsKey] as Record<string, RootTwin<unknown>> | undefined)?.[field]
}

/** Whether a field is answered by a resolver of ours. */
export function hasResolver(type: GraphQLObjectType, field: string): boolean {
  return type.getFields()[field]!.extensions[resolvedKey] !== false
}

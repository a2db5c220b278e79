import {
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { collectSubfields } from 'graphql/execution/collectFields.js'
import { NotCompilable } from './data-model.ts'
import type { JsonText } from './json-text.ts'
import type { Writer } from './marks.ts'
import type { Scope, Statement } from './statement.ts'

/** An operation that is being compiled. */
export interface Asked {
  readonly schema: GraphQLSchema
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** Coerced; a `Slot` for a variable that is only a key. */
  readonly variables: Readonly<Record<string, unknown>>
  /** What plans and twins are given. */
  readonly context: unknown
  readonly statement: Statement
  readonly writers: Writer[]
  /** How many things that are counted the answer may show. */
  readonly bounds: { most: number | null }
}

/** A field of an object, by its name in the answer. */
export interface AskedField {
  readonly key: string
  readonly name: string
  readonly nodes: readonly FieldNode[]
}

/** The JSON of a row, as SQL. */
export type ObjectText = (type: GraphQLObjectType, nodes: readonly FieldNode[], row: Scope) => string

/** The selected fields, fragments, @skip and @include already dealt with by graphql-js. */
export function fieldsOf(
  { schema, fragments, variables }: Asked,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): AskedField[] {
  const byKey = collectSubfields(schema, fragments, variables, type, nodes)
  return [...byKey].map(([key, list]) => ({ key, name: list[0]!.name.value, nodes: list }))
}

/** The fields of an object in braces, in their order. */
export function writeObject(
  text: JsonText,
  type: GraphQLObjectType,
  fields: readonly AskedField[],
  write: (field: AskedField) => void,
): void {
  text.add('{')
  for (const [index, field] of fields.entries()) {
    text.add(`${index === 0 ? '' : ','}"${field.key}":`)
    if (field.name === '__typename') text.add(`"${type.name}"`)
    else write(field)
  }
  text.add('}')
}

/** @throws NotCompilable if the type is an interface or a union */
export function objectTypeOf(type: GraphQLOutputType): GraphQLObjectType {
  const named = getNamedType(type)
  if (!isObjectType(named)) throw new NotCompilable(named.name)
  return named
}

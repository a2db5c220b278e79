import {
  getDirectiveValues,
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isIntrospectionType,
  isLeafType,
  isListType,
} from 'graphql'
import { maxPageSize } from '../paging.ts'
import { introspectionSizes } from './introspection-sizes.ts'

/** What one field costs, as its @cost and @listSize say in the SDL. */
export interface Price {
  /** Points for each item that it gives. */
  readonly weight: number
  readonly isList: boolean
  /** Whether it gives the rows of the page that its connection was asked for. */
  readonly isPage: boolean
  /** How many items it gives at most; of a connection, how many are on its page. */
  sizeWith(args: Readonly<Record<string, unknown>>): number
  /** Points for the arguments, each time that the field is read. */
  argumentsWith(args: Readonly<Record<string, unknown>>): number
}

type Field = GraphQLField<unknown, unknown>

/** Which fields give the rows of a page: how the names of their types end, and their own. */
const pages = [
  ['Connection', 'nodes'],
  ['Connection', 'edges'],
  ['Feed', 'changes'],
] as const

/** The price of a field; worked out once, because schemas don't change. */
export function priceOf(schema: GraphQLSchema, parent: GraphQLNamedType, field: Field): Price {
  const known = prices.get(field)
  if (known !== undefined) return known
  const price = workOut(schema, parent, field)
  prices.set(field, price)
  return price
}

const prices = new WeakMap<Field, Price>()

function workOut(schema: GraphQLSchema, parent: GraphQLNamedType, field: Field): Price {
  const type = getNamedType(field.type)
  const most = mostItems(schema, parent, field)
  const isSliced = field.args.some(({ name }) => name === 'first')
  return {
    weight: weightOf(schema, field) ?? weightUnlessSaid(schema, parent, type),
    // Of what describes the schema, everything has a size: `ofType` is there for some types only.
    isList: isListType(getNullableType(field.type)) || isIntrospectionType(parent),
    isPage: pages.some(([type, name]) => parent.name.endsWith(type) && field.name === name),
    sizeWith: ({ first, last, ids }) => {
      // What is asked for by ids is as long as they are.
      if (Array.isArray(ids)) return Math.min(ids.length, most)
      const size = last ?? first
      return isSliced && typeof size === 'number' ? Math.min(Math.max(size, 0), most) : most
    },
    argumentsWith: (args) =>
      field.args.reduce((sum, argument) => {
        const value = args[argument.name]
        return value == null ? sum : sum + costOfInput(schema, argument, value)
      }, 0),
  }
}

/** What describes the schema is in memory; what changes something writes and reads it in a transaction. */
function weightUnlessSaid(schema: GraphQLSchema, parent: GraphQLNamedType, type: GraphQLNamedType): number {
  const weight = isLeafType(type) ? 1 : 3
  // As measured: the largest that is let in takes some 30 ms.
  if (isIntrospectionType(parent)) return weight * 1.5
  return parent === schema.getMutationType() ? 1_000 : weight
}

/** How many items a list gives at most: as its @listSize says, or else as many as a page may have. */
function mostItems(schema: GraphQLSchema, parent: GraphQLNamedType, field: Field): number {
  if (isIntrospectionType(parent)) return introspectionSizes(schema).get(`${parent.name}.${field.name}`) ?? 1
  const directive = schema.getDirective('listSize')
  const said = directive && field.astNode ? getDirectiveValues(directive, field.astNode) : undefined
  return Number(said?.['assumedSize'] ?? maxPageSize)
}

/** What its @cost says, and a point for each item of the lists in it. */
function costOfInput(
  schema: GraphQLSchema,
  input: GraphQLArgument | GraphQLInputField,
  value: unknown,
): number {
  return (weightOf(schema, input) ?? 0) + costOfItems(schema, input.type, value)
}

function costOfItems(schema: GraphQLSchema, type: GraphQLInputType, value: unknown): number {
  if (Array.isArray(value)) return value.length
  const named = getNamedType(type)
  if (!isInputObjectType(named) || typeof value !== 'object' || value === null) return 0
  return Object.entries(value).reduce((sum, [name, inner]) => {
    const field = named.getFields()[name]
    return field === undefined || inner == null ? sum : sum + costOfInput(schema, field, inner)
  }, 0)
}

function weightOf(schema: GraphQLSchema, element: Field | GraphQLArgument | GraphQLInputField) {
  const directive = schema.getDirective('cost')
  const said = directive && element.astNode ? getDirectiveValues(directive, element.astNode) : undefined
  return said === undefined ? undefined : Number(said['weight'])
}

import {
  type GraphQLSchema,
  type GraphQLType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isWrappingType,
} from 'graphql'

/**
 * How long the lists are by which a schema tells about itself, and which part of all types is a list or non-null type of
 * another: on average, because whoever reads some of them reads those of all types.
 */
export function introspectionSizes(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const known = sizes.get(schema)
  if (known !== undefined) return known
  const counted = count(schema)
  sizes.set(schema, counted)
  return counted
}

const sizes = new WeakMap<GraphQLSchema, ReadonlyMap<string, number>>()

function count(schema: GraphQLSchema): ReadonlyMap<string, number> {
  const types = Object.values(schema.getTypeMap())
  const fields = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [],
  )
  const sum = (each: (type: (typeof types)[number]) => number) =>
    types.reduce((total, type) => total + each(type), 0)
  const inputFields = types.flatMap((type) =>
    isInputObjectType(type) ? Object.values(type.getFields()) : [],
  )
  const values = sum((type) => (isEnumType(type) ? type.getValues().length : 0))
  const typesOfElements = [...fields, ...fields.flatMap(({ args }) => args), ...inputFields].map(
    ({ type }) => type,
  )
  const wrapped = typesOfElements.reduce((total, type) => total + wrappings(type), 0)
  return new Map([
    ['__Schema.types', types.length],
    ['__Schema.directives', schema.getDirectives().length],
    ['__Type.fields', fields.length / types.length],
    ['__Type.inputFields', inputFields.length / types.length],
    ['__Type.enumValues', values / types.length],
    ['__Type.ofType', wrapped / (wrapped + typesOfElements.length)],
    ['__Field.args', fields.reduce((total, { args }) => total + args.length, 0) / fields.length],
    ['__Directive.args', 2],
    ['__Directive.locations', 3],
  ])
}

/** `[Session!]!` is three types around another. */
function wrappings(type: GraphQLType): number {
  return isWrappingType(type) ? 1 + wrappings(type.ofType) : 0
}

import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'

/**
 * How long the lists are by which a schema tells about itself: as long as they are on average, because whoever reads
 * them reads those of all types.
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
  const inputs = sum((type) => (isInputObjectType(type) ? Object.keys(type.getFields()).length : 0))
  const values = sum((type) => (isEnumType(type) ? type.getValues().length : 0))
  return new Map([
    ['__Schema.types', types.length],
    ['__Schema.directives', schema.getDirectives().length],
    ['__Type.fields', fields.length / types.length],
    ['__Type.inputFields', inputs / types.length],
    ['__Type.enumValues', values / types.length],
    ['__Field.args', fields.reduce((total, { args }) => total + args.length, 0) / fields.length],
    ['__Directive.args', 2],
    ['__Directive.locations', 3],
  ])
}

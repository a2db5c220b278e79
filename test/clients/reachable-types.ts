import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'

/** The names of the types that an operation reaches without anything that is deprecated. */
export function reachableTypes(schema: GraphQLSchema): ReadonlySet<string> {
  const reached = new Set<string>()
  const reach = (type: GraphQLNamedType | null | undefined): void => {
    if (!type || reached.has(type.name)) return
    reached.add(type.name)
    for (const next of typesFrom(schema, type)) reach(next)
  }
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    reach(root)
  return reached
}

function typesFrom(schema: GraphQLSchema, type: GraphQLNamedType): GraphQLNamedType[] {
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : []
  if (isInputObjectType(type)) return Object.values(type.getFields()).filter(isCurrent).map(typeOf)
  if (!isObjectType(type) && !isInterfaceType(type)) return [...possible]
  const fields = Object.values(type.getFields()).filter(isCurrent)
  const inputs = fields.flatMap(({ args }) => args.filter(isCurrent))
  return [...possible, ...type.getInterfaces(), ...fields.map(typeOf), ...inputs.map(typeOf)]
}

function isCurrent({ deprecationReason }: { deprecationReason?: string | null | undefined }): boolean {
  return deprecationReason == null
}

function typeOf({ type }: { type: Parameters<typeof getNamedType>[0] }): GraphQLNamedType {
  return getNamedType(type)!
}

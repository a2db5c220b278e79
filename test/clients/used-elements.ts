import {
  type DocumentNode,
  getNamedType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql'

/** Operations with the fragments that each spreads, by what people call them. */
export type Operations = Readonly<Record<string, DocumentNode>>

/**
 * The operations that use an element of the schema. What stands in variables isn't known, so whoever has a variable of
 * an input type or an enum uses all of it; so does who is given an enum.
 */
export function usersOf(element: string, schema: GraphQLSchema, operations: Operations): string[] {
  const counts = new Set([element, wholeOf(element, schema)])
  return Object.entries(operations)
    .filter(([, document]) => [...usedElements(schema, document)].some((used) => counts.has(used)))
    .map(([name]) => name)
}

/** What an element can't be told from in a document: its input type or enum, or the field of an argument that is new. */
function wholeOf(element: string, schema: GraphQLSchema): string {
  const [typeName = '', member = '', argument] = element.split('.')
  const type = schema.getType(typeName)
  if (isEnumType(type) || isInputObjectType(type)) return typeName
  if (argument === undefined || !(isObjectType(type) || isInterfaceType(type))) return element
  const isNew = type.getFields()[member]?.args.every(({ name }) => name !== argument)
  return isNew === true ? `${typeName}.${member}` : element
}

function usedElements(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const used = new Set<string>()
  const info = new TypeInfo(schema)
  const useWhole = (type: GraphQLNamedType | undefined): void => {
    if (type === undefined || used.has(type.name)) return
    used.add(type.name)
    if (!isInputObjectType(type)) return
    for (const field of Object.values(type.getFields())) useWhole(getNamedType(field.type))
  }
  visit(
    document,
    visitWithTypeInfo(info, {
      Field: () => {
        const [parent, field] = [info.getParentType(), info.getFieldDef()]
        if (!parent || !field) return
        used.add(parent.name).add(`${parent.name}.${field.name}`).add(getNamedType(field.type).name)
      },
      Argument: ({ name }) => {
        used.add(`${info.getParentType()?.name}.${info.getFieldDef()?.name}.${name.value}`)
      },
      ObjectField: ({ name }) => {
        used.add(`${getNamedType(info.getParentInputType())?.name}.${name.value}`)
      },
      EnumValue: ({ value }) => {
        used.add(`${getNamedType(info.getInputType())?.name}.${value}`)
      },
      NamedType: ({ name }) => useWhole(schema.getType(name.value)),
    }),
  )
  return used
}

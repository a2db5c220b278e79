import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getNamedType,
  getNullableType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql'

/** How large an operation is, its fragments written out. What describes the schema itself counts as one level. */
export interface OperationSize {
  /** Fields in fields. */
  readonly levels: number
  /** Lists of objects in lists of objects. */
  readonly lists: number
  readonly fields: number
}

/** @param document valid, so that no fragment spreads itself */
export function sizeOfOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  { selectionSet, operation }: OperationDefinitionNode,
): OperationSize {
  const measured: Measured = { schema, fragments: fragmentsOf(document), known: new Map() }
  return sizeOf(selectionSet, schema.getRootType(operation) ?? undefined, measured)
}

interface Measured {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** The sizes of fragments: each is measured once, however often it is spread. */
  readonly known: Map<string, OperationSize>
}

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  return new Map(
    definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
}

/** @param parent the type that is selected from */
function sizeOf(
  selections: SelectionSetNode | undefined,
  parent: GraphQLNamedType | undefined,
  measured: Measured,
): OperationSize {
  const sizes = (selections?.selections ?? []).map((selection) => {
    if (selection.kind === Kind.FIELD) return sizeOfField(selection, parent, measured)
    if (selection.kind === Kind.FRAGMENT_SPREAD) return sizeOfFragment(selection.name.value, measured)
    return sizeOf(selection.selectionSet, conditionOf(selection, measured) ?? parent, measured)
  })
  return {
    levels: Math.max(0, ...sizes.map(({ levels }) => levels)),
    lists: Math.max(0, ...sizes.map(({ lists }) => lists)),
    fields: sizes.reduce((sum, { fields }) => sum + fields, 0),
  }
}

function sizeOfField(
  { name, selectionSet }: FieldNode,
  parent: GraphQLNamedType | undefined,
  measured: Measured,
): OperationSize {
  const hasFields = isObjectType(parent) || isInterfaceType(parent)
  const type = hasFields ? parent.getFields()[name.value]?.type : undefined
  const { levels, lists, fields } = sizeOf(selectionSet, getNamedType(type), measured)
  // What describes the schema is in memory, and graphql-js has a rule of its own for it.
  if (name.value.startsWith('__')) return { levels: 1, lists: 0, fields: fields + 1 }
  const isList = type !== undefined && isListType(getNullableType(type)) && selectionSet !== undefined
  return { levels: levels + 1, lists: lists + Number(isList), fields: fields + 1 }
}

function sizeOfFragment(name: string, measured: Measured): OperationSize {
  const { fragments, known } = measured
  const fragment = fragments.get(name)
  const size =
    known.get(name) ?? sizeOf(fragment?.selectionSet, fragment && conditionOf(fragment, measured), measured)
  known.set(name, size)
  return size
}

function conditionOf(
  { typeCondition }: { typeCondition?: NamedTypeNode | undefined },
  { schema }: Measured,
): GraphQLNamedType | undefined {
  return typeCondition && schema.getType(typeCondition.name.value)
}

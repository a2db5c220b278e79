import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  getArgumentValues,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
} from 'graphql'
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js'
import { getVariableValues } from 'graphql/execution/values.js'
import { priceOf } from './cost-prices.ts'

/** What an operation may cost to answer, before anything is read for it. */
export interface Cost {
  /** About as many microseconds of the server's time, if every list is as long as it may be. */
  readonly points: number
  /** How many fields of the root type it has: of a mutation, its changes. */
  readonly roots: number
  /** How much of it each list and object of the answer takes, the dearest first. */
  readonly parts: readonly CostPart[]
}

export interface CostPart {
  /** Response names from the top: 'event.tracks.sessions.nodes'. */
  readonly path: string
  readonly points: number
}

/** An operation as it is about to be executed. */
export interface Executable {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly variables: Readonly<Record<string, unknown>>
}

/**
 * Estimates an operation from the prices of its fields, the sizes of its pages and the most that an event may have.
 * Aliases count each, fields that @skip leaves out don't.
 *
 * @param document valid, so that no fragment spreads itself
 * @param variables as the client sent them; if they don't fit the operation, it is executed no further and costs nothing
 */
export function costOf({ schema, document, operation, variables }: Executable): Cost {
  const coerced = coercedVariables(schema, operation, variables)
  const root = schema.getRootType(operation.operation)
  if (coerced === undefined || !root) return { points: 0, roots: 0, parts: [] }
  const fragments = Object.fromEntries(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  )
  const estimate: Estimate = { schema, fragments, variables: coerced, parts: new Map() }
  const fields = collectFields(schema, fragments, coerced, root, operation.selectionSet)
  const points = Math.ceil(costOfFields(estimate, { type: root, fields, times: 1, pageSize: 1, path: '' }))
  const parts = [...estimate.parts].map(([path, points]) => ({ path, points: Math.ceil(points) }))
  return { points, roots: fields.size, parts: parts.toSorted((a, b) => b.points - a.points) }
}

/** Undefined if they don't fit the operation, or are nested deeper than anybody can go down. */
function coercedVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): Estimate['variables'] | undefined {
  try {
    return getVariableValues(schema, operation.variableDefinitions ?? [], variables).coerced
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

interface Estimate {
  readonly schema: GraphQLSchema
  readonly fragments: Record<string, FragmentDefinitionNode>
  readonly variables: { readonly [name: string]: unknown }
  readonly parts: Map<string, number>
}

/** What is selected of one object in the answer. */
interface Selected {
  readonly type: GraphQLObjectType
  readonly fields: ReadonlyMap<string, readonly FieldNode[]>
  /** How often the object is in the answer. */
  readonly times: number
  /** Of a connection: how many nodes it gives at most. */
  readonly pageSize: number
  readonly path: string
}

function costOfFields(estimate: Estimate, selected: Selected): number {
  let points = 0
  for (const [responseName, nodes] of selected.fields) {
    const field = fieldOf(estimate.schema, selected.type, nodes[0]!.name.value)
    if (field !== undefined) points += costOfField(estimate, selected, { responseName, field, nodes })
  }
  return points
}

interface SelectedField {
  readonly responseName: string
  readonly field: GraphQLField<unknown, unknown>
  readonly nodes: readonly FieldNode[]
}

function costOfField(
  estimate: Estimate,
  { type: parent, times, pageSize, path }: Selected,
  { responseName, field, nodes }: SelectedField,
): number {
  const { schema, fragments, variables, parts } = estimate
  const price = priceOf(schema, parent, field)
  const args = argumentsOf(field, nodes[0]!, variables)
  const size = price.isPage ? pageSize : price.sizeWith(args)
  const rows = times * (price.isList ? size : 1)
  const own = times * price.argumentsWith(args) + rows * price.weight
  const type = getNamedType(field.type)
  const isComposite = isObjectType(type) || isAbstractType(type)
  const here = isComposite ? (path === '' ? responseName : `${path}.${responseName}`) : path
  parts.set(here, (parts.get(here) ?? 0) + own)
  if (!isComposite) return own
  const types = isObjectType(type) ? [type] : schema.getPossibleTypes(type)
  const below = types.map((possible) =>
    costOfFields(estimate, {
      type: possible,
      fields: collectSubfields(schema, fragments, variables, possible, nodes),
      times: rows,
      pageSize: size,
      path: here,
    }),
  )
  return own + Math.max(0, ...below)
}

/** What the variables leave impossible is for the executor to refuse. */
function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: { readonly [name: string]: unknown },
): Readonly<Record<string, unknown>> {
  try {
    return getArgumentValues(field, node, variables)
  } catch {
    return {}
  }
}

function fieldOf(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (type === schema.getQueryType() && name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (type === schema.getQueryType() && name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  return type.getFields()[name]
}

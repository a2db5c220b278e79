import {
  getArgumentValues,
  getNamedType,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isObjectType,
} from 'graphql'
import { collectSubfields } from 'graphql/execution/collectFields.js'
import { mergeSelects, type Select } from './merge.ts'
import { pageArguments } from './page-arguments.ts'
import { ApiError } from '../errors.ts'
import type { Page } from '../paging.ts'

/**
 * What the fields of one GraphQL type need from the database. A field that isn't named needs the column of its
 * own name. `Context` is whatever the resolvers are given.
 */
export type TypePlan<Context> = { readonly [field: string]: Select | FieldPlan<Context> }

/**
 * What a field with arguments or sub-fields needs. It may throw what the field's resolver would throw: the field
 * is then left out of the plan, and the resolver says so at the right path.
 */
export type FieldPlan<Context> = (field: PlannedField<Context>) => Select

export interface PlannedField<Context> {
  /** The name of the type whose field it is. */
  readonly type: string
  readonly args: Readonly<Record<string, unknown>>
  readonly context: Context
  /** What the client selected of the object that this field gives. */
  select(): Select
  /** The same for a field that gives a connection. */
  connection(): ConnectionSelection
}

/** What a client selected of a connection: of its nodes, and whether it wants cursors and the total. */
export interface ConnectionSelection {
  readonly node: Select
  readonly wantsCursors: boolean
  readonly wantsTotalCount: boolean
}

/** The node's columns and, if the client wants cursors, those that they are made of. */
export function withCursor(wanted: ConnectionSelection, { column }: Page): Select {
  return wanted.wantsCursors ? { ...wanted.node, [column.name]: true, id: true } : wanted.node
}

/**
 * Of the row whose list it is: the column that says whose it is, if a cursor that came is to be held to that, or those
 * that go are to hold it.
 */
export function whoseList(
  { wantsCursors }: ConnectionSelection,
  { after, before }: Page,
  column: string,
): Select {
  return wantsCursors || after !== null || before !== null ? { [column]: true } : {}
}

/** Tells the schema what the fields of its types need; the plans of all types together. */
export function attachPlans<Context>(schema: GraphQLSchema, plans: Record<string, TypePlan<Context>>): void {
  for (const [name, plan] of Object.entries(plans)) {
    const type = schema.getType(name)
    if (!isObjectType(type))
      throw new Error(`There is a selection plan for ${name}, which is no object type.`)
    type.extensions = { ...type.extensions, [planKey]: plan }
  }
}

const planKey = 'selectionPlan'

/** What a field of a type needs, as its plan says; undefined if it needs the column of its own name. */
export function planOf(type: GraphQLObjectType, field: string): Select | FieldPlan<unknown> | undefined {
  return ((type.extensions[planKey] ?? {}) as TypePlan<unknown>)[field]
}

/**
 * The Prisma `select` for the object that a resolver is about to give: the columns and relations that the client
 * asked for and nothing else, with nested `select`s for what it asked of the related objects.
 *
 * @param path the fields to go down first, where the object sits inside a payload: `selectFor(info, context, 'session')`
 */
export function selectFor(info: GraphQLResolveInfo, context: unknown, ...path: string[]): Select {
  return planObject(descend(rootOf(info, context), path))
}

/** The same for an object that is of one of these types, for each of them what is selected of it. */
export function selectsFor(
  info: GraphQLResolveInfo,
  context: unknown,
  types: readonly string[],
  ...path: string[]
): Select[] {
  const place = descend(rootOf(info, context), path)
  return types.map((name) => planObject({ ...place, type: info.schema.getType(name) as GraphQLObjectType }))
}

/** The same for an object that sits in several places inside: `['nodes']` and `['edges', 'node']`. */
export function selectsAt(
  info: GraphQLResolveInfo,
  context: unknown,
  types: readonly string[],
  paths: readonly (readonly string[])[],
): Select[] {
  const root = rootOf(info, context)
  const nodes = paths.flatMap((path) => descend(root, path).nodes)
  return types.map((name) =>
    planObject({ ...root, type: info.schema.getType(name) as GraphQLObjectType, nodes }),
  )
}

/** Whether the client selected a field of the object that a resolver is about to give, or of one inside: the path's last name. */
export function isSelected(info: GraphQLResolveInfo, context: unknown, ...path: string[]): boolean {
  const place = descend(rootOf(info, context), path.slice(0, -1))
  return fieldsOf(place).some((field) => field.name === path.at(-1))
}

/** The same for a resolver that gives a connection. */
export function connectionFor(info: GraphQLResolveInfo, context: unknown): ConnectionSelection {
  return planConnection(rootOf(info, context))
}

/** One place in the query: a type and the field nodes whose sub-fields are selected on it. */
interface Place {
  readonly info: GraphQLResolveInfo
  readonly context: unknown
  readonly type: GraphQLObjectType
  readonly nodes: readonly FieldNode[]
}

function rootOf(info: GraphQLResolveInfo, context: unknown): Place {
  return { info, context, type: getNamedType(info.returnType) as GraphQLObjectType, nodes: info.fieldNodes }
}

/** Every alias of a field of that name counts: they all show the same object. */
function descend(place: Place, path: readonly string[]): Place {
  return path.reduce((from, name) => {
    const nodes = fieldsOf(from).flatMap((field) => (field.name === name ? field.nodes : []))
    return { ...from, type: getNamedType(from.type.getFields()[name]!.type) as GraphQLObjectType, nodes }
  }, place)
}

interface SelectedField {
  readonly name: string
  readonly nodes: readonly FieldNode[]
}

/** The selected fields by response name, fragments, @skip and @include already dealt with by graphql-js. */
function fieldsOf({ info, type, nodes }: Place): SelectedField[] {
  const byResponseName = collectSubfields(info.schema, info.fragments, info.variableValues, type, nodes)
  return [...byResponseName.values()]
    .map((fieldNodes) => ({ name: fieldNodes[0]!.name.value, nodes: fieldNodes }))
    .filter(({ name }) => !name.startsWith('__'))
}

function planObject(place: Place): Select {
  const needs = new Map<string, Select[]>()
  for (const field of fieldsOf(place)) {
    const need = planField(place, planOf(place.type, field.name) ?? { [field.name]: true }, field)
    if (need !== null) needs.set(field.name, [...(needs.get(field.name) ?? []), need])
  }
  let select: Select = {}
  for (const sameField of needs.values()) {
    // Two aliases with different arguments can't share one select: their resolvers load, by the object's id.
    const merged = sameField.reduce<Select | null>((a, b) => (a === null ? null : mergeSelects(a, b)), {})
    select = (merged === null ? null : mergeSelects(select, merged)) ?? { ...select, id: true }
  }
  return Object.keys(select).length > 0 ? select : { id: true }
}

function planField(place: Place, plan: Select | FieldPlan<unknown>, field: SelectedField): Select | null {
  if (typeof plan !== 'function') return plan
  const definition = place.type.getFields()[field.name]!
  const below = { ...place, type: getNamedType(definition.type) as GraphQLObjectType, nodes: field.nodes }
  try {
    return plan({
      type: place.type.name,
      args: argumentsOf(definition, field.nodes[0]!, place.info.variableValues),
      context: place.context,
      select: () => planObject(below),
      connection: () => planConnection(below),
    })
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

/** As the field's resolver will be given them. */
function argumentsOf(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: GraphQLResolveInfo['variableValues'],
) {
  return pageArguments(getArgumentValues(definition, node, variables), node, variables)
}

function planConnection(place: Place): ConnectionSelection {
  const names = (at: Place) => new Set(fieldsOf(at).map(({ name }) => name))
  const edges = descend(place, ['edges'])
  const pageInfo = names(descend(place, ['pageInfo']))
  const nodePlaces = [descend(place, ['nodes']), descend(edges, ['node'])]
  return {
    node: planObject({ ...nodePlaces[0]!, nodes: nodePlaces.flatMap(({ nodes }) => nodes) }),
    wantsCursors: names(edges).has('cursor') || pageInfo.has('startCursor') || pageInfo.has('endCursor'),
    wantsTotalCount: names(place).has('totalCount'),
  }
}

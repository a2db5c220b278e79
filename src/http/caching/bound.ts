import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getNamedType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  isInputObjectType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql'
import type { EventRef } from '../../features/change/change.clock.ts'
import { isSlug } from '../../features/event/event.rules.ts'
import { isIdentifier } from '../../paging.ts'
import { keptArguments, keptFields, keptInputs } from './kept-fields.ts'

/** A query whose answer follows from the programme of one event, which its arguments name, and from who asks. */
export interface BoundOperation {
  /** 'query Schedule', as the log names it. */
  readonly label: string
  /** The event that it is about with these variables; null where it is about none, or more than one. */
  eventOf(variables: Readonly<Record<string, unknown>> | null): EventRef | null
}

/** The bound operations of a document, by name; under null the only one, if it is one. */
export type BoundOperations = ReadonlyMap<string | null, BoundOperation>

/**
 * Reads which operations of a document are bound to one event. What isn't valid may be taken for bound: it is answered
 * with errors, and those are never kept.
 *
 * @param text small enough to be parsed
 */
export function boundOperations(schema: GraphQLSchema, text: string): BoundOperations {
  const document = parsed(text)
  const operations = document?.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION) ?? []
  const fragments = new Map(
    document?.definitions.flatMap((one) =>
      one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
    ),
  )
  const bound = new Map<string | null, BoundOperation>()
  for (const operation of operations) {
    const found = boundOperation(schema, operation, fragments)
    if (found === null) continue
    if (operation.name !== undefined) bound.set(operation.name.value, found)
    if (operations.length === 1) bound.set(null, found)
  }
  return bound
}

function boundOperation(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): BoundOperation | null {
  if (operation.operation !== 'query') return null
  const walk: Walk = { schema, fragments, spread: new Set(), roots: [] }
  if (!isKept(walk, schema.getQueryType() ?? undefined, operation.selectionSet) || walk.roots.length === 0) {
    return null
  }
  const defaults = new Map(
    operation.variableDefinitions?.map(({ variable, defaultValue }) => [variable.name.value, defaultValue]),
  )
  const { roots } = walk
  return {
    label: `query ${operation.name?.value ?? '(unnamed)'}`.slice(0, 200),
    eventOf: (variables) => {
      const valueIn = (value: ValueNode) => valueOf(value, variables ?? {}, defaults)
      const [first, ...others] = roots.map((root) => eventRef(root, valueIn))
      return first && others.every((other) => isSame(first, other)) ? first : null
    },
  }
}

/** A field of the root that names an event, or something of one. */
interface Root {
  readonly field: string
  /** What it is named by; null counts as left out. */
  readonly given: readonly { readonly name: string; readonly value: ValueNode }[]
}

interface Walk {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Fragments that were looked at. */
  readonly spread: Set<string>
  readonly roots: Root[]
}

/** Whether all that is selected is kept. Notes the fields of the root. */
function isKept(walk: Walk, type: GraphQLNamedType | undefined, { selections }: SelectionSetNode): boolean {
  return selections.every((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition } = selection
      const below = typeCondition ? walk.schema.getType(typeCondition.name.value) : type
      return isKept(walk, below, selection.selectionSet)
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const name = selection.name.value
      const fragment = walk.fragments.get(name)
      if (fragment === undefined) return false
      if (walk.spread.has(name)) return true
      walk.spread.add(name)
      return isKept(walk, walk.schema.getType(fragment.typeCondition.name.value), fragment.selectionSet)
    }
    const name = selection.name.value
    if (name === '__typename') return true
    if (!isObjectType(type) || keptFields.get(type.name)?.has(name) !== true) return false
    const field = type.getFields()[name]
    const given = selection.arguments ?? []
    const types = new Map(field?.args.map((argument) => [argument.name, argument.type]))
    if (!given.every((argument) => isKeptArgument(argument.name.value, types.get(argument.name.value)))) {
      return false
    }
    if (type === walk.schema.getQueryType()) {
      walk.roots.push({
        field: name,
        given: given.map((one) => ({ name: one.name.value, value: one.value })),
      })
    }
    if (field === undefined) return false
    return (
      selection.selectionSet === undefined || isKept(walk, getNamedType(field.type), selection.selectionSet)
    )
  })
}

function isKeptArgument(name: string, type: GraphQLInputType | undefined): boolean {
  return type !== undefined && keptArguments.has(name) && isKeptInput(type)
}

function isKeptInput(wrapped: GraphQLInputType): boolean {
  const type = getNamedType(wrapped)
  if (!isInputObjectType(type)) return true
  const kept = keptInputs.get(type.name)
  return Object.values(type.getFields()).every((field) => kept?.has(field.name) && isKeptInput(field.type))
}

/** Texts as they are; undefined for what isn't given, and an object for what can't name anything. */
function valueOf(
  value: ValueNode,
  variables: Readonly<Record<string, unknown>>,
  defaults: ReadonlyMap<string, ValueNode | undefined>,
): unknown {
  if (value.kind === Kind.STRING) return value.value
  if (value.kind === Kind.NULL) return null
  if (value.kind !== Kind.VARIABLE) return value
  const name = value.name.value
  if (Object.hasOwn(variables, name)) return variables[name]
  const preset = defaults.get(name)
  return preset && valueOf(preset, {}, new Map())
}

/** null for what names no event, or might name more than one. */
function eventRef({ field, given }: Root, valueIn: (value: ValueNode) => unknown): EventRef | null {
  const names = given.flatMap(({ name, value: node }) => {
    const value = valueIn(node)
    return value === null || value === undefined ? [] : [{ name, value }]
  })
  const [only] = names
  if (only === undefined || names.length > 1 || typeof only.value !== 'string') return null
  const { name, value } = only
  if (name === 'slug') return field === 'event' && isSlug(value) ? { by: 'slug', slug: value } : null
  return isNamedById(field) && isIdentifier(value) ? { by: field, id: value } : null
}

const namedById = ['event', 'session', 'speaker', 'track', 'room', 'sessionType'] as const

function isNamedById(field: string): field is (typeof namedById)[number] {
  return namedById.some((one) => one === field)
}

function isSame(one: EventRef, other: EventRef | null): boolean {
  if (one.by === 'slug') return other?.by === 'slug' && one.slug === other.slug
  return one.by === other?.by && one.id === other.id
}

/** null for what is no document. */
function parsed(text: string): DocumentNode | null {
  try {
    return parse(text, { noLocation: true })
  } catch {
    return null
  }
}

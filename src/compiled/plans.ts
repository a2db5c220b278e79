import {
  type DocumentNode,
  type FragmentDefinitionNode,
  getVariableValues,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  visit,
} from 'graphql'
import { createRecent } from '../recent.ts'
import { compileAnswer, type CompiledAnswer } from './answer.ts'
import { NotCompilable } from './data-model.ts'
import { Slot } from './statement.ts'
import { rootTwinOf } from './twin.ts'

/** A query whose document is valid. */
export interface Query {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** As the client sent them. */
  readonly variables: Readonly<Record<string, unknown>>
  readonly context: unknown
  /** Tells apart all for whom plans and twins may say different things. */
  readonly viewer: string
}

export interface PlannedAnswer extends CompiledAnswer {
  /** Of this request. */
  readonly values: readonly unknown[]
}

/** @throws NotCompilable; what resolvers throw for arguments that can't be */
export type Planner = (query: Query) => PlannedAnswer

/** How many compiled operations are kept. */
const keptAtMost = 500

/** How much text one may be, its statement and what it is found by, to be kept. */
const keptLength = 100_000

/**
 * Compiles queries and keeps what it compiled, by the operation, the viewer and the variables; those that are nothing but
 * keys of root fields are filled in anew.
 */
export function createPlanner(schema: GraphQLSchema): Planner {
  const kept = createRecent<CompiledAnswer | NotCompilable>(keptAtMost)

  const compiled = (key: string, compile: () => CompiledAnswer): CompiledAnswer => {
    const known = kept.get(key)
    const answer = known ?? attempt(compile)
    if (known === undefined && lengthOf(key, answer) <= keptLength) kept.set(key, answer, 1)
    if (answer instanceof NotCompilable) throw answer
    return answer
  }

  return ({ document, operation, variables, context, viewer }) => {
    const { number, fragments, keys } = operationOf(schema, document, operation)
    const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
    if (errors !== undefined) throw new NotCompilable('variables')
    const compile = (given: Readonly<Record<string, unknown>>) =>
      compileAnswer({ schema, fragments, context, variables: given }, operation)
    // What can't be a key finds nothing, which another statement says, or none.
    const areKeys = [...keys].every(([name, isKey]) => {
      const value = coerced[name]
      return typeof value === 'string' && isKey(value)
    })
    if (!areKeys) return compile(coerced)
    const slots = [...keys.keys()].map((name) => [name, new Slot(name)] as const)
    const others = { ...coerced, ...Object.fromEntries(slots.map(([name]) => [name, null])) }
    const answer = compiled(`${number} ${viewer} ${JSON.stringify(others)}`, () =>
      compile({ ...coerced, ...Object.fromEntries(slots) }),
    )
    const values = answer.values.map((value) => (value instanceof Slot ? coerced[value.variable] : value))
    return { ...answer, values }
  }
}

function lengthOf(key: string, answer: CompiledAnswer | NotCompilable): number {
  return key.length + ('sql' in answer ? (answer.sql?.length ?? 0) : 0)
}

function attempt(compile: () => CompiledAnswer): CompiledAnswer | NotCompilable {
  try {
    return compile()
  } catch (error) {
    if (error instanceof NotCompilable) return error
    throw error
  }
}

/** What is found out once for an operation. */
interface KnownOperation {
  readonly number: number
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** Variables that are nothing but the key of a root field, and what can be one. */
  readonly keys: ReadonlyMap<string, (value: string) => boolean>
}

const operations = new WeakMap<OperationDefinitionNode, KnownOperation>()
let operationsSoFar = 0

function operationOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): KnownOperation {
  let known = operations.get(operation)
  if (known === undefined) {
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
    known = {
      number: (operationsSoFar += 1),
      // The filter says it.
      fragments: Object.fromEntries(
        (fragments as FragmentDefinitionNode[]).map((each) => [each.name.value, each]),
      ),
      keys: keysOf(schema, document, operation),
    }
    operations.set(operation, known)
  }
  return known
}

function keysOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): Map<string, (value: string) => boolean> {
  const uses = new Map<string, number>()
  const count = (name: string, by: number) => uses.set(name, (uses.get(name) ?? 0) + by)
  visit(document, { Variable: ({ name }) => void count(name.value, 1) })
  const keys = new Map<string, (value: string) => boolean>()
  for (const selection of operation.selectionSet.selections) {
    if (selection.kind !== Kind.FIELD) continue
    const twin = rootTwinOf(schema, selection.name.value)
    if (twin === undefined || !('keys' in twin)) continue
    for (const { name, value } of selection.arguments ?? []) {
      const key = twin.keys[name.value]
      if (key === undefined || value.kind !== Kind.VARIABLE) continue
      count(value.name.value, -1)
      const isAlso = keys.get(value.name.value)
      keys.set(value.name.value, (text) => key.isKey(text) && (isAlso?.(text) ?? true))
    }
  }
  // What is left is where the variable is defined.
  return new Map([...keys].filter(([name]) => uses.get(name) === 1))
}

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
  /** Whether it may have so many texts that short ones count, too. */
  isDear(): boolean
  /** Tells apart all for whom plans and twins may say different things. */
  readonly viewer: string
}

export interface PlannedAnswer {
  /** The same one for all requests that differ in the keys of root fields only. */
  readonly answer: CompiledAnswer
  /** Of this request. */
  readonly values: readonly unknown[]
}

/** @throws NotCompilable; what resolvers throw for arguments that can't be */
export type Planner = (query: Query) => PlannedAnswer

/** How many characters the compiled operations that are kept may have together, their statements and what they are found by. */
const charactersKept = 5_000_000

/**
 * Compiles queries and keeps what it compiled, by the operation, the viewer and the variables; those that are nothing but
 * keys of root fields are filled in anew.
 */
export function createPlanner(schema: GraphQLSchema): Planner {
  const kept = createRecent<CompiledAnswer | NotCompilable>(charactersKept)

  const compiled = (key: string, compile: () => CompiledAnswer): CompiledAnswer => {
    const known = kept.get(key)
    const answer = known ?? attempt(compile)
    if (known === undefined) kept.set(key, answer, lengthOf(key, answer))
    if (answer instanceof NotCompilable) throw answer
    return answer
  }

  return ({ document, operation, variables, context, viewer, isDear }) => {
    const { number, fragments, keys, others } = operationOf(schema, document, operation)
    const compile = (slots: Readonly<Record<string, Slot>>) => {
      const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables)
      if (errors !== undefined) throw new NotCompilable('variables')
      const given = { schema, fragments, context, variables: { ...coerced, ...slots } }
      return compileAnswer({ ...given, countsAllTexts: isDear() }, operation)
    }
    // What can't be a key finds nothing, which another statement says, or none.
    if (!keys.every(({ name, isKey }) => isKey(variables[name]))) {
      const answer = compile({})
      return { answer, values: answer.values }
    }
    // The same variables are coerced to the same values; keys are texts, which stay as they are.
    const answer = compiled(`${number} ${viewer} ${textOf(variables, others)}`, () =>
      compile(Object.fromEntries(keys.map(({ name }) => [name, new Slot(name)]))),
    )
    return {
      answer,
      values: answer.values.map((value) => (value instanceof Slot ? variables[value.variable] : value)),
    }
  }
}

/** Some of the variables in one text. @throws NotCompilable if they are nested deeper than anybody can go down */
function textOf(variables: Query['variables'], names: readonly string[]): string {
  const given = names.filter((name) => Object.hasOwn(variables, name)).map((name) => [name, variables[name]])
  try {
    return given.length === 0 ? '' : JSON.stringify(given)
  } catch (error) {
    if (error instanceof RangeError) throw new NotCompilable('variables')
    throw error
  }
}

function lengthOf(key: string, answer: CompiledAnswer | NotCompilable): number {
  if (answer instanceof NotCompilable) return key.length
  const { sql, constant, values } = answer
  return key.length + (sql ?? constant ?? '').length + lengthOfValue(values)
}

/** A document may list thousands of values itself. */
function lengthOfValue(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (!Array.isArray(value)) return 10
  return value.reduce<number>((sum, each) => sum + lengthOfValue(each), 10)
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
  readonly keys: readonly { readonly name: string; isKey(value: unknown): boolean }[]
  /** The names of all others. */
  readonly others: readonly string[]
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
    const keys = keysOf(schema, document, operation)
    const names = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value)
    known = {
      number: (operationsSoFar += 1),
      // The filter says it.
      fragments: Object.fromEntries(
        (fragments as FragmentDefinitionNode[]).map((each) => [each.name.value, each]),
      ),
      keys: [...keys].map(([name, isKey]) => ({
        name,
        isKey: (value) => typeof value === 'string' && isKey(value),
      })),
      others: names.filter((name) => !keys.has(name)),
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

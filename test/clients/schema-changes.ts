import { type Change, ChangeType, CriticalityLevel, diff } from '@graphql-inspector/core'
import { type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql'
import { reachableTypes } from './reachable-types.ts'
import { type Operations, usersOf } from './used-elements.ts'

/** A change of the schema that a client could notice. */
export interface SchemaChange {
  /** 'Type', 'Type.field', 'Type.field.argument', 'Input.field' or 'Enum.VALUE'. */
  readonly element: string
  readonly isBreaking: boolean
  readonly message: string
  /** The operations that use it. */
  readonly usedBy: readonly string[]
  /** What to do instead; null where nothing has to be done. */
  readonly remedy: string | null
}

/**
 * What a schema takes from its clients. Whatever was deprecated before may go, and so may a type that was reached
 * through deprecated elements only; everything else that breaks an operation that somebody could have written is
 * breaking, whether or not one of ours does.
 */
export async function schemaChanges(
  before: GraphQLSchema,
  after: GraphQLSchema,
  operations: Operations,
): Promise<SchemaChange[]> {
  const changes = await diff(before, after)
  return changes
    .filter(({ criticality }) => criticality.level !== CriticalityLevel.NonBreaking)
    .map((change) => {
      const { path: element = '', message, type, criticality } = change
      const isBreaking = criticality.level === CriticalityLevel.Breaking && !wasAnnounced(before, change)
      const usedBy = usersOf(element, before, operations)
      const remedy = removals.has(type) ? announce : keepBeside
      return { element, isBreaking, message, usedBy, remedy: isBreaking ? remedy : null }
    })
}

/** The change, who notices, and what to do, in words for whoever made it. */
export function tell({ element, message, usedBy, remedy }: SchemaChange): string {
  const users = usedBy.length === 0 ? 'no operation in test/clients, but others may' : usedBy.join(', ')
  return [
    `${element}: ${message}`,
    `used by: ${users}`,
    ...(remedy === null ? [] : [`to do: ${remedy}`]),
  ].join('\n  ')
}

const announce =
  'keep it, marked @deprecated(reason: "what to use instead"), until that is committed and clients had time; then remove it.'
const keepBeside =
  'leave it as it was, add what is new beside it under a name of its own, and mark the old one @deprecated.'

const removals: ReadonlySet<string> = new Set([
  ChangeType.FieldRemoved,
  ChangeType.FieldArgumentRemoved,
  ChangeType.InputFieldRemoved,
  ChangeType.EnumValueRemoved,
  ChangeType.TypeRemoved,
])

function wasAnnounced(before: GraphQLSchema, { type, path = '' }: Change): boolean {
  if (!removals.has(type)) return false
  if (type === ChangeType.TypeRemoved) return !reachableTypes(before).has(path)
  return deprecationOf(before, path) != null
}

function deprecationOf(schema: GraphQLSchema, element: string): string | null | undefined {
  const [typeName = '', member = '', argument] = element.split('.')
  const type = schema.getType(typeName)
  if (isEnumType(type)) return type.getValue(member)?.deprecationReason
  if (isInputObjectType(type)) return type.getFields()[member]?.deprecationReason
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined
  const field = type.getFields()[member]
  return argument === undefined
    ? field?.deprecationReason
    : (field?.args.find(({ name }) => name === argument)?.deprecationReason ?? field?.deprecationReason)
}

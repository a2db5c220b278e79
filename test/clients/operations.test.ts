import {
  getIntrospectionQuery,
  getOperationAST,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  type NamedTypeNode,
  NoDeprecatedCustomRule,
  type OperationDefinitionNode,
  parse,
  print,
  specifiedRules,
  typeFromAST,
  validate,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { costOf } from '../../src/graphql/cost.ts'
import { queryLimits, requireParsable } from '../../src/graphql/limits.ts'
import { sizeOfOperation } from '../../src/graphql/operation-size.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { allOperations, clients, documentOf, filesOf } from './operations.ts'

describe.each(clients)('what the %s sends', (client) => {
  test('is valid, and uses nothing that is deprecated', () => {
    const faults = validate(executableSchema(), documentOf(client), [
      ...specifiedRules,
      NoDeprecatedCustomRule,
    ])
    expect(faults.map((fault) => fault.toString())).toEqual([])
  })

  test('is one operation a file, which bears its name; files of fragments say so', () => {
    const misnamed = filesOf(client).filter(
      ({ place, operations }) => operations.join() !== operationNamed(place).join(),
    )
    expect(misnamed.map(({ place, operations }) => [place, operations])).toEqual([])
  })
})

test("whatever a client sends, and GraphiQL's question about the schema, is well within the limits", () => {
  const schema = executableSchema()
  const graphiql = {
    ...parse(getIntrospectionQuery({ inputValueDeprecation: true, schemaDescription: true })),
  }
  const near = Object.entries({ ...allOperations(), graphiql }).filter(([, document]) => {
    requireParsable(print(document))
    const { levels, lists, fields } = sizeOfOperation(schema, document, getOperationAST(document)!)
    return levels > queryLimits.levels / 1.5 || lists > queryLimits.lists || fields > queryLimits.fields / 3
  })
  expect(near.map(([name]) => name)).toEqual([])
})

test('whatever a client sends, with pages of 100 and 20 things in each list, costs less than two thirds of what it may', () => {
  const schema = executableSchema()
  const dear = Object.entries(allOperations()).flatMap(([name, document]) => {
    const operation = getOperationAST(document)!
    const variables = largestVariables(schema, operation)
    const { points } = costOf({ schema, document, operation, variables })
    return points > 0 && points <= queryLimits.points / 1.5 ? [] : [[name, points]]
  })
  expect(dear).toEqual([])
})

test.each([
  ['organizer-tools/edit-form.graphql', ['EditForm']],
  ['organizer-tools/saved-event.fragment.graphql', []],
])('%s is to hold %j', (place, expected) => {
  expect(operationNamed(place)).toEqual(expected)
})

/** 'event-web-app/is-anything-new.graphql' -> 'IsAnythingNew' */
function operationNamed(place: string): string[] {
  const [, name, fragment] = /([^/]+?)(\.fragment)?\.graphql$/.exec(place) ?? []
  if (fragment !== undefined) return []
  return [(name ?? place).replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase())]
}

/** Something for each variable of the operation: pages of 100, lists of 20, and values of the right form. */
function largestVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
): Record<string, unknown> {
  return Object.fromEntries(
    variableDefinitions.map(({ variable, type }) => [
      variable.name.value,
      valueOf(typeFromAST(schema, type as NamedTypeNode) as GraphQLInputType),
    ]),
  )
}

function valueOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return valueOf(type.ofType)
  if (isListType(type)) return Array.from({ length: 20 }, () => valueOf(type.ofType))
  if (isEnumType(type)) return type.getValues()[0]!.name
  if (isInputObjectType(type)) {
    const needed = Object.values(type.getFields()).filter(isRequiredInputField)
    return Object.fromEntries(needed.map((field) => [field.name, valueOf(field.type)]))
  }
  return (
    {
      Int: 100,
      Boolean: true,
      DateTime: '2027-01-01T00:00:00Z',
      TimeZone: 'Europe/Berlin',
      LocalDateTime: '2027-01-01T10:00',
      LocalDate: '2027-01-01',
    }[type.name] ?? 'https://example.org'
  )
}

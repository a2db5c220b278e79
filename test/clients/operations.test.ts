import {
  getIntrospectionQuery,
  getOperationAST,
  NoDeprecatedCustomRule,
  parse,
  print,
  specifiedRules,
  validate,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { queryLimits, requireParsable } from '../../src/graphql/limits.ts'
import { sizeOfOperation } from '../../src/graphql/operation-size.ts'
import { buildSchema } from '../../src/graphql/schema.ts'
import { allOperations, clients, documentOf, filesOf } from './operations.ts'

describe.each(clients)('what the %s sends', (client) => {
  test('is valid, and uses nothing that is deprecated', () => {
    const faults = validate(buildSchema(), documentOf(client), [...specifiedRules, NoDeprecatedCustomRule])
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
  const schema = buildSchema()
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

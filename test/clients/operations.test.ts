import { NoDeprecatedCustomRule, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { buildSchema } from '../../src/graphql/schema.ts'
import { clients, documentOf, filesOf } from './operations.ts'

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

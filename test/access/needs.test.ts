import { type GraphQLEnumType, type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { allPermissions, permissions } from '../../src/access/permissions.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { fieldNeeds, mutationNeeds, places } from './needs.ts'

const schema = executableSchema()

describe('the table of what everything needs', () => {
  test('has every field of the schema, and no other', () => {
    const needed = Object.entries(fieldNeeds).flatMap(([type, fields]) =>
      Object.keys(fields).map((field) => `${type}.${field}`),
    )
    expect(needed.toSorted()).toEqual(fieldsOf(schema).toSorted())
  })

  test('has every mutation of the schema, and no other', () => {
    const mutations = Object.keys(schema.getMutationType()!.getFields())
    expect(Object.keys(mutationNeeds).toSorted()).toEqual(mutations.toSorted())
  })

  test('is what the schema says of each mutation and of each field that needs something', () => {
    const fieldsSaid = Object.entries(fieldNeeds).flatMap(([type, fields]) =>
      Object.entries(fields).flatMap(([field, need]) => {
        if (need === 'nothing') return []
        const { description } = (schema.getType(type) as GraphQLObjectType).getFields()[field]!
        const needed = typeof need === 'string' ? need : need.orNull
        return description?.includes(needed) === true ? [] : [`${type}.${field} needs ${needed}`]
      }),
    )
    const mutationsSaid = Object.entries(mutationNeeds).flatMap(([name, attempts]) => {
      const { description } = schema.getMutationType()!.getFields()[name]!
      const needed = [...new Set(Object.values(attempts).flatMap(({ needs }) => needs))]
      // The life cycle is told by availableTransitions, not by a permission.
      const told = needed.filter((one) => !['session:decide', 'session:withdraw'].includes(one))
      return told.filter((one) => description?.includes(one) !== true).map((one) => `${name} needs ${one}`)
    })
    expect([...fieldsSaid, ...mutationsSaid]).toEqual([])
  })

  test('has the permissions that the schema lists, described alike', () => {
    const listed = (schema.getType('Permission') as GraphQLEnumType).getValues()
    const described = allPermissions.map((one) => {
      const { means } = permissions[one]
      return [one, `${means.slice(0, 1).toUpperCase()}${means.slice(1)}.`]
    })
    expect(listed.map(({ value, description }) => [value, description])).toEqual(described)
  })

  test('has a use for every permission but those of reading', () => {
    const used = new Set<string>([
      ...Object.values(mutationNeeds).flatMap((attempts) =>
        Object.values(attempts).flatMap(({ needs }) => needs),
      ),
      ...Object.values(fieldNeeds).flatMap((fields) =>
        Object.values(fields).map((need) => (typeof need === 'string' ? need : need.orNull)),
      ),
    ])
    const unused = Object.keys(permissions).filter((one) => !used.has(one) && !/:read/.test(one))
    expect(unused).toEqual([])
  })
})

test('there is a place to look at each type that the table has', () => {
  expect(Object.keys(fieldNeeds).filter((type) => type !== 'Query' && places[type] === undefined)).toEqual([])
})

function fieldsOf(from: GraphQLSchema): string[] {
  return Object.values(from.getTypeMap())
    .filter(
      (type) =>
        isObjectType(type) && !type.name.startsWith('__') && !/^(Mutation|Subscription)$/.test(type.name),
    )
    .filter(({ name }) => !/(Payload|Connection|Edge)$|^PageInfo$/.test(name))
    .flatMap((type) =>
      Object.keys((type as GraphQLObjectType).getFields()).map((field) => `${type.name}.${field}`),
    )
}

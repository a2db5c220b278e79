import fc from 'fast-check'
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  getNamedType,
} from 'graphql'
import { expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'

/** Texts that have broken programs; the last ones are fine, so that some get through. */
const texts = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\uD800',
    '\uDFFF\uD800',
    '\u202E',
    '\u2066',
    '\uFEFF',
    '%_\\',
    "'",
    '__proto__',
  ),
  fc.constantFrom(
    '9'.repeat(400),
    '{}',
    '[]',
    'null',
    'NaN',
    '-0',
    '1e999',
    'x'.repeat(3000),
    '😀'.repeat(300),
  ),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme', maxLength: 50 }),
  fc.constantFrom('spring', 'A title', 'en', 'x'),
)
const instants = fc.oneof(
  fc.date({ min: new Date('1900-01-01'), max: new Date('2200-12-31'), noInvalidDate: true }),
  fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
)
const scalars: Record<string, (ids: readonly string[]) => fc.Arbitrary<unknown>> = {
  ID: (ids) => fc.oneof(fc.constantFrom(...ids), fc.uuid(), texts),
  String: () => texts,
  Int: () => fc.oneof(fc.integer(), fc.integer({ min: -2, max: 5 })),
  Float: () => fc.double(),
  Boolean: () => fc.boolean(),
  DateTime: () =>
    fc.oneof(
      instants.map((instant) => instant.toISOString()),
      texts,
    ),
  LocalDateTime: () =>
    fc.oneof(
      instants.map((instant) => instant.toISOString().slice(0, 19)),
      texts,
    ),
  TimeZone: () => fc.oneof(fc.constantFrom('Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+12'), texts),
  URL: () =>
    fc.oneof(
      fc.webUrl(),
      texts.map((text) => `https://example.org/${text}`),
    ),
  JSON: () => fc.jsonValue(),
}

const schema = executableSchema()
const fields = [schema.getMutationType()!, schema.getQueryType()!].flatMap((type) =>
  Object.values(type.getFields()).map((field) => ({ operation: type.name.toLowerCase(), field })),
)

test('no field of Query and Mutation is taken by surprise by its arguments', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const session = await createSession(world, programme, { startsAt: '2027-03-27T10:00:00Z' })
  const { eventId, tracks, rooms, types, speakers } = programme
  const ids = [eventId, session, ...tracks, ...rooms, ...types, ...speakers]
  for (const { operation, field } of fields) {
    const property = fc.asyncProperty(argumentsOf(field.args, ids), async (variables) => {
      const { errors = [] } = await world.organize(queryOf(operation, field), variables)
      expect(errors.filter(({ extensions }) => !isExpected(extensions))).toEqual([])
    })
    await fc.assert(property, { numRuns: 25 })
  }
  expect(world.log.filter((line) => 'errorId' in line)).toEqual([])
}, 120_000)

function isExpected({ code, issues }: { code: string; issues?: unknown }): boolean {
  return code === 'BAD_USER_INPUT'
    ? issues !== undefined
    : ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'].includes(code)
}

function queryOf(operation: string, { name, args, type }: GraphQLField<unknown, unknown>): string {
  const selection = isLeafType(getNamedType(type)) ? '' : '{ __typename }'
  if (args.length === 0) return `${operation} { ${name} ${selection} }`
  const variables = args.map((argument) => `$${argument.name}: ${String(argument.type)}`).join(', ')
  const given = args.map((argument) => `${argument.name}: $${argument.name}`).join(', ')
  return `${operation} (${variables}) { ${name}(${given}) ${selection} }`
}

function argumentsOf(args: readonly GraphQLArgument[], ids: readonly string[]): fc.Arbitrary<object> {
  const values = args.map(({ name, type }) => [name, valuesOf(type, ids)] as const)
  const requiredKeys = args.filter(({ type }) => isNonNullType(type)).map(({ name }) => name)
  return fc.record<Record<string, unknown>>(Object.fromEntries(values), { requiredKeys })
}

/** Values of a type that graphql-js lets through to us, as a rule. */
function valuesOf(type: GraphQLInputType, ids: readonly string[]): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return valuesOf(type.ofType, ids)
  if (isListType(type)) return fc.array(valuesOf(type.ofType, ids), { maxLength: 4 })
  if (isEnumType(type)) return fc.constantFrom(...type.getValues().map(({ name }) => name))
  if (!isInputObjectType(type)) return scalars[type.name]!(ids)
  return argumentsOf(Object.values(type.getFields()) as never, ids)
}

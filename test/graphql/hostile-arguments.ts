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
import { executableSchema } from '../../src/graphql/schema.ts'

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
  LocalDate: () =>
    fc.oneof(
      instants.map((instant) => instant.toISOString().slice(0, 10)),
      texts,
    ),
  LocalTime: () => fc.oneof(fc.constantFrom('00:00', '04:00', '12:00', '23:59'), texts),
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

/** An operation of one root field, and arguments that are as odd as its types allow. */
export interface HostileRequest {
  readonly name: string
  readonly query: string
  readonly variables: fc.Arbitrary<object>
}

/** One for each field of Query and Mutation. @param ids of what is there */
export function hostileRequests(ids: readonly string[]): HostileRequest[] {
  return fields.map(({ operation, field }) => ({
    name: `${operation}.${field.name}`,
    query: queryOf(operation, field),
    variables: argumentsOf(field.args, ids),
  }))
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

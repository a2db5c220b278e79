import type { GeneratorValue } from 'fast-check'
import fc from 'fast-check'
import {
  getNamedType,
  getNullableType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql'

/** What queries are to name, so that they find something. */
export interface Known {
  readonly slugs: readonly string[]
  readonly ids: readonly string[]
  readonly cursors: readonly string[]
}

export interface AnyQuery {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** A query of any fields, arguments, aliases, fragments and conditions that the schema has, of a size that is let in. */
export function anyQuery(gen: GeneratorValue, schema: GraphQLSchema, known: Known): AnyQuery {
  return new QueryWriter(gen, schema, known).write()
}

/** Keeps what one query has put together so far. */
class QueryWriter {
  readonly #gen: GeneratorValue
  readonly #schema: GraphQLSchema
  readonly #known: Known
  readonly #variables = new Map<string, { type: string; value: unknown }>()
  readonly #fragments: string[] = []
  #names = 0

  constructor(gen: GeneratorValue, schema: GraphQLSchema, known: Known) {
    this.#gen = gen
    this.#schema = schema
    this.#known = known
  }

  write(): AnyQuery {
    const query = this.#schema.getQueryType()!
    const roots = [
      'event',
      'event',
      'event',
      'session',
      'session',
      'events',
      'speaker',
      'track',
      'room',
      'sessionType',
      'node',
      'nodes',
      'viewer',
      '__typename',
    ]
    const parts = Array.from({ length: this.#upTo(1) + 1 }, () => {
      const name = this.#oneOf(roots)
      return name === '__typename' ? this.#named(name) : this.#field(query.getFields()[name]!, 4)
    })
    const definitions = [...this.#variables].map(([name, { type }]) => `$${name}: ${type}`)
    const head = definitions.length === 0 ? '' : `query Any(${definitions.join(', ')}) `
    return {
      query: [`${head}{ ${parts.join(' ')} }`, ...this.#fragments].join('\n'),
      variables: Object.fromEntries([...this.#variables].map(([name, { value }]) => [name, value])),
    }
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const root = this.#key(field)
    const args = field.args.flatMap((arg) => {
      if (root !== null) return arg.name === root ? `${arg.name}: ${this.#argument(arg)}` : []
      if (!isNonNullType(arg.type) && this.#upTo(2) > 0) return []
      return `${arg.name}: ${this.#argument(arg)}`
    })
    const type = getNamedType(field.type)
    const below = isObjectType(type) || isInterfaceType(type) ? ` ${this.#selection(type.name, depth)}` : ''
    const given = args.length === 0 ? '' : `(${args.join(', ')})`
    return this.#named(`${field.name}${given}${this.#condition()}${below}`)
  }

  /** Of a field that finds one thing, nearly always the one argument that names it. */
  #key({ name, args }: GraphQLField<unknown, unknown>): string | null {
    if (args.length === 0 || (name !== 'event' && name !== 'session')) return null
    return this.#upTo(9) === 0
      ? null
      : this.#oneOf(args.map((arg) => arg.name).filter((arg) => arg !== 'asOf'))
  }

  /** Under a name of its own, so that no two fields are in each other's way. */
  #named(field: string): string {
    this.#names += 1
    return `f${this.#names}: ${field}`
  }

  #condition(): string {
    if (this.#upTo(9) > 0) return ''
    const value = this.#upTo(1) === 0
    const word = this.#oneOf(['skip', 'include'])
    return ` @${word}(if: ${this.#upTo(1) === 0 ? value : this.#variable('Boolean!', value)})`
  }

  #selection(typeName: string, depth: number): string {
    const type = this.#schema.getType(typeName)
    if (isInterfaceType(type)) {
      const types = this.#schema.getPossibleTypes(type)
      return `{ __typename ${types.map(({ name }) => `... on ${name} ${this.#selection(name, depth)}`).join(' ')} }`
    }
    const all = Object.values((type as GraphQLObjectType).getFields())
    const leaves = all.filter((field) => !isObjectType(getNamedType(field.type)))
    // What is answered by resolvers alone makes all of the query so: some of that is enough.
    const deep = all.filter(
      (field) => !leaves.includes(field) && (!rarely.has(field.name) || this.#upTo(19) === 0),
    )
    const isShallow = depth === 0 || deep.length === 0
    const count = 1 + this.#upTo(isShallow ? 3 : 4)
    const parts = Array.from({ length: count }, () => {
      if (this.#upTo(14) === 0) return this.#named('__typename')
      const pick = isShallow || (this.#upTo(1) === 0 && leaves.length > 0) ? leaves : deep
      const usual = pick.filter(({ name }) => !rarely.has(name) || this.#upTo(19) === 0)
      return usual.length === 0 ? this.#named('__typename') : this.#field(this.#oneOf(usual), depth - 1)
    })
    const text = parts.join(' ')
    switch (this.#upTo(9)) {
      case 0:
        return `{ ... on ${typeName}${this.#condition()} { ${text} } }`
      case 1: {
        const name = `Part${this.#fragments.length}`
        this.#fragments.push(`fragment ${name} on ${typeName} { ${text} }`)
        return `{ ...${name} }`
      }
      default:
        return `{ ${text} }`
    }
  }

  #argument(arg: GraphQLArgument): string {
    const type = getNullableType(arg.type)
    const value = this.#value(arg.name, type)
    if (this.#upTo(1) === 0 || typeof value !== 'string') return literal(value, type)
    return this.#variable(String(arg.type), value)
  }

  #variable(type: string, value: unknown): string {
    const name = `v${this.#variables.size}`
    this.#variables.set(name, { type, value })
    return `$${name}`
  }

  #value(name: string, type: unknown): unknown {
    if (isListType(type))
      return Array.from({ length: this.#upTo(2) }, () => this.#value(name, getNullableType(type.ofType)))
    if (isNonNullType(type)) return this.#value(name, type.ofType)
    if (isEnumType(type)) return this.#oneOf(type.getValues()).name
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).filter(
        (field) => (isNonNullType(field.type) && field.defaultValue === undefined) || this.#upTo(3) === 0,
      )
      return Object.fromEntries(
        fields.map((field) => [field.name, this.#value(field.name, getNullableType(field.type))]),
      )
    }
    const { slugs, ids, cursors } = this.#known
    switch (name) {
      case 'slug':
      case 'eventSlug':
        return this.#oneOf([...slugs, ...slugs, ...slugs, 'no-such-event', 'No Slug!'])
      case 'first':
        return this.#oneOf([0, 1, 2, 3, 5, 5, 20, -1])
      case 'after':
        return this.#oneOf([...cursors, 'nonsense'])
      case 'text':
        return this.#oneOf(['talk', '%', '_', '"', '\\', ''])
      case 'languages':
        return this.#oneOf(['en', 'de', 'fr'])
      case 'timeZone':
        return this.#oneOf(['Asia/Kolkata', 'America/St_Johns', 'Europe/Berlin', 'utc'])
      default:
        return this.#scalar(String(type), ids)
    }
  }

  #scalar(type: string, ids: readonly string[]): unknown {
    switch (type) {
      case 'Boolean':
        return this.#upTo(1) === 0
      case 'Int':
        return this.#upTo(5)
      case 'DateTime':
        return this.#oneOf([
          '2027-03-27T09:00:00Z',
          '2027-03-27T10:30:00.123Z',
          '1950-01-01T00:00:00Z',
          '2100-01-01T00:00:00+02:00',
        ])
      default:
        return this.#oneOf([...ids, ...ids, 'no id'])
    }
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[this.#upTo(values.length - 1)]!
  }

  #upTo(most: number): number {
    return this.#gen(fc.nat, { max: most })
  }
}

/** Fields that have no twin, or that cost much. */
const rarely: ReadonlySet<string> = new Set([
  'history',
  'deletedParts',
  'scheduleConflicts',
  'members',
  'invitations',
  'tokens',
  'roles',
])

function literal(value: unknown, type: unknown): string {
  const named = isNonNullType(type) ? type.ofType : type
  if (Array.isArray(value) && isListType(named))
    return `[${value.map((each) => literal(each, getNullableType(named.ofType))).join(', ')}]`
  if (isInputObjectType(named)) {
    const fields = Object.entries(value as object)
    return `{${fields.map(([name, each]) => `${name}: ${literal(each, getNullableType(named.getFields()[name]!.type))}`).join(', ')}}`
  }
  return isEnumType(named) ? String(value) : JSON.stringify(value)
}

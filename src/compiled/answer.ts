import {
  type FieldNode,
  type GraphQLField,
  getArgumentValues,
  type GraphQLObjectType,
  type OperationDefinitionNode,
} from 'graphql'
import { collectFields } from 'graphql/execution/collectFields.js'
import type { RelationSelect, Select } from '../selection/merge.ts'
import { pageArguments } from '../selection/page-arguments.ts'
import { planOf } from '../selection/select.ts'
import { writeConnection } from './connection.ts'
import { NotCompilable } from './data-model.ts'
import {
  type Asked,
  type AskedField,
  fieldsOf,
  type ObjectText,
  objectTypeOf,
  writeObject,
} from './fields.ts'
import { JsonText, numbered, writeColumn } from './json-text.ts'
import { counted, mark, unsayable, type Writer } from './marks.ts'
import { writeNodes } from './nodes.ts'
import { query, type Rows } from './query.ts'
import { writeRelation } from './relation.ts'
import { joinsAtMost, Scope, Slot, Statement } from './statement.ts'
import { hasResolver, rootTwinOf, type TwinField, twinOf } from './twin.ts'

/** What answers an operation. */
export interface CompiledAnswer {
  /** Gives `data` in one row, the text of its columns one after the other; null if the database isn't needed for it. */
  readonly sql: string | null
  /** Of `sql`; a `Slot` for each that comes with the request. */
  readonly values: readonly unknown[]
  /** What replaces the marks in what the database gives. */
  readonly writers: readonly Writer[]
  /** How many things that are counted the answer may show; null: nothing is counted. */
  readonly most: number | null
  /** `data`, if the database isn't needed for it. */
  readonly constant: string | null
}

interface GivenToCompile extends Omit<Asked, 'statement' | 'writers' | 'bounds'> {
  /** Whether short texts are left out, too, if there is too much of them. */
  readonly countsAllTexts: boolean
}

/**
 * The answer to a query as one statement.
 *
 * @throws NotCompilable; what resolvers throw for arguments that can't be
 */
export function compileAnswer(
  { countsAllTexts, ...given }: GivenToCompile,
  operation: OperationDefinitionNode,
): CompiledAnswer {
  const statement = new Statement(countsAllTexts)
  const asked: Asked = { ...given, statement, writers: [], bounds: { most: null } }
  const type = asked.schema.getQueryType()!
  const byKey = collectFields(asked.schema, asked.fragments, asked.variables, type, operation.selectionSet)
  const fields = [...byKey].map(([key, nodes]) => ({ key, nodes, name: nodes[0]!.name.value }))
  const text = new JsonText()
  writeObject(text, type, fields, (field) => writeRoot(asked, text, type, field))
  const { constant } = text
  const { writers, bounds } = asked
  const sql = constant === null ? `SELECT ${text.toColumns().join(', ')} FROM ${statement.from}` : null
  return { sql, constant, values: statement.values, writers, most: bounds.most }
}

function writeRoot(asked: Asked, text: JsonText, type: GraphQLObjectType, { name, nodes }: AskedField): void {
  const field = type.getFields()[name]
  const twin = rootTwinOf(asked.schema, name)
  if (field === undefined || twin === undefined) throw new NotCompilable(`Query.${name}`)
  const args = argumentsOf(field, nodes[0]!, asked)
  const object: ObjectText = (inner, below, row) => objectText(asked, inner, below, row)
  if ('page' in twin) {
    const list = { ...twin.page(args, asked.context), model: twin.model, of: null, whose: null }
    writeConnection({ asked, object, text }, objectTypeOf(field.type), nodes, list)
    return
  }
  if ('types' in twin) {
    writeNodes({ asked, object, text, twin, nodes, args })
    return
  }
  const given = Object.entries(args).filter(([, value]) => value != null)
  const [[argument, value] = ['']] = given
  const key = twin.keys[argument]
  if (given.length !== 1 || key === undefined)
    throw new NotCompilable(`Query.${name}(${given.map(([known]) => known).join(', ')})`)
  if (!(value instanceof Slot) && !key.isKey(value as string)) {
    text.add('null')
    return
  }
  const of = objectTypeOf(field.type)
  const { statement } = asked
  const isJoined = statement.joins.length < joinsAtMost
  const row = new Scope(statement, twin.model, { isOne: isJoined })
  // A slot goes where the key does, into the condition, and nobody looks at it on the way. No two rows have a key: a LIMIT
  // would have PostgreSQL read the table from its beginning where it takes those that are found for many.
  const where = { ...key.where(value as string), AND: twin.visible(asked.context) }
  const missing = () => {
    if (twin.elsewhere === undefined) return "'null'"
    const other = new Scope(statement, twin.elsewhere)
    const there = query(other, () => '1', { where: key.where(value as string) })
    return `CASE WHEN EXISTS (SELECT ${there}) THEN ${unsayable} ELSE 'null' END`
  }
  if (!isJoined) {
    const found = query(row, () => rowText(asked, of, nodes, row).toSql(), { where })
    text.sql(`coalesce((SELECT ${found}), ${missing()})`)
    return
  }
  let columns: readonly string[] = []
  const select = () => numbered((columns = rowText(asked, of, nodes, row).toColumns()))
  const found = query(row, select, { where })
  const alias = statement.alias()
  statement.joins.push(`LEFT JOIN LATERAL (SELECT ${found}) ${alias} ON TRUE`)
  for (const index of columns.keys()) text.long(`coalesce(${alias}.c${index}, '')`)
  text.sql(`CASE WHEN ${alias}.c0 IS NULL THEN ${missing()} ELSE '' END`)
}

/** The JSON of a row, as SQL. @throws NotCompilable */
function objectText(asked: Asked, type: GraphQLObjectType, nodes: readonly FieldNode[], row: Scope): string {
  return rowText(asked, type, nodes, row).toSql()
}

function rowText(asked: Asked, type: GraphQLObjectType, nodes: readonly FieldNode[], row: Scope): JsonText {
  const text = new JsonText()
  const fields = fieldsOf(asked, type, nodes)
  writeObject(text, type, fields, (field) => {
    const twin = twinOf(type, field.name)
    const place = () => twinField({ asked, type, field, fields, row, text })
    if (twin !== undefined) twin(place())
    else if (hasResolver(type, field.name)) throw new NotCompilable(`${type.name}.${field.name}`)
    else if (typeof planOf(type, field.name) === 'function') writeRelation(place(), field.name)
    else writeColumn(text, row, type.getFields()[field.name]!)
  })
  return text
}

/** As the field's resolver would be given them. */
function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  { variables }: Asked,
): Readonly<Record<string, unknown>> {
  return pageArguments(getArgumentValues(field, node, variables), node, variables)
}

interface Place {
  readonly asked: Asked
  readonly type: GraphQLObjectType
  readonly field: AskedField
  /** All of the object. */
  readonly fields: readonly AskedField[]
  readonly row: Scope
  readonly text: JsonText
}

function twinField({ asked, type, field, fields, row, text }: Place): TwinField<unknown> {
  const { name, nodes } = field
  const definition = type.getFields()[name]!
  const args = argumentsOf(definition, nodes[0]!, asked)
  const notPlanned = () => new NotCompilable(`${type.name}.${name}`)
  const object = (inner: GraphQLObjectType, below: readonly FieldNode[], of: Scope) =>
    objectText(asked, inner, below, of)
  return {
    type: type.name,
    name,
    args,
    text,
    context: asked.context,
    scope: row,
    aliases: () => {
      const same = fields.filter((other) => other.name === name)
      return { number: same.length, isFirst: same[0] === field }
    },
    relation: (relation) => {
      const wanted = planned(asked, { type, name, args }, relation)[relation]
      if (typeof wanted !== 'object') throw notPlanned()
      // As Prisma takes them.
      const { where, orderBy } = wanted as Rows
      return { where, orderBy }
    },
    counted: (relation) => {
      const counts = planned(asked, { type, name, args }, relation)['_count'] as RelationSelect | undefined
      const wanted = counts?.select?.[relation]
      if (typeof wanted !== 'object') throw notPlanned()
      return wanted['where'] as object
    },
    object: (of) => object(objectTypeOf(definition.type), nodes, of),
    connection: (list) =>
      writeConnection({ asked, object, text }, objectTypeOf(definition.type), nodes, list),
    countedTo: (most) => {
      asked.bounds.most = most
      return counted
    },
    later: (write, values) => mark(asked.writers.push(write) - 1, values),
  }
}

/**
 * What the field's plan says of the rows; of their columns it says nothing here, they are taken one by one.
 *
 * @throws NotCompilable if it asks of other relations than the one
 */
function planned(
  { context }: Asked,
  { type, name, args }: { type: GraphQLObjectType; name: string; args: Readonly<Record<string, unknown>> },
  relation: string,
): Select {
  const plan = planOf(type, name)
  if (typeof plan !== 'function') throw new NotCompilable(`${type.name}.${name}`)
  const nothing: Select = {}
  const wanted = plan({
    type: type.name,
    args,
    context,
    select: () => nothing,
    connection: () => ({ node: nothing, wantsCursors: false, wantsTotalCount: true }),
  })
  const { _count: counts, ...others } = wanted
  const countedRelations = typeof counts === 'object' ? Object.keys(counts.select ?? {}) : []
  const relations = Object.entries(others).flatMap(([key, each]) => (typeof each === 'object' ? [key] : []))
  // What a resolver puts together from several relations is more than the twin says.
  if ([...relations, ...countedRelations].some((each) => each !== relation))
    throw new NotCompilable(`${type.name}.${name} of several`)
  return wanted
}

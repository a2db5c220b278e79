import type { FieldNode, GraphQLObjectType } from 'graphql'
import type { Page } from '../paging.ts'
import { cursorText } from './cursor-text.ts'
import { NotCompilable } from './data-model.ts'
import {
  type Asked,
  type AskedField,
  fieldsOf,
  type ObjectText,
  objectTypeOf,
  writeObject,
} from './fields.ts'
import { JsonText, numbered } from './json-text.ts'
import { sayable, unsayable } from './marks.ts'
import { count, query } from './query.ts'
import { belongs, joinsAtMost, Scope } from './statement.ts'
import type { ListWanted } from './twin.ts'
import { condition } from './where.ts'

/**
 * Writes the JSON of a connection: as `connectionOf` and `keysetPage` have it.
 *
 * @throws NotCompilable
 */
export function writeConnection(
  { asked, object, text: whole }: ConnectionPlace,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
  list: ListWanted,
): void {
  const { page } = list
  if (page.from === 'end' || page.before !== null) throw new NotCompilable('a page from the end of a list')
  const fields = fieldsOf(asked, type, nodes)
  const rows = new Scope(asked.statement, list.model)
  const taken = new Columns()
  const shown = () => (list.behind === undefined ? rows : rows.one(list.behind))
  const cursor = () => taken.named(cursorText(shown(), page, { whose: list.whose, writers: asked.writers }))
  const below = (of: GraphQLObjectType, { name, nodes }: AskedField) => {
    const inner = objectTypeOf(of.getFields()[name]!.type)
    return { type: inner, fields: fieldsOf(asked, inner, nodes) }
  }
  // One row more tells whether another page follows; whoever doesn't ask doesn't pay for it.
  const asksOfPage = fields.flatMap((field) => (field.name === 'pageInfo' ? below(type, field).fields : []))
  const wantsNext = asksOfPage.some(({ name }) => name === 'hasNextPage')
  const wantsCursors = asksOfPage.some(({ name }) => name.endsWith('Cursor')) && page.size > 0
  const wantsRows = fields.some(({ name }) => name === 'nodes' || name === 'edges')
  const onPage = wantsNext ? ` FILTER (WHERE q.n <= ${page.size})` : ''
  const all = (row: string) => `coalesce(string_agg(${sayable(row)}, ',')${onPage}, '')`
  const text = new JsonText()
  const write = () => {
    writeObject(text, type, fields, (field) => {
      if (field.name === 'totalCount') return void text.sql(total(asked, list))
      const part = below(type, field)
      switch (field.name) {
        case 'nodes':
          return void text
            .add('[')
            .long(all(taken.named(object(part.type, field.nodes, shown()))))
            .add(']')
        case 'edges':
          return void text
            .add('[')
            .long(all(edge(part)))
            .add(']')
        case 'pageInfo':
          return writeObject(text, part.type, part.fields, ({ name }) =>
            writePageInfo(text, name, { asked, page, cursor }),
          )
        default:
          throw new NotCompilable(`${type.name}.${field.name}`)
      }
    })
    return taken.toSql()
  }
  const edge = (of: ReturnType<typeof below>) => {
    const one = new JsonText()
    writeObject(one, of.type, of.fields, (field) => {
      if (field.name === 'cursor') one.add('"').sql(cursor()).add('"')
      else one.sql(taken.named(object(below(of.type, field).type, field.nodes, shown())))
    })
    return one.toSql()
  }
  if (page.after !== null) whole.sql(`CASE WHEN ${isOurs(asked, list)} THEN '' ELSE ${unsayable} END`)
  if (!wantsRows && !wantsNext && !wantsCursors) {
    write()
    return void whole.sql(`(${text.toSql()})`)
  }
  const on = list.of === null ? undefined : belongs(list.of[0], list.of[1], rows)
  const found = query(rows, write, list.rows, on)
  // Written out, because the planner knows what to do with it.
  const limited = `SELECT ${found} LIMIT ${wantsNext ? page.size + 1 : page.size}`
  // Numbered outside of the LIMIT, or all rows would be.
  const onward = wantsNext ? `SELECT z.*, row_number() OVER () AS n FROM (${limited}) z` : limited
  const joins = joinsOfOne(asked, list)
  if (joins === null) return void whole.sql(`(SELECT ${text.toSql()} FROM (${onward}) q)`)
  const columns = text.toColumns()
  const alias = asked.statement.alias()
  joins.push(`CROSS JOIN LATERAL (SELECT ${numbered(columns)} FROM (${onward}) q) ${alias}`)
  for (const index of columns.keys()) whole.long(`${alias}.c${index}`)
}

interface ConnectionPlace {
  readonly asked: Asked
  readonly object: ObjectText
  /** Where it is put. */
  readonly text: JsonText
}

/** Where the list can be joined as one row of several columns; null: it would be for each row of many. */
function joinsOfOne({ statement }: Asked, { of }: ListWanted): string[] | null {
  const joins = of === null ? statement.joins : of[0].isOne ? of[0].joins : null
  return joins !== null && joins.length < joinsAtMost ? joins : null
}

/** What is taken of each row, each expression once. */
class Columns {
  readonly #expressions: string[] = []

  named(expression: string): string {
    const known = this.#expressions.indexOf(expression)
    return `q.c${known === -1 ? this.#expressions.push(expression) - 1 : known}`
  }

  toSql(): string {
    if (this.#expressions.length === 0) return '1'
    return this.#expressions.map((expression, index) => `${expression} AS c${index}`).join(', ')
  }
}

interface AskedPage {
  readonly asked: Asked
  readonly page: Page
  cursor(): string
}

function writePageInfo(text: JsonText, name: string, { asked, page, cursor }: AskedPage): void {
  const at = (index: string, otherwise: string) =>
    `coalesce('"'||(array_agg(${cursor()}))[${index}]||'"', ${otherwise})`
  switch (name) {
    case 'hasNextPage':
      return void text.sql(`(count(*) > ${page.size})::text`)
    case 'hasPreviousPage':
      return void text.add(String(page.after !== null))
    case 'startCursor':
      return void text.sql(page.size === 0 ? "'null'" : at('1', "'null'"))
    case 'endCursor': {
      const before =
        page.after === null ? "'null'" : `'"'||${asked.statement.parameter(page.after.cursor, 'text')}||'"'`
      return void text.sql(page.size === 0 ? before : at(`least(${page.size}, count(*))`, before))
    }
    default:
      throw new NotCompilable(`PageInfo.${name}`)
  }
}

function total({ statement }: Asked, { of, model, counted }: ListWanted): string {
  if (of !== null) return count(of[0], of[1], counted)
  const all = new Scope(statement, model)
  const found = condition(all, counted)
  return `(SELECT count(*)::text FROM ${all.from} WHERE ${found})`
}

/** Whether the cursor that came is of this list; if it isn't, the resolver says so. */
function isOurs({ statement }: Asked, { page, whose }: ListWanted): string {
  const of = page.after!.of
  if (whose === null || of === null) return of === whose ? 'TRUE' : 'FALSE'
  return `${whose}::text = ${statement.parameter(of, 'text')}`
}

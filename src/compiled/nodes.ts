import type { FieldNode, GraphQLObjectType } from 'graphql'
import { isId } from '../paging.ts'
import { NotCompilable } from './data-model.ts'
import type { Asked, ObjectText } from './fields.ts'
import type { JsonText } from './json-text.ts'
import { sayable, unsayable } from './marks.ts'
import { query } from './query.ts'
import { Scope, Slot } from './statement.ts'
import type { NodesOfRoot } from './twin.ts'

/** Writes the JSON of the row of any type that has the argument `id`, or of those that have `ids`; null where there is none. */
export function writeNodes(place: NodesPlace): void {
  const { asked, text, twin, args } = place
  const { statement } = asked
  if (!('ids' in args)) {
    const { id } = args
    const isKey = id instanceof Slot || isId(id as string)
    return void text.sql(isKey ? nodeText(place, statement.parameter(id, 'uuid')) : "'null'")
  }
  const ids = args['ids'] as readonly string[]
  if (ids.length > twin.most) throw new NotCompilable(`more than ${twin.most} ids`)
  const alias = statement.alias()
  const keys = ids.map((id) => (isId(id) ? id : null))
  const from = `unnest(${statement.parameter(keys, 'uuid[]')}) WITH ORDINALITY ${alias} (id, place)`
  const all = `SELECT string_agg(${nodeText(place, `${alias}.id`)}, ',' ORDER BY ${alias}.place) FROM ${from}`
  text.add('[').long(`coalesce((${all}), '')`).add(']')
}

interface NodesPlace {
  readonly asked: Asked
  readonly object: ObjectText
  readonly twin: NodesOfRoot<unknown>
  readonly nodes: readonly FieldNode[]
  readonly args: Readonly<Record<string, unknown>>
  /** Where it is put. */
  readonly text: JsonText
}

/** Ids are unique over all tables: those after the one that has the row aren't asked. @param id SQL */
function nodeText({ asked, object, twin, nodes }: NodesPlace, id: string): string {
  const found = Object.entries(twin.types).flatMap(([type, { model, visible, elsewhere }]) => {
    const row = new Scope(asked.statement, model)
    const shown = () => sayable(object(asked.schema.getType(type) as GraphQLObjectType, nodes, row))
    const own = query(row, shown, { where: visible(asked.context) as object }, `${row.key} = ${id}`)
    if (elsewhere === undefined) return [own]
    const other = new Scope(asked.statement, elsewhere)
    return [own, query(other, () => unsayable, {}, `${other.key} = ${id}`)]
  })
  return `coalesce(${found.map((one) => `(SELECT ${one})`).join(', ')}, 'null')`
}

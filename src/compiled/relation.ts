import { relationOf } from './data-model.ts'
import { aggregate, query } from './query.ts'
import { belongs, Scope } from './statement.ts'
import type { TwinField } from './twin.ts'

/** The JSON of what a relation holds: one row or null, or a list. */
export function writeRelation<Context>(field: TwinField<Context>, relation: string): void {
  if (relationOf(field.scope.model, relation).isList) writeMany(field, relation)
  else writeOne(field, relation)
}

/** @param where what the row must be besides, or it is left out */
export function writeOne<Context>(field: TwinField<Context>, relation: string, where?: object): void {
  const { scope, text } = field
  const { isRequired, model } = relationOf(scope.model, relation)
  // A to-one relation has no `where` of Prisma's; the plan is asked because it may say more than this.
  field.relation(relation)
  if (isRequired && where === undefined && scope.isJoined(relation)) {
    text.sql(`(${field.object(scope.one(relation))})`)
    return
  }
  const one = new Scope(scope.statement, model)
  const found = query(one, () => field.object(one), { where }, belongs(scope, relation, one))
  // A row that must be there and isn't makes the whole row null, which isn't said silently.
  text.sql(isRequired && where === undefined ? `(SELECT ${found})` : `coalesce((SELECT ${found}), 'null')`)
}

function writeMany<Context>(field: TwinField<Context>, relation: string): void {
  const many = new Scope(field.scope.statement, relationOf(field.scope.model, relation).model)
  writeList(field, relation, many, () => field.object(many))
}

/** The rows that lie behind the rows of a link: the speakers behind a session's links to them. */
export function writeThrough<Context>(
  field: TwinField<Context>,
  relation: string,
  { next, most }: { readonly next: string; readonly most: number | null },
): void {
  const link = new Scope(field.scope.statement, relationOf(field.scope.model, relation).model)
  const count = most === null ? '' : `${field.countedTo(most)}||`
  writeList(field, relation, link, () => `${count}${field.object(link.one(next))}`)
}

function writeList<Context>(
  field: TwinField<Context>,
  relation: string,
  rows: Scope,
  row: () => string,
): void {
  const list = aggregate(rows, row, field.relation(relation), belongs(field.scope, relation, rows))
  field.text.add('[').long(`coalesce((${list}), '')`).add(']')
}

import { NotCompilable, relationOf } from './data-model.ts'
import { sayable } from './marks.ts'
import { belongs, Scope } from './statement.ts'
import { allOf, condition, type Where } from './where.ts'

/** Which rows of a model, in Prisma's arguments; what is selected of them is said elsewhere. */
export interface Rows {
  readonly where?: Where
  readonly orderBy?: object | readonly object[] | undefined
}

/**
 * The rest of a SELECT after its word.
 *
 * @param columns is called when the conditions have joined what they need
 * @param on whose rows they are
 */
export function query(scope: Scope, columns: () => string, { where, orderBy }: Rows, on = 'TRUE'): string {
  const { from, found, order } = parts(scope, columns, { where, orderBy }, on)
  return `${found.columns} FROM ${from} WHERE ${found.where}${order === '' ? '' : ` ORDER BY ${order}`}`
}

/** A SELECT of the texts of all rows in one, in their order; null if there are none. */
export function aggregate(scope: Scope, row: () => string, rows: Rows, on: string): string {
  const { from, found, order } = parts(scope, row, rows, on)
  const ordered = order === '' ? '' : ` ORDER BY ${order}`
  return `SELECT string_agg(${sayable(found.columns)}, ','${ordered}) FROM ${from} WHERE ${found.where}`
}

/** How many rows of a relation there are. SQL that gives a text. */
export function count(scope: Scope, relation: string, where: Where): string {
  const many = new Scope(scope.statement, relationOf(scope.model, relation).model)
  const found = allOf([belongs(scope, relation, many), condition(many, where)])
  return `(SELECT count(*)::text FROM ${many.from} WHERE ${found})`
}

function parts(scope: Scope, columns: () => string, { where, orderBy }: Rows, on: string) {
  const wanted = allOf([on, condition(scope, where)])
  const order = ordering(scope, orderBy).join(', ')
  const found = { columns: columns(), where: wanted }
  return { found, order, from: scope.from }
}

/** The SQL of a Prisma `orderBy`. @throws NotCompilable */
function ordering(scope: Scope, orderBy: Rows['orderBy']): string[] {
  const orders = (Array.isArray(orderBy) ? orderBy : orderBy === undefined ? [] : [orderBy]) as object[]
  return orders.flatMap((each) =>
    Object.entries(each).flatMap(([name, how]: [string, unknown]): string[] => {
      const field = scope.model.fields[name]
      if (field !== undefined && 'model' in field) return ordering(scope.one(name), how as object)
      const { sort, nulls } = typeof how === 'string' ? { sort: how, nulls: undefined } : (how as Order)
      if (sort !== 'asc' && sort !== 'desc') throw new NotCompilable(`the order by ${name}`)
      const last = nulls === undefined ? '' : ` NULLS ${nulls.toUpperCase()}`
      return [`${scope.column(name)} ${sort.toUpperCase()}${last}`]
    }),
  )
}

interface Order {
  readonly sort: string
  readonly nulls?: 'first' | 'last'
}

import { Prisma } from '../generated/prisma/client.ts'
import { type Column, columnOf, NotCompilable, relationOf, wordsOf } from './data-model.ts'
import { belongs, Scope, Slot } from './statement.ts'

/** A Prisma `where`, as far as rules and filters here use it. */
export type Where = object | undefined

/**
 * The SQL of a Prisma `where`; what it says of to-one relations joins them.
 *
 * @throws NotCompilable for what isn't known here
 */
export function condition(scope: Scope, where: Where): string {
  const parts = Object.entries(where ?? {}).flatMap(([name, value]: [string, unknown]): string[] => {
    if (value === undefined) return []
    if (name === 'AND') return [value].flat().map((each) => condition(scope, each as object))
    if (name === 'OR') return [anyOf((value as object[]).map((each) => condition(scope, each)))]
    if (name in scope.model.fields && 'model' in scope.model.fields[name]!)
      return [ofRelation(scope, name, value as object)]
    return ofColumn(scope, name, value)
  })
  return allOf(parts)
}

export function allOf(parts: readonly string[]): string {
  const asked = parts.filter((part) => part !== 'TRUE')
  return asked.length === 0 ? 'TRUE' : asked.join(' AND ')
}

function anyOf(parts: readonly string[]): string {
  if (parts.length === 0) return 'FALSE'
  return parts.includes('TRUE') ? 'TRUE' : `(${parts.map((part) => `(${part})`).join(' OR ')})`
}

function ofRelation(scope: Scope, name: string, where: object | null): string {
  const { isList, isRequired, model } = relationOf(scope.model, name)
  if (where === null) throw new NotCompilable(`${name}: null`)
  if (!isList) {
    const one = scope.one(name)
    const inner = condition(one, where)
    return isRequired ? inner : allOf([`${one.key} IS NOT NULL`, inner])
  }
  const [[quantifier, inner] = ['', {}], ...more] = Object.entries(where)
  if (more.length > 0 || quantifier !== 'some') throw new NotCompilable(`${name}: ${quantifier}`)
  const many = new Scope(scope.statement, model)
  const found = allOf([belongs(scope, name, many), condition(many, inner as object)])
  return `EXISTS (SELECT 1 FROM ${many.from} WHERE ${found})`
}

const comparisons: Readonly<Record<string, string>> = { equals: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' }

function ofColumn(scope: Scope, name: string, filter: unknown): string[] {
  const column = columnOf(scope.model, name)
  const sql = scope.column(name)
  if (column.isList) return [ofList(scope, sql, column, Object.entries(filter as object))]
  if (filter === null) return [`${sql} IS NULL`]
  if (typeof filter !== 'object' || filter instanceof Date || filter instanceof Slot)
    return [`${sql} = ${valueOf(scope, column, filter)}`]
  return Object.entries(filter).flatMap(([operator, operand]: [string, unknown]): string[] => {
    if (operand === undefined) return []
    if (operator === 'not' && operand === null) return [`${sql} IS NOT NULL`]
    if (operator === 'in' && operand instanceof Prisma.Sql)
      // As a list that is made once: where the rows of a list lie elsewhere, a subquery would be asked for each of them.
      return [`${sql} = ANY (ARRAY(${scope.statement.sql(operand)}))`]
    if (operator === 'in') return [isOneOf(scope, sql, column, operand as unknown[])]
    const sign = comparisons[operator]
    if (sign === undefined || operand === null) throw new NotCompilable(`${name}: ${operator}`)
    return [`${sql} ${sign} ${valueOf(scope, column, operand)}`]
  })
}

function ofList(
  scope: Scope,
  sql: string,
  column: Column,
  [[operator, operand] = ['', null], ...more]: readonly (readonly [string, unknown])[],
): string {
  if (more.length === 0 && operator === 'has') return `${sql} @> ARRAY[${valueOf(scope, column, operand)}]`
  if (more.length === 0 && operator === 'hasSome')
    return `${sql} && ${scope.statement.parameter(operand, `${sqlTypeOf(column)}[]`)}`
  if (more.length === 0 && operator === 'isEmpty') return `${sql} ${operand === true ? '=' : '<>'} '{}'`
  throw new NotCompilable(`${column.column}: ${operator}`)
}

/** How many values are written out. */
const listed = 20

/**
 * Few values are written out: the planner knows how frequent each word of an enum is, and would plan ANY anew for each
 * request, in the hope that its list is short.
 */
function isOneOf(scope: Scope, sql: string, column: Column, operands: unknown[]): string {
  if (operands.length === 0) return 'FALSE'
  if (operands.length > listed && wordsOf(column.type) === undefined)
    return `${sql} = ANY(${scope.statement.parameter(operands, `${sqlTypeOf(column)}[]`)})`
  return `${sql} IN (${operands.map((operand) => valueOf(scope, column, operand)).join(', ')})`
}

function valueOf(scope: Scope, column: Column, operand: unknown): string {
  const words = wordsOf(column.type)
  if (words === undefined) return scope.statement.parameter(operand, sqlTypeOf(column))
  const word = typeof operand === 'string' ? words[operand] : undefined
  if (word === undefined) throw new NotCompilable(`a value of ${column.type}`)
  return `'${word}'`
}

/** As PostgreSQL calls the type of a column. @throws NotCompilable */
function sqlTypeOf({ type, isUuid }: Column): string {
  switch (type) {
    case 'DateTime':
      return 'timestamptz'
    case 'Int':
      return 'int'
    case 'Boolean':
      return 'boolean'
    case 'String':
      return isUuid ? 'uuid' : 'text'
    default:
      throw new NotCompilable(`a column of ${type}`)
  }
}

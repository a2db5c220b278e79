import type { Node, RangeVar } from 'libpg-query'
import type { Touched } from './touched.ts'
import { asKind, isBuiltInType, qualifiedName, nodesOf, relationName, stringsOf, typeText } from './tree.ts'

/**
 * What a query, or a statement that writes rows, touches. A column that isn't qualified is taken to be of every table of
 * the statement: one too many is harmless. What triggers do then isn't seen.
 */
export function touchedByQuery(tree: Node): Touched[] {
  const steps = new Set(nodesOf(tree, 'CommonTableExpr').map(({ ctename }) => ctename))
  const isTable = ({ schemaname, relname }: RangeVar) => schemaname !== undefined || !steps.has(relname)
  const sources = nodesOf(tree, 'RangeVar').filter(isTable)
  const targets = writtenBy(tree)
  const tables = [...sources, ...targets.map(({ table }) => table)]
  return [
    ...tables.map((table) => needs('table', relationName(table))),
    ...targets.flatMap(({ table, columns }) =>
      columns.map((column): Touched => ({
        kind: 'column',
        name: `${relationName(table)}.${column}`,
        how: 'writes',
      })),
    ),
    ...touchedByExpression(
      tree,
      [...sources, ...targets.filter(({ isRead }) => isRead).map(({ table }) => table)],
      tables,
    ),
  ]
}

/** The columns, functions and types of an expression over some tables. */
export function touchedByExpression(
  tree: unknown,
  tables: readonly RangeVar[],
  qualifying: readonly RangeVar[] = tables,
): Touched[] {
  const columns = nodesOf(tree, 'ColumnRef').flatMap(({ fields = [] }) => {
    const names = stringsOf(fields)
    const isWholeRow = fields.some((field) => 'A_Star' in field)
    return isWholeRow ? columnOf([...names, '*'], tables, qualifying) : columnOf(names, tables, qualifying)
  })
  return [
    ...columns.map((name): Touched => ({ kind: 'column', name, how: 'reads' })),
    ...nodesOf(tree, 'FuncCall').flatMap(touchedByCall),
    ...nodesOf(tree, 'TypeCast').flatMap(({ typeName }) => touchedByType(typeName)),
  ]
}

export function touchedByType(typeName: Parameters<typeof typeText>[0] | undefined): Touched[] {
  if (typeName === undefined || isBuiltInType(typeName)) return []
  return [needs('type', typeText({ ...typeName, typmods: [], arrayBounds: [] }))]
}

export function needs(kind: Touched['kind'], name: string): Touched {
  return { kind, name, how: 'needs' }
}

interface Written {
  readonly table: RangeVar
  readonly columns: readonly string[]
  /** Whether what is written depends on what was there. */
  readonly isRead: boolean
}

function writtenBy(tree: Node): Written[] {
  const all = (relation: RangeVar | undefined, isRead: boolean) =>
    relation === undefined ? [] : [{ table: relation, columns: ['*'], isRead }]
  return [
    ...nodesOf(tree, 'InsertStmt').flatMap(({ relation, onConflictClause }) =>
      all(relation, onConflictClause !== undefined),
    ),
    ...nodesOf(tree, 'DeleteStmt').flatMap(({ relation }) => all(relation, true)),
    ...nodesOf(tree, 'MergeStmt').flatMap(({ relation }) => all(relation, true)),
    ...nodesOf(tree, 'UpdateStmt').flatMap(({ relation, targetList = [] }) => {
      const columns = targetList.flatMap((target) => asKind(target, 'ResTarget')?.name ?? [])
      return relation === undefined ? [] : [{ table: relation, columns, isRead: true }]
    }),
  ]
}

/** `a.title`, `title`, `a.*`, or `a` alone, which is its whole row. */
function columnOf(
  names: readonly string[],
  tables: readonly RangeVar[],
  qualifying: readonly RangeVar[],
): string[] {
  const called = (name: string) =>
    qualifying.filter(({ alias, relname }) => (alias?.aliasname ?? relname) === name)
  const column = names.at(-1)!
  const qualifier = names.at(-2)
  if (qualifier !== undefined) return called(qualifier).map((table) => `${relationName(table)}.${column}`)
  const rows = called(column)
  if (rows.length > 0) return rows.map((table) => `${relationName(table)}.*`)
  return tables.map((table) => `${relationName(table)}.${column}`)
}

function touchedByCall({ funcname, args = [] }: { funcname?: Node[]; args?: Node[] }): Touched[] {
  const parts = stringsOf(funcname)
  const name = parts.at(-1) ?? ''
  const sequence = asKind(constantOf(args[0]), 'A_Const')?.sval?.sval
  if ((name === 'nextval' || name === 'setval') && sequence !== undefined) {
    return [{ kind: 'sequence', name: sequence.replaceAll('"', ''), how: 'writes' }]
  }
  return parts[0] === 'pg_catalog' ? [] : [needs('function', qualifiedName(funcname))]
}

function constantOf(node: Node | undefined): Node | undefined {
  return asKind(node, 'TypeCast')?.arg ?? node
}

import type { Node } from 'libpg-query'
import { parseBody, parseSql, type SqlStatement, SqlSyntaxError } from './parse.ts'
import { touchedByQuery } from './touched-by-query.ts'
import type { Touched } from './touched.ts'
import { asKind, qualifiedName, stringsOf } from './tree.ts'

type TouchedBy = (statement: SqlStatement) => Touched[]

/** A DO block does what its body says, now. */
export function touchedByBlock(statement: SqlStatement, touchedBy: TouchedBy): Touched[] {
  const where = `the DO block at line ${statement.line}`
  const body = statementsOfBody(statement)
  if (body === null) return [{ kind: 'anything', name: where, how: 'writes' }]
  return [
    ...body.statements.flatMap(touchedBy),
    ...body.expressions.flatMap(({ tree }) => touchedByQuery(tree)),
    ...body.dynamic.map((): Touched => ({
      kind: 'anything',
      name: `${where}, which runs SQL that it puts together`,
      how: 'writes',
    })),
  ]
}

/** A function does nothing yet, but what its body names has to be there. */
export function touchedByFunction(statement: SqlStatement, touchedBy: TouchedBy): Touched[] {
  const created = asKind(statement.tree, 'CreateFunctionStmt')
  if (created === undefined) return []
  const name = qualifiedName(created.funcname)
  const body = statementsOfBody(statement)
  const unknown: Touched = { kind: 'anything', name: `the body of the function ${name}`, how: 'needs' }
  const inside =
    body === null
      ? [unknown]
      : [
          ...body.statements.flatMap(touchedBy),
          ...body.expressions.flatMap(({ tree }) => touchedByQuery(tree)),
          ...(body.dynamic.length > 0 ? [unknown] : []),
        ]
  return [
    { kind: 'function', name, how: created.replace ? 'alters' : 'creates' },
    ...inside
      .filter(({ how, kind }) => how !== 'creates' && kind !== 'default')
      .map((one): Touched => ({ ...one, how: 'needs' })),
  ]
}

interface Body {
  readonly statements: readonly SqlStatement[]
  /** The values of variables, conditions and so on, each as a SELECT. */
  readonly expressions: readonly SqlStatement[]
  /** What is executed as text that isn't a constant. */
  readonly dynamic: readonly string[]
}

/** null where it can't be read: another language, or more than the parser understands. */
export function statementsOfBody(statement: SqlStatement): Body | null {
  const { language, text } = sourceOf(statement.tree)
  try {
    if (language === 'sql') {
      const inline = asKind(statement.tree, 'CreateFunctionStmt')?.sql_body
      if (inline !== undefined)
        return { statements: [{ ...statement, tree: inline }], expressions: [], dynamic: [] }
      return { statements: parseSql(text).statements, expressions: [], dynamic: [] }
    }
    return language === 'plpgsql' ? statementsOfPlpgsql(statement) : null
  } catch (error) {
    if (error instanceof SqlSyntaxError) return null
    throw error
  }
}

function sourceOf(tree: Node): { language: string; text: string } {
  const options = [
    ...(asKind(tree, 'CreateFunctionStmt')?.options ?? []),
    ...(asKind(tree, 'DoStmt')?.args ?? []),
  ]
  const option = (name: string) =>
    options.flatMap((node) => asKind(node, 'DefElem') ?? []).find(({ defname }) => defname === name)?.arg
  const source = option('as')
  return {
    language:
      asKind(option('language'), 'String')?.sval?.toLowerCase() ?? ('DoStmt' in tree ? 'plpgsql' : 'sql'),
    text: asKind(source, 'String')?.sval ?? stringsOf(asKind(source, 'List')?.items)[0] ?? '',
  }
}

/** How PL/pgSQL's tree says what kind of text an expression is. */
const parseMode = { statement: 0, type: 1, expression: 2 } as const

function statementsOfPlpgsql(statement: SqlStatement): Body | null {
  const tree = parseBody(statement.text)
  if (tree === null) return null
  const dynamic = [...dynamicTexts(tree)]
  const constants = dynamic.map(constantText)
  // Lines inside a body aren't told apart.
  const parsed = (text: string) =>
    parseSql(text).statements.map((inner) => ({ ...inner, line: statement.line }))
  const isStatement = ({ parseMode: mode = 0 }: PlpgsqlExpression) => mode === parseMode.statement
  const all = expressionsOf(tree).filter(({ parseMode: mode }) => mode !== parseMode.type)
  return {
    statements: [
      ...all.filter(isStatement).map(({ query = '' }) => query),
      ...constants.filter((text) => text !== null),
    ].flatMap(parsed),
    expressions: all
      .filter((one) => !isStatement(one))
      .map(({ query = '', parseMode: mode }) =>
        mode === parseMode.expression ? query : query.replace(/^[^=]*=/s, ''),
      )
      .flatMap((text) => parsed(`SELECT ${text}`)),
    dynamic: dynamic.filter((_, index) => constants[index] === null),
  }
}

interface PlpgsqlExpression {
  readonly query?: string
  readonly parseMode?: number
}

function expressionsOf(tree: unknown): PlpgsqlExpression[] {
  return valuesUnder(tree, /^PLpgSQL_expr$/) as PlpgsqlExpression[]
}

/** The expressions whose value EXECUTE, FOR ... IN EXECUTE, OPEN ... FOR EXECUTE and RETURN QUERY EXECUTE run. */
function dynamicTexts(tree: unknown): string[] {
  const direct = valuesUnder(tree, /^PLpgSQL_stmt_(dynexecute|dynfors)$/) as { query?: unknown }[]
  const opened = valuesUnder(tree, /^dynquery$/)
  return [...direct.map(({ query }) => query), ...opened].flatMap((part) =>
    expressionsOf({ part }).map(({ query = '' }) => query),
  )
}

/** The text itself where it is a constant, as in `EXECUTE 'ALTER TABLE ...'`. */
function constantText(expression: string): string | null {
  const [only, ...more] = parseSql(`SELECT ${expression}`).statements
  const targets = asKind(only?.tree, 'SelectStmt')?.targetList ?? []
  const value = asKind(asKind(targets[0], 'ResTarget')?.val, 'A_Const')?.sval?.sval
  return more.length === 0 && targets.length === 1 ? (value ?? null) : null
}

function valuesUnder(value: unknown, key: RegExp): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(key.test(name) ? [inner as unknown] : []),
    ...valuesUnder(inner, key),
  ])
}

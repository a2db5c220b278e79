import { hasSqlDetails, loadModule, type Node, parsePlPgSQLSync, parseSync, scanSync } from 'libpg-query'

/** PostgreSQL's own parser, compiled to WebAssembly: wait for it before the first call. Loading takes it 40 ms. */
export const parserLoaded = loadModule()

export interface SqlStatement {
  /** Without the comments before it and the semicolon after it. */
  readonly text: string
  /** Where it begins, from 1. */
  readonly line: number
  readonly tree: Node
}

export interface Comment {
  /** With its dashes. */
  readonly text: string
  readonly line: number
}

export interface Script {
  readonly statements: readonly SqlStatement[]
  /** Those of one line, outside of strings and bodies. */
  readonly comments: readonly Comment[]
}

/** What PostgreSQL wouldn't understand either. */
export class SqlSyntaxError extends Error {
  override readonly name = 'SqlSyntaxError'
  readonly line: number
  readonly problem: string

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`)
    this.line = line
    this.problem = problem
  }
}

/** @throws SqlSyntaxError with the line */
export function parseSql(sql: string): Script {
  // The parser takes nothing for a fault.
  if (sql.trim() === '') return { statements: [], comments: [] }
  const trees = parseTrees(sql)
  // The parser counts in bytes.
  const bytes = Buffer.from(sql)
  const lineAt = lineCounter(bytes)
  const tokens = scanSync(sql).tokens
  const isComment = ({ tokenName }: { tokenName: string }) => /^(SQL|C)_COMMENT$/.test(tokenName)
  const code = tokens.filter((token) => !isComment(token))
  return {
    statements: trees.flatMap(({ stmt, stmt_location = 0, stmt_len }) => {
      const end = stmt_len ? stmt_location + stmt_len : bytes.length
      const start = code.find((token) => token.start >= stmt_location)?.start ?? stmt_location
      const text = bytes.subarray(start, end).toString().trimEnd()
      return stmt === undefined ? [] : [{ text, line: lineAt(start), tree: stmt }]
    }),
    comments: tokens
      .filter(({ tokenName }) => tokenName === 'SQL_COMMENT')
      .map(({ text, start }) => ({ text: text.trimEnd(), line: lineAt(start) })),
  }
}

/** The tree of a PL/pgSQL body, given as the whole statement around it; null where the parser gives up on it. */
export function parseBody(statement: string): unknown {
  try {
    return parsePlPgSQLSync(statement)
  } catch {
    // It knows no tables, so it refuses some bodies that PostgreSQL takes.
    return null
  }
}

function parseTrees(sql: string) {
  try {
    return parseSync(sql).stmts ?? []
  } catch (error) {
    if (!hasSqlDetails(error)) throw error
    // Here it counts in characters.
    const before = Array.from(sql).slice(0, error.sqlDetails?.cursorPosition ?? 0)
    throw new SqlSyntaxError(before.filter((character) => character === '\n').length + 1, error.message)
  }
}

/** For positions that are asked for in their order or not. */
function lineCounter(bytes: Buffer): (position: number) => number {
  const ends = [...bytes.keys()].filter((index) => bytes[index] === 0x0a)
  return (position) => {
    const after = ends.findIndex((end) => end >= position)
    return (after === -1 ? ends.length : after) + 1
  }
}

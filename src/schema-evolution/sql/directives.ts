import type { Script, SqlStatement } from './parser.ts'

/** What a line `-- migration: ...` of a migration says about it. */
export type Directive =
  /** Not one transaction; it only adds; it takes away what no running code uses any more. */
  | { readonly kind: 'no transaction' | 'expand' | 'contract'; readonly line: number }
  | { readonly kind: 'allow'; readonly line: number; readonly rule: string; readonly reason: string }
  /** It ends what the migration of that name began: see join.ts. */
  | { readonly kind: 'join'; readonly line: number; readonly since: string }
  | { readonly kind: 'unknown'; readonly line: number; readonly text: string }

/** The lines of a script that are meant for us, in their order. What looks like one and isn't is `unknown`. */
export function directivesOf({ comments }: Pick<Script, 'comments'>): Directive[] {
  return comments.flatMap(({ text, line }) => {
    const said = /^--\s*migration:\s*(.*)$/is.exec(text)?.[1]?.trim()
    return said === undefined ? [] : [read(said, line)]
  })
}

function read(text: string, line: number): Directive {
  if (text === 'no transaction' || text === 'expand' || text === 'contract') return { kind: text, line }
  const [, rule, reason] = /^allow\s+([a-z][a-z-]*)\s+because\s+(\S.*)$/.exec(text) ?? []
  if (rule !== undefined && reason !== undefined) return { kind: 'allow', line, rule, reason }
  const since = /^join since (\S+)$/.exec(text)?.[1]
  return since === undefined ? { kind: 'unknown', line, text } : { kind: 'join', line, since }
}

/** The statement right below a comment; more comments may stand between them, nothing else. */
export function statementBelow({ statements, comments }: Script, line: number): SqlStatement | undefined {
  const commented = new Set(comments.map((comment) => comment.line))
  let below = line + 1
  while (commented.has(below)) below += 1
  return statements.find((statement) => statement.line === below)
}

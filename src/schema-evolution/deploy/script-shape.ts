import { lineageRowsOf } from '../files/lineage-rows.ts'
import type { Script, SqlStatement } from '../sql/parser.ts'

/** How a migration's script is to be run. */
export type ScriptShape =
  /** The whole in one transaction; every position is as in the file. */
  | { readonly kind: 'transaction'; readonly body: string }
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }

/** A statement of a migration that can't be one transaction. */
export interface Step {
  readonly text: string
  /** Whether it may be in a transaction of its own, with what counts it: then it is never done and not counted. */
  readonly isTransaction: boolean
  /** Whether it is about the whole server (a database, a tablespace, a setting, a subscription), not about a schema. */
  readonly isOfServer: boolean
  /** Whether it goes on beside everybody else, so that it may wait for long. */
  readonly isConcurrent: boolean
  /** Whether later statements rest on it in a session that never saw it. */
  readonly isSetting: boolean
  /** The index that it builds beside everybody else. */
  readonly index: {
    readonly schema: string | undefined
    readonly name: string
    readonly table: string
  } | null
}

/**
 * A script is one transaction unless it says `-- migration: no transaction`, or begins and ends transactions in its
 * midst. PostgreSQL's own parser is loaded only where there may be something of the kind.
 */
export async function shapeOf(sql: string): Promise<ScriptShape> {
  const whole: ScriptShape = { kind: 'transaction', body: sql }
  if (!mayControl(sql)) return whole
  const { parserLoaded, parseSql, SqlSyntaxError } = await import('../sql/parser.ts')
  await parserLoaded
  const { directivesOf } = await import('../sql/directives.ts')
  try {
    const script = parseSql(sql)
    if (directivesOf(script).some(({ kind }) => kind === 'no transaction')) return inSteps(script)
    const controls = script.statements.filter(({ tree }) => 'TransactionStmt' in tree)
    if (controls.length === 0) return whole
    return isWrapped(script, controls)
      ? { kind: 'transaction', body: blanked(sql, controls) }
      : inSteps(script)
  } catch (error) {
    // The database will say what is wrong with it.
    if (error instanceof SqlSyntaxError) return whole
    throw error
  }
}

/**
 * Whether a statement may begin or end a transaction, or a comment says that there is none. The parser keeps 30 MB for as
 * long as the process lives, so it isn't asked about the BEGIN and END of a function's body.
 */
function mayControl(sql: string): boolean {
  const code = sql.replace(quoted, ' ')
  // What is left of a comment within a comment, or of a text that doesn't end, is for the parser.
  if (/--\s*migration:\s*no\b/i.test(sql) || /\/\*|\*\/|['"$]/.test(code)) return true
  return /(?:^|;)\s*(?:begin|commit|rollback|start|end|savepoint|abort)\b/i.test(code)
}

/** Comments, texts, names in quotes, and texts between dollars, such as the bodies of functions. */
const quoted =
  /--[^\n]*|\/\*(?:(?!\/\*)[^])*?\*\/|\be'(?:[^'\\]|''|\\[^])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[^]*?\$\1\$/gi

/** `BEGIN; ... COMMIT;` around all but the row of the lineage, which is written after everything else. */
function isWrapped({ statements }: Script, controls: readonly SqlStatement[]): boolean {
  const [begin, commit, ...more] = controls
  if (begin === undefined || commit === undefined || more.length > 0) return false
  const after = statements.slice(statements.indexOf(commit) + 1)
  return (
    begin === statements[0] &&
    isPlain(begin, /_(BEGIN|START)$/) &&
    isPlain(commit, /_COMMIT$/) &&
    after.every(({ text }) => lineageRowsOf(`${text};`).length > 0)
  )
}

function isPlain({ tree }: SqlStatement, kind: RegExp): boolean {
  const control = 'TransactionStmt' in tree ? tree.TransactionStmt : undefined
  return control?.options === undefined && control?.chain !== true && kind.test(control?.kind ?? '')
}

/** Its own BEGIN and COMMIT are ours to say; blanks keep the positions of everything else. */
function blanked(sql: string, controls: readonly SqlStatement[]): string {
  const lines = sql.split('\n')
  for (const { line, text } of controls) {
    lines[line - 1] = lines[line - 1]!.replace(text, ' '.repeat(text.length))
  }
  return lines.join('\n')
}

async function inSteps({ statements }: Script): Promise<ScriptShape> {
  const { asKind } = await import('../sql/tree.ts')
  const { outsideWord } = await import('../sql/outside-transaction.ts')
  let isInside = false
  const steps = statements.map((statement): Step => {
    const { text, tree } = statement
    const control = asKind(tree, 'TransactionStmt')?.kind
    const isOutside = outsideWord(statement) !== null
    if (/_(BEGIN|START)$/.test(control ?? '')) isInside = true
    const isTransaction = !isInside && control === undefined && !isOutside
    if (/_(COMMIT|ROLLBACK)$/.test(control ?? '')) isInside = false
    const built = asKind(tree, 'IndexStmt')
    const index = {
      schema: built?.relation?.schemaname,
      name: built?.idxname ?? '',
      table: built?.relation?.relname ?? '',
    }
    return {
      text,
      isTransaction,
      isOfServer: ofServer.some((kind) => kind in tree),
      isConcurrent: isOutside,
      isSetting: 'VariableSetStmt' in tree,
      index: built?.concurrent === true && index.name !== '' ? index : null,
    }
  })
  return { kind: 'steps', steps }
}

const ofServer = (
  'CreatedbStmt DropdbStmt AlterDatabaseStmt CreateTableSpaceStmt DropTableSpaceStmt AlterSystemStmt ' +
  'CreateSubscriptionStmt AlterSubscriptionStmt DropSubscriptionStmt'
).split(' ')

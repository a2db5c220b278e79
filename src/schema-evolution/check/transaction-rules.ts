import { asKind, nodesOf, nameOf } from '../sql/tree.ts'
import type { Statement } from '../sql/parse.ts'
import { outsideWord } from '../sql/outside-transaction.ts'
import type { Found } from './found.ts'
import type { ReadMigration } from './read-migration.ts'

/** What doesn't go together with one transaction for each migration. */
export function transactionRules(migration: ReadMigration): Found[] {
  const { steps, isOneTransaction, directives } = migration
  const statements = steps.map(({ statement }) => statement)
  const outside = statements.filter((statement) => outsideWord(statement) !== null)
  const own = directives.find(({ kind }) => kind === 'no transaction')
  return [
    ...statements.flatMap(ownControl),
    ...statements.flatMap(dropsMuch),
    ...(isOneTransaction
      ? [
          ...statements.flatMap(sessionSetting),
          ...outside.map((statement) => ({
            rule: 'concurrently-in-transaction' as const,
            line: statement.line,
            does: `It is ${outsideWord(statement)!}.`,
          })),
          ...newValuesUsed(migration, statements),
        ]
      : statements
          .filter((statement) => outside.length > 0 && !outside.includes(statement) && !isRows(statement))
          .map(({ line }) => ({
            rule: 'mixed-with-no-transaction' as const,
            line,
            does: 'It could be in a transaction.',
          }))),
    ...(own !== undefined && outside.length === 0 && !statements.some(isRows)
      ? [
          {
            rule: 'needless-no-transaction' as const,
            line: own.line,
            does: 'All of the file could be one transaction.',
          },
        ]
      : []),
  ]
}

/** Filling rows in portions is the other reason not to be one transaction. */
function isRows({ tree }: Statement): boolean {
  return 'UpdateStmt' in tree || 'DeleteStmt' in tree || 'DoStmt' in tree || 'CallStmt' in tree
}

function ownControl({ tree, line, text }: Statement): Found[] {
  return 'TransactionStmt' in tree ? [{ rule: 'transaction-control', line, does: `It is ${text}.` }] : []
}

function sessionSetting({ tree, line, text }: Statement): Found[] {
  const setting = asKind(tree, 'VariableSetStmt')
  const isKept = setting !== undefined && setting.is_local !== true && setting.kind !== 'VAR_SET_MULTI'
  return isKept ? [{ rule: 'session-setting', line, does: `It is ${text}.` }] : []
}

function dropsMuch({ tree, line, text }: Statement): Found[] {
  const dropped = asKind(tree, 'DropStmt')
  const commands = nodesOf(asKind(tree, 'AlterTableStmt')?.cmds, 'AlterTableCmd')
  const isCascade = [dropped, asKind(tree, 'TruncateStmt'), ...commands].some(
    (one) => one?.behavior === 'DROP_CASCADE',
  )
  const isWhole = 'DropdbStmt' in tree || 'DropOwnedStmt' in tree || dropped?.removeType === 'OBJECT_SCHEMA'
  const does = `It is ${text.split('\n')[0]!}.`
  return isCascade || isWhole ? [{ rule: 'drops-much', line, does }] : []
}

/** A type that the migration makes itself may be used at once. */
function newValuesUsed({ before }: ReadMigration, statements: readonly Statement[]): Found[] {
  return statements.flatMap(({ tree }, index) => {
    const added = asKind(tree, 'AlterEnumStmt')
    const value = added?.newVal
    const type = nameOf(added?.typeName)
    if (value === undefined || added?.oldVal !== undefined || !before.enums.has(type)) return []
    return statements
      .slice(index + 1)
      .filter((later) => nodesOf(later.tree, 'A_Const').some(({ sval }) => sval?.sval === value))
      .map(({ line }) => ({
        rule: 'enum-value-used-at-once' as const,
        line,
        does: `It uses '${value}', which this migration adds to ${type}.`,
      }))
  })
}

import { asKind, nodesOf, qualifiedName } from '../sql/tree.ts'
import type { SqlStatement } from '../sql/parse.ts'
import { outsideWord, serverWord } from '../sql/outside-transaction.ts'
import { breach, type Breach } from './breach.ts'
import type { ReadMigration } from './read-migration.ts'

/** What doesn't go together with one transaction for each migration. */
export function transactionRules(migration: ReadMigration): Breach[] {
  const { steps, isOneTransaction, directives } = migration
  const statements = steps.map(({ statement }) => statement)
  const outside = statements.filter((statement) => outsideWord(statement) !== null)
  const own = directives.find(({ kind }) => kind === 'no transaction')
  return [
    ...statements.flatMap(ownControl),
    ...statements.flatMap(dropsMuch),
    ...statements.flatMap((statement) => {
      const word = serverWord(statement)
      return word === null ? [] : [breach('changes-server', statement, `It is ${word}.`)]
    }),
    ...(isOneTransaction
      ? [
          ...statements.flatMap(sessionSetting),
          ...outside.map((statement) =>
            breach('concurrently-in-transaction', statement, `It is ${outsideWord(statement)!}.`),
          ),
          ...newValuesUsed(migration, statements),
        ]
      : statements
          .filter((statement) => outside.length > 0 && !outside.includes(statement) && !isRows(statement))
          .map((one) => breach('mixed-with-no-transaction', one, 'It could be in a transaction.'))),
    ...(own !== undefined && outside.length === 0 && !statements.some(isRows)
      ? [breach('needless-no-transaction', own, 'All of the file could be one transaction.')]
      : []),
  ]
}

/** Filling rows in portions is the other reason not to be one transaction. */
function isRows({ tree }: SqlStatement): boolean {
  return 'UpdateStmt' in tree || 'DeleteStmt' in tree || 'DoStmt' in tree || 'CallStmt' in tree
}

function ownControl(statement: SqlStatement): Breach[] {
  const isControl = 'TransactionStmt' in statement.tree
  return isControl ? [breach('transaction-control', statement, `It is ${statement.text}.`)] : []
}

function sessionSetting(statement: SqlStatement): Breach[] {
  const setting = asKind(statement.tree, 'VariableSetStmt')
  const isKept = setting !== undefined && setting.is_local !== true && setting.kind !== 'VAR_SET_MULTI'
  return isKept ? [breach('session-setting', statement, `It is ${statement.text}.`)] : []
}

function dropsMuch(statement: SqlStatement): Breach[] {
  const { tree, text } = statement
  const dropped = asKind(tree, 'DropStmt')
  const commands = nodesOf(asKind(tree, 'AlterTableStmt')?.cmds, 'AlterTableCmd')
  const isCascade = [dropped, asKind(tree, 'TruncateStmt'), ...commands].some(
    (one) => one?.behavior === 'DROP_CASCADE',
  )
  const isWhole = 'DropdbStmt' in tree || 'DropOwnedStmt' in tree || dropped?.removeType === 'OBJECT_SCHEMA'
  return isCascade || isWhole ? [breach('drops-much', statement, `It is ${text.split('\n')[0]!}.`)] : []
}

/** A type that the migration makes itself may be used at once. */
function newValuesUsed({ before }: ReadMigration, statements: readonly SqlStatement[]): Breach[] {
  return statements.flatMap(({ tree }, index) => {
    const added = asKind(tree, 'AlterEnumStmt')
    const value = added?.newVal
    const type = qualifiedName(added?.typeName)
    if (value === undefined || added?.oldVal !== undefined || !before.enums.has(type)) return []
    return statements
      .slice(index + 1)
      .filter((later) => nodesOf(later.tree, 'A_Const').some(({ sval }) => sval?.sval === value))
      .map((later) =>
        breach('enum-value-used-at-once', later, `It uses '${value}', which this migration adds to ${type}.`),
      )
  })
}

import { blocks, causes, type Cause, type Effect } from '../sql/lock.ts'
import { asKind, nodesOf, relationName } from '../sql/tree.ts'
import { breach, type Breach } from './breach.ts'
import type { ReadMigration, MigrationStep } from './read-migration.ts'
import { isRequiredWithoutValue } from './removals.ts'
import type { Rule } from './rules.ts'

/** What keeps everybody waiting, by what causes it. */
const rulesOfCauses: Partial<Record<Cause, Rule>> = {
  'create-index': 'index-not-concurrent',
  'drop-index': 'drop-index-not-concurrent',
  'add-unique': 'unique-constraint-builds-index',
  'add-foreign-key': 'foreign-key-validates',
  'add-check': 'check-validates',
  'set-not-null': 'set-not-null-scans',
  'add-column-computed': 'column-rewrites-table',
  'change-type-rewrite': 'type-change-rewrites',
  'rewrite-table': 'whole-table-locked',
  'lock-table': 'whole-table-locked',
  reindex: 'whole-table-locked',
  'refresh-view': 'whole-table-locked',
  'attach-partition': 'partition-scanned',
  'detach-partition': 'whole-table-locked',
  truncate: 'rows-lost',
  unknown: 'unreadable-sql',
}

/** Locks that are felt on tables with rows; a table of the migration's own has none. */
export function lockRules(migration: ReadMigration): Breach[] {
  const { steps, newTables, isOneTransaction } = migration
  let held: { effect: Effect; line: number } | null = null
  return steps.flatMap((step) => {
    const felt = step.effects.filter(({ table }) => table === null || !newTables.has(table))
    const faults = [...ofCauses(step, felt), ...requiredColumns(migration, step)]
    const holder = held
    const strong = felt.find(({ lock, work }) => blocks(lock) !== 'nobody' && work !== 'unknown')
    if (isOneTransaction && strong !== undefined) held ??= { effect: strong, line: step.statement.line }
    const isLong = takesLong(step, felt)
    if (holder !== null && isLong && faults.length === 0) {
      const { lock, table } = holder.effect
      const waiting = blocks(lock) === 'writes' ? 'writing to' : 'reading and writing'
      const does = `This takes the longer the more rows there are, while line ${holder.line} keeps everybody from ${waiting} ${table ?? 'a table'}.`
      return [breach('work-under-lock', step.statement, does)]
    }
    return [...faults, ...(isLong ? rowsInOneStatement(step, felt) : [])]
  })
}

function ofCauses({ statement, effects }: MigrationStep, felt: readonly Effect[]): Breach[] {
  const isGentle = (effect: Effect) => blocks(effect.lock) === 'nobody'
  const relevant = effects.filter((effect) => felt.includes(effect) && !isGentle(effect))
  return relevant.flatMap(({ cause, table }) => {
    const rule = rulesOfCauses[cause]
    if (rule === undefined) return []
    const does = table === null ? `It ${causes[cause]}.` : `On ${table} it ${causes[cause]}.`
    return [breach(rule, statement, does)]
  })
}

function requiredColumns({ newTables }: ReadMigration, { statement }: MigrationStep): Breach[] {
  const altered = asKind(statement.tree, 'AlterTableStmt')
  if (altered?.relation === undefined || newTables.has(relationName(altered.relation))) return []
  const table = relationName(altered.relation)
  return nodesOf(altered.cmds, 'AlterTableCmd')
    .filter(({ subtype, def }) => subtype === 'AT_AddColumn' && isRequiredWithoutValue(def))
    .map(({ def }) => {
      const does = `It adds the column ${table}.${asKind(def, 'ColumnDef')?.colname ?? ''} as NOT NULL, without a value for the rows that are there.`
      return breach('required-column-without-default', statement, does)
    })
}

/** What rewrites, scans, or writes rows. INSERT ... VALUES doesn't: it has as many rows as it says. */
function takesLong({ statement, effects }: MigrationStep, felt: readonly Effect[]): boolean {
  const insert = asKind(statement.tree, 'InsertStmt')
  const values = asKind(insert?.selectStmt, 'SelectStmt')?.valuesLists
  if (insert !== undefined && (values !== undefined || insert.selectStmt === undefined)) return false
  // A new table has no rows, but to fill it from an old one takes long.
  const relevant = insert === undefined ? felt : effects
  return relevant.some(({ work }) => work !== 'catalogue' && work !== 'unknown')
}

function rowsInOneStatement({ statement }: MigrationStep, felt: readonly Effect[]): Breach[] {
  const isInsert = 'InsertStmt' in statement.tree
  return felt
    .filter(({ cause }) => cause === 'write-rows' && !isInsert)
    .map(({ table }) =>
      breach(
        'rows-in-one-statement',
        statement,
        `It writes rows of ${table ?? 'a table'}, however many there are.`,
      ),
    )
}

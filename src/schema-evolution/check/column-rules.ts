import { isSerial } from '../sql/known-schema.ts'
import { asKind, qualifiedName, nodesOf, relationName, typeText } from '../sql/tree.ts'
import type { Breach } from './breach.ts'
import type { SqlStatement } from '../sql/parse.ts'
import { type ReadMigration, statementsOf } from './read-migration.ts'

/** Types that one regrets, on new tables as well. */
export function columnRules(migration: ReadMigration): Breach[] {
  return statementsOf(migration).flatMap((statement) => [...ofColumns(statement), ...ofDomains(statement)])
}

function ofColumns({ tree, line }: SqlStatement): Breach[] {
  const relation = (asKind(tree, 'CreateStmt') ?? asKind(tree, 'AlterTableStmt'))?.relation
  if (relation === undefined) return []
  const altered = nodesOf(tree, 'AlterTableCmd').filter(({ subtype }) => subtype === 'AT_AlterColumnType')
  const types = [
    ...nodesOf(tree, 'ColumnDef').map(({ colname, typeName }) => ({ name: colname, typeName })),
    ...altered.map(({ name, def }) => ({ name, typeName: asKind(def, 'ColumnDef')?.typeName })),
  ]
  return types.flatMap(({ name, typeName }) => {
    if (name === undefined || typeName === undefined) return []
    const rule = ruleOfType(typeText(typeName))
    const does = `The column ${relationName(relation)}.${name} is ${typeText(typeName)}.`
    return rule === null ? [] : [{ rule, line, does }]
  })
}

function ruleOfType(type: string): Breach['rule'] | null {
  if (/^(timestamp|timetz)\b/.test(type)) return 'timestamp-without-time-zone'
  if (isSerial(type)) return 'serial-column'
  return /^(bpchar|char)\b/.test(type) ? 'char-column' : null
}

function ofDomains({ tree, line }: SqlStatement): Breach[] {
  const created = asKind(tree, 'CreateDomainStmt')
  const altered = asKind(tree, 'AlterDomainStmt')
  const isChecked = (created?.constraints ?? []).length > 0 || altered?.def !== undefined
  const name = qualifiedName(created?.domainname ?? altered?.typeName)
  return isChecked ? [{ rule: 'domain-constraint', line, does: `The domain ${name} checks its values.` }] : []
}

import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint } from 'libpg-query'
import { isSerial, type KnownSchema } from './known-schema.ts'
import type { Cause, Effect, LockWork } from './lock.ts'
import { asKind, qualifiedName, nodesOf, relationName, stringsOf, typeText } from './tree.ts'
import { keepsRows } from './type-change.ts'

/** The locks of ALTER TABLE, one for each of its parts; PostgreSQL takes the strongest for all of them. */
export function effectsOfAlter(
  { relation, cmds = [], objtype }: AlterTableStmt,
  schema: KnownSchema,
): Effect[] {
  if (relation === undefined) return []
  const name = relationName(relation)
  if (objtype === 'OBJECT_INDEX') return [gentle(schema.indexes.get(name) ?? null)]
  if (objtype !== undefined && objtype !== 'OBJECT_TABLE') return []
  return cmds.flatMap((node) => {
    const command = asKind(node, 'AlterTableCmd')
    return command === undefined ? [] : effectsOfCommand(command, name, schema)
  })
}

function exclusive(table: string | null, cause: Cause, work: LockWork = 'catalogue'): Effect {
  return { table, lock: 'ACCESS EXCLUSIVE', work, cause }
}

function gentle(table: string | null, cause: Cause = 'alter-table', work: LockWork = 'catalogue'): Effect {
  return { table, lock: 'SHARE UPDATE EXCLUSIVE', work, cause }
}

const gentleKinds = new Set(
  'AT_SetStatistics AT_SetOptions AT_ResetOptions AT_SetRelOptions AT_ResetRelOptions AT_ClusterOn AT_DropCluster'.split(
    ' ',
  ),
)
const rewritingKinds = new Set(
  'AT_SetLogged AT_SetUnLogged AT_SetAccessMethod AT_SetTableSpace AT_SetExpression'.split(' '),
)
const triggerKinds = /^AT_(Enable|Disable)(Always|Replica)?Trig(All|User)?$/

function effectsOfCommand(command: AlterTableCmd, table: string, schema: KnownSchema): Effect[] {
  const column = asKind(command.def, 'ColumnDef')
  const name = command.name ?? ''
  // As text: there are dozens of kinds, and most of them take the default.
  const sort: string = command.subtype ?? ''
  switch (sort) {
    case 'AT_AddColumn':
      return column === undefined ? [] : effectsOfColumn(column, table, schema)
    case 'AT_DropColumn':
      return [exclusive(table, 'drop-column')]
    case 'AT_AlterColumnType':
      return isTypeKept(column, table, name, schema)
        ? [exclusive(table, 'change-type')]
        : [exclusive(table, 'change-type-rewrite', 'rewrite')]
    case 'AT_SetNotNull':
      return hasNotNullCheck(schema, table, name)
        ? [exclusive(table, 'set-not-null-checked')]
        : [exclusive(table, 'set-not-null', 'scan')]
    case 'AT_AddConstraint': {
      const constraint = asKind(command.def, 'Constraint')
      return constraint === undefined ? [] : effectsOfConstraint(constraint, table)
    }
    case 'AT_DropConstraint': {
      const other = schema.constraints.get(`${table}.${name}`)?.references
      return [
        exclusive(table, 'alter-table'),
        ...(other ? [exclusive(other, 'referenced-by-foreign-key')] : []),
      ]
    }
    case 'AT_ValidateConstraint': {
      const other = schema.constraints.get(`${table}.${name}`)?.references
      const pointedTo = { lock: 'ROW SHARE', work: 'catalogue', cause: 'referenced-by-foreign-key' } as const
      return [
        gentle(table, 'validate-constraint', 'scan'),
        ...(other ? [{ table: other, ...pointedTo }] : []),
      ]
    }
    case 'AT_AttachPartition': {
      const child = asKind(command.def, 'PartitionCmd')?.name
      return [
        gentle(table),
        ...(child === undefined ? [] : [exclusive(relationName(child), 'attach-partition', 'scan')]),
      ]
    }
    case 'AT_DetachPartition':
      return asKind(command.def, 'PartitionCmd')?.concurrent
        ? [gentle(table)]
        : [exclusive(table, 'detach-partition')]
    default:
      if (gentleKinds.has(sort)) return [gentle(table)]
      if (rewritingKinds.has(sort)) return [exclusive(table, 'rewrite-table', 'rewrite')]
      return triggerKinds.test(sort)
        ? [{ table, lock: 'SHARE ROW EXCLUSIVE', work: 'catalogue', cause: 'trigger' }]
        : [exclusive(table, 'alter-table')]
  }
}

function effectsOfColumn(column: ColumnDef, table: string, schema: KnownSchema): Effect[] {
  const isComputed = isComputedByRow(column, schema)
  const constraints = (column.constraints ?? []).flatMap((node) => asKind(node, 'Constraint') ?? [])
  const hasValue = constraints.some(
    ({ contype }) => contype !== 'CONSTR_FOREIGN' && contype !== 'CONSTR_NULL',
  )
  const checked = constraints.flatMap((constraint) => {
    const { contype = '' } = constraint
    if (!['CONSTR_CHECK', 'CONSTR_FOREIGN', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY'].includes(contype)) return []
    // Where all rows get NULL, PostgreSQL looks up no keys.
    const isUnforced = contype === 'CONSTR_FOREIGN' && !hasValue
    return effectsOfConstraint({ ...constraint, skip_validation: isUnforced }, table)
  })
  const added = isComputed
    ? exclusive(table, 'add-column-computed', 'rewrite')
    : exclusive(table, 'add-column')
  return [added, ...checked]
}

/** A constant, or `now()`, is kept in the catalogue once for all rows that are there already. */
function isComputedByRow({ typeName, constraints = [] }: ColumnDef, schema: KnownSchema): boolean {
  const type = typeName === undefined ? '' : typeText(typeName)
  if (isSerial(type) || schema.checkedDomains.has(type)) return true
  return constraints.some((node) => {
    const constraint = asKind(node, 'Constraint')
    if (constraint?.contype === 'CONSTR_IDENTITY') return true
    if (constraint?.contype === 'CONSTR_GENERATED') return constraint.generated_kind !== 'v'
    return constraint?.contype === 'CONSTR_DEFAULT' && isVolatile(constraint.raw_expr, schema)
  })
}

function isVolatile(expression: unknown, { volatileFunctions }: KnownSchema): boolean {
  return nodesOf(expression, 'FuncCall').some(
    ({ funcname }) =>
      volatileFunctions.has(qualifiedName(funcname)) || volatileFunctions.has(stringsOf(funcname).at(-1)!),
  )
}

export function effectsOfConstraint(constraint: Constraint, table: string): Effect[] {
  const { contype, skip_validation, is_enforced, pktable, indexname } = constraint
  const isChecked = contype === 'CONSTR_FOREIGN' || contype === 'CONSTR_CHECK'
  const isUnforced = skip_validation === true || (isChecked && is_enforced !== true)
  // As text: there are dozens of kinds, and most of them take the default.
  const sort: string = contype ?? ''
  switch (sort) {
    case 'CONSTR_FOREIGN': {
      const lock = 'SHARE ROW EXCLUSIVE'
      const other = pktable === undefined ? null : relationName(pktable)
      return [
        isUnforced
          ? { table, lock, work: 'catalogue', cause: 'add-unforced' }
          : { table, lock, work: 'scan', cause: 'add-foreign-key' },
        { table: other, lock, work: 'catalogue', cause: 'referenced-by-foreign-key' },
      ]
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      return indexname === undefined
        ? [exclusive(table, 'add-unique', 'index build')]
        : [exclusive(table, 'add-constraint-using-index')]
    default:
      return [isUnforced ? exclusive(table, 'add-unforced') : exclusive(table, 'add-check', 'scan')]
  }
}

function hasNotNullCheck({ constraints }: KnownSchema, table: string, column: string): boolean {
  return [...constraints].some(
    ([name, { notNullColumn, isValid }]) =>
      name.startsWith(`${table}.`) && notNullColumn === column && isValid,
  )
}

function isTypeKept(
  column: ColumnDef | undefined,
  table: string,
  name: string,
  schema: KnownSchema,
): boolean {
  if (column?.typeName === undefined) return false
  const after = typeText(column.typeName)
  const cast = asKind(column.raw_default, 'TypeCast')
  if (column.collClause !== undefined) return false
  const isPlain =
    column.raw_default === undefined ||
    (cast?.typeName !== undefined &&
      typeText(cast.typeName) === after &&
      asKind(cast.arg, 'ColumnRef') !== undefined)
  return isPlain && keepsRows(schema.tables.get(table)?.get(name)?.type ?? null, after)
}

import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint } from 'libpg-query'
import { isSerial, type KnownSchema } from './known-schema.ts'
import type { Effect } from './lock.ts'
import { asKind, nameOf, nodesOf, relationName, stringsOf, typeText } from './tree.ts'
import { keepsRows } from './type-change.ts'

/** The locks of ALTER TABLE, one for each of its parts; PostgreSQL takes the strongest for all of them. */
export function effectsOfAlter(
  { relation, cmds = [], objtype }: AlterTableStmt,
  schema: KnownSchema,
): Effect[] {
  if (relation === undefined) return []
  const name = relationName(relation)
  if (objtype === 'OBJECT_INDEX') {
    return [
      {
        table: schema.indexes.get(name) ?? null,
        lock: 'SHARE UPDATE EXCLUSIVE',
        work: 'catalogue',
        cause: 'alter-table',
      },
    ]
  }
  if (objtype !== undefined && objtype !== 'OBJECT_TABLE') return []
  return cmds.flatMap((node) => {
    const command = asKind(node, 'AlterTableCmd')
    return command === undefined ? [] : effectsOfCommand(command, name, schema)
  })
}

function effectsOfCommand(command: AlterTableCmd, table: string, schema: KnownSchema): Effect[] {
  const exclusive = (cause: Effect['cause'], work: Effect['work'] = 'catalogue'): Effect[] => [
    { table, lock: 'ACCESS EXCLUSIVE', work, cause },
  ]
  const gentle = (cause: Effect['cause'] = 'alter-table', work: Effect['work'] = 'catalogue'): Effect[] => [
    { table, lock: 'SHARE UPDATE EXCLUSIVE', work, cause },
  ]
  const column = asKind(command.def, 'ColumnDef')
  const name = command.name ?? ''
  // As text: there are dozens of kinds, and most of them take the default.
  const sort: string = command.subtype ?? ''
  switch (sort) {
    case 'AT_AddColumn':
      return column === undefined ? [] : effectsOfColumn(column, table, schema)
    case 'AT_DropColumn':
      return exclusive('drop-column')
    case 'AT_AlterColumnType':
      return isTypeKept(column, table, name, schema)
        ? exclusive('change-type')
        : exclusive('change-type-rewrite', 'rewrite')
    case 'AT_SetNotNull':
      return hasNotNullCheck(schema, table, name)
        ? exclusive('set-not-null-checked')
        : exclusive('set-not-null', 'scan')
    case 'AT_AddConstraint': {
      const constraint = asKind(command.def, 'Constraint')
      return constraint === undefined ? [] : effectsOfConstraint(constraint, table)
    }
    case 'AT_DropConstraint': {
      const other = schema.constraints.get(`${table}.${name}`)?.references
      return [
        ...exclusive('alter-table'),
        ...(other ? [{ ...exclusive('referenced-by-foreign-key')[0]!, table: other }] : []),
      ]
    }
    case 'AT_ValidateConstraint': {
      const other = schema.constraints.get(`${table}.${name}`)?.references
      return [
        ...gentle('validate-constraint', 'scan'),
        ...(other
          ? [
              {
                table: other,
                lock: 'ROW SHARE',
                work: 'catalogue',
                cause: 'referenced-by-foreign-key',
              } as const,
            ]
          : []),
      ]
    }
    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetRelOptions':
    case 'AT_ResetRelOptions':
    case 'AT_ClusterOn':
    case 'AT_DropCluster':
      return gentle()
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_DisableTrig':
    case 'AT_EnableTrigAll':
    case 'AT_DisableTrigAll':
    case 'AT_EnableTrigUser':
    case 'AT_DisableTrigUser':
      return [{ table, lock: 'SHARE ROW EXCLUSIVE', work: 'catalogue', cause: 'trigger' }]
    case 'AT_SetLogged':
    case 'AT_SetUnLogged':
    case 'AT_SetAccessMethod':
    case 'AT_SetTableSpace':
    case 'AT_SetExpression':
      return exclusive('rewrite-table', 'rewrite')
    case 'AT_AttachPartition': {
      const child = asKind(command.def, 'PartitionCmd')?.name
      return [
        ...gentle(),
        ...(child === undefined
          ? []
          : [{ ...exclusive('attach-partition', 'scan')[0]!, table: relationName(child) }]),
      ]
    }
    case 'AT_DetachPartition':
      return asKind(command.def, 'PartitionCmd')?.concurrent ? gentle() : exclusive('detach-partition')
    default:
      return exclusive('alter-table')
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
  return [
    {
      table,
      lock: 'ACCESS EXCLUSIVE',
      work: isComputed ? 'rewrite' : 'catalogue',
      cause: isComputed ? 'add-column-computed' : 'add-column',
    },
    ...checked,
  ]
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
      volatileFunctions.has(nameOf(funcname)) || volatileFunctions.has(stringsOf(funcname).at(-1)!),
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
      return [
        isUnforced
          ? { table, lock, work: 'catalogue', cause: 'add-unforced' }
          : { table, lock, work: 'scan', cause: 'add-foreign-key' },
        {
          table: pktable === undefined ? null : relationName(pktable),
          lock,
          work: 'catalogue',
          cause: 'referenced-by-foreign-key',
        },
      ]
    }
    case 'CONSTR_UNIQUE':
    case 'CONSTR_PRIMARY':
    case 'CONSTR_EXCLUSION':
      return indexname === undefined
        ? [{ table, lock: 'ACCESS EXCLUSIVE', work: 'index build', cause: 'add-unique' }]
        : [{ table, lock: 'ACCESS EXCLUSIVE', work: 'catalogue', cause: 'add-constraint-using-index' }]
    default:
      return [
        isUnforced
          ? { table, lock: 'ACCESS EXCLUSIVE', work: 'catalogue', cause: 'add-unforced' }
          : { table, lock: 'ACCESS EXCLUSIVE', work: 'scan', cause: 'add-check' },
      ]
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

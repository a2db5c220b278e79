import type { AlterTableCmd, AlterTableStmt, ColumnDef, Constraint, CreateStmt, RangeVar } from 'libpg-query'
import { needs, touchedByExpression, touchedByType } from './touched-by-query.ts'
import type { ObjectKind, Touched } from './touched.ts'
import { asKind, relationName, stringsOf } from './tree.ts'

export function touchedByCreateTable({ relation, tableElts = [], inhRelations = [] }: CreateStmt): Touched[] {
  if (relation === undefined) return []
  const name = relationName(relation)
  const inside = tableElts.flatMap((element) => {
    const column = asKind(element, 'ColumnDef')
    if (column !== undefined) return touchedByColumn(column, relation)
    const like = asKind(element, 'TableLikeClause')?.relation
    if (like !== undefined) return [needs('table', relationName(like))]
    const constraint = asKind(element, 'Constraint')
    return constraint === undefined ? [] : touchedByConstraint(constraint, relation)
  })
  const parents = inhRelations.flatMap((node) => asKind(node, 'RangeVar') ?? [])
  return [
    { kind: 'table', name, how: 'creates' },
    ...parents.map((parent): Touched => ({ kind: 'table', name: relationName(parent), how: 'alters' })),
    // What is inside of a new table is part of it; only what it takes from elsewhere is said.
    ...inside.filter((one) => one.kind === 'index' || !one.name.startsWith(`${name}.`)),
  ]
}

export function touchedByAlterTable({ relation, cmds = [], objtype }: AlterTableStmt): Touched[] {
  if (relation === undefined) return []
  const name = relationName(relation)
  if (objtype === 'OBJECT_INDEX') return [{ kind: 'index', name, how: 'alters' }]
  if (objtype === 'OBJECT_SEQUENCE') return [{ kind: 'sequence', name, how: 'alters' }]
  if (objtype === 'OBJECT_TYPE') return [{ kind: 'type', name, how: 'alters' }]
  if (objtype === 'OBJECT_VIEW' || objtype === 'OBJECT_MATVIEW')
    return [{ kind: 'view', name, how: 'alters' }]
  return [
    needs('table', name),
    ...cmds.flatMap((node) => {
      const command = asKind(node, 'AlterTableCmd')
      return command === undefined ? [] : touchedByCommand(command, relation)
    }),
  ]
}

function touchedByCommand(command: AlterTableCmd, relation: RangeVar): Touched[] {
  const table = relationName(relation)
  const part = `${table}.${command.name ?? ''}`
  const on = (kind: ObjectKind, how: Touched['how'], name = part): Touched => ({ kind, name, how })
  // As text: there are dozens of kinds, and most of them take the default.
  const sort: string = command.subtype ?? ''
  switch (sort) {
    case 'AT_AddColumn': {
      const column = asKind(command.def, 'ColumnDef')
      if (column === undefined) return []
      return [on('column', 'creates', `${table}.${column.colname}`), ...touchedByColumn(column, relation)]
    }
    case 'AT_DropColumn':
      return [on('column', 'drops')]
    case 'AT_AlterColumnType': {
      const column = asKind(command.def, 'ColumnDef')
      return [
        on('column', 'alters'),
        ...touchedByType(column?.typeName),
        ...touchedByExpression(column?.raw_default, [relation]),
      ]
    }
    case 'AT_ColumnDefault':
      return [on('default', 'alters'), on('column', 'needs'), ...touchedByExpression(command.def, [relation])]
    case 'AT_AddIdentity':
    case 'AT_SetIdentity':
    case 'AT_DropIdentity':
    case 'AT_SetExpression':
    case 'AT_DropExpression':
      return [on('default', 'alters'), on('column', 'needs')]
    case 'AT_SetNotNull':
      return [on('not null', 'alters'), on('column', 'reads')]
    case 'AT_DropNotNull':
      return [on('not null', 'alters'), on('column', 'needs')]
    case 'AT_SetStatistics':
    case 'AT_SetOptions':
    case 'AT_ResetOptions':
    case 'AT_SetStorage':
    case 'AT_SetCompression':
      return [on('setting', 'alters'), on('column', 'needs')]
    case 'AT_AddConstraint': {
      const constraint = asKind(command.def, 'Constraint')
      return constraint === undefined ? [] : touchedByConstraint(constraint, relation)
    }
    case 'AT_DropConstraint':
      return [on('constraint', 'drops')]
    case 'AT_ValidateConstraint':
      return [on('constraint', 'alters'), on('column', 'reads', `${table}.*`)]
    case 'AT_AlterConstraint':
      return [on('constraint', 'alters')]
    case 'AT_EnableTrig':
    case 'AT_EnableAlwaysTrig':
    case 'AT_EnableReplicaTrig':
    case 'AT_DisableTrig':
      return [on('trigger', 'alters')]
    case 'AT_AttachPartition':
    case 'AT_DetachPartition':
    case 'AT_DetachPartitionFinalize': {
      const child = asKind(command.def, 'PartitionCmd')?.name
      return [
        on('table', 'alters', table),
        ...(child === undefined ? [] : [on('table', 'alters', relationName(child))]),
      ]
    }
    default:
      return [on('table', 'alters', table)]
  }
}

/** What a new column takes along: its type, its default's functions, its constraints. */
function touchedByColumn(column: ColumnDef, relation: RangeVar): Touched[] {
  const constraints = (column.constraints ?? []).flatMap((node) => asKind(node, 'Constraint') ?? [])
  const named = constraints.flatMap((constraint) => {
    const isOwn = ['CONSTR_FOREIGN', 'CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_CHECK'].includes(
      constraint.contype ?? '',
    )
    return isOwn ? touchedByConstraint(constraint, relation, [column.colname ?? '']) : []
  })
  const values = constraints.map(({ raw_expr }) => raw_expr)
  return [...touchedByType(column.typeName), ...touchedByExpression(values, [relation]), ...named]
}

const suffixes: Record<string, string> = {
  CONSTR_FOREIGN: 'fkey',
  CONSTR_UNIQUE: 'key',
  CONSTR_PRIMARY: 'pkey',
  CONSTR_EXCLUSION: 'excl',
  CONSTR_NOTNULL: 'not_null',
}

function touchedByConstraint(
  constraint: Constraint,
  relation: RangeVar,
  own: readonly string[] = [],
): Touched[] {
  const table = relationName(relation)
  const { contype = 'CONSTR_CHECK', pktable } = constraint
  const columns = [...own, ...stringsOf(constraint.keys), ...stringsOf(constraint.fk_attrs)]
  // As PostgreSQL names one that has no name.
  const name =
    constraint.conname ??
    [relation.relname, ...(contype === 'CONSTR_PRIMARY' ? [] : columns), suffixes[contype] ?? 'check'].join(
      '_',
    )
  const hasIndex = ['CONSTR_UNIQUE', 'CONSTR_PRIMARY', 'CONSTR_EXCLUSION'].includes(contype)
  const other = pktable === undefined ? null : relationName(pktable)
  const reads = (of: string, column: string): Touched => ({
    kind: 'column',
    name: `${of}.${column}`,
    how: 'reads',
  })
  return [
    { kind: 'constraint', name: `${table}.${name}`, how: 'creates' },
    ...(hasIndex && constraint.indexname === undefined
      ? [{ kind: 'index', name, how: 'creates' } as const]
      : []),
    ...(constraint.indexname === undefined
      ? []
      : [{ kind: 'index', name: constraint.indexname, how: 'alters' } as const]),
    ...columns.map((column) => reads(table, column)),
    ...touchedByExpression([constraint.raw_expr, constraint.exclusions, constraint.where_clause], [relation]),
    ...(other === null
      ? []
      : [needs('table', other), ...stringsOf(constraint.pk_attrs).map((column) => reads(other, column))]),
  ]
}

import type { AlterTableCmd, ColumnDef, Constraint } from 'libpg-query'
import type { SqlStatement } from './parse.ts'
import { asKind, qualifiedName, nodesOf, relationName, stringsOf, typeText } from './tree.ts'

export interface KnownColumn {
  /** As `typeText` says it. */
  readonly type: string
  readonly isRequired: boolean
  /** Whether something fills it where an INSERT doesn't. */
  readonly hasDefault: boolean
}

/** What is known of the schema that a statement meets: from the migrations before it, or from a database. */
export interface KnownSchema {
  readonly tables: Map<string, Map<string, KnownColumn>>
  /** Index to table. */
  readonly indexes: Map<string, string>
  /** `table.constraint` to what it says of the rows. */
  readonly constraints: Map<string, KnownConstraint>
  /** Functions that may give another value for each row, so that a default of them is computed row by row. */
  readonly volatileFunctions: Set<string>
  /** Types that check every value. */
  readonly checkedDomains: Set<string>
  /** Type to values. */
  readonly enums: Map<string, Set<string>>
}

export interface KnownConstraint {
  /** The column of which it says that it IS NOT NULL; null where it says something else. */
  readonly notNullColumn: string | null
  readonly isValid: boolean
  /** The table that a foreign key points to. */
  readonly references: string | null
}

/** Those of PostgreSQL and its usual extensions that are volatile and seen in defaults. */
const builtInVolatile = (
  'random clock_timestamp timeofday nextval gen_random_uuid uuidv4 uuidv7 uuid_generate_v1 uuid_generate_v4 ' +
  'random_normal txid_current setval lastval gen_random_bytes'
).split(' ')

export function emptySchema(): KnownSchema {
  return {
    tables: new Map(),
    indexes: new Map(),
    constraints: new Map(),
    volatileFunctions: new Set(builtInVolatile),
    checkedDomains: new Set(),
    enums: new Map(),
  }
}

/** Takes over what a statement does to the schema, so that the next one meets it. */
export function follow(schema: KnownSchema, { tree }: SqlStatement): void {
  followCreate(schema, tree)
  const altered = asKind(tree, 'AlterTableStmt')
  if (altered?.relation !== undefined) {
    const table = relationName(altered.relation)
    for (const command of nodesOf(altered.cmds, 'AlterTableCmd')) followCommand(schema, table, command)
  }
  followRename(schema, tree)
  followEnum(schema, tree)
  const dropped = asKind(tree, 'DropStmt')
  for (const object of dropped?.objects ?? []) {
    const name = qualifiedName(asKind(object, 'List')?.items)
    if (dropped?.removeType === 'OBJECT_TABLE') schema.tables.delete(name)
    if (dropped?.removeType === 'OBJECT_INDEX') schema.indexes.delete(name)
    if (dropped?.removeType === 'OBJECT_TYPE')
      schema.enums.delete(qualifiedName(asKind(object, 'TypeName')?.names))
  }
}

function followCreate(schema: KnownSchema, tree: SqlStatement['tree']): void {
  const created = asKind(tree, 'CreateStmt')
  if (created?.relation !== undefined) {
    const table = relationName(created.relation)
    const columns = (created.tableElts ?? []).flatMap((element) => asKind(element, 'ColumnDef') ?? [])
    schema.tables.set(table, new Map(columns.map((column) => [column.colname ?? '', knownColumn(column)])))
    for (const constraint of nodesOf(created.tableElts, 'Constraint')) keep(schema, table, constraint)
  }
  const index = asKind(tree, 'IndexStmt')
  if (index?.relation !== undefined && index.idxname !== undefined) {
    schema.indexes.set(index.idxname, relationName(index.relation))
  }
  const domain = asKind(tree, 'CreateDomainStmt')
  if (domain !== undefined && (domain.constraints ?? []).length > 0) {
    schema.checkedDomains.add(qualifiedName(domain.domainname))
  }
  const made = asKind(tree, 'CreateFunctionStmt')
  if (made !== undefined) {
    const volatility = nodesOf(made.options, 'DefElem').find(({ defname }) => defname === 'volatility')?.arg
    const isVolatile = (asKind(volatility, 'String')?.sval ?? 'volatile') === 'volatile'
    schema.volatileFunctions[isVolatile ? 'add' : 'delete'](qualifiedName(made.funcname))
  }
}

function followCommand(schema: KnownSchema, table: string, command: AlterTableCmd): void {
  const columns = schema.tables.get(table) ?? new Map<string, KnownColumn>()
  schema.tables.set(table, columns)
  const name = command.name ?? ''
  const before = columns.get(name)
  const definition = asKind(command.def, 'ColumnDef')
  // As text: there are dozens of kinds, and most of them take the default.
  const sort: string = command.subtype ?? ''
  switch (sort) {
    case 'AT_AddColumn':
      if (definition !== undefined) columns.set(definition.colname ?? '', knownColumn(definition))
      return
    case 'AT_DropColumn':
      columns.delete(name)
      return
    case 'AT_AlterColumnType':
      if (definition?.typeName !== undefined) {
        columns.set(name, { ...unknownColumn, ...before, type: typeText(definition.typeName) })
      }
      return
    case 'AT_SetNotNull':
    case 'AT_DropNotNull':
      columns.set(name, { ...unknownColumn, ...before, isRequired: command.subtype === 'AT_SetNotNull' })
      return
    case 'AT_ColumnDefault':
      columns.set(name, { ...unknownColumn, ...before, hasDefault: command.def !== undefined })
      return
    case 'AT_AddConstraint': {
      const constraint = asKind(command.def, 'Constraint')
      if (constraint !== undefined) keep(schema, table, constraint)
      return
    }
    case 'AT_DropConstraint':
      schema.constraints.delete(`${table}.${name}`)
      return
    case 'AT_ValidateConstraint': {
      const known = schema.constraints.get(`${table}.${name}`)
      if (known !== undefined) schema.constraints.set(`${table}.${name}`, { ...known, isValid: true })
      return
    }
    default:
  }
}

function followRename(schema: KnownSchema, tree: SqlStatement['tree']): void {
  const renamed = asKind(tree, 'RenameStmt')
  if (renamed?.relation === undefined) return
  const { renameType, subname = '', newname = '' } = renamed
  const table = relationName(renamed.relation)
  const columns = schema.tables.get(table)
  if (renameType === 'OBJECT_TABLE' && columns !== undefined) {
    schema.tables.delete(table)
    schema.tables.set(newname, columns)
    for (const [index, of] of schema.indexes) if (of === table) schema.indexes.set(index, newname)
    return
  }
  const column = columns?.get(subname)
  if (renameType === 'OBJECT_COLUMN' && column !== undefined) {
    columns?.delete(subname)
    columns?.set(newname, column)
  }
}

/** Prisma removes a value by a second type that takes over the name of the first. */
function followEnum({ enums, tables }: KnownSchema, tree: SqlStatement['tree']): void {
  const created = asKind(tree, 'CreateEnumStmt')
  if (created !== undefined) enums.set(qualifiedName(created.typeName), new Set(stringsOf(created.vals)))
  const altered = asKind(tree, 'AlterEnumStmt')
  const values = enums.get(qualifiedName(altered?.typeName))
  if (altered?.oldVal !== undefined) values?.delete(altered.oldVal)
  if (altered?.newVal !== undefined) values?.add(altered.newVal)
  const renamed = asKind(tree, 'RenameStmt')
  if (renamed?.renameType !== 'OBJECT_TYPE') return
  const [from, to] = [qualifiedName(asKind(renamed.object, 'List')?.items), renamed.newname ?? '']
  const moved = enums.get(from)
  if (moved !== undefined) enums.set(to, moved)
  enums.delete(from)
  for (const columns of tables.values()) {
    for (const [name, column] of columns) {
      if (column.type.replace(/\[.*/, '') === from) {
        columns.set(name, { ...column, type: column.type.replace(from, to) })
      }
    }
  }
}

function keep(schema: KnownSchema, table: string, constraint: Constraint): void {
  const { conname, pktable, contype } = constraint
  if (conname === undefined) return
  schema.constraints.set(`${table}.${conname}`, {
    notNullColumn: notNullColumnOf(constraint),
    isValid: constraint.skip_validation !== true,
    references: pktable === undefined ? null : relationName(pktable),
  })
  if (contype === 'CONSTR_UNIQUE' || contype === 'CONSTR_PRIMARY') schema.indexes.set(conname, table)
}

/** `CHECK (title IS NOT NULL)`, or PostgreSQL 18's `NOT NULL title`. */
function notNullColumnOf({ contype, raw_expr, keys }: Constraint): string | null {
  if (contype === 'CONSTR_NOTNULL') return stringsOf(keys)[0] ?? null
  const test = asKind(raw_expr, 'NullTest')
  if (contype !== 'CONSTR_CHECK' || test?.nulltesttype !== 'IS_NOT_NULL') return null
  return stringsOf(asKind(test.arg, 'ColumnRef')?.fields).at(-1) ?? null
}

const unknownColumn: KnownColumn = { type: '', isRequired: false, hasDefault: false }

export function isSerial(type: string): boolean {
  return /^(small|big)?serial[248]?$/.test(type)
}

export function knownColumn({ typeName, constraints }: ColumnDef): KnownColumn {
  const kinds = (constraints ?? []).map((node) => asKind(node, 'Constraint')?.contype)
  const type = typeName === undefined ? '' : typeText(typeName)
  return {
    type,
    isRequired: kinds.includes('CONSTR_NOTNULL') || kinds.includes('CONSTR_PRIMARY'),
    hasDefault: isSerial(type) || kinds.some((kind) => /DEFAULT|IDENTITY|GENERATED/.test(kind ?? '')),
  }
}

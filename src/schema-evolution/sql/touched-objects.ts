import type { DropStmt, Node, ObjectType, RangeVar, RenameStmt } from 'libpg-query'
import { parseSql, type SqlStatement } from './parse.ts'
import { touchedByBlock, touchedByFunction } from './touched-by-body.ts'
import { needs, touchedByExpression, touchedByQuery, touchedByType } from './touched-by-query.ts'
import { touchedByAlterTable, touchedByCreateTable } from './touched-by-table.ts'
import { type How, type ObjectKind, type Touched, unique } from './touched.ts'
import {
  asKind,
  handle,
  type Handlers,
  kindOf,
  qualifiedName,
  nodesOf,
  qualified,
  relationName,
  stringsOf,
} from './tree.ts'

/**
 * Everything in the database that a migration's SQL creates, alters, drops, reads, writes, or needs to be there.
 * The row that it adds to its own lineage is left out: it says where the migration stands, not what it does.
 *
 * @throws SqlSyntaxError with the line
 */
export function touches(sql: string): Touched[] {
  return unique(parseSql(sql).statements.flatMap(touchedByRunning))
}

/** What a statement touches that is run, not only written down in a function. */
export function touchedByRunning(statement: SqlStatement): Touched[] {
  return isLineageRow(statement) ? [] : [...touchedBy(statement), ...callsOf(statement)]
}

function touchedBy(statement: SqlStatement): Touched[] {
  const known = handle(handlers, statement.tree, statement)
  return (
    known ?? [
      { kind: 'anything', name: `${kindOf(statement.tree)} at line ${statement.line}`, how: 'writes' },
    ]
  )
}

/** The statement by which a migration writes where it stands. */
export function isLineageRow({ tree }: SqlStatement): boolean {
  return asKind(tree, 'InsertStmt')?.relation?.relname === 'migration_lineage'
}

/** These change nothing that a migration could meet. */
const nothing = () => []
const query = (_: unknown, { tree }: SqlStatement) => touchedByQuery(tree)

const handlers: Handlers<SqlStatement, Touched[]> = {
  CreateStmt: touchedByCreateTable,
  AlterTableStmt: touchedByAlterTable,
  DropStmt: touchedByDrop,
  RenameStmt: touchedByRename,
  DoStmt: (_, statement) => touchedByBlock(statement, touchedByRunning),
  CreateFunctionStmt: (_, statement) => touchedByFunction(statement, touchedBy),
  InsertStmt: query,
  UpdateStmt: query,
  DeleteStmt: query,
  MergeStmt: query,
  List: query,
  ReturnStmt: query,
  SelectStmt: (select, statement) => [
    ...query(select, statement),
    ...created('table', select.intoClause?.rel),
  ],
  CreateTableAsStmt: ({ into, objtype }, statement) => [
    ...created(objtype === 'OBJECT_MATVIEW' ? 'view' : 'table', into?.rel),
    ...touchedByQuery(statement.tree),
  ],
  ViewStmt: ({ view, replace }, statement) => [
    ...relation('view', view, replace ? 'alters' : 'creates'),
    ...touchedByQuery(statement.tree),
  ],
  RefreshMatViewStmt: ({ relation: view }) => relation('view', view, 'writes'),
  IndexStmt: ({ idxname, relation: table, indexParams, indexIncludingParams, whereClause }) => {
    const elements = nodesOf([indexParams, indexIncludingParams], 'IndexElem')
    const columns = elements.flatMap(({ name }) => name ?? [])
    // Without a name PostgreSQL makes one up, which another branch's may equal.
    const name = idxname ?? [table?.relname, ...columns, 'idx'].join('_')
    return table === undefined
      ? []
      : [
          { kind: 'index', name, how: 'creates' },
          ...relation('table', table, 'needs'),
          ...columns.map((column) => part('column', table, column, 'reads')),
          ...touchedByExpression([elements, whereClause], [table]),
        ]
  },
  CreateTrigStmt: ({ trigname, relation: table, funcname, replace, whenClause }) => [
    ...relation('table', table, 'needs'),
    part('trigger', table, trigname, replace ? 'alters' : 'creates'),
    needs('function', qualifiedName(funcname)),
    ...nodesOf(whenClause, 'FuncCall').map((call) => needs('function', qualifiedName(call.funcname))),
  ],
  CreatePolicyStmt: ({ table, policy_name, qual, with_check }) => [
    ...relation('table', table, 'alters'),
    part('policy', table, policy_name, 'creates'),
    ...touchedByExpression([qual, with_check], table === undefined ? [] : [table]),
  ],
  AlterPolicyStmt: ({ table, policy_name }) => [part('policy', table, policy_name, 'alters')],
  RuleStmt: ({ relation: table, rulename }) => [
    ...relation('table', table, 'alters'),
    part('rule', table, rulename, 'creates'),
  ],
  CreateEnumStmt: ({ typeName }) => [named('type', typeName, 'creates')],
  AlterEnumStmt: ({ typeName }) => [named('type', typeName, 'alters')],
  CompositeTypeStmt: ({ typevar }) => relation('type', typevar, 'creates'),
  CreateRangeStmt: ({ typeName }) => [named('type', typeName, 'creates')],
  CreateDomainStmt: ({ domainname, typeName }) => [
    named('type', domainname, 'creates'),
    ...touchedByType(typeName),
  ],
  AlterDomainStmt: ({ typeName }) => [named('type', typeName, 'alters')],
  CreateSeqStmt: ({ sequence }) => relation('sequence', sequence, 'creates'),
  AlterSeqStmt: ({ sequence }) => relation('sequence', sequence, 'alters'),
  CreateSchemaStmt: ({ schemaname = '' }) => [{ kind: 'schema', name: schemaname, how: 'creates' }],
  CreateExtensionStmt: ({ extname = '' }) => [{ kind: 'extension', name: extname, how: 'creates' }],
  AlterFunctionStmt: ({ func }) => [named('function', func?.objname, 'alters')],
  TruncateStmt: ({ relations = [], behavior }) => [
    ...relations
      .flatMap((node) => asKind(node, 'RangeVar') ?? [])
      .flatMap((table) => [...relation('table', table, 'needs'), part('column', table, '*', 'writes')]),
    ...cascade(behavior, 'TRUNCATE ... CASCADE'),
  ],
  CopyStmt: ({ relation: table, is_from }) =>
    table === undefined
      ? []
      : [...relation('table', table, 'needs'), part('column', table, '*', is_from ? 'writes' : 'reads')],
  LockStmt: ({ relations = [] }) =>
    relations.flatMap((node) => relation('table', asKind(node, 'RangeVar'), 'needs')),
  AlterObjectSchemaStmt: ({ relation: table }) => relation('table', table, 'drops'),
  TransactionStmt: nothing,
  VariableSetStmt: nothing,
  VariableShowStmt: nothing,
  CommentStmt: nothing,
  GrantStmt: nothing,
  GrantRoleStmt: nothing,
  AlterOwnerStmt: nothing,
  AlterDefaultPrivilegesStmt: nothing,
  CreateStatsStmt: nothing,
  VacuumStmt: nothing,
  ReindexStmt: nothing,
  ClusterStmt: nothing,
  NotifyStmt: nothing,
}

/** A query at the top is run for what its functions do; what ours do isn't in the query. */
const knownCalls = /^(set_config|setval|nextval|currval|current_setting|now|pg_\w+)$/

function callsOf({ tree, line }: SqlStatement): Touched[] {
  const calls = nodesOf(asKind(tree, 'SelectStmt')?.targetList, 'FuncCall')
  return calls
    .map(({ funcname }) => stringsOf(funcname).at(-1) ?? '')
    .filter((name) => !knownCalls.test(name))
    .map((name) => ({ kind: 'anything', name: `the call of ${name}() at line ${line}`, how: 'writes' }))
}

function created(kind: ObjectKind, rel: RangeVar | undefined): Touched[] {
  return relation(kind, rel, 'creates')
}

function relation(kind: ObjectKind, rel: RangeVar | undefined, how: How): Touched[] {
  return rel === undefined ? [] : [{ kind, name: relationName(rel), how }]
}

function part(kind: ObjectKind, rel: RangeVar | undefined, name: string | undefined, how: How): Touched {
  return { kind, name: `${rel === undefined ? '' : relationName(rel)}.${name ?? ''}`, how }
}

function named(kind: ObjectKind, names: readonly Node[] | undefined, how: How): Touched {
  return { kind, name: qualifiedName(names), how }
}

const kindsOfTypes: Partial<Record<ObjectType, ObjectKind>> = {
  OBJECT_TABLE: 'table',
  OBJECT_FOREIGN_TABLE: 'table',
  OBJECT_VIEW: 'view',
  OBJECT_MATVIEW: 'view',
  OBJECT_INDEX: 'index',
  OBJECT_SEQUENCE: 'sequence',
  OBJECT_TYPE: 'type',
  OBJECT_DOMAIN: 'type',
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'function',
  OBJECT_ROUTINE: 'function',
  OBJECT_AGGREGATE: 'function',
  OBJECT_TRIGGER: 'trigger',
  OBJECT_POLICY: 'policy',
  OBJECT_RULE: 'rule',
  OBJECT_SCHEMA: 'schema',
  OBJECT_EXTENSION: 'extension',
  OBJECT_COLUMN: 'column',
  OBJECT_TABCONSTRAINT: 'constraint',
}

function touchedByDrop({ objects = [], removeType, behavior }: DropStmt): Touched[] {
  const kind = kindsOfTypes[removeType ?? 'OBJECT_TABLE'] ?? 'anything'
  return [
    ...objects.map((object): Touched => ({ kind, name: objectName(object), how: 'drops' })),
    ...cascade(behavior, 'DROP ... CASCADE'),
  ]
}

function touchedByRename({
  renameType,
  relation: rel,
  object,
  subname,
  newname = '',
}: RenameStmt): Touched[] {
  const kind = kindsOfTypes[renameType ?? 'OBJECT_TABLE'] ?? 'anything'
  const owner = rel === undefined ? null : relationName(rel)
  const before = owner === null ? (object === undefined ? '' : objectName(object)) : owner
  const [from, to] =
    subname === undefined ? [before, newname] : [`${before}.${subname}`, `${before}.${newname}`]
  return [
    ...(subname !== undefined && owner !== null ? [needs('table', owner)] : []),
    { kind, name: from, how: 'drops' },
    { kind, name: to, how: 'creates' },
  ]
}

export function objectName(object: Node): string {
  const typeName = asKind(object, 'TypeName')
  if (typeName !== undefined) return qualifiedName(typeName.names)
  const single = asKind(object, 'String')?.sval
  if (single !== undefined) return single
  const list = asKind(object, 'List')?.items ?? asKind(object, 'ObjectWithArgs')?.objname
  return qualified(stringsOf(list))
}

function cascade(behavior: string | undefined, what: string): Touched[] {
  return behavior === 'DROP_CASCADE' ? [{ kind: 'anything', name: what, how: 'writes' }] : []
}

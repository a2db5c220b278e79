import type { DropStmt, Node, RangeVar } from 'libpg-query'
import { effectsOfAlter, effectsOfConstraint } from './alter-effects.ts'
import type { KnownSchema } from './known-schema.ts'
import { type Cause, type Effect, type Lock, tableLocks, type LockWork } from './lock.ts'
import type { SqlStatement } from './parse.ts'
import { statementsOfBody } from './touched-by-body.ts'
import { objectName } from './touched-objects.ts'
import { asKind, handle, type Handlers, kindOf, nodesOf, relationName } from './tree.ts'
import { serverWord } from './outside-transaction.ts'

interface Meeting {
  readonly statement: SqlStatement
  readonly schema: KnownSchema
}

/**
 * What a statement locks, and how much it does meanwhile, as PostgreSQL's documentation says for 14 to 18. Locks on what
 * it creates itself are left out.
 *
 * @param schema what is there before it
 */
export function effectsOf(statement: SqlStatement, schema: KnownSchema): Effect[] {
  const known = handle(handlers, statement.tree, { statement, schema })
  const isFree = lockFree.has(kindOf(statement.tree)) || serverWord(statement) !== null
  return known ?? (isFree ? [] : [unknown])
}

const unknown: Effect = { table: null, lock: 'ACCESS EXCLUSIVE', work: 'unknown', cause: 'unknown' }

/** These lock no table, or so little that nobody notices. */
const lockFree = new Set<string>(
  (
    'CreateEnumStmt AlterEnumStmt CompositeTypeStmt CreateRangeStmt CreateDomainStmt AlterDomainStmt ' +
    'CreateFunctionStmt AlterFunctionStmt CreateSeqStmt AlterSeqStmt CreateSchemaStmt CreateExtensionStmt ' +
    'TransactionStmt VariableSetStmt VariableShowStmt GrantStmt GrantRoleStmt AlterDefaultPrivilegesStmt ' +
    'CommentStmt CreateStatsStmt NotifyStmt CreateTableAsStmt'
  ).split(' '),
)

const handlers: Handlers<Meeting, Effect[]> = {
  AlterTableStmt: (altered, { schema }) => effectsOfAlter(altered, schema),
  CreateStmt: ({ relation, tableElts = [], inhRelations = [] }) => {
    const own = relation === undefined ? '' : relationName(relation)
    const keys = nodesOf(tableElts, 'Constraint').filter(({ contype }) => contype === 'CONSTR_FOREIGN')
    const parents = inhRelations.flatMap((node) => asKind(node, 'RangeVar') ?? [])
    return [
      ...keys
        .flatMap((key) => effectsOfConstraint(key, own))
        .filter(({ table }) => table !== null && table !== own),
      ...parents.flatMap((parent) => on(parent, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table')),
    ]
  },
  IndexStmt: ({ relation, concurrent }) =>
    concurrent
      ? on(relation, 'SHARE UPDATE EXCLUSIVE', 'index build', 'create-index-concurrently')
      : on(relation, 'SHARE', 'index build', 'create-index'),
  DropStmt: (dropped, { schema }) => effectsOfDrop(dropped, schema),
  RenameStmt: ({ relation, renameType, object }, { schema }) => {
    if (renameType !== 'OBJECT_INDEX')
      return object === undefined ? on(relation, 'ACCESS EXCLUSIVE', 'catalogue', 'rename') : []
    const table = schema.indexes.get(relation === undefined ? '' : relationName(relation)) ?? null
    return [{ table, lock: 'SHARE UPDATE EXCLUSIVE', work: 'catalogue', cause: 'rename' }]
  },
  AlterObjectSchemaStmt: ({ relation }) => on(relation, 'ACCESS EXCLUSIVE', 'catalogue', 'rename'),
  AlterOwnerStmt: ({ relation }) => on(relation, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table'),
  CreateTrigStmt: ({ relation }) => on(relation, 'SHARE ROW EXCLUSIVE', 'catalogue', 'trigger'),
  CreatePolicyStmt: ({ table }) => on(table, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table'),
  AlterPolicyStmt: ({ table }) => on(table, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table'),
  RuleStmt: ({ relation }) => on(relation, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table'),
  ViewStmt: ({ view, replace }) => (replace ? on(view, 'ACCESS EXCLUSIVE', 'catalogue', 'alter-table') : []),
  TruncateStmt: ({ relations = [] }) =>
    relations.flatMap((node) => on(asKind(node, 'RangeVar'), 'ACCESS EXCLUSIVE', 'catalogue', 'truncate')),
  LockStmt: ({ relations = [], mode = 8 }) =>
    relations.flatMap((node) =>
      on(asKind(node, 'RangeVar'), tableLocks[mode - 1] ?? 'ACCESS EXCLUSIVE', 'catalogue', 'lock-table'),
    ),
  VacuumStmt: ({ options, rels = [] }) => {
    const isFull = nodesOf(options, 'DefElem').some(({ defname }) => defname === 'full')
    return rels.flatMap((node) =>
      on(
        asKind(node, 'VacuumRelation')?.relation,
        isFull ? 'ACCESS EXCLUSIVE' : 'SHARE UPDATE EXCLUSIVE',
        isFull ? 'rewrite' : 'scan',
        isFull ? 'rewrite-table' : 'read',
      ),
    )
  },
  ClusterStmt: ({ relation }) => on(relation, 'ACCESS EXCLUSIVE', 'rewrite', 'rewrite-table'),
  ReindexStmt: ({ relation, params, kind }, { schema }) => {
    const isConcurrent = nodesOf(params, 'DefElem').some(({ defname }) => defname === 'concurrently')
    const named = relation === undefined ? null : relationName(relation)
    const table = kind === 'REINDEX_OBJECT_INDEX' ? (schema.indexes.get(named ?? '') ?? null) : named
    // Planning any query on the table waits for the index.
    const lock = isConcurrent ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE'
    return [{ table, lock, work: 'index build', cause: 'reindex' }]
  },
  RefreshMatViewStmt: ({ relation, concurrent }) =>
    on(relation, concurrent ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE', 'rewrite', 'refresh-view'),
  InsertStmt: (_, { statement }) => effectsOfRows(statement.tree),
  UpdateStmt: (_, { statement }) => effectsOfRows(statement.tree),
  DeleteStmt: (_, { statement }) => effectsOfRows(statement.tree),
  MergeStmt: (_, { statement }) => effectsOfRows(statement.tree),
  SelectStmt: (_, { statement }) => effectsOfRows(statement.tree),
  CopyStmt: ({ relation, is_from }) =>
    is_from
      ? on(relation, 'ROW EXCLUSIVE', 'rows', 'write-rows')
      : on(relation, 'ACCESS SHARE', 'scan', 'read'),
  DoStmt: (_, { statement, schema }) => {
    const body = statementsOfBody(statement)
    if (body === null) return [unknown]
    return [
      ...body.statements.flatMap((inner) => effectsOf(inner, schema)),
      ...(body.dynamic.length > 0 ? [unknown] : []),
    ]
  },
}

function on(relation: RangeVar | undefined, lock: Lock, work: LockWork, cause: Cause): Effect[] {
  return relation === undefined ? [] : [{ table: relationName(relation), lock, work, cause }]
}

/** Reading alone is left out: it keeps nobody waiting, and every statement with a WHERE would be full of it. */
function effectsOfRows(tree: Node): Effect[] {
  const relations = [
    ...nodesOf(tree, 'InsertStmt'),
    ...nodesOf(tree, 'UpdateStmt'),
    ...nodesOf(tree, 'DeleteStmt'),
    ...nodesOf(tree, 'MergeStmt'),
  ].map(({ relation }) => relation)
  return relations.flatMap((relation) => on(relation, 'ROW EXCLUSIVE', 'rows', 'write-rows'))
}

function effectsOfDrop(dropped: DropStmt, schema: KnownSchema): Effect[] {
  const { objects = [], removeType, concurrent } = dropped
  return objects.flatMap((object): Effect[] => {
    const name = objectName(object)
    const owner = name.slice(0, Math.max(name.lastIndexOf('.'), 0))
    const exclusive = (table: string | null, cause: Cause): Effect[] => [
      { table, lock: 'ACCESS EXCLUSIVE', work: 'catalogue', cause },
    ]
    // As text: there are dozens of kinds, and most of them take the default.
    const sort: string = removeType ?? ''
    switch (sort) {
      case 'OBJECT_TABLE':
        return [...exclusive(name, 'drop-table'), ...referencedBy(name, schema)]
      case 'OBJECT_MATVIEW':
      case 'OBJECT_VIEW':
        return exclusive(name, 'drop-table')
      case 'OBJECT_INDEX': {
        const table = schema.indexes.get(name) ?? null
        return concurrent
          ? [{ table, lock: 'SHARE UPDATE EXCLUSIVE', work: 'catalogue', cause: 'drop-index-concurrently' }]
          : exclusive(table, 'drop-index')
      }
      case 'OBJECT_TRIGGER':
        return exclusive(owner, 'trigger')
      case 'OBJECT_POLICY':
      case 'OBJECT_RULE':
        return exclusive(owner, 'alter-table')
      default:
        return []
    }
  })
}

/** Dropping a table drops its foreign keys, and with them the triggers on what they point to. */
function referencedBy(table: string, { constraints }: KnownSchema): Effect[] {
  const others = [...constraints].flatMap(([name, { references }]) =>
    name.startsWith(`${table}.`) && references !== null && references !== table ? [references] : [],
  )
  return [...new Set(others)].map((other) => ({
    table: other,
    lock: 'ACCESS EXCLUSIVE',
    work: 'catalogue',
    cause: 'referenced-by-foreign-key',
  }))
}

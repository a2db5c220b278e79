import type { SqlStatement } from './parser.ts'
import { asKind, type NodeKind, nodesOf } from './tree.ts'

/** What PostgreSQL runs outside of transactions only. */
export function outsideWord({ tree }: Pick<SqlStatement, 'tree'>): string | null {
  if (asKind(tree, 'IndexStmt')?.concurrent) return 'CREATE INDEX CONCURRENTLY'
  if (asKind(tree, 'DropStmt')?.concurrent) return 'DROP INDEX CONCURRENTLY'
  if (asKind(tree, 'VacuumStmt')?.is_vacuumcmd) return 'VACUUM'
  const cluster = asKind(tree, 'ClusterStmt')
  if (cluster !== undefined && cluster.relation === undefined) return 'CLUSTER of all tables'
  if (asKind(tree, 'DiscardStmt')?.target === 'DISCARD_ALL') return 'DISCARD ALL'
  const reindex = asKind(tree, 'ReindexStmt')
  if (nodesOf(reindex?.params, 'DefElem').some(({ defname }) => defname === 'concurrently')) {
    return 'REINDEX CONCURRENTLY'
  }
  const many = /^REINDEX_OBJECT_(SCHEMA|DATABASE|SYSTEM)$/.exec(reindex?.kind ?? '')
  if (many !== null) return `REINDEX ${many[1]!}`
  const ofServer = serverWord({ tree })
  if (ofServer !== null) return ofServer
  const database = asKind(tree, 'AlterDatabaseStmt')
  if (nodesOf(database, 'DefElem').some(({ defname }) => defname === 'tablespace')) {
    return 'ALTER DATABASE SET TABLESPACE'
  }
  if (/_(REFRESH|PUBLICATION)$/.test(asKind(tree, 'AlterSubscriptionStmt')?.kind ?? '')) {
    return 'ALTER SUBSCRIPTION'
  }
  const isDetached = nodesOf(asKind(tree, 'AlterTableStmt')?.cmds, 'PartitionCmd').some(
    ({ concurrent }) => concurrent,
  )
  return isDetached ? 'DETACH PARTITION CONCURRENTLY' : null
}

/** What isn't of the schema, but of the whole server, or speaks with another one. It locks no table. */
export function serverWord({ tree }: Pick<SqlStatement, 'tree'>): string | null {
  return Object.entries(serverWords).find(([kind]) => kind in tree)?.[1] ?? null
}

const serverWords: Readonly<Partial<Record<NodeKind, string>>> = {
  AlterSystemStmt: 'ALTER SYSTEM',
  CreatedbStmt: 'CREATE DATABASE',
  DropdbStmt: 'DROP DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  CreateSubscriptionStmt: 'CREATE SUBSCRIPTION',
  DropSubscriptionStmt: 'DROP SUBSCRIPTION',
}

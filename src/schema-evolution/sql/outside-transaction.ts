import type { Statement } from './parse.ts'
import { asKind, nodesOf } from './tree.ts'

/** What PostgreSQL runs outside of transactions only. */
export function outsideWord({ tree }: Pick<Statement, 'tree'>): string | null {
  if (asKind(tree, 'IndexStmt')?.concurrent) return 'CREATE INDEX CONCURRENTLY'
  if (asKind(tree, 'DropStmt')?.concurrent) return 'DROP INDEX CONCURRENTLY'
  if (asKind(tree, 'VacuumStmt')?.is_vacuumcmd) return 'VACUUM'
  if ('AlterSystemStmt' in tree) return 'ALTER SYSTEM'
  const reindex = asKind(tree, 'ReindexStmt')?.params
  if (nodesOf(reindex, 'DefElem').some(({ defname }) => defname === 'concurrently')) {
    return 'REINDEX CONCURRENTLY'
  }
  const isDetached = nodesOf(asKind(tree, 'AlterTableStmt')?.cmds, 'PartitionCmd').some(
    ({ concurrent }) => concurrent,
  )
  return isDetached ? 'DETACH PARTITION CONCURRENTLY' : null
}

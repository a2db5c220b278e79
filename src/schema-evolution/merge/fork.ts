import { noParent } from '../files/lineage.ts'
import { type MigrationFolder, writtenParents } from '../files/migration-folder.ts'

/** Several lines of migrations after one. */
export interface Fork {
  readonly parent: string
  /** Each from its first to its head. */
  readonly lines: readonly (readonly string[])[]
}

/** The forks of a folder, by what its migrations say themselves; joins that it has are none. */
export function forksOf({ scripts }: MigrationFolder): Fork[] {
  const children = new Map<string, string[]>()
  for (const [name, parent] of writtenParents(scripts)) {
    children.set(parent, [...(children.get(parent) ?? []), name].sort())
  }
  const lineFrom = (name: string): string[] => [name, ...(children.get(name) ?? []).flatMap(lineFrom)]
  return [...children]
    .filter(([parent, { length }]) => length > 1 && (parent === noParent || scripts.has(parent)))
    .map(([parent, firsts]) => ({ parent, lines: firsts.map(lineFrom) }))
}

import { movedParents } from './join.ts'
import { parseLineage, noParent } from './lineage.ts'
import { type MigrationFolder, writtenParents } from './migration-folder.ts'

export interface TreeMigration {
  readonly name: string
  /** Null for the first. */
  readonly parent: string | null
  /** Where it is: `here`, and the branches that have it. */
  readonly places: readonly string[]
}

export interface MigrationTree {
  /** The migrations that none follows. More than one: branches that haven't met yet. */
  readonly heads: readonly string[]
  /** In the order of their names. */
  readonly migrations: readonly TreeMigration[]
}

/** @throws LineageError where a lineage can't be read */
export function migrationTree(places: readonly { place: string; folder: MigrationFolder }[]): MigrationTree {
  const found = new Map<string, { parent: string; places: string[] }>()
  // A join that only one place has counts for all of them.
  const moved = new Map(places.flatMap(({ folder }) => [...movedParents(folder.scripts)]))
  for (const { place, folder } of places) {
    for (const [name, parent] of parentsIn(folder)) {
      const one = found.get(name) ?? { parent: moved.get(name)?.to ?? parent, places: [] }
      found.set(name, { ...one, places: [...one.places, place] })
    }
  }
  const migrations = [...found]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, { parent, places: at }]) => ({
      name,
      parent: parent === noParent ? null : parent,
      places: at,
    }))
  const followed = new Set(migrations.map(({ parent }) => parent))
  return { heads: migrations.map(({ name }) => name).filter((name) => !followed.has(name)), migrations }
}

/** A line a migration; where two follow one, each goes on in a branch of its own. */
export function drawTree({ heads, migrations }: MigrationTree): string {
  const names = new Set(migrations.map(({ name }) => name))
  const childrenOf = (name: string | null) =>
    migrations.filter(({ parent }) => (parent !== null && names.has(parent) ? parent : null) === name)
  const lines: { text: string; migration: TreeMigration }[] = []
  const draw = (children: readonly TreeMigration[], indent: string): void => {
    const forks = children.length > 1
    for (const [index, migration] of children.entries()) {
      const isLast = index === children.length - 1
      lines.push({ text: `${indent}${forks ? (isLast ? '└─ ' : '├─ ') : ''}${migration.name}`, migration })
      draw(childrenOf(migration.name), forks ? `${indent}${isLast ? '   ' : '│  '}` : indent)
    }
  }
  draw(childrenOf(null), '')
  const width = Math.max(0, ...lines.map(({ text }) => text.length))
  return lines
    .map(({ text, migration: { name, places } }) => {
      const head = heads.includes(name) ? '  <- head' : ''
      return `${text.padEnd(width)}  ${places.join(', ')}${head}`
    })
    .join('\n')
}

/** By the lineage file; a commit that is older than it, and a migration without a line, by the order of the names. */
function parentsIn({ lineage, scripts }: MigrationFolder): Map<string, string> {
  const names = [...scripts.keys()]
  return new Map([
    ...names.map((name, index) => [name, names[index - 1] ?? noParent] as const),
    ...writtenParents(scripts),
    ...parseLineage(lineage ?? '')
      .filter(({ name }) => scripts.has(name))
      .map(({ name, parent }) => [name, parent] as const),
  ])
}

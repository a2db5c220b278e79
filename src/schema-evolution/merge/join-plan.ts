import { oneSuccessor } from '../deploy/second-head.ts'
import { stampAfter, stampBefore } from '../files/stamp.ts'
import { joinDirective, moveStatement } from '../files/join.ts'
import { withLineageRows } from '../files/lineage-rows.ts'
import { type LineageLine, linesInOrder } from '../files/lineage.ts'
import { inOrder, type MigrationFolder, writtenParents } from '../files/migration-folder.ts'
import type { Fork } from './fork.ts'

/** The two migrations that join the lines of a fork. */
export interface JoinPlan {
  readonly begins: string
  readonly ends: string
  /** Of all migrations, in order. */
  readonly scripts: ReadonlyMap<string, string>
  readonly lines: readonly LineageLine[]
}

/**
 * The migration before the lines lets their parent have several successors, the one after them puts all in the order of
 * their names. Applied in the order of the names, as everybody applies them, that works from zero and from any of the
 * lines, and ends with the same rows.
 *
 * @returns null where there is no time stamp left between the parent and the first of the lines
 */
export function planJoin(here: MigrationFolder, { parent, lines }: Fork, now: string): JoinPlan | null {
  const joined = lines.flat().sort()
  const begins = stampBefore(joined[0]!, 'join_begins')
  if (begins.slice(0, 14) <= parent.slice(0, 14)) return null
  const ends = stampAfter(`${now}_join_ends`, joined.at(-1)!)
  const written = writtenParents(here.scripts)
  const chain = [begins, ...joined]
  const moved = new Map(
    joined.map((name, index) => [name, { from: written.get(name)!, to: chain[index]! }] as const),
  )
  const scripts = inOrder([
    ...here.scripts,
    [begins, beginning(parent, begins)],
    [ends, ending(begins, moveStatement(moved), ends, joined.at(-1)!)],
  ])
  return {
    begins,
    ends,
    // The caller has made sure that each can be read.
    scripts: scripts as ReadonlyMap<string, string>,
    lines: linesInOrder(scripts),
  }
}

const table = 'this table has a row a migration, and only migrations write it'
const allow = (rule: string) => `-- migration: allow ${rule} because ${table}`

const dropIndex = `${allow('drop-index-not-concurrent')}
DROP INDEX "${oneSuccessor}";`

const createIndex = `${allow('index-not-concurrent')}
CREATE UNIQUE INDEX "${oneSuccessor}" ON "migration_lineage"("parent")`

function beginning(parent: string, name: string): string {
  return withLineageRows(
    `-- Several migrations follow ${parent}, and each is applied somewhere. Until the join ends, it may have several successors.
${dropIndex}
${createIndex} WHERE "parent" <> '${parent}';
`,
    [{ name, parent }],
  )
}

/** The rows are moved while no index looks: on the way, two may follow the same one. */
function ending(begins: string, move: string, name: string, last: string): string {
  return withLineageRows(
    `${joinDirective(begins)}
-- Whichever of them a database got first: from here on they follow each other in the order of their names.
${dropIndex}
${allow('work-under-lock')}
${move}
${createIndex};
`,
    [{ name, parent: last }],
  )
}

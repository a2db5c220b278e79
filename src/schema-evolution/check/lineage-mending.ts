import type { Finding } from '../files/finding.ts'
import { error, linesOf, remedies, twoHeads } from './lineage-check.ts'
import { changeFiles } from '../files/change-files.ts'
import { withLineageRows, writesRows } from '../files/lineage-rows.ts'
import { formatLineage, lineageFile, type LineageLine, linesInOrder, noParent } from '../files/lineage.ts'
import { expectedRows, type MigrationFolder, writtenParents } from '../files/migration-folder.ts'

/** What has to be written so that the lineage says what the folder has. */
export interface Mending {
  readonly lines: readonly LineageLine[]
  /** The migrations whose SQL changes, for the row that they write. */
  readonly scripts: ReadonlyMap<string, string>
  /** The lineage file and the migrations that are written, in words. */
  readonly changes: readonly string[]
}

/**
 * Brings lines and rows in line with the folders: new, renamed and edited migrations get theirs, those that are gone
 * lose them. Nothing is changed where two branches meet, because that takes more than writing.
 *
 * @param fixed the checksums of what somebody has applied or may have: those files and lines aren't touched
 * @returns what is in the way, where it can't be done
 */
export function planMending(
  folder: MigrationFolder,
  fixed: ReadonlyMap<string, string>,
): Mending | Finding[] {
  const inTheWay = obstacles(folder, fixed)
  if (inTheWay.length > 0) return inTheWay
  const names = [...folder.scripts.keys()]
  const scripts = new Map(
    names.flatMap((name) => {
      const sql = folder.scripts.get(name)!
      const rows = expectedRows(folder.scripts, name)
      const isRight = rows.length === 0 || writesRows(sql, rows)
      return isRight || fixed.has(name) ? [] : [[name, withLineageRows(sql, rows)] as const]
    }),
  )
  const lines = linesInOrder(new Map([...folder.scripts, ...scripts])).map((line) => ({
    ...line,
    checksum: fixed.get(line.name) ?? line.checksum,
  }))
  const isFileRight = formatLineage(lines) === folder.lineage
  return {
    lines,
    scripts,
    changes: [
      ...(isFileRight ? [] : [lineageFile]),
      ...[...scripts.keys()].map((name) => `${name}/migration.sql`),
    ],
  }
}

/** @param folder `prisma/migrations` */
export async function writeMending(folder: string, { lines, scripts, changes }: Mending): Promise<void> {
  const texts = new Map([...scripts].map(([name, sql]) => [`${name}/migration.sql`, sql]))
  if (changes.includes(lineageFile)) texts.set(lineageFile, formatLineage(lines))
  await changeFiles(folder, { texts })
}

function obstacles(folder: MigrationFolder, fixed: ReadonlyMap<string, string>): Finding[] {
  const lines = linesOf(folder)
  if (!Array.isArray(lines) && lines.code === 'conflict-markers') return [lines]
  const unreadable = [...folder.scripts].filter(([, sql]) => sql === null)
  if (unreadable.length > 0) {
    return unreadable.map(([name]) =>
      error(
        'unreadable-file',
        `The folder ${name} has no migration.sql that can be read.`,
        [name],
        `ls prisma/migrations/${name}`,
      ),
    )
  }
  const said = saidParents(folder, Array.isArray(lines) ? lines : [])
  const heads = twoHeads([...said].map(([name, parent]) => ({ name, parent })))
  return heads.length > 0 ? heads : misplaced([...folder.scripts.keys()], said, fixed)
}

/** Whom each migration says that it follows: by its line, else by the row that it writes. Only what is there counts. */
function saidParents({ scripts }: MigrationFolder, lines: readonly LineageLine[]): Map<string, string> {
  const said = new Map([
    ...writtenParents(scripts),
    ...lines.map(({ name, parent }) => [name, parent] as const),
  ])
  const isThere = ([name, parent]: readonly [string, string]) =>
    scripts.has(name) && (parent === noParent || scripts.has(parent))
  return new Map([...said].filter(isThere))
}

/**
 * The migrations that stand somewhere else than after the one that they follow. One that says nothing may be put
 * between two others, as long as nobody has applied the latter.
 */
function misplaced(
  names: readonly string[],
  said: ReadonlyMap<string, string>,
  fixed: ReadonlyMap<string, string>,
): Finding[] {
  return names.flatMap((name, index) => {
    const parent = said.get(name)
    const before = names[index - 1] ?? noParent
    if (parent === undefined || parent === before) return []
    const between = names.slice(names.indexOf(parent) + 1, index)
    const isFree = parent < name && !fixed.has(name) && between.every((other) => !said.has(other))
    if (isFree) return []
    const message = `${name} follows ${parent}, but ${before === noParent ? 'sorts first' : `comes after ${before} in the order of the names`}.`
    return [error('out-of-order', message, [parent, name], remedies.rebase)]
  })
}

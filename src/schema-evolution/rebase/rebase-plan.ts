import { stampAfter, stampOf } from '../files/stamp.ts'
import { lineageRowsOf, withLineageRows, writesRows } from '../files/lineage-rows.ts'
import { formatLineage, type LineageLine, linesInOrder, noParent } from '../files/lineage.ts'
import { expectedRows, inOrder, type MigrationFolder } from '../files/migration-folder.ts'
import type { Branches } from './branches.ts'

/** A migration that gets another place, and with it another name. */
export interface Move {
  readonly from: string
  readonly to: string
}

/** What the folder is to become. */
export interface RebasePlan {
  /** In their order. */
  readonly moves: readonly Move[]
  /** Those that go, because one of theirs does the same. */
  readonly removed: readonly string[]
  readonly scripts: ReadonlyMap<string, string>
  /** Those of them whose text is another now. */
  readonly rewritten: readonly string[]
  readonly lines: readonly LineageLine[]
  /** Whether the lineage file says something else so far. */
  readonly changesLineage: boolean
}

/**
 * Puts mine after all others, in the order that they have among themselves. From the first that isn't in its place on,
 * each gets a new time stamp and a new parent.
 *
 * @param here every script of it can be read
 */
export function planRebase(here: MigrationFolder, branches: Branches, now: Date): RebasePlan {
  const { fixed, mine, doubled } = branches
  const moves = movesOf(here.scripts, [...fixed.keys()], mine, stampOf(now))
  const renamed = new Map(moves.map(({ from, to }) => [from, to]))
  const kept = [...here.scripts].filter(([name]) => !doubled.has(name))
  const names = inOrder(kept.map(([name, sql]) => [renamed.get(name) ?? name, sql]))
  const own = new Set(mine.map((name) => renamed.get(name) ?? name))
  const rewritten: string[] = []
  const scripts = new Map(
    [...names].map(([name, sql]) => {
      const rows = own.has(name) ? expectedRows(names, name) : []
      if (rows.length === 0 || writesRows(sql!, rows)) return [name, sql!] as const
      rewritten.push(name)
      return [name, withLineageRows(sql!, rows)] as const
    }),
  )
  const lines = linesInOrder(scripts)
  const changesLineage = formatLineage(lines) !== here.lineage
  return { moves, removed: [...doubled.keys()], scripts, rewritten, lines, changesLineage }
}

function movesOf(
  scripts: MigrationFolder['scripts'],
  fixed: readonly string[],
  mine: readonly string[],
  stamp: string,
): Move[] {
  const order = [...fixed, ...mine]
  const first = mine.findIndex((name, index) => {
    const before = order[fixed.length + index - 1] ?? noParent
    return name <= before || name.slice(0, 14) === before.slice(0, 14) || !follows(scripts, name, before)
  })
  if (first === -1) return []
  let last = order[fixed.length + first - 1] ?? ''
  return mine.slice(first).map((from) => {
    const to = stampAfter(`${stamp}${from.replace(/^\d*_?/, '_')}`, last)
    last = to
    return { from, to }
  })
}

/** One that writes no row says nothing against its place. */
function follows(scripts: MigrationFolder['scripts'], name: string, parent: string): boolean {
  const own = lineageRowsOf(scripts.get(name) ?? '').at(-1)
  return own === undefined || (own.name === name && own.parent === parent)
}

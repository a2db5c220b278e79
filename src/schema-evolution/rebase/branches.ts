import { git, readBase, readMigrationFolderAt } from '../files/git.ts'
import { withoutLineageRows } from '../files/lineage-rows.ts'
import { noParent } from '../files/lineage.ts'
import { inOrder, type MigrationFolder, writtenParents } from '../files/migration-folder.ts'

/** Two branches' migrations: what stays as it is, and what is to come after it. */
export interface Branches {
  /** What stays, as the user would name it: `origin/main`. */
  readonly onto: string
  /** All migrations of that, in order. */
  readonly fixed: MigrationFolder['scripts']
  /** Those of them that came after mine left. */
  readonly theirs: readonly string[]
  /** What is here and not there, each after the one that it follows; without the doubled. */
  readonly mine: readonly string[]
  /** Those of mine that do the very same as one of theirs, which is enough: mine to theirs. */
  readonly doubled: ReadonlyMap<string, string>
  /** What is there and isn't here: not merged yet, or deleted. */
  readonly missing: readonly string[]
  /** Those of the missing that were here when the branch was left. */
  readonly deleted: readonly string[]
}

/**
 * Everything that the remote's main branch has stays; in the midst of a merge also what the branch has that is being
 * merged, unless that is all there is to move.
 *
 * @param folder `prisma/migrations`
 * @param here what is in it
 * @param ref a branch or commit that alone is to stay
 * @throws RangeError where there is no such branch, and where nothing says what to compare with
 */
export function readBranches(folder: string, here: MigrationFolder, ref?: string): Branches {
  const base = readBase(folder, ref)
  if (base === null) {
    throw new RangeError("There is no remote's main branch to compare with. Name a branch: --onto BRANCH")
  }
  const merged = ref === undefined ? beingMerged(folder, here, base.tip) : null
  const fixed = inOrder([...(merged?.scripts ?? []), ...base.tip.scripts])
  const own = afterParents(
    here.scripts,
    [...here.scripts.keys()].filter((name) => !fixed.has(name)),
  )
  const missing = [...fixed.keys()].filter((name) => !here.scripts.has(name))
  const theirs = sinceFork(here.scripts, fixed, own, base.fork)
  const doubled = doubledIn(here.scripts, own, theirs)
  return {
    onto: merged === null ? base.ref : `${base.ref} and the branch that is being merged`,
    fixed,
    theirs,
    mine: own.filter((name) => !doubled.has(name)),
    doubled,
    missing,
    deleted: missing.filter((name) => base.fork.scripts.has(name)),
  }
}

/** Null where no merge is in progress, and where nothing would be left to be put after it. */
function beingMerged(folder: string, here: MigrationFolder, shared: MigrationFolder): MigrationFolder | null {
  if (git(folder, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD']) === null) return null
  const merged = readMigrationFolderAt(folder, 'MERGE_HEAD')
  const own = [...here.scripts.keys()].filter((name) => !shared.scripts.has(name))
  const isMerged = (name: string) => merged.scripts.has(name)
  return own.some(isMerged) && !own.every(isMerged) ? merged : null
}

/** Each after the one that it follows, where that is among them; else in the order of the names. */
function afterParents(scripts: MigrationFolder['scripts'], names: readonly string[]): string[] {
  const parents = writtenParents(scripts)
  const rest = new Set(names)
  const sorted: string[] = []
  while (rest.size > 0) {
    // Two that follow each other can't both be right; then the names decide.
    const next = [...rest].find((name) => !rest.has(parents.get(name) ?? noParent)) ?? [...rest][0]!
    rest.delete(next)
    sorted.push(next)
  }
  return sorted
}

/** By what they do, wherever they stand. */
function doubledIn(
  scripts: MigrationFolder['scripts'],
  mine: readonly string[],
  theirs: readonly string[],
): Map<string, string> {
  const does = (name: string) => withoutLineageRows(scripts.get(name) ?? '')
  return new Map(
    mine.flatMap((name) => {
      const same = theirs.find((other) => does(name) !== '' && does(other) === does(name))
      return same === undefined ? [] : [[name, same] as const]
    }),
  )
}

/** After the first that mine follow; where mine say nothing of that, since git's own fork. */
function sinceFork(
  scripts: MigrationFolder['scripts'],
  fixed: MigrationFolder['scripts'],
  mine: readonly string[],
  fork: MigrationFolder,
): string[] {
  const names = [...fixed.keys()]
  const parents = writtenParents(scripts)
  const places = mine.map((name) => names.indexOf(parents.get(name) ?? '')).filter((place) => place !== -1)
  return places.length === 0
    ? names.filter((name) => !fork.scripts.has(name))
    : names.slice(Math.min(...places) + 1)
}

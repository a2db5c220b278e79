import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { checksumOf, lineageFile } from './lineage.ts'
import { inOrder, type MigrationFolder } from './migration-folder.ts'

/** A branch that others build on, and the commit where ours left it. */
export interface Base {
  /** As the user would name it: `origin/main`. */
  readonly ref: string
  readonly tip: MigrationFolder
  readonly fork: MigrationFolder
}

/** What everybody is taken to share where nobody says otherwise; the first one that is there. */
const sharedBranches = ['origin/HEAD', 'origin/main', 'origin/master']

/**
 * @param folder `prisma/migrations`
 * @param ref the branch to compare with; without it the remote's main branch
 * @returns null without git, and where no branch was asked for and there is no remote
 * @throws RangeError where there is no such branch
 */
export function readBase(folder: string, ref?: string): Base | null {
  const found = ref ?? sharedBranch(folder)
  if (found === null) return null
  const tip = readMigrationFolderAt(folder, found)
  const fork = forkFrom(folder, found)
  return { ref: shortName(folder, found), tip, fork: fork ? readMigrationFolderAt(folder, fork) : tip }
}

/**
 * The newest commit that others have: where ours left the branch that everybody shares, or HEAD where there is no remote.
 *
 * @returns null without git, and before the first commit
 */
export function lastSharedCommit(folder: string): { readonly ref: string; readonly commit: string } | null {
  const shared = sharedBranch(folder)
  const commit = shared === null ? commitOf(folder, 'HEAD') : forkFrom(folder, shared)
  return commit === null ? null : { ref: shared === null ? 'HEAD' : shortName(folder, shared), commit }
}

/** @throws RangeError where there is no such commit, or no git */
export function readMigrationFolderAt(folder: string, ref: string): MigrationFolder {
  const commit = commitOf(folder, ref)
  if (commit === null) {
    throw new RangeError(
      `git knows no branch or commit ${JSON.stringify(ref)} here. Fetch it: git fetch origin`,
    )
  }
  // Relative to the folder that git runs in.
  const entries = git(folder, ['ls-tree', '-r', '-z', commit])?.toString().split('\0') ?? []
  const blobs = entries.flatMap((entry) => {
    const [, id, file] = /^\d+ blob (\w+)\t(.*)$/s.exec(entry) ?? []
    return id !== undefined && file !== undefined && isOurs(file) ? [{ id, file }] : []
  })
  const contents = readBlobs(
    folder,
    blobs.map(({ id }) => id),
  )
  const texts = new Map(blobs.map(({ file }, index) => [file, contents[index] ?? null]))
  const scripts = [...texts].filter(([file]) => file !== lineageFile)
  return {
    lineage: texts.get(lineageFile) ?? null,
    scripts: inOrder(scripts.map(([file, sql]) => [path.posix.dirname(file), sql])),
  }
}

/** What the base has was applied by others: the checksum of each of its migrations. */
export function sharedChecksums(base: Base | null): Map<string, string> {
  return new Map(
    [...(base?.tip.scripts ?? [])].flatMap(([name, sql]) =>
      sql === null ? [] : [[name, checksumOf(sql)] as const],
    ),
  )
}

/** @returns the newest commit of any branch whose file is right, abbreviated; null where there is none, or no git */
export function commitWith(folder: string, name: string, isRight: (sql: string) => boolean): string | null {
  return newestCommit(folder, '--all', { name, isRight })
}

/** As `commitWith`, of the remote's branches: others have it. */
export function sharedCommitWith(
  folder: string,
  name: string,
  isRight: (sql: string) => boolean,
): string | null {
  return newestCommit(folder, '--remotes', { name, isRight })
}

function newestCommit(
  folder: string,
  which: '--all' | '--remotes',
  { name, isRight }: { readonly name: string; readonly isRight: (sql: string) => boolean },
): string | null {
  const file = `${name}/migration.sql`
  const listed = git(folder, ['log', which, '--max-count=200', '--format=%h', '--', file])
  const commits = listed?.toString().split('\n').filter(Boolean) ?? []
  return (
    commits.find((commit) => {
      const sql = git(folder, ['show', `${commit}:./${file}`])
      return sql !== null && isRight(sql.toString())
    }) ?? null
  )
}

/** The folder of git's hooks, which `core.hooksPath` may have put elsewhere; null outside a git clone. */
export function hooksFolder(folder: string): string | null {
  const found = git(folder, ['rev-parse', '--git-path', 'hooks'])?.toString().trim()
  return found === undefined ? null : path.resolve(folder, found)
}

function sharedBranch(folder: string): string | null {
  return sharedBranches.find((name) => commitOf(folder, name) !== null) ?? null
}

/** Where HEAD left a branch; null where the two have nothing in common, as in a shallow clone. */
function forkFrom(folder: string, ref: string): string | null {
  return git(folder, ['merge-base', 'HEAD', ref])?.toString().trim() || null
}

function isOurs(file: string): boolean {
  return file === lineageFile || /^[^/]+\/migration\.sql$/.test(file)
}

function commitOf(folder: string, ref: string): string | null {
  return (
    git(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`])
      ?.toString()
      .trim() ?? null
  )
}

/** `origin/main` for `origin/HEAD`. */
function shortName(folder: string, ref: string): string {
  return git(folder, ['rev-parse', '--abbrev-ref', ref])?.toString().trim() || ref
}

/** All in one process: a branch may have hundreds of migrations. */
function readBlobs(folder: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return []
  let rest = git(folder, ['cat-file', '--batch'], ids.map((id) => `${id}\n`).join('')) ?? Buffer.alloc(0)
  return ids.map(() => {
    const headEnd = rest.indexOf('\n')
    const size = Number(rest.subarray(0, headEnd).toString().split(' ')[2])
    const content = rest.subarray(headEnd + 1, headEnd + 1 + size).toString('utf8')
    rest = rest.subarray(headEnd + size + 2)
    return content
  })
}

/** A hook is started with the places of git's own files relative to another folder than ours. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^GIT_(DIR|WORK_TREE|INDEX_FILE|PREFIX)$/.test(name)),
)

/** What git prints; null where it fails, isn't installed, or this is no git clone. */
export function git(folder: string, args: readonly string[], input = ''): Buffer | null {
  if (!existsSync(folder)) return null
  try {
    // The clone may belong to another user than the one who runs this, which git refuses unless it is told.
    return execFileSync('git', ['-c', 'safe.directory=*', ...args], {
      cwd: folder,
      env: environment,
      input,
      maxBuffer: 1 << 28,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
  } catch {
    return null
  }
}

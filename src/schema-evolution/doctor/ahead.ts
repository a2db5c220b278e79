import type { Finding } from '../files/finding.ts'
import type { Verdict } from '../database/verdict.ts'
import { commitWith } from '../files/git.ts'

/**
 * Migrations that the database has and the files don't: of a newer build, or of a file that is gone.
 *
 * @param hindering why this build can't serve the database that is ahead of it; null where that isn't known
 */
export function unknownFindings(
  folder: string,
  { unknown, applied, pending }: Verdict,
  hindering: readonly string[] | null,
): Finding[] {
  const known = applied.filter((name) => !unknown.includes(name))
  const gone = unknown.filter((name) => name < (known.at(-1) ?? ''))
  const newer = unknown.filter((name) => !gone.includes(name))
  return [
    ...gone.map((name) => withoutFile(folder, name)),
    // Where something is pending too, the two lines have parted: that is told as `diverged`.
    ...(newer.length === 0 || pending.length > 0 ? [] : [aheadOf(folder, newer, hindering)]),
  ]
}

function withoutFile(folder: string, name: string): Finding {
  const commit = commitWith(folder, name, () => true)
  return {
    severity: 'error',
    code: 'record-without-file',
    message: `${name} is applied, and prisma/migrations/${name} isn't there, although later ones are.`,
    cause:
      'It was deleted, renamed or squashed after it was applied; a database built from zero will lack what it did.',
    migrations: [name],
    remedy:
      commit === null
        ? 'git fetch --all, and where no commit has it then either: npm run migrations -- drift'
        : `git checkout ${commit} -- prisma/migrations/${name}`,
  }
}

function aheadOf(folder: string, names: readonly string[], hindering: readonly string[] | null): Finding {
  const serves = hindering?.length === 0
  const commit = commitWith(folder, names.at(-1)!, () => true)
  const verdict =
    hindering === null
      ? "Whether this build can serve it isn't known: prisma/migrations/catalog is missing."
      : serves
        ? 'They only add what this build can do without, so it serves.'
        : `This build can't serve it: ${hindering.join(', ')}.`
  return {
    severity: serves ? 'warning' : 'error',
    code: 'ahead',
    message: `The database has migrations that aren't here: ${names.join(', ')}. ${verdict}`,
    cause: 'A newer build migrated it, or this working tree is behind.',
    migrations: names,
    remedy:
      commit === null
        ? 'git pull, or start the build that has them; if they were yours and their files are lost: npm run migrations -- drift'
        : `git merge ${commit}, which has them`,
  }
}

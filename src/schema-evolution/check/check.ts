import { checkAgainstBase } from './base-check.ts'
import type { Finding } from '../files/finding.ts'
import { readBase, readMigrationFolderAt } from '../files/git.ts'
import { checkFolder } from './lineage-check.ts'
import { lastRelease } from '../files/last-release.ts'
import { readMigrationFolder } from '../files/migration-folder.ts'
import { findUnsafeSql } from './unsafe-sql.ts'

export interface CheckedMigrations {
  /** The branch that the folder was compared with; null where there is none. */
  readonly base: string | null
  readonly count: number
  readonly findings: readonly Finding[]
}

/**
 * Everything that files and git can tell about the migrations, their SQL included; no database is asked.
 *
 * @param folder `prisma/migrations`
 * @param ref the branch to compare with; without it the remote's main branch, where there is one
 * @throws RangeError where there is no such branch
 */
export async function checkMigrations(folder: string, ref?: string): Promise<CheckedMigrations> {
  const migrations = await readMigrationFolder(folder)
  const base = readBase(folder, ref)
  const shared = base === null ? lastCommit(folder) : { ref: base.ref, folder: base.tip }
  const compared = base === null ? [] : checkAgainstBase(migrations, base)
  const alone = checkFolder(migrations, shared).filter(
    (finding) => !compared.some((one) => tellsOf(one, finding)),
  )
  const torn = new Set(
    alone.flatMap(({ code, migrations: names }) => (code === 'conflict-markers' ? names : [])),
  )
  const readable = new Map([...migrations.scripts].map(([name, sql]) => [name, torn.has(name) ? null : sql]))
  const unsafe = findUnsafeSql(readable, lastRelease(folder))
  return {
    base: base?.ref ?? null,
    count: migrations.scripts.size,
    findings: [...alone, ...compared, ...unsafe],
  }
}

function lastCommit(folder: string) {
  try {
    return { ref: 'HEAD', folder: readMigrationFolderAt(folder, 'HEAD') }
  } catch {
    return null
  }
}

/** What the comparison knows better: a file that differs from its line, because it was edited since. */
function tellsOf(compared: Finding, { code, migrations }: Finding): boolean {
  return (
    (tells[compared.code] ?? []).includes(code) &&
    migrations.every((name) => compared.migrations.includes(name))
  )
}

const tells: Readonly<Record<string, readonly string[]>> = {
  'edited-since-base': ['edited', 'other-row', 'no-insert'],
  deleted: ['no-folder'],
  renamed: ['no-folder', 'no-line', 'other-row', 'no-insert'],
}

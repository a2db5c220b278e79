import type { Finding } from '../files/finding.ts'
import { git } from '../files/git.ts'
import { checksumOf } from '../files/lineage.ts'
import { isApplied, type MigrationRecord } from '../database/read-records.ts'

/** Files that aren't what was applied, each with the commit that has it. */
export function editedFindings(
  folder: string,
  edited: readonly string[],
  records: readonly MigrationRecord[],
): Finding[] {
  return edited.map((name) => {
    const applied = records.find((record) => record.name === name && isApplied(record))
    const commit = commitWith(folder, name, (sql) => checksumOf(sql) === applied?.checksum)
    return {
      severity: 'error',
      code: 'edited-after-applied',
      message: `${name}/migration.sql was edited after this database applied it.`,
      cause:
        'What the database has is no longer what the file says, so one that is built from zero will differ. ' +
        (commit === null ? 'No commit here has what was applied.' : `Commit ${commit} has what was applied.`),
      migrations: [name],
      remedy:
        commit === null
          ? 'Restore the file as it was applied; what has to change goes into a new migration: npx prisma migrate dev --name what-changes'
          : `git checkout ${commit} -- prisma/migrations/${name}`,
    }
  })
}

/** @returns the newest commit of any branch whose file is right, abbreviated; null where there is none, or no git */
export function commitWith(folder: string, name: string, isRight: (sql: string) => boolean): string | null {
  const file = `${name}/migration.sql`
  const listed = git(folder, ['log', '--all', '--max-count=200', '--format=%h', '--', file])
  const commits = listed?.toString().split('\n').filter(Boolean) ?? []
  return (
    commits.find((commit) => {
      const sql = git(folder, ['show', `${commit}:./${file}`])
      return sql !== null && isRight(sql.toString())
    }) ?? null
  )
}

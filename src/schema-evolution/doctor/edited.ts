import type { Finding } from '../files/finding.ts'
import { commitWith } from '../files/git.ts'
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
          ? 'npm run migrations -- drift'
          : `git checkout ${commit} -- prisma/migrations/${name}`,
    }
  })
}

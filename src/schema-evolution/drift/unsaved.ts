import pg from 'pg'
import { type MigrationRecord, isApplied } from '../database/read-records.ts'
import { lineageOf, recordsOf, writeLineageRows } from '../database/records.ts'
import type { Session } from '../database/session.ts'
import type { Verdict } from '../database/verdict.ts'
import { planMending, writeMending } from '../check/lineage-mending.ts'
import { commitWith, git, sharedCommitWith, readBase, sharedChecksums } from '../files/git.ts'
import { checksumOf } from '../files/lineage.ts'
import { keepsLineage, readMigrationFolder } from '../files/migration-folder.ts'
import { DriftRefused } from './refused.ts'

/**
 * Applied migrations that were edited or deleted since, and that no branch of the remote has as they were applied: nobody else
 * has them, so the files that are here count.
 */
export interface Unsaved {
  readonly edited: readonly string[]
  readonly gone: readonly string[]
  /** The former name to today's, of what `rebase` put elsewhere. */
  readonly moved: ReadonlyMap<string, string>
  /** The commits here that have them as they were applied, by their names. */
  readonly commits: ReadonlyMap<string, string>
}

/**
 * @param moved the former name to today's
 * @throws DriftRefused if the remote has one of them, with the command that brings it back, or if there is no git to ask
 */
export function unsavedIn(
  folder: string,
  { edited, unknown }: Verdict,
  records: readonly MigrationRecord[],
  moved: ReadonlyMap<string, string>,
): Unsaved {
  const gone = unknown.filter((name) => !moved.has(name))
  const names = [...edited, ...gone]
  if (names.length > 0 && git(folder, ['rev-parse', 'HEAD']) === null) {
    throw new DriftRefused(
      `${names.join(', ')} isn't here as this database applied it, and there is no git here to say where it is. Nothing was ` +
        'changed. Run this in the clone that it was written in.',
    )
  }
  const commits = new Map<string, string>()
  for (const name of names) {
    const applied = records.find((record) => record.name === name && isApplied(record))
    const isAsApplied = (sql: string) => gone.includes(name) || checksumOf(sql) === applied?.checksum
    const commit = sharedCommitWith(folder, name, isAsApplied)
    if (commit === null) {
      const own = commitWith(folder, name, isAsApplied)
      if (own !== null) commits.set(name, own)
      continue
    }
    const what = edited.includes(name) ? 'was edited here since this database applied it' : "isn't here"
    throw new DriftRefused(
      `${name} ${what}, and commit ${commit} has it. Nothing was changed.\n` +
        `Do: git checkout ${commit} -- prisma/migrations/${name}`,
    )
  }
  return { edited, gone, moved, commits }
}

export function isUnsaved({ edited, gone, moved }: Unsaved): boolean {
  return edited.length + gone.length + moved.size > 0
}

/** Brings the lineage in line with the files that are here. @throws DriftRefused where two branches meet */
export async function mendLineage(folder: string): Promise<void> {
  const here = await readMigrationFolder(folder)
  if (!keepsLineage(here.scripts)) return
  const mending = planMending(here, sharedChecksums(readBase(folder)))
  if (Array.isArray(mending)) {
    const told = mending.map(({ message, remedy }) => `${message}\nDo: ${remedy}`)
    throw new DriftRefused(`${told.join('\n')}\nNothing was changed.`)
  }
  await writeMending(folder, mending)
}

/** Lets the records say what the files say. To be called in a transaction, with the scripts of the files. */
export async function settleRecords(
  session: Session,
  { edited, gone, moved }: Unsaved,
  scripts: ReadonlyMap<string, string | null>,
): Promise<void> {
  const unknown = [...gone, ...moved.keys()]
  const named = (column: string, names: readonly string[]) =>
    `${column} IN (${names.map((name) => pg.escapeLiteral(name)).join(', ')})`
  if (unknown.length > 0) {
    await session.query(`DELETE FROM ${recordsOf(session)} WHERE ${named('migration_name', unknown)}`)
  }
  if (keepsLineage(scripts) && edited.length + unknown.length > 0) {
    await session.query(`DELETE FROM ${lineageOf(session)} WHERE ${named('name', [...edited, ...unknown])}`)
  }
  for (const name of edited) {
    const sql = scripts.get(name) ?? ''
    await session.query(
      `UPDATE ${recordsOf(session)} SET checksum = ${pg.escapeLiteral(checksumOf(sql))}
       WHERE ${named('migration_name', [name])} AND rolled_back_at IS NULL`,
    )
    if (keepsLineage(scripts)) await writeLineageRows(session, sql)
  }
}

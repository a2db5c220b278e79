import { isApplied, readLineageRows, readRecords } from '../database/read-records.ts'
import type { Session } from '../database/session.ts'
import { checksumsOf, verdictOf } from '../database/verdict.ts'
import { joinsOf } from '../files/join.ts'
import { formerNames } from './former-names.ts'

/** What a database has of the migrations of a folder. */
export interface Applied {
  /** Begun and neither finished nor resolved. */
  readonly failed: readonly string[]
  /** Applied from another text than the folder has. */
  readonly edited: readonly string[]
  /** Neither in the folder, nor a former name of something that is. */
  readonly foreign: readonly string[]
  /** The former name to today's. */
  readonly renamed: ReadonlyMap<string, string>
  /** Not applied, neither by today's name nor by a former one; in order. */
  readonly lacking: readonly string[]
}

/** @param scripts of all migrations, name to SQL, in order */
export async function readAppliedMigrations(
  session: Session,
  scripts: ReadonlyMap<string, string | null>,
): Promise<Applied> {
  const records = (await readRecords(session)) ?? []
  const verdict = verdictOf(records, checksumsOf(scripts), joinsOf(scripts))
  const parents = new Map(((await readLineageRows(session)) ?? []).map(({ name, parent }) => [name, parent]))
  const unknown = records
    .filter((record) => isApplied(record) && !scripts.has(record.name))
    .map(({ name, checksum }) => ({ name, checksum, parent: parents.get(name) ?? null }))
  const pending = new Map([...scripts].filter(([name]) => verdict.pending.includes(name)))
  const renamed = formerNames(unknown, pending)
  const found = new Set(renamed.values())
  return {
    failed: verdict.failed,
    edited: verdict.edited,
    foreign: verdict.unknown.filter((name) => !renamed.has(name)),
    renamed,
    lacking: verdict.pending.filter((name) => !found.has(name)),
  }
}

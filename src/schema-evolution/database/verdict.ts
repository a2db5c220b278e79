import { areJoined, type Join, joinsOf } from '../files/join.ts'
import { checksumOf } from '../files/lineage.ts'
import { readMigrations } from '../files/migration-files.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { isApplied, isStopped, type MigrationRecord, readRecords, resumable } from './read-records.ts'
import type { Queryable } from './session.ts'

/** The migrations of a folder: name to checksum, in the order of the names, which is the order of applying. */
export type MigrationFiles = ReadonlyMap<string, string>

/** How a database stands to the migrations of a folder; all lists in the order of the names. */
export interface Verdict {
  /** The gravest that is the case; whether the schema is what they make isn't told by records. */
  readonly state:
    'all applied' | 'empty' | 'pending' | 'failed' | 'edited' | 'diverged' | 'out of order' | 'ahead'
  /** In the folder, not applied. */
  readonly pending: readonly string[]
  /** Those of them that were merged late: one that is applied sorts after them, and no join stands around the two. */
  readonly late: readonly string[]
  /** Applied, also those that are no longer as the folder has them. */
  readonly applied: readonly string[]
  /** Begun and neither finished nor resolved: nothing is applied before `prisma migrate resolve`. */
  readonly failed: readonly string[]
  /** Those of them whose statements were counted, and whose file is the same: the next deploy goes on with them. */
  readonly resumable: readonly string[]
  /** Applied, and changed in the folder since; neither `deploy` nor `status` looks at that. */
  readonly edited: readonly string[]
  /** Applied, and not in the folder: the database is ahead, or of another line. */
  readonly unknown: readonly string[]
}

/**
 * The one reading of what Prisma recorded: everybody who asks how a database stands asks here.
 *
 * @param records null: there is no table, so nothing was ever applied
 * @param joins of the folder: what stands in one may have been applied in any order
 */
export function verdictOf(
  records: readonly MigrationRecord[] | null,
  files: MigrationFiles,
  joins: readonly Join[],
): Verdict {
  const finished = new Map((records ?? []).filter(isApplied).map((record) => [record.name, record]))
  const stopped = (records ?? []).filter(isStopped)
  const applied = [...finished.keys()].sort(byCode)
  const failed = [...new Set(stopped.map(({ name }) => name))].sort(byCode)
  const pending = [...files.keys()].filter((name) => !finished.has(name) && !failed.includes(name))
  const goesOn = stopped.filter(
    ({ name, checksum, logs }) => logs?.startsWith(resumable) === true && files.get(name) === checksum,
  )
  const lists = {
    pending,
    late: pending.filter((name) => laterThan(name, applied, joins) !== undefined),
    applied,
    failed,
    resumable: failed.filter((name) => goesOn.some((record) => record.name === name)),
    edited: [...files].flatMap(([name, sum]) =>
      (finished.get(name)?.checksum ?? sum) === sum ? [] : [name],
    ),
    unknown: applied.filter((name) => !files.has(name)),
  }
  return { state: stateOf(lists), ...lists }
}

/** The last migration that is applied and should have come after one that isn't; undefined if there is none. */
export function laterThan(
  name: string,
  applied: readonly string[],
  joins: readonly Join[],
): string | undefined {
  return applied.findLast((other) => name < other && !areJoined(joins, name, other))
}

/** @throws the driver's error if the database can't be reached */
export async function readVerdict(asked: Queryable, folder: string): Promise<Verdict> {
  const scripts = scriptsOf(await readMigrations(folder))
  return verdictOf(await readRecords(asked), checksumsOf(scripts), joinsOf(scripts))
}

/** Prisma's checksum is the SHA-256 of the file as it is; of one that can't be read it is none. */
export function checksumsOf(scripts: ReadonlyMap<string, string | null>): MigrationFiles {
  return new Map([...scripts].map(([name, sql]) => [name, sql === null ? '' : checksumOf(sql)]))
}

function stateOf({
  failed,
  edited,
  unknown,
  pending,
  late,
  applied,
}: Omit<Verdict, 'state'>): Verdict['state'] {
  if (failed.length > 0) return 'failed'
  if (edited.length > 0) return 'edited'
  if (pending.length > 0) {
    if (unknown.length > 0) return 'diverged'
    if (late.length > 0) return 'out of order'
    return applied.length === 0 ? 'empty' : 'pending'
  }
  return unknown.length > 0 ? 'ahead' : 'all applied'
}

function byCode(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

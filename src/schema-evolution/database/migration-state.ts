import { createHash } from 'node:crypto'
import type pg from 'pg'
import { resumable } from './records.ts'
import { readMigrations } from '../files/migration-files.ts'

/** The migrations of a folder: name to checksum, in the order of the names, which is the order of applying. */
export type MigrationFiles = ReadonlyMap<string, string>

/** How a database stands to the migrations of a folder; all lists in the order of the names. */
export interface MigrationState {
  /** In the folder, not applied. */
  readonly pending: readonly string[]
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

/** Prisma's checksum is the SHA-256 of the file as it is. */
export async function readMigrationFiles(folder: string): Promise<MigrationFiles> {
  const { migrationDirectories } = await readMigrations(folder)
  return new Map(
    migrationDirectories.map(({ path, migrationFile: { content } }) => [
      path,
      content.tag === 'ok' ? createHash('sha256').update(content.value).digest('hex') : '',
    ]),
  )
}

/**
 * Compares Prisma's own record with the files: one statement, no engine, nothing is written or created.
 *
 * @throws the driver's error where the database can't be reached
 */
export async function migrationState(pool: pg.Pool, files: MigrationFiles): Promise<MigrationState> {
  return stateOf(await readRecords(pool), files)
}

/** @param records without those that were rolled back, in the order of the names */
export function stateOf(records: readonly RecordedMigration[], files: MigrationFiles): MigrationState {
  const applied = new Map(
    records.filter(({ isFinished }) => isFinished).map((record) => [record.name, record]),
  )
  const begun = records.filter(({ isFinished }) => !isFinished)
  const failed = new Set(begun.map(({ name }) => name))
  return {
    pending: [...files.keys()].filter((name) => !applied.has(name) && !failed.has(name)),
    applied: [...applied.keys()],
    failed: [...failed],
    resumable: begun
      .filter(({ name, checksum, isCounted }) => isCounted && files.get(name) === checksum)
      .map(({ name }) => name),
    edited: [...files]
      .filter(([name, sum]) => (applied.get(name)?.checksum ?? sum) !== sum)
      .map(([name]) => name),
    unknown: [...applied.keys()].filter((name) => !files.has(name)),
  }
}

/** What counts of a record. */
export interface RecordedMigration {
  readonly name: string
  readonly checksum: string
  readonly isFinished: boolean
  readonly isCounted: boolean
}

/** What was rolled back counts for nothing. No table, or no schema: nothing was ever applied. */
async function readRecords(pool: pg.Pool): Promise<RecordedMigration[]> {
  try {
    const { rows } = await pool.query<RecordedMigration>(
      `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished",
              coalesce(starts_with(logs, $1), false) AS "isCounted"
       FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY migration_name, started_at`,
      [resumable],
    )
    return rows
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return []
    throw error
  }
}

import pg from 'pg'
import { recordsOf } from '../database/records.ts'
import { rowsOf, type Session } from '../database/session.ts'
import { checksumOf } from '../files/lineage.ts'
import { type AppliedRecord, formerNames } from './former-names.ts'

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
  scripts: ReadonlyMap<string, string>,
): Promise<Applied> {
  const records = await readRecords(session)
  const known = new Set(records.map(({ name }) => name))
  const pending = new Map([...scripts].filter(([name]) => !known.has(name)))
  const unknown = records.filter(({ name }) => !scripts.has(name))
  const renamed = formerNames(unknown, pending)
  const found = new Set(renamed.values())
  return {
    failed: records.filter(({ isFinished }) => !isFinished).map(({ name }) => name),
    edited: records
      .filter(({ name, checksum }) => scripts.has(name) && checksumOf(scripts.get(name)!) !== checksum)
      .map(({ name }) => name),
    foreign: unknown.map(({ name }) => name).filter((name) => !renamed.has(name)),
    renamed,
    lacking: [...pending.keys()].filter((name) => !found.has(name)),
  }
}

/** The table of the lineage, whether it is there or not. */
export function lineageTable({ schema }: Session): string {
  return `${pg.escapeIdentifier(schema)}.migration_lineage`
}

async function readRecords(session: Session): Promise<(AppliedRecord & { isFinished: boolean })[]> {
  const isThere = (table: string) => `to_regclass(${pg.escapeLiteral(table)}) IS NOT NULL`
  const [tables] = await rowsOf(
    session,
    `SELECT ${isThere(recordsOf(session))}, ${isThere(lineageTable(session))}`,
  )
  const [hasRecords, hasLineage] = tables ?? []
  if (hasRecords !== true) return []
  const parent =
    hasLineage === true
      ? `(SELECT line.parent FROM ${lineageTable(session)} line WHERE line.name = migration_name)`
      : 'NULL'
  const rows = await rowsOf(
    session,
    `SELECT migration_name, checksum, finished_at IS NOT NULL, ${parent}
     FROM ${recordsOf(session)} WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  )
  return rows.map(([name, checksum, isFinished, parentThere]) => ({
    name: String(name),
    checksum: String(checksum),
    isFinished: isFinished === true,
    parent: typeof parentThere === 'string' ? parentThere : null,
  }))
}

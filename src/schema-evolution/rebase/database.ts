import type pg from 'pg'
import { lineageRowsOf } from '../lineage-rows.ts'
import { checksumOf } from '../lineage.ts'
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
  client: pg.ClientBase,
  scripts: ReadonlyMap<string, string>,
): Promise<Applied> {
  const records = await readRecords(client)
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

type FoundRecord = AppliedRecord & { readonly isFinished: boolean }

async function readRecords(client: pg.ClientBase): Promise<FoundRecord[]> {
  const { rows: tables } = await client.query<{ records: boolean; lineage: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS records,
            to_regclass('migration_lineage') IS NOT NULL AS lineage`,
  )
  if (tables[0]?.records !== true) return []
  const parent = tables[0].lineage
    ? '(SELECT l.parent FROM migration_lineage l WHERE l.name = migration_name)'
    : 'NULL'
  const { rows } = await client.query<FoundRecord>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS "isFinished", ${parent} AS parent
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  )
  return rows
}

/** Notes that the database has a migration, with the row that it would have written itself. */
export async function recordAs(
  client: pg.ClientBase,
  former: string,
  name: string,
  sql: string,
): Promise<void> {
  await client.query(
    `UPDATE _prisma_migrations
     SET migration_name = $2, checksum = $3, started_at = clock_timestamp(), finished_at = clock_timestamp()
     WHERE migration_name = $1 AND rolled_back_at IS NULL`,
    [former, name, checksumOf(sql)],
  )
  for (const row of lineageRowsOf(sql)) {
    await client.query('INSERT INTO migration_lineage (name, parent) VALUES ($1, $2)', [row.name, row.parent])
  }
}

export async function applyAndRecord(client: pg.ClientBase, name: string, sql: string): Promise<void> {
  await client.query(sql)
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
     VALUES (gen_random_uuid(), $1, $2, clock_timestamp(), clock_timestamp(), 1)`,
    [checksumOf(sql), name],
  )
}

/** Takes the migration's rows out of the lineage, so that what comes before it can be put there. */
export async function forgetLineage(client: pg.ClientBase, names: readonly string[]): Promise<void> {
  await client.query('DELETE FROM migration_lineage WHERE name = ANY ($1)', [names])
}

export async function forgetRecord(client: pg.ClientBase, name: string): Promise<void> {
  await client.query('DELETE FROM _prisma_migrations WHERE migration_name = $1 AND rolled_back_at IS NULL', [
    name,
  ])
}

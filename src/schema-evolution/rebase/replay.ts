import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { openPool } from '../../database/pool.ts'
import type { Catalog } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { openEngine } from '../engine/engine.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { openSession } from '../database/session.ts'
import { openShadowSession } from '../database/shadow-database.ts'
import { inOrder } from '../files/migration-folder.ts'
import type { LineageRow } from '../files/lineage-rows.ts'

export interface ReplayOptions {
  /** A database of the server where the migrations are tried; it isn't touched itself. */
  readonly url: string
  /** A database that may be emptied; without it one is made and dropped, which needs CREATEDB. */
  readonly shadowDatabaseUrl?: string | undefined
  /** The text of schema.prisma. */
  readonly datamodel: string
}

/** What migrations make of an empty database. */
export interface Replay {
  readonly catalog: Catalog
  /** The rows of `migration_lineage`, by name. */
  readonly lineage: readonly LineageRow[]
  /** How that differs from schema.prisma, in the words of `prisma migrate diff`; null where it doesn't. */
  readonly difference: string | null
}

/**
 * Applies migrations to an empty database, which is gone afterwards.
 *
 * @param steps what is deployed one after the other, each with all migrations that it has, name to SQL
 * @throws SchemaEngineError P3018 where one fails, P3014 where no database can be made
 */
export async function replay(
  { url, shadowDatabaseUrl, datamodel }: ReplayOptions,
  ...steps: readonly ReadonlyMap<string, string | null>[]
): Promise<Replay> {
  const session = await openSession(url)
  try {
    const shadow = await openShadowSession(session, shadowDatabaseUrl)
    try {
      const difference = await applyAll(shadow.url, datamodel, steps)
      return { ...(await readShadow(shadow.url)), difference }
    } finally {
      await shadow.close()
    }
  } finally {
    await session.close()
  }
}

/** @returns the database's words where a migration fails */
export async function tryReplay(...args: Parameters<typeof replay>): Promise<Replay | string> {
  try {
    return await replay(...args)
  } catch (error) {
    if (!(error instanceof SchemaEngineError) || error.code !== 'P3018') throw error
    return error.message.replace(/^[^]*?(?=Migration name:)/, '')
  }
}

const filters = { externalTables: [], externalEnums: [] }

async function applyAll(
  url: string,
  datamodel: string,
  steps: readonly ReadonlyMap<string, string | null>[],
): Promise<string | null> {
  const datamodels: [string, string][] = [['schema.prisma', datamodel]]
  const engine = await openEngine({ url, datamodels })
  try {
    for (const scripts of steps) {
      await engine.applyMigrations({ migrationsList: listOf(scripts), filters })
    }
    const files = datamodels.map(([path, content]) => ({ path, content }))
    const { exitCode, stdout } = await engine.run((schema) =>
      schema.diff({
        from: { tag: 'schemaDatasource', files, configDir: '' },
        to: { tag: 'schemaDatamodel', files },
        script: false,
        exitCode: true,
        filters,
      }),
    )
    return exitCode === 0 ? null : (stdout ?? '').trim()
  } finally {
    await engine.close()
  }
}

function listOf(scripts: ReadonlyMap<string, string | null>): MigrationList {
  return {
    baseDir: '',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: [...inOrder(scripts)].map(([path, sql]) => ({
      path,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql ?? '' } },
    })),
  }
}

async function readShadow(url: string): Promise<Pick<Replay, 'catalog' | 'lineage'>> {
  // The database may be dropped before its end of the connection has heard of ours.
  const pool = openPool(url, { max: 1 }).on('error', () => {})
  try {
    const catalog = await readCatalog(pool)
    const isKept = catalog.has('table migration_lineage')
    const { rows } = isKept
      ? await pool.query<LineageRow>('SELECT name, parent FROM migration_lineage ORDER BY name COLLATE "C"')
      : { rows: [] }
    return { catalog, lineage: rows }
  } finally {
    await pool.end()
  }
}

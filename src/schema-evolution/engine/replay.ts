import { readCatalog } from '../database/read-catalog.ts'
import { readLineageRows } from '../database/read-records.ts'
import { onShadow } from '../database/shadow-database.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { deployOn } from '../deploy/deploy.ts'
import type { Catalog } from '../files/catalog.ts'
import type { LineageRow } from '../files/lineage-rows.ts'
import { migrationList } from '../files/migration-folder.ts'
import { schemaDifference } from './schema-difference.ts'

export interface ReplayOptions {
  /** A database of the server where the migrations are tried; it isn't touched itself. */
  readonly url: string
  /** A database that may be emptied; without it one is made and dropped, which needs CREATEDB. */
  readonly shadowDatabaseUrl?: string | undefined
  /** The text of schema.prisma; null: what is made isn't compared with it. */
  readonly datamodel: string | null
}

/** What migrations make of an empty database. */
export interface Replay {
  readonly catalog: Catalog
  /** The rows of `migration_lineage`, by name. */
  readonly lineage: readonly LineageRow[]
  /** How that differs from schema.prisma, in the words of `prisma migrate diff`; null if it doesn't. */
  readonly difference: string | null
}

/**
 * Applies migrations to an empty database, which is gone afterwards.
 *
 * @param steps what is deployed one after the other, each with all migrations that it has, name to SQL
 * @throws SchemaEngineError P3018 if one fails, P3014 if no database can be made
 */
export async function replay(
  { datamodel, ...server }: ReplayOptions,
  ...steps: readonly ReadonlyMap<string, string | null>[]
): Promise<Replay> {
  return onShadow(server, async (shadow) => {
    for (const scripts of steps) await deployOn(shadow, migrationList(scripts))
    return {
      catalog: await readCatalog(shadow),
      lineage: (await readLineageRows(shadow)) ?? [],
      difference: datamodel === null ? null : await schemaDifference(shadow.url, datamodel),
    }
  })
}

/** @returns the database's words if a migration fails */
export async function tryReplay(...args: Parameters<typeof replay>): Promise<Replay | string> {
  try {
    return await replay(...args)
  } catch (error) {
    if (!(error instanceof SchemaEngineError) || error.code !== 'P3018') throw error
    return error.message.replace(/^[^]*?(?=Migration name:)/, '')
  }
}

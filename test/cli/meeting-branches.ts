import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { openPool } from '../../src/database/pool.ts'
import { formatCatalog, readCatalogFile } from '../../src/schema-evolution/files/catalog.ts'
import { readCatalog } from '../../src/schema-evolution/database/read-catalog.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { emptyDatabase } from '../clones.ts'
import { type Beginning, type Clone, createOrigin } from './migration-clones.ts'

/** A developer with a clone and a database. */
export interface Developer extends Clone {
  readonly url: string
  sql(text: string): Promise<Record<string, unknown>[]>
}

const lineage = `CREATE TABLE "migration_lineage" ("name" TEXT NOT NULL, "parent" TEXT NOT NULL, CONSTRAINT "migration_lineage_pkey" PRIMARY KEY ("name"));
CREATE UNIQUE INDEX "each_migration_has_one_successor" ON "migration_lineage"("parent");`

/** The models of talks with these fields more; a level stands far from the others, so that git merges them. */
export const models = (...fields: string[]): string => `model Talk {
${fields.flatMap((field) => (field.startsWith('level') ? `  ${field}\n` : [])).join('')}
  id Int @id

  title String?

${fields.flatMap((field) => (field.startsWith('level') ? [] : `  ${field}\n`)).join('')}
  @@map("talks")
}

model MigrationLineage {
  name   String @id
  parent String @unique(map: "each_migration_has_one_successor")

  @@map("migration_lineage")
}
`

const beginning: Beginning = {
  migrations: {
    '20261101000000_talks':
      'CREATE TABLE "talks" ("id" INTEGER NOT NULL, "title" TEXT, CONSTRAINT "talks_pkey" PRIMARY KEY ("id"));',
    '20261102000000_lineage': lineage,
  },
  models: models(),
}

/** Ann and Bob, each with a database that has what the main branch has, and one talk. */
export async function annAndBob(): Promise<{ ann: Developer; bob: Developer }> {
  const { clone } = await createOrigin(beginning)
  const developer = async (name: string): Promise<Developer> => {
    const url = await emptyDatabase()
    const own = await clone(name, { DATABASE_URL: url })
    const client = new pg.Client(url)
    await client.connect()
    client.on('error', () => {})
    onTestFinished(() => client.end())
    const sql: Developer['sql'] = async (text) => (await client.query(text)).rows
    await deploy({ url, migrations: own.migrationsFolder })
    await sql("INSERT INTO talks (id, title) VALUES (1, 'Kept')")
    return { ...own, url, sql }
  }
  return { ann: await developer('ann'), bob: await developer('bob') }
}

/** Each adds a migration and applies it to the own database; Ann's is on the main branch, and Bob has fetched it. */
export async function apart(
  anns: { sql: string; models: string },
  bobs: { sql: string; models: string; name?: string },
): Promise<{ ann: Developer; bob: Developer }> {
  const { ann, bob } = await annAndBob()
  await ann.addMigration('20261124000000_anns', anns.sql)
  await ann.writeModels(anns.models)
  await deploy({ url: ann.url, migrations: ann.migrationsFolder })
  await ann.commit("Ann's")
  await ann.git('push', '--quiet')
  await bob.addMigration(bobs.name ?? '20261125000000_bobs', bobs.sql)
  await bob.writeModels(bobs.models)
  await deploy({ url: bob.url, migrations: bob.migrationsFolder })
  await bob.commit("Bob's")
  await bob.git('fetch', '--quiet')
  return { ann, bob }
}

/** Both add a column of their own. */
export function columnsApart(): Promise<{ ann: Developer; bob: Developer }> {
  return apart(
    { sql: 'ALTER TABLE "talks" ADD COLUMN "room" TEXT;', models: models('room String?') },
    { sql: 'ALTER TABLE "talks" ADD COLUMN "level" TEXT;', models: models('level String?') },
  )
}

/** Every file of prisma/migrations with what is in it. */
export async function filesOf({ migrationsFolder }: Clone): Promise<Record<string, string>> {
  const entries = await readdir(migrationsFolder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const texts = files
    .sort()
    .map(async (file) => [file.slice(migrationsFolder.length + 1), await readFile(file, 'utf8')] as const)
  return Object.fromEntries(await Promise.all(texts))
}

/** The objects of the catalog file, without the names of the migrations that make them. */
export async function keptCatalogOf(clone: Clone): Promise<string> {
  return formatCatalog((await readCatalogFile(clone.migrationsFolder)) ?? new Map(), [])
}

export async function catalogOf(url: string): Promise<string> {
  const pool = openPool(url, { max: 1 }).on('error', () => {})
  try {
    return formatCatalog(await readCatalog(pool), [])
  } finally {
    await pool.end()
  }
}

/** `bobs after anns`, with today's date left out. */
export async function chainOf({ sql }: Developer): Promise<string[]> {
  const rows = await sql('SELECT name, parent FROM migration_lineage ORDER BY name')
  return rows.map(({ name, parent }) => unstamped(`${String(name)} after ${String(parent)}`))
}

export function unstamped(text: string): string {
  return text.replace(/\d{14}_/g, '')
}

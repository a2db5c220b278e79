import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { openPool } from '../../src/database/pool.ts'
import { compareCatalogs, formatCatalog, readCatalogFile } from '../../src/schema-evolution/files/catalog.ts'
import { readMigrations } from '../../src/schema-evolution/files/migration-files.ts'
import { scriptsOf } from '../../src/schema-evolution/files/migration-folder.ts'
import { readCatalog } from '../../src/schema-evolution/database/read-catalog.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'

async function catalogOf(url: string) {
  const pool = openPool(url).on('error', () => {})
  try {
    return await readCatalog(pool)
  } finally {
    await pool.end()
  }
}

test('all migrations make what is kept beside them, on the embedded PostgreSQL', async () => {
  const url = await emptyDatabase()
  await deploy({ url, migrations: migrationsFolder })
  const names = scriptsOf(await readMigrations(migrationsFolder)).keys()
  await expect(formatCatalog(await catalogOf(url), names)).toMatchFileSnapshot(`${migrationsFolder}/catalog`)
})

test('is the same whatever the schema is called', async () => {
  const url = `${await emptyDatabase()}?schema=Our%20programme`
  await deploy({ url, migrations: migrationsFolder })
  expect(await catalogOf(url)).toEqual(await readCatalogFile(migrationsFolder))
})

describe('a change by hand', () => {
  test.each([
    ['a trigger dropped', 'DROP TRIGGER stamp_row ON sessions', { missing: ['trigger sessions.stamp_row'] }],
    [
      'a trigger disabled',
      'ALTER TABLE sessions DISABLE TRIGGER stamp_row',
      { changed: ['trigger sessions.stamp_row'] },
    ],
    [
      'a function replaced',
      `CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS 'BEGIN RETURN NEW; END'`,
      { changed: ['function stamp_row()'] },
    ],
    [
      'a CHECK dropped',
      'ALTER TABLE sessions DROP CONSTRAINT sessions_end_after_start',
      { missing: ['constraint sessions.sessions_end_after_start'] },
    ],
    [
      'a partial index dropped',
      'DROP INDEX memberships_one_owner',
      { missing: ['index memberships_one_owner'] },
    ],
    ['a column added', 'ALTER TABLE rooms ADD COLUMN smell text', { extra: ['column rooms.smell'] }],
    [
      'a default changed',
      `ALTER TABLE rooms ALTER position SET DEFAULT 7`,
      { changed: ['column rooms.position'] },
    ],
    [
      'a column required',
      `ALTER TABLE rooms ALTER capacity SET NOT NULL`,
      { changed: ['column rooms.capacity'] },
    ],
    ['a label added', `ALTER TYPE session_level ADD VALUE 'guru'`, { changed: ['enum session_level'] }],
    ['a view', 'CREATE VIEW v AS SELECT 1 AS one', { extra: ['view v'] }],
    ['row level security', 'ALTER TABLE rooms ENABLE ROW LEVEL SECURITY', { changed: ['table rooms'] }],
    [
      'a foreign key dropped',
      'ALTER TABLE rooms DROP CONSTRAINT rooms_event_id_fkey',
      { missing: ['constraint rooms.rooms_event_id_fkey'] },
    ],
  ])('such as %s is seen, and named', async (_what, sql, difference) => {
    const url = await cloneDatabase()
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    onTestFinished(() => client.end())
    await client.query(sql)
    const expected = await readCatalogFile(migrationsFolder)
    expect(compareCatalogs(expected!, await catalogOf(url))).toEqual({
      missing: [],
      changed: [],
      extra: [],
      ...difference,
    })
  })
})

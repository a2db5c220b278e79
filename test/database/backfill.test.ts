import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { openPool } from '../../src/database/pool.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { emptyDatabase } from '../clones.ts'

const migrations = path.join(projectFolder, 'prisma/migrations')

/** The project's migrations before the one with this name, as an older release had them. */
async function migrationsBefore(name: string): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'migrations-before-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const entries = await readdir(migrations)
  const older = entries.filter((entry) => !/^\d/.test(entry) || entry.slice(0, 14) < name.slice(0, 14))
  await Promise.all(
    older.map((entry) => cp(path.join(migrations, entry), path.join(folder, entry), { recursive: true })),
  )
  return folder
}

test('a table that had no stamps gets them for every row, as old as the row', async () => {
  const url = await emptyDatabase()
  await deploy({ url, migrations: await migrationsBefore('20261123175000_token_stamps') })
  const pool: pg.Pool = openPool(url)
  onTestFinished(() => pool.end())
  await pool.query(`INSERT INTO access_tokens (id, hash, role, label, created_at)
    SELECT gen_random_uuid(), sha256(i::text::bytea), 'organizer', i::text, timestamptz '2026-01-01Z' + i * interval '1.000001 s'
    FROM generate_series(1, 1000) AS i`)
  await deploy({ url, migrations })

  const { rows } = await pool.query(`
    SELECT count(*)::int AS all,
           count(*) FILTER (WHERE last_modified_at = created_at AND version = 1)::int AS stamped,
           count(*) FILTER (WHERE created_at = date_trunc('milliseconds', created_at))::int AS whole,
           count(DISTINCT last_modified_at)::int AS different
    FROM access_tokens`)
  expect(rows).toEqual([{ all: 1000, stamped: 1000, whole: 1000, different: 1000 }])
  await pool.query(`UPDATE access_tokens SET label = 'x' WHERE label = '7'`)
  const changed = await pool.query(
    `SELECT version, last_modified_at > created_at AS later FROM access_tokens WHERE label = 'x'`,
  )
  expect(changed.rows).toEqual([{ version: 2, later: true }])
  await expect(
    pool.query(
      `INSERT INTO access_tokens (id, hash, role, label, last_modified_at) VALUES (gen_random_uuid(), '\\x00', 'organizer', 'new', NULL)`,
    ),
  ).resolves.toMatchObject({ rowCount: 1 })
})

import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { openPool } from '../../src/database/pool.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { schemaState } from '../../src/schema-evolution/gate/gate.ts'
import { deployLock, prismaLock } from '../../src/schema-evolution/database/migration-lock.ts'
import { requireSchema, SchemaMismatch } from '../../src/schema-evolution/gate/require-schema.ts'
import { readyz } from '../readyz.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'
import { createWorld } from '../world.ts'
import { connect } from '../connection.ts'

/** The project's migrations without some of the newest: what an older build has. @returns the folder */
async function olderBuild(newest: number): Promise<{ folder: string; missing: string[] }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'older-build-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const names = (await readdir(migrationsFolder)).filter((name) => /^\d/.test(name)).sort()
  const kept = names.slice(0, names.length - newest)
  for (const name of [...kept, 'migration_lock.toml']) {
    await cp(path.join(migrationsFolder, name), path.join(folder, name), { recursive: true })
  }
  return { folder, missing: names.slice(kept.length) }
}

async function addMigration(folder: string, name: string, sql: string): Promise<void> {
  await mkdir(path.join(folder, name))
  await writeFile(path.join(folder, name, 'migration.sql'), sql)
}

/** What a build says of a database at its start. */
async function verdict(url: string, { folder = migrationsFolder, migrate = false } = {}) {
  const pool = openPool(url).on('error', () => {})
  try {
    const { schema } = await requireSchema({ pool, databaseUrl: url, migrationsFolder: folder, migrate })
    return { state: schema.state, serves: true, exitCode: 0, message: schema.message }
  } catch (error) {
    if (!(error instanceof SchemaMismatch)) throw error
    const { state, exitCode, message } = error
    return { state, serves: false, exitCode, message }
  } finally {
    await pool.end()
  }
}

/** Adds what a newer build's migration would have, with Prisma's record of it. */
async function migratedByNewerBuild(url: string, sql: string): Promise<void> {
  const client = await connect(url)
  await client.query(sql)
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES (gen_random_uuid(), 'x', '29990101000000_newer', now(), 1)`,
  )
}

describe('the gate', () => {
  test('serves where all is in sync', async () => {
    expect(await verdict(await cloneDatabase())).toMatchObject({ state: 'in sync', serves: true })
  })

  test('says what to run on an empty database, and on one that lacks migrations', async () => {
    const url = await emptyDatabase()
    expect(await verdict(url)).toMatchObject({ state: 'empty', exitCode: 10 })
    const { folder, missing } = await olderBuild(2)
    await deploy({ url, migrations: folder })
    const behind = await verdict(url)
    expect(behind).toMatchObject({ state: 'pending', exitCode: 11 })
    expect(behind.message).toBe(
      `These migrations aren't applied yet: ${missing.join(', ')}. Run "npm run migrations -- deploy", or start with MIGRATE_ON_START=true.`,
    )
    expect(await verdict(url, { migrate: true })).toMatchObject({ state: 'in sync', serves: true })
  })

  test.each([prismaLock, deployLock])(
    'knows that somebody migrates right now, by the lock %i',
    async (key) => {
      const url = await emptyDatabase()
      const client = await connect(url)
      await client.query('SELECT pg_advisory_lock($1)', [key])
      const running = await verdict(url)
      expect(running).toMatchObject({ state: 'running', exitCode: 12 })
      expect(running.message).toContain(
        `the database's process ${(client as unknown as { processID: number }).processID}`,
      )
      await client.query('SELECT pg_advisory_unlock($1)', [key])
      expect(await verdict(url)).toMatchObject({ state: 'empty' })
    },
  )

  test('stops at a migration that began and did not finish', async () => {
    const url = await cloneDatabase()
    const client = await connect(url)
    await client.query(`UPDATE _prisma_migrations SET finished_at = NULL WHERE migration_name LIKE '%people'`)
    const failed = await verdict(url, { migrate: true })
    expect(failed).toMatchObject({ state: 'failed', exitCode: 13 })
    expect(failed.message).toContain('npx prisma migrate resolve --rolled-back 20261123200000_people')
  })

  test('sees a file that was edited after it was applied', async () => {
    const url = await cloneDatabase()
    const { folder } = await olderBuild(0)
    await writeFile(path.join(folder, '20261123200000_people', 'migration.sql'), 'SELECT 1;')
    const edited = await verdict(url, { folder, migrate: true })
    expect(edited).toMatchObject({ state: 'edited', exitCode: 14 })
    expect(edited.message).toMatch(/edited after they were applied: 20261123200000_people\..*git checkout/)
  })

  test('sees that the database is of another line', async () => {
    const url = await cloneDatabase()
    const { folder, missing } = await olderBuild(1)
    await addMigration(folder, '29990101000000_ours', 'SELECT 1;')
    const diverged = await verdict(url, { folder, migrate: true })
    expect(diverged).toMatchObject({ state: 'diverged', exitCode: 16 })
    expect(diverged.message).toContain(
      `it has ${missing[0]}, which this build doesn't know, and lacks 29990101000000_ours`,
    )
  })

  test('sees that a migration was merged late', async () => {
    const url = await cloneDatabase()
    const { folder } = await olderBuild(0)
    await addMigration(folder, '20261123163500_late', 'SELECT 1;')
    const late = await verdict(url, { folder, migrate: true })
    expect(late).toMatchObject({ state: 'out of order', exitCode: 17 })
    expect(late.message).toContain('npm run migrations -- rebase')
  })

  test('names what was changed by hand', async () => {
    const url = await cloneDatabase()
    const client = await connect(url)
    await client.query('DROP TRIGGER stamp_row ON sessions; ALTER TABLE rooms ADD COLUMN smell text')
    const drifted = await verdict(url)
    expect(drifted).toMatchObject({ state: 'drifted', exitCode: 18 })
    expect(drifted.message).toContain('(missing: trigger sessions.stamp_row; not ours: column rooms.smell)')
  })
})

describe('a build that is older than its database', () => {
  test.each([
    ['a column that may be empty', 'ALTER TABLE rooms ADD COLUMN smell text'],
    ['a column with a default', `ALTER TABLE rooms ADD COLUMN smell text NOT NULL DEFAULT 'none'`],
    [
      'a table that refers to ours',
      'CREATE TABLE chairs (id int PRIMARY KEY, room_id uuid REFERENCES rooms (id))',
    ],
    ['a reference of a new column', 'ALTER TABLE rooms ADD COLUMN twin_id uuid REFERENCES rooms (id)'],
    ['a rule for a new column', 'ALTER TABLE rooms ADD COLUMN smell text CHECK (length(smell) < 9)'],
    ['an index', 'CREATE INDEX by_capacity ON rooms (capacity)'],
    ['another trigger', 'DROP TRIGGER keep_erased ON speakers'],
    ['a column that may be empty no longer', `ALTER TABLE rooms ALTER floor SET DEFAULT '1'`],
    ['a CHECK that is gone', 'ALTER TABLE rooms DROP CONSTRAINT rooms_capacity_not_negative'],
  ])('serves where the newer one added %s', async (_what, sql) => {
    const url = await cloneDatabase()
    await migratedByNewerBuild(url, sql)
    const ahead = await verdict(url)
    expect(ahead).toMatchObject({ state: 'ahead', serves: true })
    expect(ahead.message).toContain('29990101000000_newer')
  })

  test.each([
    ['column rooms.floor is gone', 'ALTER TABLE rooms DROP COLUMN floor'],
    ['column rooms.floor is another', 'ALTER TABLE rooms ALTER floor TYPE integer USING NULL'],
    ['column rooms.floor is another', 'ALTER TABLE rooms ALTER floor SET NOT NULL'],
    ['column rooms.smell was added', 'ALTER TABLE rooms ADD COLUMN smell text NOT NULL'],
    ['constraint rooms.named was added', `ALTER TABLE rooms ADD CONSTRAINT named CHECK (name <> 'x')`],
    ['constraint rooms.one was added', 'ALTER TABLE rooms ADD CONSTRAINT one UNIQUE (event_id, name)'],
    ['index one was added', 'CREATE UNIQUE INDEX one ON rooms (event_id, name)'],
    ['enum session_level is another', `ALTER TYPE session_level ADD VALUE 'guru'`],
    ['table rooms is gone', 'ALTER TABLE rooms RENAME TO places'],
    [
      'function rows_as_of(which revised_entity, ids uuid[], moment timestamp with time zone, last_version integer) is gone',
      'DROP FUNCTION rows_as_of',
    ],
  ])('does not serve where %s', async (hindrance, sql) => {
    const url = await cloneDatabase()
    await migratedByNewerBuild(url, sql)
    const ahead = await verdict(url)
    expect(ahead).toMatchObject({ state: 'ahead', serves: false, exitCode: 15 })
    expect(ahead.message).toContain(hindrance)
  })

  test('does not serve where it never knew what its migrations make', async () => {
    const { folder } = await olderBuild(1)
    expect(await verdict(await cloneDatabase(), { folder })).toMatchObject({ state: 'ahead', serves: false })
  })
})

test('a server turns unready when the database is changed under it, and ready when it fits again', async () => {
  const world = await createWorld()
  const ready = async () => {
    const { status, body } = await readyz(world.app.url)
    return [status, body.schema.state]
  }
  expect(await ready()).toEqual([200, 'in sync'])
  await world.sql('ALTER TABLE sessions DISABLE TRIGGER record_revision')
  expect(await ready()).toEqual([503, 'drifted'])
  await world.sql('ALTER TABLE sessions ENABLE TRIGGER record_revision')
  expect(await ready()).toEqual([200, 'in sync'])
  await migratedByNewerBuild(world.databaseUrl, 'ALTER TABLE rooms ADD COLUMN smell text')
  expect(await ready()).toEqual([200, 'ahead'])
  await world.sql('ALTER TABLE rooms DROP COLUMN floor')
  expect(await ready()).toEqual([503, 'ahead'])
  const { errors } = await world.ask('{ events { totalCount nodes { rooms { floor } } } }')
  expect(errors?.map(({ extensions }) => extensions.code) ?? []).toEqual(['SCHEMA_OUT_OF_DATE'])
})

test('schemaState costs three statements at most', async () => {
  const pool = openPool(await cloneDatabase())
  onTestFinished(() => pool.end())
  let statements = 0
  const counting = {
    query: (...args: unknown[]) => (
      (statements += 1),
      (pool.query as (...all: unknown[]) => unknown)(...args)
    ),
  }
  const { built } = await requireSchema({ pool, databaseUrl: '', migrationsFolder, migrate: false })
  await schemaState(counting as unknown as pg.Pool, built)
  expect(statements).toBe(2)
})

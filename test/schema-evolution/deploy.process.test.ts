import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { openPool } from '../../src/database/pool.ts'
import { readVerdict } from '../../src/schema-evolution/database/verdict.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'

// Where no server PostgreSQL is installed, these are reported as skipped.
describe.skipIf(serverPostgresPrograms() === null)('migrations applied inside this process', () => {
  let server: ServerPostgres
  let migrationsFolder: string
  let schemas = 0
  let url: string

  beforeAll(async () => {
    server = await startServerPostgres()
  })
  afterAll(() => server.stop())

  beforeEach(async ({ onTestFinished }) => {
    url = `${server.url}?schema=made_${(schemas += 1)}`
    migrationsFolder = await mkdtemp(join(tmpdir(), 'migrations-'))
    onTestFinished(() => rm(migrationsFolder, { recursive: true }))
    await write('1_talks', 'CREATE TABLE talks (id int PRIMARY KEY, at timestamptz);')
    await write('2_rows', "INSERT INTO talks VALUES (1, '2026-01-01 12:00:00');")
  })

  test('are named in their order, once, and told one by one', async () => {
    const told: string[] = []
    const tell = (line: string) => told.push(line)
    expect(await deploy({ url, migrations: migrationsFolder }, { tell })).toEqual(['1_talks', '2_rows'])
    expect(await deploy({ url, migrations: migrationsFolder }, { tell })).toEqual([])
    expect(told).toEqual(['Applying migration `1_talks`', 'Applying migration `2_rows`'])
  })

  test('run in UTC on a server whose zone is another', async () => {
    await deploy({ url, migrations: migrationsFolder })
    expect(
      await query(`SELECT at AT TIME ZONE 'UTC' = '2026-01-01 12:00' AS utc FROM ${schemaOf(url)}.talks`),
    ).toEqual([{ utc: true }])
  })

  test('make their schema and nothing outside it', async () => {
    const elsewhere = `SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
      WHERE nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND nspname NOT LIKE 'made\\_%'`
    await deploy({ url, migrations: migrationsFolder })
    expect(await query(elsewhere)).toEqual([])
    expect(
      await query(`SELECT tablename FROM pg_tables WHERE schemaname = '${schemaOf(url)}' ORDER BY 1`),
    ).toEqual([{ tablename: '_prisma_migrations' }, { tablename: 'talks' }])
  })

  test('leave nothing where one fails, not even a record, with the whole message', async () => {
    await write('3_bad', 'BEGIN;\nCREATE TABLE gone (id int);\nSELECT ä, nothing FROM talks;\nCOMMIT;')
    const failure = {
      code: 'P3018',
      meta: {
        migration_name: '3_bad',
        database_error_code: '42703',
        database_error: `column "ä" does not exist
Position:
  1      ;
  2 CREATE TABLE gone (id int);
  3 SELECT ä, nothing FROM talks;`,
      },
    }
    await expect(deploy({ url, migrations: migrationsFolder })).rejects.toMatchObject(failure)
    await expect(deploy({ url, migrations: migrationsFolder })).rejects.toMatchObject(failure)
    expect(await query(`SELECT to_regclass('${schemaOf(url)}.gone') AS gone`)).toEqual([{ gone: null }])
    expect(
      await query(`SELECT migration_name AS name FROM ${schemaOf(url)}._prisma_migrations ORDER BY 1`),
    ).toEqual([{ name: '1_talks' }, { name: '2_rows' }])
    await write('3_bad', 'CREATE TABLE gone (id int);')
    expect(await deploy({ url, migrations: migrationsFolder })).toEqual(['3_bad'])
  })

  test('are compared with the record: pending, failed, edited and unknown', async () => {
    const nothing = { late: [], applied: [], failed: [], resumable: [], edited: [], unknown: [] }
    expect(await state()).toEqual({ ...nothing, state: 'empty', pending: ['1_talks', '2_rows'] })
    expect(await query(`SELECT 1 FROM pg_namespace WHERE nspname = '${schemaOf(url)}'`)).toEqual([])

    await write('0_forgotten', 'SELECT 1;')
    await deploy({ url, migrations: migrationsFolder })
    await rm(join(migrationsFolder, '0_forgotten'), { recursive: true })
    await write('2_rows', '-- another text')
    await write('3_bad', '-- migration: no transaction\nSELECT nothing;')
    await expect(deploy({ url, migrations: migrationsFolder })).rejects.toMatchObject({ code: 'P3018' })
    await write('4_next', 'SELECT 1;')
    expect(await state()).toEqual({
      state: 'failed',
      pending: ['4_next'],
      late: [],
      applied: ['0_forgotten', '1_talks', '2_rows'],
      failed: ['3_bad'],
      resumable: ['3_bad'],
      edited: ['2_rows'],
      unknown: ['0_forgotten'],
    })
  })

  test('wait for one another', async () => {
    const both = await Promise.all([
      deploy({ url, migrations: migrationsFolder }),
      deploy({ url, migrations: migrationsFolder }),
    ])
    expect(both.flat().sort()).toEqual(['1_talks', '2_rows'])
    expect(await query("SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory'")).toEqual([
      { count: 0 },
    ])
  })

  async function state() {
    const pool = openPool(url)
    try {
      return await readVerdict(pool, migrationsFolder)
    } finally {
      await pool.end()
    }
  }

  async function write(name: string, sql: string): Promise<void> {
    await mkdir(join(migrationsFolder, name), { recursive: true })
    await writeFile(join(migrationsFolder, name, 'migration.sql'), sql)
  }

  async function query(text: string): Promise<unknown[]> {
    const client = new pg.Client(server.url)
    await client.connect()
    try {
      return (await client.query(text)).rows as unknown[]
    } finally {
      await client.end()
    }
  }
})

function schemaOf(url: string): string {
  return new URL(url).searchParams.get('schema') ?? 'public'
}

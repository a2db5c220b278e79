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

  test.each([
    ['datestyle', 'SQL, DMY'],
    ['standard_conforming_strings', 'off'],
    ['default_transaction_read_only', 'on'],
    ['default_transaction_isolation', 'serializable'],
    ['statement_timeout', '40ms'],
    ['plpgsql.extra_errors', 'all'],
  ])('make the same schema and rows although the database has %s = %s', async (name, value) => {
    const alter = (what: string) => query(`ALTER DATABASE programme ${what}`, server.superuserUrl)
    await write(
      '3_checked',
      String.raw`ALTER TABLE talks ADD title text CHECK (title ~ '\S'); SELECT pg_sleep(0.1);`,
    )
    await write('4_dated', "INSERT INTO talks VALUES (2, '02/03/2026 12:00', 'title');")
    const shadowing = 'DECLARE a int; BEGIN DECLARE a int; BEGIN a := 1; END; END'
    await write('5_function', `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$${shadowing}$$;`)
    await alter(`SET ${name} TO ${value.includes(',') ? value : `'${value}'`}`)
    try {
      await deploy({ url, migrations: migrationsFolder })
    } finally {
      await alter(`RESET ${name}`)
    }
    expect(
      await query(`SELECT pg_get_constraintdef(c.oid) AS checked, (SELECT at FROM ${schemaOf(url)}.talks WHERE id = 2) AS at
        FROM pg_constraint c WHERE contype = 'c' AND connamespace = '${schemaOf(url)}'::regnamespace`),
    ).toEqual([{ checked: String.raw`CHECK ((title ~ '\S'::text))`, at: new Date('2026-02-03T12:00:00Z') }])
  })

  test('are not begun where triggers would be skipped, and it is said what has to be taken back', async () => {
    const alter = (what: string) => query(`ALTER DATABASE programme ${what}`, server.superuserUrl)
    await alter(`SET session_replication_role TO 'replica'`)
    const refused = await deploy({ url, migrations: migrationsFolder }).catch((error: unknown) => error)
    await alter('RESET session_replication_role')
    expect(refused).toMatchObject({
      name: 'WrongSettings',
      message: expect.stringMatching(/is replica .* take it back: .* RESET session_replication_role\.$/),
    })
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

  async function query(text: string, at = server.url): Promise<unknown[]> {
    const client = new pg.Client(at)
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

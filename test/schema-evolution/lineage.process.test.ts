import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { migrationsFolder, projectFolder } from '../../src/config.ts'
import { checkMigrations } from '../../src/schema-evolution/check/check.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { stampAfter } from '../../src/schema-evolution/files/stamp.ts'
import { lineageRowsOf, withLineageRows } from '../../src/schema-evolution/files/lineage-rows.ts'
import {
  checksumOf,
  formatLineage,
  parseLineage,
  readLineage,
} from '../../src/schema-evolution/files/lineage.ts'
import { readMigrationFolder } from '../../src/schema-evolution/files/migration-folder.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'
import { createPrismaProject, type PrismaProject } from './prisma-project.ts'
import { query } from '../connection.ts'

const sum = checksumOf('SELECT 1;')

describe('the lineage file', () => {
  test('is read as it is written', () => {
    const lines = [
      { name: '1_a', parent: '-', checksum: sum },
      { name: '2_b', parent: '1_a', checksum: sum },
    ]
    expect(parseLineage(formatLineage(lines))).toEqual(lines)
    expect(parseLineage(`# read as well\r\n1_a - ${sum}\r\n`)).toEqual([lines[0]])
  })

  test.for([
    [
      `1_a - ${sum}\n2_b 1_a\n`,
      'unreadable-lineage',
      `Line 2 of prisma/migrations/lineage isn't "NAME PARENT SHA256": "2_b 1_a".`,
    ],
    [
      `1_a - ${sum}\n1_a - ${sum}\n`,
      'unreadable-lineage',
      'Line 2 of prisma/migrations/lineage repeats 1_a of line 1.',
    ],
    [
      `1_a - ${sum}\n<<<<<<< HEAD\n`,
      'conflict-markers',
      'Line 2 of prisma/migrations/lineage is a conflict marker of git: both branches added a migration, and one must follow the other.',
    ],
  ])('names the line that is wrong: %#', ([text, code, message]) => {
    expect(() => parseLineage(text!)).toThrow(expect.objectContaining({ code, message }))
  })
})

describe('the rows of a migration', () => {
  test('stand at its end, and are replaced where they stand', () => {
    const rows = [{ name: '2_b', parent: '1_a' }]
    const once = withLineageRows(
      "-- INSERT INTO migration_lineage (name, parent) VALUES ('x', 'y');\nSELECT 1;\n",
      rows,
    )
    expect(lineageRowsOf(once)).toEqual(rows)
    expect(
      once.endsWith("statement.\nINSERT INTO migration_lineage (name, parent) VALUES ('2_b', '1_a');\n"),
    ).toBe(true)
    const twice = withLineageRows(`${once}COMMIT;\n`, [{ name: '3_b', parent: '2_c' }])
    expect(twice).toBe(`${once.replaceAll('1_a', '2_c').replaceAll('2_b', '3_b')}COMMIT;\n`)
  })

  test('of the migration that makes the table are those of all before it', async () => {
    const client = new pg.Client(await cloneDatabase())
    await client.connect()
    const { rows } = await client.query('SELECT name, parent FROM migration_lineage ORDER BY name')
    await client.end()
    expect(rows).toEqual((await readLineage(migrationsFolder))?.map(({ name, parent }) => ({ name, parent })))
    expect(rows.map(({ name }) => name)).toEqual([
      ...(await readMigrationFolder(migrationsFolder)).scripts.keys(),
    ])
  })
})

test('a new migration sorts after the last one, also where the clock is behind', () => {
  expect(stampAfter('20261123120000_b', '20261123115959_a')).toBe('20261123120000_b')
  expect(stampAfter('20261123120000_b', '20261231235959_a')).toBe('20270101000000_b')
  expect(stampAfter('20261123120000', '20261123120000_a')).toBe('20261123120001')
})

const lineageModel = `model MigrationLineage {
  name   String @id
  parent String @unique(map: "each_migration_has_one_successor")

  @@map("migration_lineage")
}
`

const tableOfLineage = `CREATE TABLE "migration_lineage" (name text PRIMARY KEY, parent text NOT NULL);
CREATE UNIQUE INDEX each_migration_has_one_successor ON migration_lineage (parent);`

const talk = (...fields: string[]) => `model Talk {\n  id Int @id\n  ${fields.join('\n  ')}\n}\n`

describe('npx prisma migrate dev', { timeout: 600_000 }, () => {
  test('keeps the lineage by itself: from its beginning, through hand edits, renames and folders written by hand', async () => {
    const { project, said, folder } = await createProject()
    await project.writeModels(talk())
    await said('migrate', 'dev', '--name', 'talks')
    expect(await readLineage(folder)).toBeNull()

    await project.writeModels(talk() + lineageModel)
    await said('migrate', 'dev', '--name', 'lineage')
    expect(await chain(folder)).toEqual(['talks after -', 'lineage after talks'])
    expect(lineageRowsOf(await project.readMigration('lineage'))).toHaveLength(2)

    await project.writeModels(talk('title String?') + lineageModel)
    await said('migrate', 'dev', '--name', 'titles')
    await said('migrate', 'dev', '--create-only', '--name', 'empty')
    expect(await findings(folder)).toEqual([])
    expect(lineageRowsOf(await project.readMigration('empty'))).toHaveLength(1)

    await project.writeMigration(
      'empty',
      `${await project.readMigration('empty')}-- edited before it was applied\n`,
    )
    await rename(join(folder, await nameOf(folder, 'empty')), join(folder, '29990101000000_renamed'))
    await project.writeMigration('29990102000000_by_hand', 'SELECT 1;')
    expect(await findings(folder)).toEqual(['no-folder', 'no-line', 'no-line', 'other-row', 'no-insert'])
    expect(await said('migrate', 'dev'))
      .toContain(`Wrote its row of migration_lineage into renamed/migration.sql
Wrote its row of migration_lineage into by_hand/migration.sql
Applying migration \`renamed\`
Applying migration \`by_hand\``)
    await said('migrate', 'dev', '--create-only', '--name', 'later')
    expect(await findings(folder)).toEqual([])
    expect(await chain(folder)).toEqual([
      'talks after -',
      'lineage after talks',
      'titles after lineage',
      'renamed after titles',
      'by_hand after renamed',
      'later after by_hand',
    ])
    expect(readdirSync(folder)).toContain('29990102000001_later')
  })

  test('leaves the checksum of a migration that was edited after it was applied', async () => {
    const { project, said, folder } = await createProject()
    await project.writeModels(talk() + lineageModel)
    await said('migrate', 'dev', '--name', 'talks')
    const sql = await project.readMigration('talks')
    await project.writeMigration('talks', `${sql}-- too late\n`)
    expect(await project.prisma('migrate', 'dev')).toEqual({
      code: 130,
      said: expect.stringContaining('The migration `talks` was modified after it was applied.'),
    })
    expect(await findings(folder)).toEqual(['edited'])
    expect(await project.prisma('migrate', 'reset', '--force')).toMatchObject({ code: 0 })
    expect(await findings(folder)).toEqual([])
  })

  test('refuses two heads before it does anything', async () => {
    const { project, said, folder, url } = await createProject()
    await project.writeModels(talk() + lineageModel)
    await said('migrate', 'dev', '--name', 'talks')
    const first = await nameOf(folder, 'talks')
    await write(project, '29990101000000_one', first)
    await write(project, '29990102000000_other', first)
    expect(await project.prisma('migrate', 'dev')).toEqual({
      code: 1,
      said: 'Error: Two heads: one and other both follow talks.\nRun: npm run migrations -- rebase',
    })
    expect(await applied(url)).toEqual(['talks'])
  })
})

describe('of two migrations that follow the same one', { timeout: 600_000 }, () => {
  /** A database that has `talks` and `one`; and the folder of a branch that has `other` instead. */
  async function branches() {
    const { project, folder, url } = await createProject()
    await project.writeModels(talk())
    await write(project, '20261101000000_talks', '-', tableOfLineage)
    await write(project, '29990101000000_one', '20261101000000_talks')
    await deploy({ url, migrations: folder })
    await rm(join(folder, '29990101000000_one'), { recursive: true })
    const sql = await write(project, '29990102000000_other', '20261101000000_talks')
    return { project, folder, url, sql }
  }
  const message =
    "Two heads: one and other both follow talks. The database has one, so other can't be applied. Nothing was changed."

  test('npx prisma migrate deploy refuses the second, and no failed migration is left behind', async () => {
    const { project, url } = await branches()
    expect(await project.prisma('migrate', 'deploy')).toEqual({
      code: 1,
      said: `2 migrations found in prisma/migrations\nError: ${message}\nRun: npm run migrations -- rebase`,
    })
    expect(await applied(url)).toEqual(['talks', 'one'])
  })

  test('a server that migrates at its start refuses the second', async () => {
    const { folder, url } = await branches()
    const fault: unknown = await deploy({ url, migrations: folder }).catch((error: unknown) => error)
    expect(String(fault).replace(/\d{14}_/g, '')).toContain(message)
    expect(await applied(url)).toEqual(['talks', 'one'])
  })

  test('the database itself refuses the second, by a constraint that says why', async () => {
    const { url, sql } = await branches()
    await expect(query(url, sql)).rejects.toMatchObject({
      code: '23505',
      message: 'duplicate key value violates unique constraint "each_migration_has_one_successor"',
    })
    expect(await query(url, "SELECT to_regclass('other') AS other")).toEqual([{ other: null }])
  })

  test('the message explains it also where another process was faster', async () => {
    const { project, folder, url } = await branches()
    // What isn't recorded in the row's own words isn't seen beforehand.
    const hidden =
      "DO $$ BEGIN EXECUTE 'INSERT INTO migration_lineage VALUES (''x'', ''" +
      (await nameOf(folder, 'talks')) +
      "'')'; END $$;"
    await project.writeMigration('29990102000000_other', hidden)
    expect(await project.prisma('migrate', 'deploy')).toEqual({
      code: 1,
      said: expect.stringContaining(
        'HINT: Two heads: another migration that this database has follows the same one. Run: npm run migrations -- rebase',
      ),
    })
    expect(await applied(url)).toEqual(['talks', 'one'])
  })
})

test(
  'before the native engine, the bridge keeps the lineage and applies the migrations, and changes nothing else',
  { timeout: 600_000 },
  async () => {
    const place = await mkdtemp(join(tmpdir(), 'native-engine-'))
    onTestFinished(() => rm(place, { recursive: true }))
    const engine = join(place, 'schema-engine-fake')
    const log = join(place, 'requests')
    await writeFile(engine, fakeEngine(log), { mode: 0o755 })
    const { project, folder, url } = await createProject({ NATIVE_SCHEMA_ENGINE: engine })
    await project.writeModels(talk() + lineageModel)
    const first = await write(
      project,
      '20261101000000_talks',
      '-',
      'CREATE TABLE "migration_lineage" (name text, parent text);',
    )
    expect(await project.prisma('migrate', 'dev', '--create-only', '--name', 'next')).toEqual({
      code: 0,
      said: `A line of the engine's own
Applying migration \`talks\`
The following migration(s) have been applied:
migrations/
  └─ talks/
    └─ migration.sql
Prisma Migrate created the following migration without applying it next
You can now edit it and apply it by running prisma migrate dev.`,
    })
    expect(await chain(folder)).toEqual(['talks after -', 'next after talks'])
    expect(lineageRowsOf(await project.readMigration('next'))).toEqual([
      { name: '20261101000001_next', parent: '20261101000000_talks' },
    ])
    expect(await findings(folder)).toEqual([])
    const asked = (await readFile(log, 'utf8')).trim().split('\n')
    expect(asked).toEqual([
      'cli can-connect-to-database',
      'devDiagnostic',
      'evaluateDataLoss',
      'createMigration',
    ])
    expect(await project.prisma('migrate', 'status')).toEqual({
      code: 1,
      said: expect.stringMatching(/P3999\n.*As the engine says it/),
    })
    expect(first).toContain('migration_lineage')
    expect(await query(url, 'SELECT count(*)::int AS rows FROM migration_lineage')).toEqual([{ rows: 1 }])
  },
)

/** Answers as Prisma's engine does, and notes what it was asked. It takes Prisma's lock, and keeps it while it lives. */
function fakeEngine(log: string): string {
  return `#!/usr/bin/env node
const { appendFileSync } = require('node:fs')
const note = (text) => appendFileSync(${JSON.stringify(log)}, text + '\\n')
const say = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
const at = process.argv.indexOf('cli')
if (at > 0) {
  note(process.argv.slice(at).join(' '))
  process.exit(0)
}
const datasource = JSON.parse(process.argv[process.argv.indexOf('--datasource') + 1])
const client = new (require(${JSON.stringify(join(projectFolder, 'node_modules/pg'))}).Client)(datasource.url)
const locked = client.connect().then(() => client.query('SELECT pg_advisory_lock(72707369)'))
const results = {
  getDatabaseVersion: 'PostgreSQL 18',
  devDiagnostic: { action: { tag: 'createMigration' } },
  evaluateDataLoss: { migrationSteps: 0, warnings: [], unexecutableSteps: [] },
  createMigration: { connectorType: 'postgresql', extension: 'sql', generatedMigrationName: '20261031000000_next', migrationScript: 'SELECT 1;' },
}
require('node:readline').createInterface({ input: process.stdin }).on('line', async (line) => {
  await locked
  const { id, method } = JSON.parse(line)
  if (method === undefined) return
  note(method)
  if (method === 'devDiagnostic') say({ id: 'print-1', method: 'print', params: { content: "A line of the engine's own" } })
  if (results[method] === undefined) {
    const data = { is_panic: false, message: 'As the engine says it', error_code: 'P3999', meta: null }
    say({ id, error: { code: 4466, message: 'An error happened.', data } })
  } else say({ id, result: results[method] })
}).on('close', () => client.end())
`
}

async function createProject(env: Record<string, string> = {}) {
  const url = await emptyDatabase()
  const project = await createPrismaProject({ DATABASE_URL: url, ...env })
  onTestFinished(() => project.remove())
  const said = async (...args: string[]) => {
    const { code, said: text } = await project.prisma(...args)
    expect({ code, text }).toEqual({ code: 0, text })
    return text
  }
  return { project, said, url, folder: join(project.folder, 'prisma/migrations') }
}

/** A migration as it would come from another branch. */
async function write(
  project: PrismaProject,
  name: string,
  parent: string,
  does = `CREATE TABLE ${name.slice(15)} (id int);`,
) {
  const sql = withLineageRows(does, [{ name, parent }])
  await project.writeMigration(name, sql)
  return sql
}

async function nameOf(folder: string, title: string): Promise<string> {
  return readdirSync(folder).find((name) => name.endsWith(`_${title}`))!
}

async function chain(folder: string): Promise<string[] | undefined> {
  const lines = await readLineage(folder)
  return lines?.map(({ name, parent }) => `${title(name)} after ${title(parent)}`)
}

async function findings(folder: string): Promise<string[]> {
  return (await checkMigrations(folder)).findings.map(({ code }) => code)
}

async function applied(url: string): Promise<string[]> {
  const rows = await query(url, 'SELECT migration_name FROM _prisma_migrations ORDER BY started_at')
  return rows.map((row) => title((row as { migration_name: string }).migration_name))
}

function title(name: string): string {
  return name.replace(/^\d{14}_/, '')
}

import { appendFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import type { Diagnosis } from '../../src/schema-evolution/doctor/doctor.ts'
import { serverFindings } from '../../src/schema-evolution/doctor/server.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { checksumOf } from '../../src/schema-evolution/files/lineage.ts'
import { prismaLock } from '../../src/schema-evolution/database/migration-lock.ts'
import { cloneDatabase, emptyDatabase, onSuperuser } from '../clones.ts'
import { copyProject, type ProjectCopy } from './project-copy.ts'
import { watchShadows } from '../schema-evolution/shadows-left.ts'

// Each run of the command takes seconds.
const patience = { timeout: 600_000 }

const names = (await readdir(migrationsFolder)).filter((name) => /^\d/.test(name)).sort()
const newest = names.at(-1)!

const execute = '| npx prisma db execute --stdin'

/** Unchanged; for what is wrong with a database alone. */
let project: ProjectCopy
beforeAll(async () => {
  project = await copyProject()
})
afterAll(() => project.remove())

describe('the doctor', patience, () => {
  test('says in a line each what it looked at, where all is well', async () => {
    const { code, out } = await project.shell('npm run --silent migrations -- doctor', await cloneDatabase())
    expect(out.split('\n').map((line) => line.replace(/ {2,}.*$/, ''))).toEqual([
      'files',
      'client',
      'server',
      'rights',
      'records',
      'lineage',
      'objects',
      'schema',
      'from zero',
      'activity',
      '',
    ])
    expect(out.match(/ {2}in order {2}/g)).toHaveLength(10)
    expect(code).toBe(0)
  })

  test('finds all that was changed by hand at once; the commands that it names mend all of it', async () => {
    const url = await cloneDatabase()
    const client = await connect(url)
    await client.query(`
      DROP TRIGGER keep_erased ON speakers;
      ALTER TABLE sessions DISABLE TRIGGER record_revision;
      CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
      ALTER TABLE sessions DROP CONSTRAINT sessions_title_not_blank;
      ALTER TABLE events DROP CONSTRAINT events_name_not_blank,
        ADD CONSTRAINT events_name_not_blank CHECK (name ~ '\\S') NOT VALID;
      ALTER TABLE rooms ALTER COLUMN position SET DEFAULT 7, ALTER COLUMN floor SET NOT NULL;
      DROP INDEX events_name_id_idx;
      CREATE TABLE chairs (id int PRIMARY KEY);
      DELETE FROM migration_lineage WHERE name = '${newest}';
      UPDATE migration_lineage SET parent = 'nothing' WHERE name = '${names[3]!}';
      INSERT INTO migration_lineage VALUES ('29990101000000_never', 'somebody');
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
        SELECT 'again', checksum, migration_name, finished_at, 1 FROM _prisma_migrations WHERE migration_name = '${names[0]!}';
      INSERT INTO _prisma_migrations (id, checksum, migration_name, rolled_back_at, logs)
        VALUES ('undone', '', '29980101000000_undone', now(), 'ERROR: no such thing')`)
    await leaveInvalidIndex(client)

    const { code, diagnosis } = await project.doctor(url)
    expect(code).toBe(1)
    expect(
      diagnosis.findings.map(({ area, severity, code: what, remedy }) => [area, severity, what, remedy]),
    ).toEqual([
      [
        'lineage',
        'error',
        'lineage-row-differs',
        sql(`UPDATE migration_lineage SET parent = "${names[2]!}" WHERE name = "${names[3]!}"`),
      ],
      [
        'lineage',
        'error',
        'lineage-row-missing',
        sql(`INSERT INTO migration_lineage (name, parent) VALUES ("${newest}", "${names.at(-2)!}")`),
      ],
      [
        'objects',
        'error',
        'invalid-index',
        `printf %s 'DROP INDEX CONCURRENTLY "one_actor";' | npx prisma db execute --stdin`,
      ],
      [
        'objects',
        'error',
        'trigger-disabled',
        `printf %s 'ALTER TABLE "sessions" ENABLE TRIGGER "record_revision";' | npx prisma db execute --stdin`,
      ],
      ...['missing', 'missing', 'missing', 'changed', 'changed', 'changed', 'not-ours'].map((what) => [
        'schema',
        'error',
        `drift-${what}`,
        'npm run migrations -- drift --take-back; or, to keep the change as a migration: npm run migrations -- drift --adopt NAME',
      ]),
      ['records', 'warning', 'duplicate-record', sql(`DELETE FROM _prisma_migrations WHERE id = "again"`)],
      [
        'lineage',
        'warning',
        'lineage-row-not-applied',
        sql('DELETE FROM migration_lineage WHERE name = "29990101000000_never"'),
      ],
      [
        'objects',
        'warning',
        'constraint-not-valid',
        `printf %s 'ALTER TABLE "events" VALIDATE CONSTRAINT "events_name_not_blank";' | npx prisma db execute --stdin`,
      ],
      ['records', 'note', 'rolled-back', expect.stringContaining('npm run migrations -- deploy')],
    ])
    expect(diagnosis.findings[7]!.message).toBe(
      'The column rooms.floor is another. The migrations make: text. Found: text not null',
    )
    // The whole command takes seconds, so most are run as the shell hands them over.
    const commands = diagnosis.findings.filter(({ remedy }) => remedy.includes(execute))
    const isWhole = ({ code: what }: { code: string }) => /^(invalid-index|lineage-row-missing)$/.test(what)
    for (const { remedy } of commands.filter(isWhole)) {
      expect(await project.shell(remedy, url)).toMatchObject({ code: 0 })
    }
    for (const { remedy } of commands.filter((one) => !isWhole(one))) {
      await client.query((await project.shell(remedy.replace(execute, ''), url)).out)
    }
    const takeBack = 'npm run --silent migrations -- drift --take-back'
    expect(await project.shell(takeBack, url)).toMatchObject({ code: 0 })
    const after = await project.doctor(url)
    expect(brief(after.diagnosis)).toEqual([expect.stringMatching(/^note rolled-back: /)])
    expect(after.code).toBe(0)
  })

  test('changes nothing, and leaves no shadow database', async () => {
    const expectNoShadowsLeft = await watchShadows()
    const url = await cloneDatabase()
    const client = await connect(url)
    const everything = `SELECT (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::int FROM pg_stat_user_tables) AS written,
      (SELECT count(*)::int FROM pg_class) AS objects, pg_current_xact_id_if_assigned() AS wrote`
    const before = await client.query(everything)
    await project.doctor(url)
    expect((await client.query(everything)).rows).toEqual(before.rows)
    await expectNoShadowsLeft()
  })
})

describe('a migration that did not finish', patience, () => {
  test('is told as running while somebody is at it, with who that waits for; ending those lets it go on', async () => {
    const url = await cloneDatabase()
    const [migrating, reading] = [await connect(url, 'a deploy'), await connect(url, 'a report')]
    await reading.query('BEGIN; SELECT FROM rooms')
    await migrating.query('SELECT pg_advisory_lock($1)', [prismaLock])
    const altered = migrating.query('ALTER TABLE rooms ADD COLUMN smell text')
    await untilOld(await connect(url), 'a report')

    const { code, diagnosis } = await project.doctor(url)
    const [holder, blocker] = [processOf(migrating), processOf(reading)]
    const [running, long] = diagnosis.findings
    expect(running).toMatchObject({
      severity: 'warning',
      code: 'running',
      message: expect.stringMatching(
        `^Migrations are being applied by the database's process ${holder} of a deploy, since \\S+Z. It is active: ALTER TABLE rooms`,
      ) as string,
      cause: `It waits (Lock: relation) for process ${blocker} of a report (BEGIN; SELECT FROM rooms).`,
      remedy: `Wait, or end what is in its way: printf %s 'SELECT pg_terminate_backend(${blocker});' | npx prisma db execute --stdin`,
    })
    expect(long).toMatchObject({
      code: 'long-transaction',
      message: expect.stringMatching(
        `^The process ${blocker} of a report has a transaction open since \\S+Z \\(idle in transaction\\), with locks on rooms. Its last statement: BEGIN; SELECT FROM rooms`,
      ) as string,
    })
    expect(diagnosis.findings).toHaveLength(2)
    expect(code).toBe(1)

    await project.shell(running!.remedy.replace(/^.*?: /, ''), url)
    await altered
    await migrating.query('ALTER TABLE rooms DROP COLUMN smell; SELECT pg_advisory_unlock_all()')
    expect((await project.doctor(url)).code).toBe(0)
  })

  test('is told with what the database said and what is left of it; the command takes that back', async () => {
    const { copy, url } = await withMigration(
      '29990101000000_chairs',
      'CREATE TABLE chairs (id int);\nSELECT 1/0;',
    )
    // What Prisma's native engine leaves, which runs a file statement by statement.
    await recordStopped(
      url,
      copy,
      '29990101000000_chairs',
      'ERROR: division by zero',
      'CREATE TABLE chairs (id int)',
    )
    const { diagnosis } = await copy.doctor(url, '--base', 'HEAD')
    const failed = diagnosis.findings.find(({ code }) => code === 'failed')!
    expect(failed).toMatchObject({
      area: 'records',
      severity: 'error',
      message: expect.stringMatching(
        /^29990101000000_chairs began at \S+Z and didn't finish\. The database said: ERROR: division by zero$/,
      ) as string,
      cause: 'Nothing else is applied before it is settled. It left behind: table chairs.',
      remedy: 'npm run migrations -- drift --take-back && npm run migrations -- deploy',
    })
    await copy.shell(failed.remedy.replace(/ && npm run migrations -- deploy$/, ''), url)
    const after = await copy.doctor(url, '--base', 'HEAD')
    expect(codes(after.diagnosis)).toEqual(expect.arrayContaining(['pending', 'rolled-back']))
    expect(codes(after.diagnosis)).not.toContain('failed')
  })

  test('is told as done where all of it is there, and as nothing where it was undone', async () => {
    const sql = 'CREATE TABLE chairs (id int);'
    const { copy, url } = await withMigration('29990101000000_chairs', sql)
    await recordStopped(url, copy, '29990101000000_chairs', null, 'SELECT 1')
    const undone = (await copy.doctor(url)).diagnosis.findings.find(({ code }) => code === 'failed')
    expect(undone).toMatchObject({
      message: expect.stringContaining('the process that applied it was killed') as string,
      cause: 'Nothing else is applied before it is settled. It left nothing behind in the schema.',
      remedy: expect.stringMatching(/^npx prisma migrate resolve --rolled-back/) as string,
    })
    await (await connect(url)).query(sql)
    const done = (await copy.doctor(url)).diagnosis.findings.find(({ code }) => code === 'failed')
    expect(done).toMatchObject({
      cause: expect.stringContaining('All that it makes is there') as string,
      remedy: expect.stringMatching(/^npx prisma migrate resolve --applied/) as string,
    })
    await copy.shell(done!.remedy.replace(/ && npm run.*$/, ''), url)
    expect(codes((await copy.doctor(url)).diagnosis)).not.toContain('failed')
  })
})

describe('migrations and records that do not go together', patience, () => {
  test('an empty database and one that lacks migrations are told, until they are applied', async () => {
    const url = await emptyDatabase()
    expect(brief((await project.doctor(url)).diagnosis)).toEqual([
      'warning empty: No migration is applied yet; 10 are to come.'.replace('10', String(names.length)),
    ])
    const older = await copyProject()
    onTestFinished(() => older.remove())
    await rm(path.join(older.migrationsFolder, newest), { recursive: true })
    await deploy({ url, migrations: older.migrationsFolder })
    await (await connect(url)).query('DROP TRIGGER stamp_row ON rooms')
    const { diagnosis } = await project.doctor(url)
    // Also what was changed by hand, though the newest catalog isn't reached yet. (The newest may validate constraints.)
    expect(
      diagnosis.findings
        .filter(({ code }) => code !== 'constraint-not-valid')
        .map(({ code, migrations, remedy }) => [code, ...migrations, remedy]),
    ).toEqual([
      ['drift-missing', expect.stringMatching(/^npm run migrations -- drift --take-back;/)],
      ['pending', newest, 'npm run migrations -- deploy'],
    ])
    await project.shell('npm run --silent migrations -- drift --take-back', url)
    await deploy({ url, migrations: migrationsFolder })
    expect((await project.doctor(url)).code).toBe(0)
  })

  test('an edited file is told with the commit that has what was applied', async () => {
    const copy = await copyProject()
    onTestFinished(() => copy.remove())
    const url = await cloneDatabase()
    await appendFile(path.join(copy.migrationsFolder, names[2]!, 'migration.sql'), '\n-- later')
    await copy.shell('git commit --quiet --all --message edited', url)
    const { diagnosis } = await copy.doctor(url)
    const edited = diagnosis.findings.find(({ code }) => code === 'edited-after-applied')!
    expect(edited).toMatchObject({ severity: 'error', migrations: [names[2]] })
    expect(edited.remedy).toMatch(new RegExp(`^git checkout [0-9a-f]{7,} -- prisma/migrations/${names[2]!}$`))
    await copy.shell(edited.remedy, url)
    expect(await copy.doctor(url)).toMatchObject({ code: 0 })
  })

  test('a database that is ahead is told, with what this build cannot live with', async () => {
    const { copy, url } = await withMigration(
      '29990101000000_smell',
      'ALTER TABLE rooms ADD COLUMN smell text;',
    )
    const client = await connect(url)
    await client.query('ALTER TABLE rooms ADD COLUMN smell text')
    await recordApplied(client, copy, '29990101000000_smell')
    const remedy =
      'git pull, or start the build that has them; if they were yours and their files are lost: npm run migrations -- drift'
    expect((await project.doctor(url)).diagnosis.findings).toMatchObject([
      {
        severity: 'warning',
        code: 'ahead',
        message: expect.stringContaining('so it serves') as string,
        remedy,
      },
    ])
    await client.query('ALTER TABLE rooms DROP COLUMN floor')
    expect((await project.doctor(url)).diagnosis.findings).toMatchObject([
      {
        severity: 'error',
        code: 'ahead',
        message: expect.stringContaining("This build can't serve it: column rooms.floor is gone.") as string,
      },
    ])
    await copy.shell('git add --all && git commit --quiet --message smell && git checkout --quiet HEAD^', url)
    const found = (await copy.doctor(url)).diagnosis.findings.find(({ code }) => code === 'ahead')!
    expect(found.remedy).toMatch(/^git merge [0-9a-f]{7,}, which has them$/)
  })

  test('one that is merged late, another line, a file that is gone and two heads are told', async () => {
    const late = '20261123163500_late'
    const { copy, url } = await withMigration(late, 'SELECT 1;')
    expect((await copy.doctor(url)).diagnosis.findings).toContainEqual(
      expect.objectContaining({
        code: 'applied-out-of-order',
        migrations: [late, newest],
        remedy: 'npm run migrations -- rebase',
      }),
    )
    await rm(path.join(copy.migrationsFolder, late), { recursive: true })
    await copy.shell(
      `git rm --quiet -r prisma/migrations/${names[8]!} && git commit --quiet --message gone`,
      url,
    )
    const gone = (await copy.doctor(url)).diagnosis.findings.find(
      ({ code }) => code === 'record-without-file',
    )!
    expect(gone).toMatchObject({ severity: 'error', migrations: [names[8]] })
    await copy.shell(gone.remedy, url)
    expect(codes((await copy.doctor(url)).diagnosis)).toEqual([])

    await cp(
      path.join(copy.migrationsFolder, newest),
      path.join(copy.migrationsFolder, '29990101000000_ours'),
      {
        recursive: true,
      },
    )
    await recordApplied(await connect(url), copy, newest, '29980101000000_theirs')
    await appendFile(
      path.join(copy.migrationsFolder, 'lineage'),
      `29990101000000_ours ${names.at(-2)!} ${'0'.repeat(64)}\n`,
    )
    const { diagnosis } = await copy.doctor(url)
    expect(diagnosis.findings).toContainEqual(
      expect.objectContaining({ area: 'files', code: 'two-heads', remedy: 'npm run migrations -- rebase' }),
    )
    expect(diagnosis.findings).toContainEqual(
      expect.objectContaining({
        area: 'records',
        code: 'diverged',
        migrations: ['29980101000000_theirs', '29990101000000_ours'],
        remedy: 'git fetch && git merge origin/main && npm run migrations -- rebase',
      }),
    )
    expect(diagnosis.looked).toContainEqual({
      area: 'from zero',
      isDone: false,
      looked: 'not before the files are in order (two-heads)',
    })
  })

  test('tables that are missing are told: the lineage is made again, the records by resolving', async () => {
    const url = await cloneDatabase()
    const client = await connect(url)
    await client.query('DROP TABLE migration_lineage')
    const { diagnosis } = await project.doctor(url)
    const remedy = `npx prisma db execute --file prisma/migrations/${names[9]!}/migration.sql`
    expect(diagnosis.findings).toMatchObject([{ area: 'lineage', code: 'no-lineage-table', remedy }])
    await project.shell(remedy, url)
    // Those that came after the one that makes the table.
    const rows = (await project.doctor(url)).diagnosis.findings
    expect(rows.map(({ code, migrations }) => [code, ...migrations])).toEqual(
      names.slice(10).map((name) => ['lineage-row-missing', name]),
    )
    for (const { remedy: row } of rows) {
      await client.query((await project.shell(row.replace(execute, ''), url)).out)
    }

    await client.query('DROP TABLE _prisma_migrations')
    const lost = (await project.doctor(url)).diagnosis.findings
    expect(lost).toMatchObject([{ area: 'records', code: 'no-records', migrations: names }])
    expect(lost[0]!.remedy).toContain('npx prisma migrate resolve --applied $name')
  })
})

test(
  'a schema without its migration, an outdated client and a stale catalog are told',
  patience,
  async () => {
    const copy = await copyProject()
    onTestFinished(() => copy.remove())
    const url = await cloneDatabase()
    const schema = path.join(copy.folder, 'prisma/schema.prisma')
    const catalog = path.join(copy.migrationsFolder, 'catalog')
    const edit = async (file: string, from: string, to: string) =>
      writeFile(file, (await readFile(file, 'utf8')).replace(from, to))
    await edit(schema, '  floor          String?', '  floor          String?\n  smell          String?')
    await edit(catalog, /^column rooms\.floor: .*\n/m.exec(await readFile(catalog, 'utf8'))![0], '')
    const { diagnosis } = await copy.doctor(url)
    expect(diagnosis.findings).toMatchObject([
      { area: 'client', code: 'client-outdated', remedy: 'npm run generate' },
      {
        area: 'from zero',
        code: 'schema-differs',
        message: expect.stringContaining(
          '[*] Changed the `rooms` table\n    [+] Added column `smell`',
        ) as string,
        remedy: 'npx prisma migrate dev --name what-changes',
      },
      {
        area: 'from zero',
        code: 'catalog-stale',
        message: "prisma/migrations/catalog isn't what the migrations make: column rooms.floor.",
        remedy: 'npm run catalog',
      },
    ])
    expect(await copy.shell('npx prisma migrate dev --name what-changes', url)).toMatchObject({ code: 0 })
    await copy.shell('npx prisma generate', url)
    expect(codes((await copy.doctor(url)).diagnosis)).toEqual([])
  },
)

describe('a database that is not as it must be', patience, () => {
  test('is told where the role may not do what a deploy does; the GRANTs mend it', async () => {
    const url = new URL(await cloneDatabase())
    const role = `weak_${url.pathname.slice(-8)}`
    await onSuperuser(`CREATE ROLE ${role} LOGIN PASSWORD 'weak'`)
    onTestFinished(() => onSuperuser(`DROP ROLE ${role}`))
    const owner = await connect(url.href)
    await owner.query(
      `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${role}; REVOKE SELECT ON migration_lineage FROM ${role}`,
    )
    const weak = new URL(url)
    ;[weak.username, weak.password] = [role, 'weak']
    const { code, diagnosis } = await project.doctor(weak.href)
    expect(code).toBe(1)
    expect(diagnosis.findings).toMatchObject([
      {
        area: 'rights',
        code: 'no-right-in-schema',
        remedy: expect.stringContaining(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}";`) as string,
      },
      {
        area: 'rights',
        code: 'not-owner',
        remedy: expect.stringContaining(`ALTER TABLE "public"."rooms" OWNER TO "${role}";`) as string,
      },
      {
        area: 'records',
        code: 'not-read',
        message: "migration_lineage couldn't be read: permission denied for table migration_lineage.",
      },
    ])
    expect(diagnosis.looked).toContainEqual({
      area: 'from zero',
      isDone: false,
      looked: expect.stringMatching(/^no shadow database .* permission denied to create database$/) as string,
    })
    const superuser = await connect(url.href, 'superuser', true)
    for (const { remedy } of diagnosis.findings.slice(0, 2))
      await superuser.query(remedy.replace(/^.*?: /, ''))
    expect((await project.doctor(weak.href)).diagnosis.findings).toEqual([])
    await superuser.query(`REASSIGN OWNED BY ${role} TO ${url.username}; DROP OWNED BY ${role}`)
  })

  test('is told where its encoding is another, and where its sessions are not in UTC', async () => {
    const url = new URL(await emptyDatabase())
    const name = `${url.pathname.slice(1)}_ascii`
    await onSuperuser(
      `CREATE DATABASE "${name}" ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0 OWNER "${url.username}"`,
    )
    onTestFinished(() => onSuperuser(`DROP DATABASE "${name}" WITH (FORCE)`))
    url.pathname = `/${name}`
    // The URL's options take the place of ours, as a pooler does that drops them.
    const { diagnosis } = await project.doctor(`${url.href}?options=-c%20TimeZone%3DAsia/Kolkata`)
    expect(diagnosis.findings).toMatchObject([
      {
        area: 'server',
        severity: 'error',
        code: 'encoding',
        message: expect.stringContaining('SQL_ASCII') as string,
      },
      {
        area: 'server',
        severity: 'error',
        code: 'time-zone',
        message: expect.stringContaining('Asia/Kolkata') as string,
      },
      { area: 'records', code: 'empty' },
    ])
  })

  test.each([
    [130_022, ['error server-too-old']],
    [150_010, []],
    [160_004, ['note server-not-tested']],
    [180_004, []],
    [190_000, ['note server-not-tested']],
  ])('is told where its server is %i', (version, found) => {
    const findings = serverFindings({ version, encoding: 'UTF8', timeZone: 'UTC' })
    expect(findings.map(({ severity, code }) => `${severity} ${code}`)).toEqual(found)
  })

  test('is told by an exit status of its own where it cannot be reached, with what the files tell', async () => {
    const copy = await copyProject()
    onTestFinished(() => copy.remove())
    await rm(path.join(copy.migrationsFolder, 'lineage'))
    const { code, diagnosis } = await copy.doctor('postgresql://a:b@127.0.0.1:1/c')
    expect(code).toBe(3)
    expect(diagnosis.isDatabaseReachable).toBe(false)
    expect(diagnosis.findings).toMatchObject([
      { area: 'files', code: 'no-lineage' },
      { area: 'server', code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') as string },
    ])
    const alone = await copy.doctor('postgresql://a:b@127.0.0.1:1/c', '--no-database')
    expect([alone.code, codes(alone.diagnosis)]).toEqual([1, ['no-lineage']])
    // Without DATABASE_URL there is the embedded one, which isn't made for being looked at.
    const none = await copy.doctor('')
    expect(none.diagnosis.isDatabaseReachable).toBeNull()
    expect(await readdir(copy.folder)).not.toContain('.data')
  })

  test('is not asked where the command is used wrongly', async () => {
    for (const wrong of ['--jsno', '--no-json', '--base no/such/branch', 'everything']) {
      const { code, out } = await project.shell(`npm run --silent migrations -- doctor ${wrong}`, '')
      expect([code, out]).toEqual([2, ''])
    }
  })
})

/** A copy with one migration more, on a database that hasn't got it. */
async function withMigration(name: string, sql: string): Promise<{ copy: ProjectCopy; url: string }> {
  const copy = await copyProject()
  onTestFinished(() => copy.remove())
  await mkdir(path.join(copy.migrationsFolder, name))
  await writeFile(path.join(copy.migrationsFolder, name, 'migration.sql'), sql)
  return { copy, url: await cloneDatabase() }
}

async function recordStopped(
  url: string,
  copy: ProjectCopy,
  name: string,
  logs: string | null,
  did: string,
): Promise<void> {
  const client = await connect(url)
  const sql = await readFile(path.join(copy.migrationsFolder, name, 'migration.sql'), 'utf8')
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES (gen_random_uuid(), $1, $2, $3)`,
    [checksumOf(sql), name, logs],
  )
  await client.query(did)
}

async function recordApplied(client: pg.Client, copy: ProjectCopy, file: string, name = file): Promise<void> {
  const sql = await readFile(path.join(copy.migrationsFolder, file, 'migration.sql'), 'utf8')
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES (gen_random_uuid(), $1, $2, now(), 1)`,
    [checksumOf(sql), name],
  )
}

/** The command for a statement whose texts stand in double quotes here. */
function sql(statement: string): string {
  return `printf %s '${statement.replaceAll('"', "'\\''")};' | npx prisma db execute --stdin`
}

/** Two equal values, and an index that was to be unique. */
async function leaveInvalidIndex(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO idempotency_keys (actor, key, request_hash, created_at) VALUES ('a', '1', '', now()), ('a', '2', '', now())`,
  )
  await expect(
    client.query('CREATE UNIQUE INDEX CONCURRENTLY one_actor ON idempotency_keys (actor)'),
  ).rejects.toMatchObject({
    code: '23505',
  })
}

function brief({ findings }: Diagnosis): string[] {
  return findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)
}

function codes({ findings }: Diagnosis): string[] {
  return findings.map(({ code }) => code)
}

async function connect(url: string, application = 'a test', asSuperuser = false): Promise<pg.Client> {
  const target = new URL(asSuperuser ? inject('superuser') : url)
  target.pathname = new URL(url).pathname
  const client = new pg.Client({ connectionString: target.href, application_name: application })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return client
}

/** Until its transaction is older than any request. */
async function untilOld(client: pg.Client, application: string): Promise<void> {
  const old = `SELECT FROM pg_stat_activity WHERE application_name = $1 AND xact_start < clock_timestamp() - interval '2.1 s'`
  while ((await client.query(old, [application])).rowCount === 0) await client.query('SELECT pg_sleep(0.1)')
}

function processOf(client: pg.Client): number {
  // pg's types leave it out.
  return (client as unknown as { processID: number }).processID
}

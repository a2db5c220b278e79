import { existsSync } from 'node:fs'
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import pg from 'pg'
import { describe, expect, test, type TestContext } from 'vitest'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { createPrismaProject, type PrismaProject } from './prisma-project.ts'

/** A database for one story, and the environment in which the commands find it. */
interface World {
  readonly url: string
  readonly env: Record<string, string>
  end(): Promise<void>
}

const embedded = {
  kind: 'the embedded database',
  isHere: true,
  async start() {
    const folder = await openFolder()
    const database = await openEmbeddedDatabase(folder, {
      settings: { timezone: 'Asia/Kolkata', fsync: 'off' },
    })
    return {
      url: database.url,
      env: { OPEN_EVENT_DATA: folder },
      async end() {
        await database.release()
        await rm(folder, { recursive: true, force: true })
      },
    }
  },
}

const kinds: { kind: string; isHere: boolean; start: () => Promise<World> }[] = [
  embedded,
  {
    kind: 'a server, a role without superuser, a schema of its own',
    isHere: serverPostgresPrograms() !== null,
    async start() {
      const server = await startServerPostgres()
      const url = `${server.url}?schema=talks`
      return { url, env: { DATABASE_URL: url }, end: () => server.stop() }
    },
  },
]

const talks = `model Talk {
  id    Int    @id
  title String
}
`

for (const { kind, isHere, start } of kinds) {
  // Where no server PostgreSQL is installed, these are reported as skipped.
  describe.skipIf(!isHere).concurrent(`prisma on ${kind}`, { timeout: 600_000 }, () => {
    async function createWorld({ onTestFinished }: TestContext): Promise<{
      project: PrismaProject
      sql: (text: string) => Promise<unknown[]>
    }> {
      const world = await start()
      const project = await createPrismaProject(world.env)
      await project.writeModels(talks)
      onTestFinished(async () => {
        await project.remove()
        await world.end()
      })
      return { project, sql: (text) => query(world.url, text) }
    }

    test('migrate dev writes and applies migrations, finds drift, and reset starts anew', async (context) => {
      const { project, sql } = await createWorld(context)

      expect(await project.prisma('migrate', 'dev', '--name', 'talks')).toEqual({
        code: 0,
        said: `Applying migration \`talks\`
The following migration(s) have been created and applied from new schema changes:
prisma/migrations/
  └─ talks/
    └─ migration.sql
Your database is now in sync with your schema.`,
      })
      expect(await project.readMigration('talks')).toBe(`-- CreateTable
CREATE TABLE "Talk" (
    "id" INTEGER NOT NULL,
    "title" TEXT NOT NULL,

    CONSTRAINT "Talk_pkey" PRIMARY KEY ("id")
);
`)
      expect(await project.prisma('migrate', 'dev')).toEqual({
        code: 0,
        said: 'Already in sync, no schema change or pending migration was found.',
      })

      expect(await project.prisma('migrate', 'dev', '--create-only', '--name', 'rules')).toEqual({
        code: 0,
        said: `Prisma Migrate created the following migration without applying it rules
You can now edit it and apply it by running prisma migrate dev.`,
      })
      expect(await project.readMigration('rules')).toBe('-- This is an empty migration.')
      await project.writeMigration('rules', rules)
      expect(await project.prisma('migrate', 'dev')).toEqual({
        code: 0,
        said: `Applying migration \`rules\`
The following migration(s) have been applied:
migrations/
  └─ rules/
    └─ migration.sql
Your database is now in sync with your schema.`,
      })
      expect(await sql(`INSERT INTO "Talk" VALUES (1, 'a') RETURNING title`)).toEqual([{ title: 'a; $b$' }])
      await expect(sql(`INSERT INTO "Talk" VALUES (-1, 'a')`)).rejects.toMatchObject({
        constraint: 'id_is_positive',
      })

      await sql('ALTER TABLE "Talk" ADD COLUMN room text')
      expect(await project.prisma('migrate', 'dev')).toEqual({
        code: 130,
        said: expect.stringMatching(
          /^Drift detected[^]*Changed the `Talk` table\n  \[\+\] Added column `room`\n/,
        ),
      })
      expect(await project.prisma('migrate', 'reset', '--force')).toEqual({
        code: 0,
        said: `Applying migration \`talks\`
Applying migration \`rules\`
Database reset successful
The following migration(s) have been applied:
migrations/
  └─ talks/
    └─ migration.sql
  └─ rules/
    └─ migration.sql`,
      })
      expect(await sql('SELECT * FROM "Talk"')).toEqual([])
      expect(await sql(shadowDatabases)).toEqual([])
    })

    test('migrate deploy leaves nothing of a migration that fails, and stops at one left half done', async (context) => {
      const { project, sql } = await createWorld(context)
      await project.writeMigration(
        '1_talks',
        'CREATE TABLE "Talk" (id int PRIMARY KEY, title text NOT NULL);',
      )
      await project.writeMigration(
        '2_bad',
        'ALTER TABLE "Talk" ADD COLUMN a int;\nSELECT nothing FROM "Talk";',
      )

      expect(await project.prisma('migrate', 'deploy')).toEqual({
        code: 1,
        said: `2 migrations found in prisma/migrations
Applying migration \`1_talks\`
Applying migration \`2_bad\`
Error: P3018
A migration failed to apply. All of it was taken back, and nothing is recorded of it. Mend its file, then run: npm run migrations -- deploy
Migration name: 2_bad
Database error code: 42703
Database error:
ERROR: column "nothing" does not exist
Position:
  1 ALTER TABLE "Talk" ADD COLUMN a int;
  2 SELECT nothing FROM "Talk";`,
      })
      // As Prisma's native engine leaves it, or an older version of ours.
      await sql(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), 'x', '2_bad')`,
      )
      expect(await project.prisma('migrate', 'deploy')).toEqual({
        code: 1,
        said: `2 migrations found in prisma/migrations
Error: P3009
migrate found failed migrations in the target database, new migrations will not be applied. Read more about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve
The \`2_bad\` migration started at TIME failed`,
      })
      expect(await project.prisma('migrate', 'resolve', '--rolled-back', '2_bad')).toEqual({
        code: 0,
        said: 'Migration 2_bad marked as rolled back.',
      })
      await project.writeMigration('2_bad', 'ALTER TABLE "Talk" ADD COLUMN a int;')
      await project.writeMigration('3_by_hand', 'CREATE TABLE "Talk" ();')
      expect(await project.prisma('migrate', 'resolve', '--applied', '3_by_hand')).toEqual({
        code: 0,
        said: 'Migration 3_by_hand marked as applied.',
      })
      expect(await project.prisma('migrate', 'status')).toEqual({
        code: 1,
        said: `3 migrations found in prisma/migrations
Following migration have not yet been applied:
2_bad
To apply migrations in development run prisma migrate dev.
To apply migrations in production run prisma migrate deploy.`,
      })
      expect(await project.prisma('migrate', 'deploy')).toEqual({
        code: 0,
        said: `3 migrations found in prisma/migrations
Applying migration \`2_bad\`
The following migration(s) have been applied:
migrations/
  └─ 2_bad/
    └─ migration.sql
All migrations have been successfully applied.`,
      })
      expect(await sql('SELECT a FROM "Talk"')).toEqual([])
    })

    test('migrate deploy goes on with a migration that can be no transaction, and passes over its down.sql', async (context) => {
      const { project, sql } = await createWorld(context)
      await project.writeMigration('1_talks', 'CREATE TABLE talk (id int); INSERT INTO talk VALUES (1), (1);')
      await project.writeMigration(
        '2_index',
        `-- migration: no transaction
CREATE INDEX CONCURRENTLY plain ON talk (id);
CREATE UNIQUE INDEX CONCURRENTLY strict ON talk (id);`,
      )
      await writeFile(join(project.folder, 'prisma/migrations/2_index/down.sql'), 'DROP TABLE talk;')
      expect(await project.prisma('migrate', 'deploy')).toEqual({
        code: 1,
        said: expect.stringMatching(
          /^2 migrations found[^]*Applying migration `2_index`[^]*"strict" of talk is half-made[^]*Error: P3018[^]*stopped at statement 2 of 2/,
        ),
      })
      expect(await project.prisma('migrate', 'status')).toMatchObject({
        code: 1,
        said: expect.stringContaining('Following migration have failed:\n2_index'),
      })
      await sql('DELETE FROM talk')
      expect(await project.prisma('migrate', 'deploy')).toMatchObject({
        code: 0,
        said: expect.stringContaining('All migrations have been successfully applied.'),
      })
      expect(await project.prisma('migrate', 'status')).toMatchObject({
        code: 0,
        said: expect.stringContaining('Database schema is up to date!'),
      })
    })

    test('migrate dev goes on after migrations that can be no transaction, whatever the reason', async (context) => {
      const { project, sql } = await createWorld(context)
      expect(await project.prisma('migrate', 'dev', '--name', 'talks')).toMatchObject({ code: 0 })
      await sql(`INSERT INTO "Talk" VALUES (1, 'kept')`)
      for (const [number, script] of outsideTransactions.entries()) {
        await project.writeMigration(`${29990101000000 + number}_outside`, script)
      }
      const inSync = {
        code: 0,
        said: expect.stringContaining('Your database is now in sync with your schema.'),
      }
      expect(await project.prisma('migrate', 'dev')).toMatchObject(inSync)
      // From here on, they are replayed before anything else is done.
      await project.writeModels(talks.replace('title String', 'title String\n  room  String?'))
      await project.writeMigration('29990201000000_room', 'ALTER TABLE "Talk" ADD COLUMN room TEXT;')
      expect(await project.prisma('migrate', 'dev')).toMatchObject(inSync)
      expect(await sql('SELECT * FROM "Talk"')).toEqual([{ id: 1, title: 'kept', room: null }])
      expect(await sql(shadowDatabases)).toEqual([])
      await sql(`CREATE TABLE made_by_hand (id int)`)
      expect(await project.prisma('migrate', 'dev')).toMatchObject({
        said: expect.stringMatching(/^Drift detected[^]*made_by_hand/),
      })
    })

    test('migrate dev says which statement of a migration fails in its replay', async (context) => {
      const { project } = await createWorld(context)
      await project.writeMigration(
        '1_talks',
        `-- migration: no transaction
CREATE TABLE "Talk" (id int PRIMARY KEY, title text NOT NULL);
CREATE INDEX CONCURRENTLY title ON "Talk" (titel);`,
      )
      expect(await project.prisma('migrate', 'dev')).toEqual({
        code: 1,
        said: expect.stringContaining(
          'Statement 2 of 2, CREATE INDEX CONCURRENTLY title ON "Talk" (titel);\ncolumn "titel" does not exist',
        ),
      })
      await project.writeMigration('1_talks', 'SELECT 1; VACUUM;')
      expect(await project.prisma('migrate', 'dev')).toEqual({
        code: 1,
        said: expect.stringMatching(
          /VACUUM cannot run inside a transaction block[^]*its file says so in a line: -- migration: no transaction/,
        ),
      })
    })

    test('migrate dev tries a migration again that the rows were in the way of, without a reset', async (context) => {
      const { project, sql } = await createWorld(context)
      expect(await project.prisma('migrate', 'dev', '--name', 'talks')).toMatchObject({ code: 0 })
      await sql(`INSERT INTO "Talk" VALUES (1, 'same'), (2, 'same')`)
      await project.writeModels(talks.replace('title String', 'title String @unique'))
      await project.writeMigration(
        '29990101000000_unique',
        'CREATE UNIQUE INDEX "Talk_title_key" ON "Talk"(title);',
      )
      expect(await project.prisma('migrate', 'dev')).toMatchObject({
        code: 1,
        said: expect.stringContaining('Error: P3018'),
      })
      await sql('DELETE FROM "Talk" WHERE id = 2')
      expect(await project.prisma('migrate', 'dev')).toMatchObject({
        code: 0,
        said: expect.stringContaining('Your database is now in sync with your schema.'),
      })
      expect(await sql('SELECT id FROM "Talk"')).toEqual([{ id: 1 }])
    })

    test('db pull, db push, db execute and migrate diff work on the same database', async (context) => {
      const { project, sql } = await createWorld(context)
      expect(await project.prisma('db', 'push')).toEqual({
        code: 0,
        said: expect.stringMatching(/^🚀  Your database is now in sync with your Prisma schema\. Done in /),
      })
      await project.writeMigration('script', everyKindOfColumn)
      expect(
        await project.prisma('db', 'execute', '--file', 'prisma/migrations/script/migration.sql'),
      ).toEqual({
        code: 0,
        said: 'Script executed successfully.',
      })
      expect(await sql('SELECT count(*)::int FROM everything')).toEqual([{ count: 1 }])
      expect(await project.prisma('db', 'pull', '--print')).toEqual({
        code: 0,
        said: expect.stringContaining(pulledModel),
      })
      const fromDatabase = ['--from-config-datasource', '--to-schema', 'prisma/schema.prisma']
      expect(await project.prisma('migrate', 'diff', ...fromDatabase, '--script', '--exit-code')).toEqual({
        code: 2,
        said: '-- DropTable\nDROP TABLE "everything";\n-- DropEnum\nDROP TYPE "mood";',
      })
    })
  })
}

test('a command starts the embedded database where it does not run, and stops it again', async ({
  onTestFinished,
}) => {
  const folder = await openFolder()
  const data = join(folder, 'data')
  const project = await createPrismaProject({ OPEN_EVENT_DATA: data })
  onTestFinished(async () => {
    await project.remove()
    await rm(folder, { recursive: true, force: true })
  })
  await project.writeModels(talks)
  expect(await project.prisma('validate')).toEqual({
    code: 0,
    said: 'The schema at prisma/schema.prisma is valid 🚀',
  })
  expect(existsSync(data)).toBe(false)

  expect(await project.prisma('db', 'push')).toMatchObject({ code: 0 })
  await expect.poll(() => filesNamed('postmaster.pid', data), { timeout: 10_000 }).toEqual([])
  expect(await project.prisma('migrate', 'status')).toEqual({
    code: 1,
    said: expect.stringContaining('The current database is not managed by Prisma Migrate.'),
  })
  await expect.poll(() => filesNamed('postmaster.pid', data), { timeout: 10_000 }).toEqual([])
}, 600_000)

/** Run as root, PostgreSQL changes to a user without rights, who has to get through. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-'))
  await chmod(folder, 0o755)
  return folder
}

async function filesNamed(name: string, folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).filter((path) => basename(path) === name)
}

/** Each can't be in a transaction for another reason. */
const outsideTransactions = [
  `-- migration: no transaction
CREATE INDEX CONCURRENTLY "title index" ON "Talk" (title);
DROP INDEX CONCURRENTLY "title index";`,
  `-- migration: no transaction
VACUUM "Talk";
REINDEX TABLE CONCURRENTLY "Talk";`,
  `BEGIN;
CREATE TYPE mood AS ENUM ('good');
ALTER TYPE mood ADD VALUE 'bad';
COMMIT;
CREATE TABLE moods (mood mood DEFAULT 'bad');
DROP TABLE moods;
DROP TYPE mood;`,
  `-- migration: no transaction
CREATE PROCEDURE in_batches() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CALL in_batches();
DROP PROCEDURE in_batches();
DO $$ BEGIN COMMIT; PERFORM 1; ROLLBACK; END $$;
CLUSTER;`,
  `-- migration: no transaction
CREATE DATABASE reports;
DISCARD ALL;`,
]

const rules = `CREATE FUNCTION decorate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.title := NEW.title || '; $b$';
  RETURN NEW;
END;
$$;
CREATE TRIGGER decorate BEFORE INSERT ON "Talk" FOR EACH ROW EXECUTE FUNCTION decorate();
ALTER TABLE "Talk" ADD CONSTRAINT id_is_positive CHECK (id > 0);
`

const everyKindOfColumn = `CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE everything (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  number int GENERATED ALWAYS AS IDENTITY,
  mood mood NOT NULL DEFAULT 'good',
  at timestamptz NOT NULL DEFAULT now(),
  names varchar(20)[] CHECK (cardinality(names) < 9),
  "one char" "char",
  price numeric(9,2),
  data jsonb,
  UNIQUE (number, at)
);
INSERT INTO everything (names) VALUES ('{"a;b"}');
`

const pulledModel = `model everything {
  id       String   @id @default(dbgenerated("gen_random_uuid()")) @db.Uuid
`

const shadowDatabases = `SELECT datname FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow%'`

/** Reads as the migrations write: in the schema of the URL. */
async function query(url: string, text: string): Promise<unknown[]> {
  const schema = new URL(url).searchParams.get('schema') ?? 'public'
  const client = new pg.Client({ connectionString: url, options: `-c search_path=${schema}` })
  await client.connect()
  try {
    return (await client.query(text)).rows as unknown[]
  } finally {
    await client.end()
  }
}

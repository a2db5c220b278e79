import { expect, test } from 'vitest'
import type { RunningRelease } from '../../src/schema-evolution/files/last-release.ts'
import { describePlan } from '../../src/schema-evolution/doctor/plan-text.ts'
import { type Plan, planDeployment } from '../../src/schema-evolution/doctor/plan.ts'
import { readPrismaSchema } from '../../src/schema-evolution/files/released-schema.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'
import { connect } from '../connection.ts'
import { runCommand } from './run-command.ts'

const release: RunningRelease = {
  name: 'v1.2.0',
  migrations: new Set(),
  schema: readPrismaSchema(
    'model Session {\n  id String @id\n  subtitle String?\n  title String\n\n  @@map("sessions")\n}\n',
  ),
}

test('says of each statement what it locks, how large that is, who waits for how long, and what it breaks', async () => {
  const client = await connect(await cloneDatabase())
  await client.query('CREATE TABLE padding AS SELECT 1 FROM generate_series(1, 10)')
  const plan = await planDeployment(
    client,
    new Map([
      [
        '20990101000000_one',
        `-- migration: expand
         ALTER TABLE sessions ADD COLUMN tone text NOT NULL DEFAULT '';
         ALTER TABLE sessions ALTER tone TYPE int USING length(tone);
         CREATE TABLE notes (id uuid PRIMARY KEY, event_id uuid REFERENCES events (id));
         CREATE INDEX notes_event ON notes (event_id);
         INSERT INTO migration_lineage (name, parent) VALUES ('b', 'a');`,
      ],
      [
        '20990101000001_two',
        `-- migration: contract
         ALTER TABLE sessions
           DROP COLUMN subtitle;
         ALTER TABLE events ALTER name TYPE varchar;
         DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE x'; END $$;`,
      ],
      ['20990101000002_three', '-- migration: no transaction\nCREATE INDEX CONCURRENTLY i ON notes (id);'],
    ]),
    release,
  )
  expect(plan).toEqual<Plan>({
    serverVersion: expect.stringMatching(/^\d+\.\d+$/),
    release: 'v1.2.0',
    releaseUnknown: null,
    releaseSurvives: false,
    migrations: [
      {
        name: '20990101000000_one',
        isOneTransaction: true,
        mark: 'expand',
        releaseSurvives: true,
        statements: [
          {
            line: 2,
            sql: "ALTER TABLE sessions ADD COLUMN tone text NOT NULL DEFAULT ''",
            locks: [lock('sessions', 'catalogue', 'adds a column')],
            breaks: [],
          },
          {
            line: 3,
            sql: 'ALTER TABLE sessions ALTER tone TYPE int USING length(tone)',
            locks: [lock('sessions', 'rewrite', 'changes the type of a column')],
            breaks: [],
          },
          {
            line: 4,
            sql: 'CREATE TABLE notes (id uuid PRIMARY KEY, event_id uuid REFERENCES events (id))',
            locks: [
              {
                ...lock('events', 'catalogue', 'makes, checks or drops a foreign key that points here'),
                lock: 'SHARE ROW EXCLUSIVE',
                waiting: 'writes',
              },
            ],
            breaks: [],
          },
          { line: 5, sql: 'CREATE INDEX notes_event ON notes (event_id)', locks: [], breaks: [] },
        ],
      },
      {
        name: '20990101000001_two',
        isOneTransaction: true,
        mark: 'contract',
        releaseSurvives: false,
        statements: [
          {
            line: 2,
            sql: 'ALTER TABLE sessions ...',
            locks: [lock('sessions', 'catalogue', 'drops a column')],
            breaks: ['it drops the column sessions.subtitle'],
          },
          {
            line: 4,
            sql: 'ALTER TABLE events ALTER name TYPE varchar',
            locks: [
              lock('events', 'catalogue', 'changes the type of a column, which only the catalogue says'),
            ],
            breaks: [],
          },
          {
            line: 5,
            sql: "DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE x'; END $$",
            locks: [
              { ...lock(null, 'unknown', 'does what its text alone does not tell'), rows: null, bytes: null },
            ],
            breaks: [],
          },
        ],
      },
      {
        name: '20990101000002_three',
        isOneTransaction: false,
        mark: null,
        releaseSurvives: true,
        statements: [
          {
            line: 2,
            sql: 'CREATE INDEX CONCURRENTLY i ON notes (id)',
            locks: [
              {
                ...lock('notes', 'index build', 'builds an index beside everybody else'),
                lock: 'SHARE UPDATE EXCLUSIVE',
                waiting: 'nobody',
                rows: null,
                bytes: null,
              },
            ],
            breaks: [],
          },
        ],
      },
    ],
  })
})

test('is written for people', async () => {
  const client = await connect(await cloneDatabase())
  await client.query('CREATE TABLE padding AS SELECT generate_series(1, 100000) AS n')
  await client.query('ANALYZE padding')
  const index = 'CREATE INDEX i ON padding (n);'
  const plan = await planDeployment(
    client,
    new Map([['20990101000000_one', `${index} ALTER TABLE sessions DROP COLUMN title;`]]),
    release,
  )
  expect(describePlan(plan).replace(/\d\.\d MB/, 'N MB'))
    .toBe(`PostgreSQL ${plan.serverVersion}. Deploying would apply 1 migration; nothing was executed.

20990101000000_one (one transaction, which keeps every lock to its end)
     1  CREATE INDEX i ON padding (n)
        padding (100,000 rows, N MB): builds an index; SHARE, writers wait while every row is read and an index written
     1  ALTER TABLE sessions DROP COLUMN title
        sessions (rows never counted, ${describedSize(plan)}): drops a column; ACCESS EXCLUSIVE, everybody waits for an instant
        ! breaks v1.2.0: it drops the column sessions.title

v1.2.0 can NOT go on running: see the lines with "!" (as far as Prisma's client goes, not SQL written by hand).
`)
})

test('of an empty database is all migrations, as text and as JSON, and executes none', async () => {
  const databaseUrl = await emptyDatabase()
  const text = await run(databaseUrl, 'plan')
  expect(text.problems).toBe('')
  expect(text.out).toMatch(
    /^PostgreSQL [\d.]+\. Deploying would apply \d+ migrations; nothing was executed\.\n/,
  )
  expect(text.out).toContain(
    '\n20261123150000_programme (one transaction, which keeps every lock to its end)\n',
  )
  expect(text.out).toContain("\n     2  CREATE TYPE \"event_state\" AS ENUM ('draft', 'published')\n")

  const json = await run(databaseUrl, 'plan', '--json')
  const plan = JSON.parse(json.out) as Plan
  expect(plan.migrations[0]?.statements[0]).toEqual({
    line: 2,
    sql: "CREATE TYPE \"event_state\" AS ENUM ('draft', 'published')",
    locks: [],
    breaks: [],
  })
  const client = await connect(databaseUrl)
  const { rows } = await client.query(
    "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
  )
  expect(rows).toEqual([])
})

test('of a database that has all of them is nothing', async () => {
  expect(await run(await cloneDatabase(), 'plan')).toEqual({
    code: 0,
    out: 'Nothing is pending.\n',
    problems: '',
  })
})

test('refuses an option that it does not know, and a release that git does not know, with 2', async () => {
  const databaseUrl = await emptyDatabase()
  expect(await run(databaseUrl, 'plan', '--jsno')).toMatchObject({
    code: 2,
    problems: 'There is no option --jsno; --help lists them.\n',
  })
  expect(await run(databaseUrl, 'plan', '--release', 'v999.0.0')).toMatchObject({
    code: 2,
    problems: expect.stringContaining('git fetch --tags') as string,
  })
})

function lock(
  table: string | null,
  work: Plan['migrations'][0]['statements'][0]['locks'][0]['work'],
  does: string,
) {
  return {
    table,
    lock: 'ACCESS EXCLUSIVE' as const,
    waiting: 'reads and writes' as const,
    work,
    does,
    // A fresh clone was never counted.
    rows: null,
    bytes: expect.any(Number) as number,
  }
}

/** As the plan itself says it: the size of an empty table differs between versions. */
function describedSize({ migrations }: Plan): string {
  const bytes = migrations[0]!.statements[1]!.locks[0]!.bytes!
  return `${bytes / 1024} kB`
}

/** Runs the command as a user would. */
const run = (databaseUrl: string, ...args: string[]) =>
  runCommand('migrations', args, { DATABASE_URL: databaseUrl })

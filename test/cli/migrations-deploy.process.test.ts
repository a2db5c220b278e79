import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deployLock, prismaLock } from '../../src/schema-evolution/database/migration-lock.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { emptyDatabase } from '../clones.ts'
import { createMigrationsProject, type MigrationsProject } from './migrations-project.ts'

const concurrently = `-- migration: no transaction
CREATE INDEX CONCURRENTLY talks_title ON talks (title);
CREATE UNIQUE INDEX CONCURRENTLY talks_number ON talks (number);
`

/** Migrations with rows; each notes that it ran, so that one that ran twice is seen. */
async function writeTalks(project: MigrationsProject): Promise<void> {
  await project.write(
    '20261101000000_talks',
    'CREATE TABLE ran (what text); CREATE TABLE talks (number int, title text);',
  )
  await project.write(
    '20261102000000_rows',
    "INSERT INTO talks SELECT n, 'talk ' || n FROM generate_series(1, 1000) n; INSERT INTO ran VALUES ('rows');",
  )
}

async function indexes(project: MigrationsProject): Promise<unknown[]> {
  return project.sql(
    `SELECT indexrelid::regclass::text AS name, indisvalid AS valid FROM pg_index WHERE indrelid = 'talks'::regclass ORDER BY 1`,
  )
}

const bothIndexes = [
  { name: 'talks_number', valid: true },
  { name: 'talks_title', valid: true },
]

for (const kind of ['the embedded PostgreSQL', 'a server PostgreSQL, in a schema of its own']) {
  const isEmbedded = kind.includes('embedded')
  // Where no server PostgreSQL is installed, these are reported as skipped.
  describe.skipIf(!isEmbedded && serverPostgresPrograms() === null)(
    `migrations -- deploy on ${kind}`,
    { timeout: 600_000 },
    () => {
      let server: ServerPostgres | undefined
      let schemas = 0
      beforeAll(async () => {
        if (!isEmbedded) server = await startServerPostgres()
      })
      afterAll(() => server?.stop())

      async function createProject(): Promise<MigrationsProject> {
        const url =
          server === undefined ? await emptyDatabase() : `${server.url}?schema=made_${(schemas += 1)}`
        return createMigrationsProject(url)
      }

      test('applies what is pending, tells each, and says whether a server would serve', async () => {
        const project = await createProject()
        await writeTalks(project)
        expect(await project.run('deploy')).toEqual({
          code: 0,
          out:
            'Applying migration `20261101000000_talks`\nApplying migration `20261102000000_rows`\n' +
            'Applied: 2. The database has the schema of this build.\n',
          err: '',
        })
        expect(JSON.parse((await project.run('deploy', '--json')).out)).toEqual({
          applied: [],
          state: 'in sync',
          message: 'The database has the schema of this build.',
        })
        await project.write('20261102000000_rows', 'SELECT 1;')
        expect(await project.run('deploy')).toMatchObject({
          code: 14,
          err: expect.stringContaining('git checkout'),
        })
      })

      test('ten at once: one works, with an index that is built beside everybody else, and nine wait for it by name', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.write(
          '20261103000000_slow',
          "SELECT pg_advisory_xact_lock(42); INSERT INTO ran VALUES ('slow');",
        )
        await project.write('20261104000000_index', concurrently)
        const holder = await project.session()
        await holder.query('SELECT pg_advisory_lock(42)')
        const ten = Array.from({ length: 10 }, () => project.start('deploy', '--lock-timeout', '60000'))
        const waiting = () => ten.filter(({ out }) => out().includes('Wait until'))
        while (waiting().length < 9) await sleep(20)
        await holder.query('SELECT pg_advisory_unlock(42)')
        expect(await Promise.all(ten.map(({ exit }) => exit))).toEqual(Array(10).fill(0))
        const worked = ten.filter(({ out }) => out().includes('Applying migration'))
        expect(worked).toHaveLength(1)
        for (const { out } of waiting()) {
          expect(out()).toMatch(
            /^Wait until the migrations are applied by the database's process \d+ of open-event-graphql migrations on /,
          )
        }
        expect(await project.sql('SELECT what FROM ran ORDER BY 1')).toEqual([
          { what: 'rows' },
          { what: 'slow' },
        ])
        expect(await indexes(project)).toEqual(bothIndexes)
      })

      test.each([
        ['Prisma', prismaLock],
        ['this', deployLock],
      ])(
        "waits for the lock of %s's as long as it is told, names who holds it, and goes on when it is free",
        async (_whose, key) => {
          const project = await createProject()
          await writeTalks(project)
          const holder = await project.session()
          await holder.query("SET application_name = 'somebody'")
          await holder.query('SELECT pg_advisory_lock($1)', [key])
          const refused = await project.run('deploy', '--wait', '1')
          expect(refused.code).toBe(12)
          expect(refused.err).toMatch(
            /^Migrations are being applied by the database's process \d+ of somebody, for longer than 1 seconds; nothing was done here\..*then run: npm run migrations -- deploy\n$/,
          )
          const waiting = project.start('deploy')
          while (!waiting.out().includes('of somebody')) await sleep(20)
          // It waits outside of the database: nothing that the holder does could wait for it in turn.
          const ungranted = await project.sql(
            "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
          )
          expect(ungranted).toEqual([])
          await holder.query('SELECT pg_advisory_unlock($1)', [key])
          expect(await waiting.exit).toBe(0)
          expect(await project.applied()).toHaveLength(2)
        },
      )

      test('lets everybody through when a lock is not to be had, and names who has it', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.run('deploy')
        await project.write(
          '20261103000000_more',
          'INSERT INTO ran VALUES (1); ALTER TABLE talks ADD COLUMN room text;',
        )
        const holder = await project.session()
        await holder.query("SET application_name = 'the report'")
        await holder.query('BEGIN')
        await holder.query('SELECT count(*) FROM talks')
        const refused = await project.run('deploy', '--lock-timeout', '1000')
        expect(refused.code).toBe(1)
        expect(refused.out.match(/^Let everybody through and try again in/gm)).toHaveLength(4)
        expect(refused.err).toMatch(
          /the migration 20261103000000_more the locks could not be had in 5 tries; nothing of it is left\.\n\nERROR: canceling statement due to lock timeout\. In the way: process \d+ \(the report, idle in transaction, for \d+ s, SELECT count\(\*\) FROM talks\)/,
        )
        expect(await project.sql('SELECT FROM _prisma_migrations WHERE finished_at IS NULL')).toEqual([])
        const patient = project.start('deploy', '--lock-timeout', '1000')
        while (!patient.out().includes('try again')) await sleep(20)
        await holder.query('COMMIT')
        expect(await patient.exit).toBe(0)
        expect(await project.sql('SELECT what FROM ran ORDER BY 1')).toEqual([
          { what: '1' },
          { what: 'rows' },
        ])
      })

      test.runIf(isEmbedded)(
        'leaves nothing of a migration that is refused, and tries it again',
        async () => {
          const project = await createProject()
          await writeTalks(project)
          await project.write(
            '20261103000000_bad',
            "INSERT INTO ran VALUES ('bad');\nSELECT nothing FROM talks;",
          )
          const refused = await project.run('deploy')
          expect(refused).toMatchObject({ code: 1 })
          expect(refused.err)
            .toBe(`A migration failed to apply. All of it was taken back, and nothing is recorded of it. Mend its file, then run: npm run migrations -- deploy

Migration name: 20261103000000_bad

Database error code: 42703

Database error:
ERROR: column "nothing" does not exist
Position:
  1 INSERT INTO ran VALUES ('bad');
  2 SELECT nothing FROM talks;

`)
          expect(await project.sql('SELECT what FROM ran')).toEqual([{ what: 'rows' }])
          await project.write('20261103000000_bad', "INSERT INTO ran VALUES ('good');")
          expect(await project.run('deploy')).toMatchObject({ code: 0 })
        },
      )

      test('goes on with the statement where one that can be no transaction stopped, and makes a half-made index anew', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.run('deploy')
        await project.sql("INSERT INTO talks VALUES (1, 'twice')")
        await project.write('20261103000000_index', concurrently)
        const stopped = await project.run('deploy')
        expect(stopped.code).toBe(13)
        expect(stopped.err)
          .toContain(`20261103000000_index can't be one transaction, and stopped at statement 2 of 2; what is done before it stays (1).

CREATE UNIQUE INDEX CONCURRENTLY talks_number ON talks (number);

Database error code: 23505

Database error:
ERROR: could not create unique index "talks_number"
DETAIL: Key (number)=(1) is duplicated.

Mend what is in its way in the database, then run: npm run migrations -- deploy
It goes on with statement 2.`)
        expect(stopped.out).toContain('The index "talks_number" of talks is half-made (INVALID)')
        expect(await project.run('deploy')).toMatchObject({
          code: 13,
          out: expect.stringContaining('is half-made'),
        })
        await project.sql("DELETE FROM talks WHERE title = 'twice'")
        expect(await project.run('deploy')).toMatchObject({ code: 0 })
        expect(await indexes(project)).toEqual(bothIndexes)
        expect(await project.run('deploy')).toMatchObject({
          code: 0,
          out: expect.not.stringContaining('INVALID'),
        })
      })

      test('killed within a migration, the next run finds it as if it had never begun', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.run('deploy')
        await project.write(
          '20261103000000_more',
          "INSERT INTO ran VALUES ('more');\nALTER TABLE talks ADD COLUMN room text;",
        )
        const holder = await project.session()
        await holder.query('BEGIN; SELECT FROM talks')
        const killed = project.start('deploy')
        await project.untilRunning('%ADD COLUMN room%')
        killed.process.kill('SIGKILL')
        const next = project.start('deploy')
        await holder.query('COMMIT')
        expect(await next.exit).toBe(0)
        expect(await project.sql('SELECT what FROM ran ORDER BY 1')).toEqual([
          { what: 'more' },
          { what: 'rows' },
        ])
      })

      test('killed while it builds an index beside everybody else, the next run builds it', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.run('deploy')
        await project.write('20261103000000_index', concurrently)
        const holder = await project.session()
        await holder.query('BEGIN; LOCK TABLE talks IN ROW EXCLUSIVE MODE')
        const killed = project.start('deploy')
        await project.untilRunning('CREATE INDEX CONCURRENTLY%')
        await sleep(200)
        killed.process.kill('SIGKILL')
        // The server finds out by itself that nobody is there any more.
        await project.untilUnlocked()
        expect(await indexes(project)).toEqual([{ name: 'talks_title', valid: false }])
        await holder.query('COMMIT')
        expect(await project.run('deploy')).toMatchObject({
          code: 0,
          out: expect.stringContaining('half-made'),
        })
        expect(await indexes(project)).toEqual(bothIndexes)
      })

      test('killed between an index and its count, the next run does not stumble over it', async () => {
        const project = await createProject()
        await writeTalks(project)
        await project.run('deploy')
        await project.write('20261103000000_index', concurrently)
        const holder = await project.session()
        const before = await project.session()
        await before.query('BEGIN; LOCK TABLE talks IN SHARE MODE')
        const killed = project.start('deploy')
        await project.untilRunning('CREATE INDEX CONCURRENTLY%')
        await holder.query('BEGIN; SELECT FROM _prisma_migrations WHERE finished_at IS NULL FOR UPDATE')
        await before.query('COMMIT')
        await project.untilRunning('UPDATE%applied_steps_count = 1%')
        killed.process.kill('SIGKILL')
        await project.untilUnlocked()
        await holder.query('COMMIT')
        expect(await indexes(project)).toEqual([{ name: 'talks_title', valid: true }])
        expect(
          await project.sql(
            'SELECT applied_steps_count AS steps FROM _prisma_migrations WHERE finished_at IS NULL',
          ),
        ).toEqual([{ steps: 0 }])
        expect(await project.run('deploy')).toMatchObject({ code: 0, err: '' })
        expect(await indexes(project)).toEqual(bothIndexes)
      })

      test('killed wherever it is, again and again, each statement has run once in the end', async () => {
        const project = await createProject()
        await project.write('20261101000000_ran', 'CREATE TABLE ran (what text);')
        const names = Array.from(
          { length: 12 },
          (_, index) => `202611020000${String(index).padStart(2, '0')}_step`,
        )
        for (const [index, name] of names.entries()) {
          const insert = (part: string) => `INSERT INTO ran SELECT '${name} ${part}' FROM pg_sleep(0.03);`
          const says = index % 2 === 0 ? '' : '-- migration: no transaction\n'
          await project.write(name, `${says}${insert('a')}\n${insert('b')}\n`)
        }
        for (const delay of [0, 90, 10, 150, 30, 60, 200, 5, 120]) {
          const run = project.start('deploy')
          run.process.stdout?.once('data', () => setTimeout(() => run.process.kill('SIGKILL'), delay))
          await run.exit
        }
        expect(await project.run('deploy')).toMatchObject({ code: 0 })
        expect(await project.applied()).toEqual(['20261101000000_ran', ...names])
        expect(await project.sql('SELECT what FROM ran ORDER BY 1')).toEqual(
          names.flatMap((name) => [{ what: `${name} a` }, { what: `${name} b` }]),
        )
      })

      test.runIf(isEmbedded)('refuses options that it does not understand', async () => {
        const project = await createProject()
        expect(await project.run('deploy', '--wait', 'long')).toMatchObject({
          code: 2,
          err: '--wait must be a whole number, not "long".\n',
        })
        expect(await project.run('deploy', '--force')).toMatchObject({ code: 2 })
      })
    },
  )
}

import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { prismaLock } from '../../src/schema-evolution/database/migration-lock.ts'
import { createMigrationsProject, type MigrationsProject } from '../cli/migrations-project.ts'
import { readyz } from '../readyz.ts'
import { emptyDatabase } from '../clones.ts'
import { ready, start, type Started } from './started.ts'

/** A project of one's own that the server comes with, and a migration that can be no transaction. */
async function createProject(): Promise<MigrationsProject> {
  const project = await createMigrationsProject(await emptyDatabase())
  await project.write(
    '20261101000000_talks',
    'CREATE TABLE talks (number int); INSERT INTO talks VALUES (1), (1);',
  )
  return project
}

async function status(server: Started): Promise<number> {
  return (await readyz(await ready(server))).status
}

describe('servers that migrate at their start', { timeout: 600_000 }, () => {
  test('five at once on an empty database: one applies, the others say for whom they wait, all serve', async () => {
    const DATABASE_URL = await emptyDatabase()
    const holder = new pg.Client({ connectionString: DATABASE_URL, application_name: 'somebody' })
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query('SELECT pg_advisory_lock($1)', [prismaLock])
    const five = Array.from({ length: 5 }, () => start({ DATABASE_URL, MIGRATE_ON_START: 'true' }))
    const waits = (server: Started) =>
      /"msg":"Wait until the migrations are applied by the database's process \d+ of (somebody|open-event-graphql migrations on [^"]*)"/.test(
        server.err(),
      )
    while (!five.every(waits)) await sleep(20)
    await holder.query('SELECT pg_advisory_unlock($1)', [prismaLock])
    expect(await Promise.all(five.map(status))).toEqual([200, 200, 200, 200, 200])
    for (const { process } of five) process.kill('SIGTERM')
    // By then each has written all of its log.
    expect(await Promise.all(five.map(({ exit }) => exit))).toEqual([0, 0, 0, 0, 0])
    expect(five.filter((server) => server.err().includes('migrations applied'))).toHaveLength(1)
    const { rows } = await holder.query(
      'SELECT migration_name FROM _prisma_migrations GROUP BY 1 HAVING count(*) > 1 OR bool_or(finished_at IS NULL)',
    )
    expect(rows).toEqual([])
  })

  test.each([
    {
      on: 'a database of its own',
      open: async () => {
        const DATABASE_URL = await emptyDatabase()
        return { url: DATABASE_URL, env: { DATABASE_URL, MIGRATE_ON_START: 'true' } }
      },
    },
    {
      on: 'the embedded database',
      open: async () => {
        const OPEN_EVENT_DATA = await mkdtemp(path.join(os.tmpdir(), 'open-event-migrating-'))
        const { url, release } = await openEmbeddedDatabase(OPEN_EVENT_DATA, { settings: { fsync: 'off' } })
        onTestFinished(async () => {
          await release()
          await rm(OPEN_EVENT_DATA, { recursive: true, force: true })
        })
        return { url, env: { OPEN_EVENT_DATA } }
      },
    },
  ])('one that waits for somebody else on $on ends when it is told to', async ({ open }) => {
    const { url, env } = await open()
    const holder = new pg.Client({ connectionString: url })
    await holder.connect()
    onTestFinished(() => holder.end())
    await holder.query('SELECT pg_advisory_lock($1)', [prismaLock])
    const server = start(env)
    while (!server.err().includes('Wait until the migrations are applied')) await sleep(20)
    server.process.kill('SIGTERM')
    expect(await server.exit).toBe(12)
    expect(server.err()).toContain('nothing was done here')
  })

  test('one is killed in the midst of a migration, and the next serves', async () => {
    const project = await createProject()
    expect(await project.run('deploy')).toMatchObject({ code: 0 })
    await project.write(
      '20261102000000_more',
      'INSERT INTO talks VALUES (2); ALTER TABLE talks ADD COLUMN room text;',
    )
    const holder = await project.session()
    await holder.query('BEGIN; SELECT FROM talks')
    const killed = project.serve()
    await project.untilRunning('%ADD COLUMN room%')
    killed.process.kill('SIGKILL')
    const next = project.serve()
    await holder.query('COMMIT')
    expect(await status(next)).toBe(200)
    expect(await project.sql('SELECT number FROM talks ORDER BY 1')).toEqual([
      { number: 1 },
      { number: 1 },
      { number: 2 },
    ])
  })

  test('one stops in a migration that can be no transaction, says what to do, and goes on with it when that is done', async () => {
    const project = await createProject()
    await project.write(
      '20261102000000_index',
      `-- migration: no transaction
ALTER TABLE talks ADD COLUMN room text;
CREATE UNIQUE INDEX CONCURRENTLY talks_number ON talks (number);`,
    )
    const stopped = project.serve()
    expect(await stopped.exit).toBe(13)
    expect(stopped.err()).toContain('stopped at statement 2 of 2; what is done before it stays (1).')
    expect(await project.run('deploy')).toMatchObject({ code: 13 })
    await project.sql('DELETE FROM talks')
    expect(await status(project.serve())).toBe(200)
    expect(await project.applied()).toEqual(['20261101000000_talks', '20261102000000_index'])
  })

  test('one stops at a migration that another tool left half done, and leaves it alone', async () => {
    const project = await createProject()
    expect(await project.run('deploy')).toMatchObject({ code: 0 })
    await project.write('20261102000000_half', 'SELECT 1;')
    await project.sql(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (gen_random_uuid(), 'x', '20261102000000_half')`,
    )
    const stopped = project.serve()
    expect(await stopped.exit).toBe(13)
    expect(stopped.err()).toContain('npx prisma migrate resolve --rolled-back 20261102000000_half')
    expect(await project.run('deploy')).toMatchObject({ code: 13 })
  })
})

import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import type pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { connect } from '../connection.ts'
import { fillTables } from '../schema-evolution/fill-tables.ts'
import { serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'

const programs = serverPostgresPrograms()

async function startServer(): Promise<string> {
  const server = await startServerPostgres()
  onTestFinished(() => server.stop())
  return server.url
}

/** Everything of a database, put into an empty one of another cluster. */
async function restore(from: string, to: string): Promise<void> {
  const run = promisify(execFile)
  const { stdout } = await run(path.join(programs!, 'pg_dump'), ['--no-owner', from], { maxBuffer: 1e8 })
  const restoring = run(path.join(programs!, 'psql'), ['-qX1', '-v', 'ON_ERROR_STOP=1', to])
  restoring.child.stdin!.end(stdout)
  await restoring
}

async function sessionsOf(client: pg.Client) {
  const { rows } = await client.query(`
    SELECT s.version, (SELECT max(version) FROM revisions r WHERE r.entity = 'session' AND r.entity_id = s.id) AS revision,
           (SELECT count(*)::integer FROM programme_commits c JOIN revisions r USING (change, event_id)
            WHERE r.entity = 'session' AND r.entity_id = s.id AND r.version = s.version) AS commits
    FROM sessions s ORDER BY s.id LIMIT 1`)
  return rows[0]
}

// Transactions of another cluster have numbers that rows of this one were written under.
test.skipIf(programs === null)(
  'in a dump that is restored elsewhere, each change still is a version, a revision and a commit',
  { timeout: 600_000 },
  async () => {
    const [from, to] = [await startServer(), await startServer()]
    await deploy({ url: from, migrations: migrationsFolder })
    const source = await connect(from)
    await fillTables(source)
    for (let n = 0; n < 60; n += 1) await source.query(`UPDATE sessions SET abstract = 'source ${n}'`)
    await restore(from, to)
    const restored = await connect(to)
    const { version } = await sessionsOf(restored)
    const steps: unknown[] = []
    for (let n = 1; n <= 150; n += 1) {
      await restored.query(`UPDATE sessions SET abstract = 'restored ${n}'`)
      steps.push(await sessionsOf(restored))
    }
    expect(steps).toEqual(
      steps.map((_step, n) => ({ version: version + n + 1, revision: version + n + 1, commits: 1 })),
    )
    const { rows } = await restored.query(
      'SELECT count(*)::integer AS n, count(DISTINCT (seq, token))::integer AS places FROM programme_commits',
    )
    expect(rows[0].places).toBe(rows[0].n)
  },
)

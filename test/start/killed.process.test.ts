import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'
import { query } from '../connection.ts'

interface Server {
  readonly process: ChildProcess
  readonly url: string
  readonly databaseUrl: string
  readonly token: string
}

/** A server on the embedded database, as a person starts it. */
async function start(folder: string): Promise<Server> {
  const child = spawn(process.execPath, [program], {
    cwd: projectFolder,
    env: {
      PATH: process.env['PATH'],
      OPEN_EVENT_DATA: folder,
      PORT: '0',
      LOG_LEVEL: 'silent',
      TZ: 'America/St_Johns',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  for (let tries = 0; tries < 1000 && !out.includes('Ctrl-C'); tries += 1) await sleep(20)
  const found = (form: RegExp) => form.exec(out)![1]!
  return {
    process: child,
    url: found(/GraphQL +(http:\S+)/),
    databaseUrl: found(/psql: (postgresql:\S+)/),
    token: found(/Organizer +(oe_\S+)/),
  }
}

/** What a client was told was done. */
interface Acknowledged {
  readonly id: string
  readonly version: number
  readonly title: string
}

/** Clients that create and change sessions as fast as they can, until the server is gone. */
function clients(server: Server, speakers: readonly string[]): Promise<Acknowledged[][]> {
  return Promise.all(Array.from({ length: 8 }, (_, index) => client(server, speakers, index)))
}

async function client(
  { url, token }: Server,
  speakers: readonly string[],
  name: number,
): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = []
  for (let step = 0; ; step += 1) {
    const title = `Client ${name}, step ${step}`
    const last = acknowledged.at(-1)
    const values = { title, speakerIds: speakers.slice(0, step % 3) }
    const [query, variables] =
      last === undefined || step % 10 === 0
        ? [
            'mutation ($input: CreateSessionInput!) { done: createSession(input: $input) { session { id version title } } }',
            { input: { eventSlug: 'demo-conference', ...values } },
          ]
        : [
            'mutation ($id: ID!, $patch: SessionPatch!) { done: updateSession(id: $id, patch: $patch) { session { id version title } } }',
            { id: last.id, patch: values },
          ]
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables }),
      })
      const { data } = (await response.json()) as { data: { done: { session: Acknowledged } | null } | null }
      if (data?.done == null) return acknowledged
      acknowledged.push(data.done.session)
    } catch {
      return acknowledged
    }
  }
}

/** Everything that must agree, as counts of the rows that don't. */
const disagreements = `
  SELECT
    (SELECT count(*) FROM sessions s WHERE s.version <>
      (SELECT count(*) FROM revisions r WHERE r.entity = 'session' AND r.entity_id = s.id))::int AS versions,
    (SELECT count(*) FROM sessions s WHERE s.last_modified_at <>
      (SELECT max(recorded_at) FROM revisions r WHERE r.entity = 'session' AND r.entity_id = s.id))::int AS stamps,
    (SELECT count(*) FROM sessions s WHERE s.speaker_ids <> ARRAY(
      SELECT speaker_id FROM session_speakers k WHERE k.session_id = s.id ORDER BY position))::int AS speakers,
    (SELECT count(*) FROM sessions s, rows_as_of('session', ARRAY[s.id]) p
     WHERE jsonb_strip_nulls(revised_values(to_jsonb(s))) <> jsonb_strip_nulls(p.row_values))::int AS histories,
    (SELECT count(*) FROM sessions s WHERE NOT EXISTS (
      SELECT FROM revisions r WHERE r.entity = 'session' AND r.entity_id = s.id AND r.operation = 'created'))::int AS beginnings`

/** How often sessions were changed. */
async function changes(url: string): Promise<number> {
  const [row] = await query<{ count: number }>(
    url,
    `SELECT count(*)::int FROM revisions WHERE entity = 'session' AND operation = 'updated'`,
  )
  return row!.count
}

describe('killed in the middle of thousands of changes', () => {
  test.each(['the server', 'the server and its database'])(
    '%s loses nothing that was acknowledged, and leaves nothing half done',
    { timeout: 600_000 },
    async (what) => {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-killed-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const first = await start(folder)
      const before = await query<{ id: string }>(
        first.databaseUrl,
        'SELECT id FROM speakers ORDER BY id LIMIT 3',
      )
      const working = clients(
        first,
        before.map(({ id }) => id),
      )
      // Whatever the machine makes of it: in the midst of them.
      await vi.waitUntil(async () => (await changes(first.databaseUrl)) > 600, {
        timeout: 600_000,
        interval: 200,
      })
      if (what.includes('database')) process.kill(postmasterOf(folder), 'SIGKILL')
      first.process.kill('SIGKILL')
      await once(first.process, 'close')
      const acknowledged = (await working).flat()
      expect(acknowledged.length).toBeGreaterThan(500)

      const second = await start(folder)
      const client = new pg.Client({ connectionString: second.databaseUrl, options: '-c TimeZone=UTC' })
      await client.connect()
      try {
        expect((await client.query(disagreements)).rows).toEqual([
          { versions: 0, stamps: 0, speakers: 0, histories: 0, beginnings: 0 },
        ])
        const { rows } = await client.query(
          `SELECT a.id, a.version FROM jsonb_to_recordset($1) AS a(id uuid, version int, title text)
           WHERE NOT EXISTS (
             SELECT FROM revisions r WHERE r.entity = 'session' AND r.entity_id = a.id AND r.version = a.version
               AND r.after ->> 'title' = a.title)`,
          [JSON.stringify(acknowledged)],
        )
        expect(rows).toEqual([])
      } finally {
        await client.end()
        second.process.kill('SIGTERM')
        await once(second.process, 'close')
      }
    },
  )
})

function postmasterOf(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}

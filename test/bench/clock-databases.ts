import { migrationsFolder } from '../../src/config.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { withClient } from './databases.ts'

/**
 * Makes a database with one published event, `clock`, of 1,400 confirmed sessions in 20 rooms, and so many revisions of
 * them, each a commit of its own that changed a title. Written past the triggers, as they would have written it.
 *
 * @returns its URL
 */
export async function makeClockDatabase(anyUrl: string, name: string, revisions: number): Promise<string> {
  const url = new URL(anyUrl)
  url.pathname = `/clock_${name}`
  await run(anyUrl, [`CREATE DATABASE "clock_${name}"`])
  await deploy({ url: url.href, migrations: migrationsFolder })
  await run(url.href, statements(revisions))
  return url.href
}

const sessions = 1_400
const tables = ['revisions', 'programme_commits', 'sessions']
const event = `(SELECT id FROM events WHERE slug = 'clock')`

function statements(revisions: number): string[] {
  const switched = (to: string) => tables.map((table) => `ALTER TABLE ${table} ${to} TRIGGER USER`)
  return [
    `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
     VALUES (gen_random_uuid(), 'clock', 'Clock', 'Europe/Berlin', '2027-03-27', '2027-03-29', 'published', now())`,
    `INSERT INTO rooms (id, event_id, name, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Room ' || n, now() FROM generate_series(1, 20) n`,
    `INSERT INTO sessions (id, event_id, title, state, starts_at, ends_at, room_id, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Talk ' || n, 'confirmed', '2027-03-27 09:00Z', '2027-03-27 09:30Z',
            (SELECT id FROM rooms WHERE name = 'Room ' || (1 + n % 20)), now() FROM generate_series(1, ${sessions}) n`,
    'BEGIN',
    ...switched('DISABLE'),
    `CREATE TEMPORARY TABLE made ON COMMIT DROP AS
     SELECT n, s.id, s.event_id, 2 + (n - 1) / ${sessions} AS version, nextval('programme_changes') AS change,
            clock_timestamp() AS at
     FROM generate_series(1, ${revisions}) n
     JOIN (SELECT id, event_id, row_number() OVER (ORDER BY id) AS k FROM sessions) s ON s.k = 1 + (n - 1) % ${sessions}
     ORDER BY n`,
    `INSERT INTO revisions (entity, entity_id, event_id, version, recorded_at, operation, before, after, recorded_in, change,
                            was_shown, is_shown)
     SELECT 'session', id, event_id, version, at, 'updated', jsonb_build_object('title', 'Talk ' || n),
            jsonb_build_object('title', 'Talk ' || n + 1), pg_current_xact_id(), change, true, true FROM made ORDER BY n`,
    `INSERT INTO programme_commits (event_id, seq, token, change, committed_at, is_public)
     SELECT event_id, nextval('programme_places'), gen_random_uuid(), change, at + n * interval '1 millisecond', true
     FROM made ORDER BY n`,
    `UPDATE sessions s SET version = m.version FROM (SELECT id, max(version) AS version FROM made GROUP BY id) m WHERE m.id = s.id`,
    ...switched('ENABLE'),
    'COMMIT',
    'VACUUM ANALYZE',
  ]
}

async function run(url: string, texts: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    for (const text of texts) await client.query(text)
  })
}

import pg from 'pg'
import { migrationsFolder } from '../../src/config.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'

/** How many sessions an event has, at every size: what is asked for stays the same, and only what lies beside it grows. */
export const sessionsPerEvent = 250

/** The sessions of an event that are changed come behind those that are read. */
export const firstChanged = 150

/** A database with programmes, and what is needed to ask for them. */
export interface BenchDatabase {
  readonly sessions: number
  /** As this project has it. */
  readonly url: string
  /** A copy without triggers, as the usual project has it: for the others. */
  readonly plainUrl: string
  /** Of some of its events. */
  readonly events: readonly {
    readonly slug: string
    readonly sessionIds: readonly string[]
    readonly trackId: string
  }[]
}

/** Makes a database of that size and its copy beside the one of the URL, whose role may create databases. */
export async function makeDatabase(anyUrl: string, sessions: number): Promise<BenchDatabase> {
  const [url, plainUrl] = [`bench_${sessions}`, `bench_${sessions}_plain`].map((name) =>
    withName(anyUrl, name),
  )
  const [name, plainName] = [nameOf(url!), nameOf(plainUrl!)]
  await withClient(anyUrl, async (client) => {
    for (const each of [name, plainName]) await client.query(`DROP DATABASE IF EXISTS "${each}" WITH (FORCE)`)
    await client.query(`CREATE DATABASE "${name}"`)
  })
  await deploy({ url: url!, migrations: migrationsFolder })
  const count = Math.max(1, Math.round(sessions / sessionsPerEvent))
  const events = await withClient(url!, async (client) => {
    for (const statement of statements(count)) await client.query(statement)
    const { rows } = await client.query<{ slug: string; ids: string[]; track: string }>(
      `SELECT slug, array_agg(s.id::text ORDER BY s.starts_at) AS ids, min(s.track_id::text) AS track
       FROM events e JOIN sessions s ON s.event_id = e.id WHERE slug IN (SELECT 'event-' || n FROM generate_series(1, 200) n)
       GROUP BY slug ORDER BY slug`,
    )
    // What searches find a session by: it takes a while, so that of those alone which are going to be changed.
    await client.query(
      `SELECT count(write_search_document('session', to_jsonb(s))) FROM sessions s WHERE id = ANY ($1::uuid[])`,
      [rows.flatMap(({ ids }) => ids.slice(firstChanged))],
    )
    // Past the triggers nothing was committed, and of an event without a commit no answer is kept.
    await client.query(
      `UPDATE events SET website_url = 'https://' || slug || '.example' WHERE slug = ANY ($1)`,
      [rows.map(({ slug }) => slug)],
    )
    return rows.map(({ slug, ids, track }) => ({ slug, sessionIds: ids, trackId: track }))
  })
  await withClient(anyUrl, (client) => client.query(`CREATE DATABASE "${plainName}" TEMPLATE "${name}"`))
  await withClient(plainUrl!, async (client) => {
    const { rows } = await client.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
    )
    for (const { table } of rows) await client.query(`ALTER TABLE "${table}" DISABLE TRIGGER USER`)
    // Prisma makes unique indexes, and PostGraphile looks for unique constraints: its smart tag says it.
    await client.query(`COMMENT ON TABLE events IS E'@unique slug'`)
    await client.query('ANALYZE')
  })
  await withClient(url!, (client) => client.query('ANALYZE'))
  return { sessions: count * sessionsPerEvent, url: url!, plainUrl: plainUrl!, events }
}

/** Ids that grow as those of new rows do. */
const id = (kind: number, number: string) =>
  `('0190000${kind}-0000-7000-8000-' || lpad(to_hex(${number}), 12, '0'))::uuid`

/** A text of so many words, other ones for each row. */
const words = (count: number, seed: string) =>
  `(SELECT string_agg(initcap(substr(md5(${seed} || '.' || w), 1, 2 + w % 7)), ' ' ORDER BY w) || ' – Überblick' FROM generate_series(1, ${count}) w)`

/**
 * Events of three days with 8 tracks, 10 rooms, 120 speakers and 250 confirmed sessions that have a track, a room, one to
 * three speakers, an abstract of some 500 characters and, every second, a description of some 1,000. Written past the
 * triggers, whose derived values are written by hand.
 */
function statements(events: number): string[] {
  const tables = ['events', 'tracks', 'rooms', 'speakers', 'sessions', 'session_speakers']
  const per = { tracks: 8, rooms: 10, speakers: 120, sessions: sessionsPerEvent }
  const rows = (count: number) =>
    `generate_series(1, ${events}) e, LATERAL (SELECT k, (e - 1) * ${count} + k AS n FROM generate_series(1, ${count}) k) numbered`
  const start = `timestamptz '2027-01-01 09:00Z' + (e % 300) * interval '1 day'`
  const stamp = (number: string) => `timestamptz '2026-06-01Z' + ${number} * interval '1 second'`
  return [
    'BEGIN',
    ...tables.map((table) => `ALTER TABLE ${table} DISABLE TRIGGER USER`),
    `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
     SELECT ${id(1, 'e')}, 'event-' || e, 'Conference ' || e, 'Europe/Berlin', ${start}, ${start} + interval '3 days', 'published', ${stamp('e')}
     FROM generate_series(1, ${events}) e`,
    `INSERT INTO tracks (id, event_id, name, color, position, last_modified_at)
     SELECT ${id(2, 'n')}, ${id(1, 'e')}, 'Track ' || k, '#336699', k, ${stamp('n')} FROM ${rows(per.tracks)}`,
    `INSERT INTO rooms (id, event_id, name, floor, capacity, position, last_modified_at)
     SELECT ${id(3, 'n')}, ${id(1, 'e')}, 'Room ' || k, 'Floor ' || k % 3, 50 * k, k, ${stamp('n')} FROM ${rows(per.rooms)}`,
    `INSERT INTO speakers (id, event_id, name, biography, organisation, country, last_modified_at)
     SELECT ${id(4, 'n')}, ${id(1, 'e')}, ${words(2, "'s' || n")}, ${words(60, "'b' || n")}, 'Company ' || k, 'Germany', ${stamp('n')}
     FROM ${rows(per.speakers)}`,
    `INSERT INTO sessions (id, event_id, title, abstract, description, language, state, starts_at, ends_at, track_id, room_id,
                           speaker_ids, last_modified_at)
     SELECT ${id(5, 'n')}, ${id(1, 'e')}, ${words(6, "'t' || n")}, ${words(90, "'a' || n")},
            CASE WHEN k % 2 = 0 THEN ${words(180, "'d' || n")} END, 'en', 'confirmed',
            ${start} + k * interval '10 minutes', ${start} + (k + 4) * interval '10 minutes',
            ${id(2, `(e - 1) * ${per.tracks} + 1 + k % ${per.tracks}`)}, ${id(3, `(e - 1) * ${per.rooms} + 1 + k % ${per.rooms}`)},
            (SELECT array_agg(${id(4, `(e - 1) * ${per.speakers} + 1 + (k * 3 + p) % ${per.speakers}`)} ORDER BY p) FROM generate_series(0, k % 3) p),
            ${stamp('n')}
     FROM ${rows(per.sessions)}`,
    `INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
     SELECT event_id, s.id, speaker, p - 1 FROM sessions s, unnest(speaker_ids) WITH ORDINALITY listed (speaker, p)`,
    ...tables.map((table) => `ALTER TABLE ${table} ENABLE TRIGGER USER`),
    'COMMIT',
    'VACUUM ANALYZE',
  ]
}

/** Connects for as long as the work takes. */
export async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

const nameOf = (url: string) => new URL(url).pathname.slice(1)

function withName(url: string, name: string): string {
  const named = new URL(url)
  named.pathname = `/${name}`
  return named.href
}

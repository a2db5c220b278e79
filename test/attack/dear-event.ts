import type pg from 'pg'

/** How much of everything the event has: the most that an event may have, and sessions enough for every page. */
const size = { tracks: 100, rooms: 150, types: 50, breaks: 200, speakers: 3_000, sessions: 3_000 }

/**
 * A published event in which every list is as long as it may be: tracks, rooms, types, breaks, 3,000 sessions with texts
 * of 2 kB and 3,000 speakers; 200 of the sessions have 50 speakers each, the others three. One room and hour is booked by
 * 400 sessions at once.
 */
export async function fillDearEvent(client: pg.Client | pg.Pool, slug: string): Promise<void> {
  const event = `(SELECT id FROM events WHERE slug = '${slug}')`
  const text = `repeat('The quick brown fox jumps over the lazy dog. ', 45) || n`
  for (const statement of [
    `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
     VALUES (gen_random_uuid(), '${slug}', 'Dear', 'Europe/Berlin', '2027-03-01', '2027-03-08', 'published', now())`,
    `INSERT INTO tracks (id, event_id, name, position, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Track ' || n, n, now() FROM generate_series(1, ${size.tracks}) n`,
    `INSERT INTO rooms (id, event_id, name, position, open_from, open_until, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Room ' || n, n, ARRAY[timestamptz '2027-03-01'], ARRAY[timestamptz '2027-03-08'], now()
     FROM generate_series(1, ${size.rooms}) n`,
    `INSERT INTO session_types (id, event_id, name, position, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Type ' || n, n, now() FROM generate_series(1, ${size.types}) n`,
    `INSERT INTO breaks (id, event_id, name, starts_at, ends_at, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Break ' || n, timestamptz '2027-03-01' + n * interval '10 minutes',
            timestamptz '2027-03-01 00:05' + n * interval '10 minutes', now() FROM generate_series(1, ${size.breaks}) n`,
    `INSERT INTO speakers (id, event_id, name, biography, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Speaker ' || n, ${text}, now() FROM generate_series(1, ${size.speakers}) n`,
    `WITH t AS (SELECT array_agg(id) AS ids FROM tracks WHERE event_id = ${event}),
          r AS (SELECT array_agg(id) AS ids FROM rooms WHERE event_id = ${event}),
          k AS (SELECT array_agg(id) AS ids FROM session_types WHERE event_id = ${event})
     INSERT INTO sessions (id, event_id, title, abstract, description, state, starts_at, ends_at, track_id, room_id,
                           session_type_id, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Session ' || n, ${text}, ${text}, 'confirmed',
            timestamptz '2027-03-01' + CASE WHEN n <= 400 THEN interval '0' ELSE n * interval '1 minute' END,
            timestamptz '2027-03-01 01:00' + CASE WHEN n <= 400 THEN interval '0' ELSE n * interval '1 minute' END,
            t.ids[1 + n % ${size.tracks}], r.ids[CASE WHEN n <= 400 THEN 1 ELSE 1 + n % ${size.rooms} END],
            k.ids[1 + n % ${size.types}], now()
     FROM generate_series(1, ${size.sessions}) n, t, r, k`,
    `WITH p AS (SELECT array_agg(id) AS ids FROM speakers WHERE event_id = ${event}),
          s AS (SELECT id, row_number() OVER (ORDER BY starts_at, id) AS n FROM sessions WHERE event_id = ${event})
     INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
     SELECT ${event}, s.id, p.ids[1 + (s.n * 3 + k) % ${size.speakers}], k
     FROM p, s, generate_series(1, 50) k WHERE k <= 3 OR s.n <= 200`,
    `ANALYZE`,
  ]) {
    await client.query(statement)
  }
}

/** A published event of 200 sessions and 50 speakers, all of whom speak in each; every text is as long as it may be. */
export async function fillLongEvent(client: pg.Client | pg.Pool, slug: string): Promise<void> {
  const event = `(SELECT id FROM events WHERE slug = '${slug}')`
  // One word, which no search is to find.
  const text = `repeat(md5(n::text), 3125)`
  for (const statement of [
    `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
     VALUES (gen_random_uuid(), '${slug}', 'Long', 'Europe/Berlin', '2027-03-01', '2027-03-08', 'published', now())`,
    `INSERT INTO speakers (id, event_id, name, biography, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Speaker ' || n, ${text}, now() FROM generate_series(1, 50) n`,
    `INSERT INTO sessions (id, event_id, title, abstract, description, state, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Session ' || n, ${text}, ${text}, 'confirmed', now() FROM generate_series(1, 200) n`,
    `INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
     SELECT s.event_id, s.id, p.id, row_number() OVER (PARTITION BY s.id ORDER BY p.id)
     FROM sessions s JOIN speakers p ON p.event_id = s.event_id WHERE s.event_id = ${event}`,
    `ANALYZE`,
  ]) {
    await client.query(statement)
  }
}

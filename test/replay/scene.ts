import type pg from 'pg'
import { size } from './change-log.ts'

/** The ids of a programme's things, by their numbers. */
export interface Scene {
  readonly eventId: string
  readonly sessions: readonly string[]
  readonly rooms: readonly string[]
  readonly tracks: readonly string[]
  readonly speakers: readonly string[]
}

export const eventSlug = 'replayed'

/** A published event with many sessions, half of them public, and one of them that a transaction holds for the whole time. */
export async function createScene(client: pg.Client, sessions: number): Promise<Scene> {
  const event = `(SELECT id FROM events WHERE slug = '${eventSlug}')`
  const named = (table: string, name: string, count: number) =>
    `INSERT INTO ${table} (id, event_id, name, last_modified_at)
     SELECT gen_random_uuid(), ${event}, '${name} ' || n, now() FROM generate_series(1, ${count}) n`
  for (const statement of [
    `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
     VALUES (gen_random_uuid(), '${eventSlug}', 'Replayed', 'Europe/Berlin', '2027-03-27', '2027-03-29', 'published', now())`,
    named('rooms', 'Room', size.rooms),
    named('tracks', 'Track', size.tracks),
    named('speakers', 'Speaker', size.speakers),
    `INSERT INTO sessions (id, event_id, title, subtitle, state, last_modified_at)
     SELECT gen_random_uuid(), ${event}, 'Talk ' || n, '0',
            (CASE WHEN n <= ${sessions / 10} OR n % 2 = 0 THEN 'confirmed' ELSE 'draft' END)::session_state, now()
     FROM generate_series(1, ${sessions + 1}) n`,
  ]) {
    await client.query(statement)
  }
  const ids = async (table: string, order: string) =>
    (
      await client.query<{ id: string }>(
        `SELECT id FROM ${table} WHERE event_id = ${event} ORDER BY ${order}, id`,
      )
    ).rows.map(({ id }) => id)
  const [{ id: eventId }] = (
    await client.query<{ id: string }>(`SELECT id FROM events WHERE slug = '${eventSlug}'`)
  ).rows as [{ id: string }]
  return {
    eventId,
    sessions: await ids('sessions', `substr(title, 6)::integer`),
    rooms: await ids('rooms', 'name'),
    tracks: await ids('tracks', 'name'),
    speakers: await ids('speakers', 'name'),
  }
}

import { expect, test, vi } from 'vitest'
import { createWorld } from '../world.ts'

test.each([{ compiledReads: true }, { compiledReads: false }])(
  'an event is found by its slug without a look at all others, however many there are ($compiledReads)',
  async ({ compiledReads }) => {
    const { sql, ask } = await createWorld({ compiledReads })
    await sql('ALTER TABLE events DISABLE TRIGGER USER')
    await sql(`
      INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
      SELECT uuidv7(), 'event-' || n, 'Event', 'UTC', '2027-01-01Z', '2027-01-02Z', 'published', now()
      FROM generate_series(1, 5000) n`)
    await sql('ANALYZE events')
    const looks = async () => {
      const [row] = await sql<{ whole: number; indexed: number }>(
        `SELECT seq_scan::integer AS whole, idx_scan::integer AS indexed FROM pg_stat_user_tables WHERE relname = 'events'`,
      )
      return row!
    }
    const before = await looks()
    let asked = 0
    // PostgreSQL says from time to time what was read.
    await vi.waitUntil(
      async () => {
        const slug = `event-${(asked += 1)}`
        const { data } = await ask('query ($slug: String!) { event(slug: $slug) { slug } }', { slug })
        expect(data.event.slug).toBe(slug)
        return asked > 10 && (await looks()).indexed > before.indexed
      },
      { timeout: 60_000, interval: 50 },
    )
    expect((await looks()).whole - before.whole).toBe(0)
  },
)

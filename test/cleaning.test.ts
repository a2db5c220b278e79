import { expect, onTestFinished, test } from 'vitest'
import { openCleaner } from './cleaning.ts'
import { cloneDatabase, superuserOf } from './clones.ts'
import { connect } from './connection.ts'

/** A database of one's own with somebody who cleans it. */
async function scene() {
  const url = await cloneDatabase()
  const client = await connect(url)
  const cleaner = await openCleaner(superuserOf(url))
  onTestFinished(() => cleaner.end())
  const addTokens = (count: number) =>
    client.query(
      `INSERT INTO access_tokens (id, hash, role, label, last_modified_at)
       SELECT uuidv7(), sha256(n::text::bytea), 'organizer', 'test', now() FROM generate_series(1, ${count}) n`,
    )
  const tokens = async () => (await client.query('SELECT FROM access_tokens')).rowCount
  return { url, client, cleaner, addTokens, tokens }
}

test('a database that was cleaned holds the rows of the migrations, and counts from the start', async () => {
  const { client, cleaner, addTokens, tokens } = await scene()
  await addTokens(3)
  await client.query(`SELECT nextval('programme_changes'), nextval('programme_changes')`)
  expect(await cleaner.clean()).toBe(true)
  expect(await tokens()).toBe(0)
  expect((await client.query('SELECT FROM cursor_keys')).rowCount).toBe(1)
  expect((await client.query(`SELECT nextval('programme_changes') AS next`)).rows).toEqual([{ next: '1' }])
})

test.each([
  'ALTER TABLE sessions ADD COLUMN more text',
  'ALTER TABLE sessions DROP COLUMN image_url',
  'ALTER TABLE sessions DISABLE TRIGGER USER',
  'CREATE TABLE more (id int)',
  'CREATE FUNCTION more() RETURNS int LANGUAGE sql RETURN 1',
  'UPDATE cursor_keys SET key = key',
  'UPDATE _prisma_migrations SET rolled_back_at = now()',
  'INSERT INTO access_tokens (id, hash, role, label, last_modified_at) VALUES (uuidv7(), sha256($$x$$), $$organizer$$, $$x$$, now()); ANALYZE access_tokens',
])('a database is not used again after %s', async (sql) => {
  const { client, cleaner } = await scene()
  await client.query(sql)
  expect(await cleaner.clean()).toBe(false)
})

test('a database is not used again while somebody holds its rows', async () => {
  const { url, cleaner, addTokens } = await scene()
  await addTokens(1)
  const other = await connect(url)
  await other.query('BEGIN; SELECT FROM access_tokens FOR UPDATE')
  expect(await cleaner.clean()).toBe(false)
})

test('a database is not used again after many rows', async () => {
  const { cleaner, addTokens } = await scene()
  await addTokens(1_001)
  expect(await cleaner.clean()).toBe(false)
})

import { expect, onTestFinished, test } from 'vitest'
import { type OpenDatabase, openDatabase } from '../../src/database/client.ts'
import { beginWork, newWork, stopWork, WorkStopped } from '../../src/database/work.ts'
import { createStore } from '../world.ts'

async function scene() {
  const { databaseUrl, sql } = await createStore()
  const database = openDatabase(databaseUrl, { statementTimeout: 20_000 })
  onTestFinished(() => database.close())
  return { database, sql }
}

/** Reads a text by a statement that others may wait for. */
function read({ db }: OpenDatabase, sql: string, values: readonly unknown[] = []) {
  return db.$readTexts({ sql, values, isShort: true })
}

const backends = `SELECT DISTINCT pid FROM pg_stat_activity
  WHERE application_name = 'open-event-graphql' AND datname = current_database()`

test('hundreds of short reads at once are answered each by its own, over three connections', async () => {
  const { database, sql } = await scene()
  const asked = Array.from({ length: 300 }, (_, n) => n)
  const texts = await Promise.all(asked.map((n) => read(database, 'SELECT $1::text', [`${n}`])))
  expect(texts).toEqual(asked.map((n) => [`${n}`]))
  expect(await sql(backends)).toHaveLength(3)
})

test('a short read that fails among others fails alone, prepared or not', async () => {
  const { database } = await scene()
  const divided = (by: number) => read(database, 'SELECT (12 / $1::integer)::text', [`${by}`])
  for (let round = 0; round < 4; round += 1) {
    const outcomes = await Promise.allSettled([1, 0, 2, 0, 3, 4, 0, 6, 12].map(divided))
    expect(outcomes.map((one) => (one.status === 'fulfilled' ? one.value[0] : one.reason.message))).toEqual([
      '12',
      'division by zero',
      '6',
      'division by zero',
      '4',
      '3',
      'division by zero',
      '2',
      '1',
    ])
  }
})

test('short reads that are prepared are read again when a migration changes what they give', async () => {
  const { database, sql } = await scene()
  await sql('CREATE TABLE notes (text varchar(10)); INSERT INTO notes VALUES ($$one$$)')
  const notes = () => Promise.all(Array.from({ length: 12 }, () => read(database, 'SELECT text FROM notes')))
  for (let round = 0; round < 3; round += 1) expect(await notes()).toEqual(Array(12).fill(['one']))
  await sql('ALTER TABLE notes ALTER text TYPE text')
  expect(await notes()).toEqual(Array(12).fill(['one']))
})

test('short reads whose connections are cut are read again, and nobody is told', async () => {
  const { database, sql } = await scene()
  const slow = Array.from({ length: 12 }, (_, n) =>
    read(database, `SELECT $1::text || pg_sleep(0.2)::text`, [`${n}`]),
  )
  await new Promise((resolve) => setTimeout(resolve, 250))
  await sql(`SELECT pg_terminate_backend(pid) FROM (${backends}) AS ours`)
  expect(await Promise.all(slow)).toEqual(Array.from({ length: 12 }, (_, n) => [`${n}`]))
})

test('a short read whose client has left is ended, and the others are answered', async () => {
  const { database, sql } = await scene()
  const left = newWork('left')
  const endless = beginWork(left, () => read(database, 'SELECT pg_sleep(60)::text'))
  const others = Array.from({ length: 9 }, (_, n) => read(database, 'SELECT $1::text', [`${n}`]))
  await new Promise((resolve) => setTimeout(resolve, 100))
  stopWork(left, new WorkStopped('The client has left.'))
  await expect(endless).rejects.toThrow('The client has left.')
  expect(await Promise.all(others)).toEqual(Array.from({ length: 9 }, (_, n) => [`${n}`]))
  await expect.poll(() => sql(sleeping), { timeout: 20_000 }).toEqual([])
})

const sleeping = `SELECT pid FROM pg_stat_activity
  WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep%'`

test('reads of what is locked hold up no others for long, and are answered when it is free', async () => {
  const { database, sql } = await scene()
  await sql('CREATE TABLE notes (text text); INSERT INTO notes VALUES ($$one$$)')
  await sql('BEGIN; LOCK TABLE notes')
  let isFree = false
  const reads = Array.from({ length: 12 }, async (_, n) =>
    n % 4 === 0
      ? [await read(database, 'SELECT text FROM notes'), isFree]
      : [await read(database, 'SELECT $1::text', [`${n}`]), isFree],
  )
  await Promise.all(reads.filter((_, n) => n % 4 !== 0))
  isFree = true
  await sql('COMMIT')
  expect(await Promise.all(reads)).toEqual(
    Array.from({ length: 12 }, (_, n) => (n % 4 === 0 ? [['one'], true] : [[`${n}`], false])),
  )
})

test('a connection for short reads that came in another zone is refused, and closed', async () => {
  const { databaseUrl, sql } = await createStore()
  // The URL's options take the place of ours, as a pooler does that drops them.
  const database = openDatabase(`${databaseUrl}?options=-c%20TimeZone%3DAsia/Kolkata`)
  onTestFinished(() => database.close())
  await expect(read(database, 'SELECT 1::text')).rejects.toThrow(
    'TimeZone is Asia/Kolkata although UTC was asked for',
  )
  await expect.poll(() => sql(others), { timeout: 20_000 }).toEqual([])
})

const others = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`

test('what a short read makes the database send is counted, and bounded', async () => {
  const { database } = await scene()
  const large = beginWork(newWork('large'), () =>
    read(database, `SELECT repeat('x', $1::integer)`, [`${64 * 1_048_576}`]),
  )
  await expect(large).rejects.toThrow('reads more than 16 MiB from the database')
  expect(await read(database, 'SELECT $1::text', ['more'])).toEqual(['more'])
})

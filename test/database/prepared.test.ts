import { expect, test } from 'vitest'
import { openDatabase } from '../../src/database/client.ts'
import { cloneDatabase } from '../clones.ts'

/** One connection to a database of its own. */
async function oneConnection() {
  const url = await cloneDatabase()
  const database = openDatabase(url, { max: 1 })
  const prepared = async () => {
    const { rows } = await database.pool.query<{ statement: string; generic: string; custom: string }>(
      'SELECT statement, generic_plans AS generic, custom_plans AS custom FROM pg_prepared_statements',
    )
    return rows
  }
  return { ...database, prepared, [Symbol.asyncDispose]: () => database.close() }
}

const times = async (count: number, work: (index: number) => Promise<unknown>) => {
  for (let index = 0; index < count; index += 1) await work(index)
}

test('prepares a statement that comes a third time, and then executes it', async () => {
  await using database = await oneConnection()
  await times(2, (index) => database.db.event.findFirst({ where: { slug: `slug-${index}` } }))
  expect(await database.prepared()).toEqual([])
  await times(5, (index) => database.db.event.findFirst({ where: { slug: `slug-${index}` } }))
  const [statement, ...others] = await database.prepared()
  expect(others).toEqual([])
  expect(Number(statement!.generic) + Number(statement!.custom)).toBe(5)
})

test('prepares a statement that begins on a line of its own', async () => {
  await using database = await oneConnection()
  await times(
    4,
    (index) => database.db.$queryRaw`
      SELECT ${index}::int AS number`,
  )
  expect(await database.prepared()).toHaveLength(1)
})

test('keeps fifty statements on a connection, those that were used last', async () => {
  await using database = await oneConnection()
  const numbered = (number: number) => database.pool.query({ name: 'prepared', text: `SELECT ${number}` })
  await times(70, (number) => times(3, () => numbered(number)))
  const kept = (await database.prepared()).map(({ statement }) => Number(statement.slice(7)))
  expect(kept.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index + 20))
})

test('a statement whose column a migration has changed is answered, and in a transaction can be tried again', async () => {
  await using database = await oneConnection()
  const { db, pool } = database
  const read = (tx: Pick<typeof db, '$queryRaw'>) => tx.$queryRaw`SELECT name FROM tried`
  await pool.query(`CREATE TABLE tried (name text); INSERT INTO tried VALUES ('Ada')`)
  await times(4, () => read(db))
  await pool.query('ALTER TABLE tried ALTER COLUMN name TYPE varchar(80)')
  expect(await read(db)).toEqual([{ name: 'Ada' }])
  await times(3, () => read(db))
  await pool.query('ALTER TABLE tried ALTER COLUMN name TYPE text')
  await expect(db.$transaction((tx) => read(tx))).rejects.toThrow('cached plan must not change result type')
  expect(await db.$transaction((tx) => read(tx))).toEqual([{ name: 'Ada' }])
})

test('a statement that is gone from the session is prepared again', async () => {
  await using database = await oneConnection()
  const read = () => database.db.$queryRaw`SELECT 'Ada' AS name`
  await times(4, read)
  await database.pool.query('DEALLOCATE ALL')
  expect(await read()).toEqual([{ name: 'Ada' }])
  await times(3, read)
  expect(await database.prepared()).toHaveLength(1)
})

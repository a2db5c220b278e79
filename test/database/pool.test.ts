import { expect, test } from 'vitest'
import { openDatabase } from '../../src/database/client.ts'
import { databaseFaultOf } from '../../src/database/faults.ts'
import { cloneDatabase, onSuperuser } from '../clones.ts'

const instant = new Date('2027-03-27T10:00:00Z')
const event = { slug: 'x', name: 'x', timeZone: 'UTC', startsAt: instant, endsAt: new Date('2027-03-28') }

test('every connection is in UTC, whatever the database says', async () => {
  const url = await cloneDatabase()
  await onSuperuser(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET TimeZone TO 'America/St_Johns'`)
  await using database = closing(url)
  const zones = await Promise.all(
    Array.from(
      { length: 8 },
      () => database.db.$queryRaw`SELECT current_setting('TimeZone') AS zone, pg_sleep(0.05)::text`,
    ),
  )
  expect(zones.flat()).toEqual(Array.from({ length: 8 }, () => ({ zone: 'UTC', pg_sleep: '' })))
})

test('a connection whose zone is changed by a statement is given up, with what it was at', async () => {
  const url = await cloneDatabase()
  await using database = closing(url)
  const { db } = database
  const work = db.$transaction(async (tx) => {
    await tx.event.create({ data: event })
    await tx.$executeRaw`SELECT set_config('TimeZone', 'Asia/Kolkata', false)`
    await tx.event.update({ where: { slug: 'x' }, data: { startsAt: instant } })
  })
  const error = await work.catch((thrown: unknown) => thrown)
  expect(databaseFaultOf(error)).toEqual({ kind: 'unavailable' })
  expect(await db.event.count()).toBe(0)
  expect(await db.$queryRaw`SHOW TimeZone`).toEqual([{ TimeZone: 'UTC' }])
})

test('a session that came in another zone in spite of the option is refused', async () => {
  const url = await cloneDatabase()
  // The URL's options take the place of ours, as a pooler does that drops them.
  await using database = closing(`${url}?options=-c%20TimeZone%3DAsia/Kolkata`)
  await expect(database.pool.query('SELECT 1')).rejects.toThrow(
    'TimeZone is Asia/Kolkata although UTC was asked for',
  )
})

function closing(url: string) {
  const database = openDatabase(url)
  return { ...database, [Symbol.asyncDispose]: () => database.close() }
}

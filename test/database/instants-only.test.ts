import { describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/database/client.ts'
import { createStore } from '../world.ts'

/** No database is needed: what is refused is never sent. */
const { db } = openDatabase('postgresql://nobody:nothing@127.0.0.1:1/none')
const instant = new Date('2027-03-27T10:00:00Z')
const local = '2027-03-27T10:00:00' as never
const event = { slug: 'x', name: 'x', timeZone: 'UTC', startsAt: instant, endsAt: instant }

describe('a time without an offset, an invalid Date or a number', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['Event.create.data.endsAt', () => db.event.create({ data: { ...event, endsAt: local } })],
    [
      'Event.createMany.data[1].startsAt',
      () => db.event.createMany({ data: [event, { ...event, startsAt: local }] }),
    ],
    [
      'Session.update.data.startsAt.set',
      () => db.session.update({ where: { id: 'x' }, data: { startsAt: { set: local } } }),
    ],
    [
      'Session.updateMany.data.deletedAt',
      () => db.session.updateMany({ data: { deletedAt: new Date('nonsense') } }),
    ],
    [
      'Event.upsert.update.endsAt',
      () => db.event.upsert({ where: { slug: 'x' }, create: event, update: { endsAt: 5 as never } }),
    ],
    [
      'Event.update.data.sessions.create[0].startsAt',
      () =>
        db.event.update({
          where: { slug: 'x' },
          data: { sessions: { create: [{ title: 'x', startsAt: local }] } },
        }),
    ],
    [
      'Session.findMany.where.OR[0].startsAt.gte',
      () => db.session.findMany({ where: { OR: [{ startsAt: { gte: local } }] } }),
    ],
    [
      'Session.findMany.where.startsAt.in[1]',
      () => db.session.findMany({ where: { startsAt: { in: [instant, local] } } }),
    ],
    [
      'Event.findMany.where.sessions.some.endsAt.not',
      () => db.event.findMany({ where: { sessions: { some: { endsAt: { not: local } } } } }),
    ],
    [
      'Event.findMany.select.sessions.where.startsAt',
      () => db.event.findMany({ select: { sessions: { where: { startsAt: local } } } }),
    ],
    [
      'Event.findMany.select._count.select.sessions.where.startsAt',
      () =>
        db.event.findMany({ select: { _count: { select: { sessions: { where: { startsAt: local } } } } } }),
    ],
    ['$queryRaw $1', () => db.$queryRaw`SELECT ${local}::timestamptz`],
    ['$queryRaw $2', () => db.$queryRaw`SELECT ${1}, ${new Date('nonsense')}`],
    ['$executeRaw $1', () => db.$executeRaw`UPDATE events SET starts_at = ${'2027-03-27 10:00' as never}`],
    [
      '$queryRaw $1[1]',
      () => db.$queryRaw`SELECT ${['2027-03-27T10:00:00Z', local] as never}::timestamptz[]`,
    ],
  ])('is refused at %s', async (path, work) => {
    const error = await work().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as Error).message.split(': ')[0]).toBe(path)
  })

  test('can not slip through raw SQL made of strings', async () => {
    await expect(db.$queryRawUnsafe('SELECT 1')).rejects.toThrow(TypeError)
    await expect(db.$executeRawUnsafe('SELECT 1')).rejects.toThrow(TypeError)
  })
})

test('instants with an offset pass, and arrive as they were meant', async () => {
  const store = await createStore()
  const tx = store.operator.db
  await tx.event.create({
    data: { ...event, startsAt: '2027-03-27T10:00:00+05:30', endsAt: new Date('2027-03-27T05:00:00.001Z') },
  })
  const rows = await store.sql(
    `SELECT starts_at = '2027-03-27 04:30:00+00' AS start, ends_at = '2027-03-27 05:00:00.001+00' AS end FROM events`,
  )
  expect(rows).toEqual([{ start: true, end: true }])
  expect(await tx.event.findFirst({ select: { startsAt: true } })).toEqual({
    startsAt: new Date('2027-03-27T04:30:00Z'),
  })
})

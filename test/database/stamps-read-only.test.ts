import { expect, test } from 'vitest'
import { openDatabase } from '../../src/database/client.ts'

/** No database is needed: what is refused is never sent. */
const { db } = openDatabase('postgresql://nobody:nothing@127.0.0.1:1/none')
const now = new Date('2027-03-27T10:00:00Z')
const event = { slug: 'x', name: 'x', timeZone: 'UTC', startsAt: now, endsAt: now }
const where = { slug: 'x' }

test.each<[string, () => Promise<unknown>]>([
  ['Event.create.data.createdAt', () => db.event.create({ data: { ...event, createdAt: now } })],
  [
    'Event.createMany.data[1].version',
    () => db.event.createMany({ data: [event, { ...event, version: 2 }] }),
  ],
  [
    'Event.createManyAndReturn.data.lastModifiedAt',
    () => db.event.createManyAndReturn({ data: { ...event, lastModifiedAt: now } }),
  ],
  ['Event.update.data.version', () => db.event.update({ where, data: { version: { increment: 1 } } })],
  ['Event.updateMany.data.lastModifiedAt', () => db.event.updateMany({ data: { lastModifiedAt: now } })],
  [
    'Event.upsert.update.lastModifiedAt',
    () => db.event.upsert({ where, create: event, update: { lastModifiedAt: now } }),
  ],
  [
    'Event.update.data.sessions.create[0].createdAt',
    () => db.event.update({ where, data: { sessions: { create: [{ title: 'x', createdAt: now }] } } }),
  ],
  [
    'Event.update.data.sessions.update.data.lastModifiedAt',
    () =>
      db.event.update({
        where,
        data: { sessions: { update: { where: { id: 'x' }, data: { lastModifiedAt: now } } } },
      }),
  ],
])('a write that names a stamp is refused at %s', async (path, work) => {
  const error = await work().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(TypeError)
  expect((error as Error).message).toBe(`${path}: the database sets this by itself; leave it out.`)
})

test('stamps may be filtered by and asked for, in writes too', async () => {
  const write = db.session.updateMany({
    where: { version: 1, lastModifiedAt: { lt: now } },
    data: { title: 'x' },
  })
  await expect(write).rejects.not.toBeInstanceOf(TypeError)
  const read = db.session.update({
    where: { id: 'x', createdAt: now },
    data: { title: 'x', event: { connect: { slug: 'x', version: 3 } } },
    select: { version: true, lastModifiedAt: true },
  })
  await expect(read).rejects.not.toBeInstanceOf(TypeError)
})

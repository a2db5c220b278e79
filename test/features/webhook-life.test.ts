import pino from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { operatorContext } from '../../src/context.ts'
import { openDatabase } from '../../src/database/client.ts'
import { take } from '../../src/features/webhook/webhook.lease.ts'
import { beginLife } from '../../src/features/webhook/webhook.life.ts'
import { cloneDatabase } from '../clones.ts'
import { until } from './webhook.ts'

test('a webhook is kept from others while its server lives, and not once it is dead', async () => {
  const databaseUrl = await cloneDatabase()
  const { db, close } = openDatabase(databaseUrl, { max: 2 })
  const ctx = operatorContext(db, pino({ level: 'silent' }))
  const { id: tokenId } = await mintToken(db, { ...organizerOfEverything, label: 'test' })
  const days = { startsAt: new Date('2027-05-01T08:00:00Z'), endsAt: new Date('2027-05-03T18:00:00Z') }
  const event = await db.event.create({ data: { slug: 'home', name: 'Home', timeZone: 'UTC', ...days } })
  const told = { url: 'http://127.0.0.1:9/', label: 'x', key: new Uint8Array(32), tokenId }
  const webhook = await db.webhook.create({
    data: { ...told, eventId: event.id, cursors: { create: { seq: -1n } } },
  })
  let losses = 0
  const [dying, other] = await Promise.all([
    beginLife(databaseUrl, () => (losses += 1)),
    beginLife(databaseUrl, () => {}),
  ])
  onTestFinished(async () => {
    await other.end()
    await close()
  })
  const taken = [{ id: webhook.id, eventId: event.id }]
  expect(await take(ctx, dying.id)).toEqual(taken)
  expect(await take(ctx, other.id)).toEqual([])
  await dying.end()
  const found: unknown[] = []
  await until(async () => found.push(...(await take(ctx, other.id))), 2)
  expect(found).toEqual(taken)
  expect({ losses, goesOn: [dying.goesOn, other.goesOn] }).toEqual({ losses: 1, goesOn: [false, true] })
})

import { expect, test } from 'vitest'
import { inTransaction } from '../../src/context.ts'
import { createStore } from '../world.ts'

const times = { startsAt: new Date('2027-03-27T10:00:00Z'), endsAt: new Date('2027-03-28T10:00:00Z') }
const event = (slug: string) => ({ slug, name: slug, timeZone: 'UTC', ...times })

test('the text of an answer is never read beside the transaction that asks for it', async () => {
  const { operator } = await createStore()
  const slugs = { sql: `SELECT string_agg(slug, ',') FROM events`, values: [] }
  const asked = inTransaction(operator, async ({ db }) => {
    await db.event.create({ data: event('mine') })
    return db.$readTexts(slugs)
  })
  await expect(asked).rejects.toThrow('$readTexts reads outside of transactions only.')
})

test('work that fails in a transaction is undone alone, and the transaction goes on', async () => {
  const { operator } = await createStore()
  await inTransaction(operator, async (outer) => {
    await outer.db.event.create({ data: event('before') })
    const twice = inTransaction(outer, async ({ db }) => {
      await db.event.create({ data: event('undone') })
      await db.event.create({ data: event('before') })
    })
    await expect(twice).rejects.toMatchObject({ code: 'P2002' })
    await outer.db.event.create({ data: event('after') })
  })
  const kept = await operator.db.event.findMany({ select: { slug: true }, orderBy: { slug: 'asc' } })
  expect(kept.map(({ slug }) => slug)).toEqual(['after', 'before'])
})

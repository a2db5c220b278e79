import { expect, test } from 'vitest'
import { eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { frabXml } from '../interchange/frab-files.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'
import { importFile } from './importing.ts'
import { createProgramme } from './programme.ts'

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  /** Begins a transaction that holds the event and its schedule, as the verbs do that change what lies below. */
  const holdAll = async () => {
    await world.sql('BEGIN')
    await world.sql('SELECT FROM events WHERE id = $1 FOR NO KEY UPDATE', [programme.eventId])
    await world.sql('SELECT hold_schedule_alone($1)', [programme.eventId])
  }
  return { world, programme, holdAll }
}

test('an erasure and a change of the event that reaches the speaker wait for each other, one after the other', async () => {
  const { world, programme, holdAll } = await scene()
  const [ada] = programme.speakers
  await holdAll()
  const erasure = eraseSpeaker(world.operator, ada!)
  await somebodyWaits(world)
  await world.sql(`UPDATE speakers SET biography = 'x' WHERE id = $1`, [ada])
  await world.sql('COMMIT')
  expect((await erasure).name).toBe('Ada')
  expect(await world.sql('SELECT name, biography FROM speakers WHERE id = $1', [ada])).toEqual([
    { name: '(erased)', biography: null },
  ])
})

test('so do a new order of the rooms and a change of the event that reaches them in another order', async () => {
  const { world, programme, holdAll } = await scene()
  const [low, high] = programme.rooms.toSorted()
  await holdAll()
  const close = `UPDATE rooms SET open_from = '{2027-03-27 10:00Z}', open_until = '{2027-03-27 11:00Z}' WHERE id = $1`
  await world.sql(close, [high])
  const reordering = world.organize(
    `mutation ($ids: [ID!]!) { reorderRooms(eventSlug: "spring", ids: $ids) { event { rooms { id } } } }`,
    { ids: programme.rooms.toReversed() },
  )
  await somebodyWaits(world)
  await world.sql(close, [low])
  await world.sql('COMMIT')
  expect((await reordering).errors).toBeUndefined()
  expect((await reordering).data.reorderRooms.event.rooms).toEqual(
    programme.rooms.toReversed().map((id) => ({ id })),
  )
})

test('an import takes the event as it is once nobody else changes it', async () => {
  const { world, programme, holdAll } = await scene()
  const event = { title: 'Talk', start: '10:00', duration: '01:00', room: 'Cellar' }
  const content = frabXml({ title: 'Spring', acronym: 'spring', start: '2027-03-27', end: '2027-03-28' }, [
    { date: '2027-03-27', events: [{ ...event, id: 1, guid: 'a' }] },
  ])
  await holdAll()
  await world.sql(`UPDATE events SET time_zone = 'America/New_York' WHERE id = $1`, [programme.eventId])
  const importing = importFile(world, content, { slug: 'spring' })
  await somebodyWaits(world)
  await world.sql('COMMIT')
  expect((await importing).event.timeZone).toBe('America/New_York')
})

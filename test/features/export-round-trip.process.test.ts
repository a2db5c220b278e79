import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadDemoIfEmpty } from '../../src/features/demo/demo-conference.ts'
import { realData, realDataIsThere, withRealData } from '../interchange/files.ts'
import { scheduleFaults } from '../interchange/write/schedule-schema.ts'
import { createWorld, type World } from '../world.ts'
import { importAt, importFile } from './importing.ts'

const host = 'http://exports.example.org'

/** What a token that sees everything is given, as if the server were reached under a name that stays; bytes of an archive. */
async function exported(world: World, file: string, slug: string): Promise<string | Buffer> {
  const response = await fetch(`${world.app.url}/events/${slug}/${file}`, {
    headers: { authorization: `Bearer ${world.token}` },
  })
  expect(response.status).toBe(200)
  if (file.endsWith('.zip')) return Buffer.from(await response.arrayBuffer())
  return (await response.text()).replaceAll(world.app.url, host)
}

/** Every stamp and version of the database. */
async function stamps(world: World): Promise<unknown[]> {
  const tables = ['events', 'tracks', 'rooms', 'session_types', 'speakers', 'sessions']
  const each = tables.map((table) => `SELECT id, version, last_modified_at::text FROM ${table}`)
  return world.sql(`${each.join(' UNION ALL ')} ORDER BY id`)
}

const files = [
  ['fosdem-2024.pentabarf.xml', ['schedule.xml', 'open-event.zip'], 'Europe/Brussels'],
  ['36c3.schedule.xml', ['schedule.xml', 'open-event.zip'], null],
  ['36c3.schedule.json', ['schedule.json', 'open-event.zip'], null],
  ['voc-schedule/frab-camp2019.json', ['schedule.xml', 'schedule.json', 'open-event.zip'], null],
  ['voc-schedule/pretalx-democon.json', ['schedule.xml', 'schedule.json', 'open-event.zip'], 'Europe/Berlin'],
  ['open-event/FOSSASIASummit2018', ['open-event.zip'], null],
  ['open-event/RedHatSummit17', ['schedule.xml', 'schedule.json', 'open-event.zip'], 'America/New_York'],
  ['linux_conf_au_2020.ics', ['schedule.xml', 'schedule.json', 'open-event.zip'], null],
] as const

const lenient = { skipInvalid: true }

describe.skipIf(!realDataIsThere)(`real programmes${withRealData}`, { timeout: 1_200_000 }, () => {
  test.each(files)(
    '%s: import, export, import writes nothing; export, import, export is the same',
    async (file, formats, timeZone) => {
      const world = await createWorld()
      const { event } = await importAt(world, path.join(realData, file), { ...lenient, timeZone })
      const before = await stamps(world)
      for (const format of formats) {
        const text = await exported(world, format, event.slug)
        requireValid(format, text)
        await importFile(world, text, { ...lenient, slug: event.slug })
        expect(await stamps(world)).toEqual(before)

        const other = await createWorld()
        const { slug, timeZone: zone } = event
        const again = await importFile(other, text, { ...lenient, slug, timeZone: zone })
        expect(again.skips).toEqual([])
        expect(await exported(other, format, event.slug)).toEqual(text)
      }
    },
  )
})

test('the demo event: what was made here is known again, and moves with its texts to another server', async () => {
  const world = await createWorld()
  await loadDemoIfEmpty(world.operator)
  const slug = 'demo-conference'
  const before = await world.sql('SELECT id, starts_at, ends_at, title FROM sessions ORDER BY id')
  for (const format of ['schedule.xml', 'schedule.json', 'open-event.zip']) {
    const text = await exported(world, format, slug)
    requireValid(format, text)
    await importFile(world, text, { slug })
    expect(await world.sql('SELECT id, starts_at, ends_at, title FROM sessions ORDER BY id')).toEqual(before)
    const other = await createWorld()
    await importFile(other, text)
    expect(await exported(other, format, slug)).toEqual(text)
  }
})

function requireValid(format: string, text: string | Buffer): void {
  if (typeof text !== 'string') return
  expect(scheduleFaults(format === 'schedule.xml' ? format : 'schedule.json', text)).toEqual([])
}

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ImportOptions } from '../../src/features/programme/import-programme.ts'
import type { ImportReport } from '../../src/features/programme/report.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { realData, realDataIsThere, withRealData } from '../interchange/files.ts'
import {
  congressXmlByHand,
  fosdemByHand,
  type FoundSession,
  openEventByHand,
  scheduleJsonByHand,
  storable,
} from '../interchange/independent-reading.ts'
import { createWorld, type World } from '../world.ts'
import { importAt } from './importing.ts'

const importReal = (world: World, file: string, options: Partial<ImportOptions> = {}) =>
  importAt(world, path.join(realData, file), options)

/** What the database has, by raw SQL, in the shape of the independent reading. */
async function storedSessions(world: World, slug: string): Promise<(FoundSession & { state: string })[]> {
  return world.sql(
    `SELECT s.source_id AS "sourceId", s.title, coalesce(r.name, '') AS room, upper(s.state::text) AS state,
       to_char(s.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "startsAt",
       to_char(s.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endsAt",
       array(SELECT md5(p.name) FROM session_speakers l JOIN speakers p ON p.id = l.speaker_id
             WHERE l.session_id = s.id ORDER BY l.position) AS persons
     FROM sessions s JOIN events e ON e.id = s.event_id LEFT JOIN rooms r ON r.id = s.room_id
     WHERE e.slug = $1 AND s.deleted_at IS NULL`,
    [slug],
  )
}

/** Every stamp and version of the database, so that an import that writes nothing can be seen to. */
async function stamps(world: World): Promise<unknown[]> {
  const tables = ['events', 'tracks', 'rooms', 'session_types', 'speakers', 'sessions']
  const each = tables.map((table) => `SELECT id, version, last_modified_at::text FROM ${table}`)
  return world.sql(`${each.join(' UNION ALL ')} ORDER BY id`)
}

/** What several sessions share as their guid has a number behind it for all but the first. */
const bySourceId = <Session extends FoundSession>(sessions: readonly Session[]) =>
  sessions
    .map((session) => ({ ...session, sourceId: session.sourceId.replace(/ \(\d+\)$/, '') }))
    .toSorted((a, b) => (`${a.sourceId} ${a.startsAt}` < `${b.sourceId} ${b.startsAt}` ? -1 : 1))

const unchanged = (counts: ImportReport['counts']) =>
  Object.values(counts).every(({ created, changed, removed }) => created + changed + removed === 0)

describe.skipIf(!realDataIsThere)(`real programmes${withRealData}`, { timeout: 120_000 }, () => {
  test('FOSDEM 2024: local times in the zone that was given; the second import writes nothing', async () => {
    const world = await createWorld()
    const report = await importReal(world, 'fosdem-2024.pentabarf.xml', { timeZone: 'Europe/Brussels' })
    expect(report.event).toEqual({
      ...{ slug: 'fosdem-2024', name: 'FOSDEM 2024', timeZone: 'Europe/Brussels', outcome: 'created' },
    })
    const found = fosdemByHand('Europe/Brussels')
    expect(found).toHaveLength(674)
    const stored = await storedSessions(world, 'fosdem-2024')
    expect(bySourceId(stored)).toEqual(
      bySourceId(found.map((session) => ({ ...session, state: 'CONFIRMED' }))),
    )
    expect(report.counts.rooms.created).toBe(32)
    expect(report.counts.speakers.created).toBe(738)

    const before = await stamps(world)
    const again = await importReal(world, 'fosdem-2024.pentabarf.xml')
    expect([again.event.outcome, unchanged(again.counts), again.counts.sessions.unchanged]).toEqual([
      'unchanged',
      true,
      674,
    ])
    expect(await stamps(world)).toEqual(before)
  })

  test('FOSDEM 2024 without a zone is refused, saying what is needed', async () => {
    const world = await createWorld()
    await expect(importReal(world, 'fosdem-2024.pentabarf.xml')).rejects.toThrow(
      /wall-clock times without a zone .*--time-zone ZONE/,
    )
    expect(await stamps(world)).toEqual([])
  })

  test('36C3: XML and JSON give the same sessions, one guid in several slots is several sessions', async () => {
    const world = await createWorld()
    const xml = await importReal(world, '36c3.schedule.xml')
    expect(xml.notes.join('\n')).toContain('takes no time, so its end is left open.')
    const found = congressXmlByHand()
    expect(found).toHaveLength(1351)
    expect(scheduleJsonByHand('36c3.schedule.json')).toEqual(found)
    const stored = await storedSessions(world, '36c3')
    expect(stored).toHaveLength(1351)
    const confirmed = storable(found).map((session) => ({ ...session, state: 'CONFIRMED' }))
    expect(bySourceId(stored)).toEqual(bySourceId(confirmed))
    expect(xml.counts.rooms.created).toBe(92)
    expect(xml.skips).toEqual([])

    const before = await stamps(world)
    expect(unchanged((await importReal(world, '36c3.schedule.xml')).counts)).toBe(true)
    expect(await stamps(world)).toEqual(before)
    // The JSON knows biographies and links of people besides, and nothing else.
    const json = await importReal(world, '36c3.schedule.json')
    const { speakers, sessions, ...others } = json.counts
    const same = others.rooms
    expect(unchanged({ ...others, speakers: same, sessions: same })).toBe(true)
    expect([speakers.created, speakers.removed]).toEqual([0, 0])
    expect(sessions).toMatchObject({ created: 0, changed: 0, removed: 0 })
    expect(await storedSessions(world, '36c3')).toHaveLength(1351)
  })

  test('FOSSASIA Summit 2018: an Open Event export with all its states', async () => {
    const world = await createWorld()
    const report = await importReal(world, 'open-event/FOSSASIASummit2018', { skipInvalid: true })
    expect(report.event.timeZone).toBe('Asia/Singapore')
    const found = openEventByHand('FOSSASIASummit2018')
    expect(found).toHaveLength(371)
    expect(bySourceId(await storedSessions(world, 'fossasia-summit'))).toEqual(bySourceId(storable(found)))
    expect(report.counts.speakers.created).toBe(341)
    const before = await stamps(world)
    await importReal(world, 'open-event/FOSSASIASummit2018', { skipInvalid: true })
    expect(await stamps(world)).toEqual(before)
  })

  test('Red Hat Summit 2017: its zone is none, until one is given', async () => {
    const world = await createWorld()
    await expect(importReal(world, 'open-event/RedHatSummit17')).rejects.toThrow(
      'event.json timezone: "US / Eastern" isn\'t an IANA time zone. Name the right one: --time-zone ZONE',
    )
    const { event } = await importReal(world, 'open-event/RedHatSummit17', { timeZone: 'America/New_York' })
    expect(event).toMatchObject({
      slug: 'red-hat-summit-2017',
      timeZone: 'America/New_York',
      outcome: 'created',
    })
    const [row] = await world.sql('SELECT starts_at, ends_at FROM events')
    expect(row).toEqual({
      starts_at: new Date('2017-05-02T15:00:00Z'),
      ends_at: new Date('2017-05-19T09:00:00Z'),
    })
  })

  test.for([
    ['frab-camp2019.json', 'camp2019', 79, 'Europe/Berlin'],
    ['pretalx-democon.json', 'democon', 36, 'UTC'],
  ] as const)('%s: as frab and pretalx write it', async ([file, slug, count, timeZone]) => {
    const world = await createWorld()
    const { event } = await importReal(world, `voc-schedule/${file}`)
    expect(event).toMatchObject({ slug, timeZone })
    const found = scheduleJsonByHand(`voc-schedule/${file}`)
    expect(found).toHaveLength(count)
    const stored = await storedSessions(world, slug)
    expect(bySourceId(stored)).toEqual(
      bySourceId(found.map((session) => ({ ...session, state: 'CONFIRMED' }))),
    )
  })

  test('linux_conf_au_2020.ics: every event of the calendar is a session, in the zone that it names', async () => {
    const world = await createWorld()
    const { event, counts } = await importReal(world, 'linux_conf_au_2020.ics')
    expect(event).toMatchObject({ name: 'linux.conf.au 2020', timeZone: 'Australia/Brisbane' })
    const text = readFileSync(path.join(realData, 'linux_conf_au_2020.ics'), 'utf8')
    expect(counts.sessions.created).toBe(text.split('BEGIN:VEVENT').length - 1)
    expect((await importReal(world, 'linux_conf_au_2020.ics')).rows).toEqual([])
  })

  test('the folder of schemas is no programme', async () => {
    await expect(readProgramme(path.join(realData, 'voc-schedule'))).rejects.toThrow('has no event.json')
  })
})

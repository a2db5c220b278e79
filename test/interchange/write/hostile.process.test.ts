import { expect, test } from 'vitest'
import { cleanLine } from '../../../src/text.ts'
import { createProgramme } from '../../features/programme.ts'
import { type Judge, judgedByPython } from '../../judges.ts'
import { createWorld, type World } from '../../world.ts'
import { calendarJudges } from './calendar-judges.ts'
import { hostileSessions } from './hostile-sessions.ts'
import { entriesByIcalJs } from './ical-js.ts'
import { uuidOf } from './programme.ts'
import { scheduleFaults } from './schedule-schema.ts'

/** A session as it is stored. */
interface Stored {
  readonly id: string
  readonly title: string
  readonly text: string
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly room: string | null
  readonly speakers: readonly string[]
}

const stored: readonly Stored[] = Object.entries(hostileSessions).map(([name, hostile], n) => {
  const usual = {
    startsAt: `2027-03-27T08:${String(n).padStart(2, '0')}:00Z`,
    endsAt: `2027-03-27T09:${String(n).padStart(2, '0')}:00Z`,
  }
  return {
    id: uuidOf(name),
    title: name,
    text: 'A text.',
    ...usual,
    room: 'Hall',
    speakers: ['Ada'],
    ...hostile,
  }
})

/** An event of all of them, written by SQL. @returns what it has at an address of its own, by the address's end */
async function exporting(): Promise<{ world: World; exported: (file: string) => Promise<Response> }> {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  const add = async (table: string, names: readonly (string | null)[]) => {
    const unknown = [...new Set(names)].filter((name) => name !== null)
    for (const name of unknown) {
      await world.sql(
        `INSERT INTO ${table} (id, event_id, name, last_modified_at) SELECT $1, $2, $3, now()
         WHERE NOT EXISTS (SELECT FROM ${table} WHERE name = $3)`,
        [uuidOf(`${table} ${name}`), eventId, name],
      )
    }
  }
  await add(
    'rooms',
    stored.map(({ room }) => room),
  )
  await add(
    'speakers',
    stored.flatMap(({ speakers }) => speakers),
  )
  for (const session of stored) {
    const { id, title, text, startsAt, endsAt, room, speakers } = session
    const { language = 'en', slidesUrl = null, pageUrl = null } = hostileSessions[keyOf(id)]!
    const links = pageUrl === null ? [] : [{ url: pageUrl, kind: 'WEBSITE' }]
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, abstract, description, language, slides_url, starts_at, ends_at, state,
                             room_id, links, last_modified_at)
       VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, 'confirmed', (SELECT id FROM rooms WHERE name = $9), $10, now())`,
      [id, eventId, title, text, language, slidesUrl, startsAt, endsAt, room, JSON.stringify(links)],
    )
    await world.sql(
      `INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
       SELECT $1, $2, s.id, n FROM unnest($3::text[]) WITH ORDINALITY AS given (name, n) JOIN speakers s USING (name)`,
      [eventId, id, speakers],
    )
  }
  const exported = async (file: string) => {
    const response = await fetch(`${world.app.url}/events/spring/${file}`)
    expect(response.status).toBe(200)
    return response
  }
  return { world, exported }
}

const keyOf = (id: string) => Object.keys(hostileSessions).find((name) => uuidOf(name) === id)!

const byId = <Row extends { readonly id: string }>(rows: readonly Row[]) =>
  Object.fromEntries(rows.map((row) => [keyOf(row.id), row]))

const scheduled = stored.filter(({ startsAt }) => startsAt !== null)

/** What no XML can hold. */
// oxlint-disable-next-line no-control-regex
const noXml = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g

const inXml = (text: string) => text.replace(noXml, '')

/** As calendars have a text: without controls, and with one kind of line break. */
const inCalendar = (text: string) =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n').replace(/[\u0000-\u0008\u000B-\u001F\u007F]/g, '')

const seconds = (instant: string) => Math.floor(Date.parse(instant) / 1_000)

const elementTree: Judge = {
  packages: 'python3',
  imports: 'import json, sys, xml.etree.ElementTree as tree',
  script: `
root = tree.fromstring(text.encode())
print(json.dumps([{'id': event.get('guid'), 'title': event.findtext('title'), 'abstract': event.findtext('abstract'),
                   'room': event.findtext('room') or None, 'date': event.findtext('date'),
                   'persons': [person.text for person in event.iter('person')]} for event in root.iter('event')]))`,
}

test('schedule.xml is valid, and holds what XML can hold', async () => {
  const { exported } = await exporting()
  const text = await (await exported('schedule.xml')).text()
  expect(scheduleFaults('schedule.xml', text)).toEqual([])
  const found = judgedByPython(elementTree, text) as { id: string; date: string }[] | null
  if (found === null) return
  const expected = scheduled.map(({ id, title, text: abstract, room, speakers, startsAt }) => ({
    ...{ id, title: inXml(title), abstract: inXml(abstract), room: room && inXml(room) },
    ...{ persons: speakers.map(inXml), date: new Date(startsAt!).toISOString() },
  }))
  const read = found.map((one) => ({ ...one, date: new Date(one.date).toISOString() }))
  expect(byId(read)).toEqual(byId(expected))
})

test('schedule.json is valid, and holds every character', async () => {
  const { exported } = await exporting()
  const text = await (await exported('schedule.json')).text()
  expect(scheduleFaults('schedule.json', text)).toEqual([])
  interface Day {
    rooms: Record<
      string,
      {
        guid: string
        title: string
        abstract: string
        room: string
        date: string
        persons: { public_name: string }[]
      }[]
    >
  }
  const { schedule } = JSON.parse(text) as { schedule: { conference: { days: Day[] } } }
  const found = schedule.conference.days.flatMap(({ rooms }) => Object.values(rooms).flat())
  expect(
    byId(
      found.map(({ guid, title, abstract, room, date, persons }) => ({
        ...{ id: guid, title, abstract, room: room || null, date: new Date(date).toISOString() },
        persons: persons.map(({ public_name }) => public_name),
      })),
    ),
  ).toEqual(
    byId(
      scheduled.map(({ id, title, text: abstract, room, startsAt, speakers }) => {
        return { id, title, abstract, room, date: new Date(startsAt!).toISOString(), persons: speakers }
      }),
    ),
  )
})

type Entry = readonly [title: string, start: number, end: number]

/** Programs keep the blanks at the ends of a title, or don't; what has no end, each ends as it likes. */
const asShown = (entries: readonly Entry[]) =>
  entries
    .map(([title, start, end]): Entry => [blankless(title), start, open.has(blankless(title)) ? start : end])
    .toSorted(([one, start], [other, otherStart]) => start - otherStart || (one < other ? -1 : 1))

const blankless = (title: string) => title.replace(/\s+/g, ' ').trim()

const open = new Set(
  scheduled
    .filter(({ startsAt, endsAt }) => endsAt === null || seconds(endsAt) === seconds(startsAt!))
    .map(({ title }) => blankless(inCalendar(title))),
)

const entries = asShown(
  scheduled.map(({ title, startsAt, endsAt }): Entry => {
    return [inCalendar(title), seconds(startsAt!), seconds(endsAt ?? startsAt!)]
  }),
)

test.each([['ical.js', null], ...Object.entries(calendarJudges)] as const)(
  '%s reads each entry of the calendar',
  async (name, judge) => {
    const { exported } = await exporting()
    const text = await (await exported('schedule.ics')).text()
    const found =
      judge === null
        ? entriesByIcalJs(text).map(({ summary, startDate, endDate }): Entry => {
            return [summary, +startDate.toJSDate() / 1_000, +endDate.toJSDate() / 1_000]
          })
        : (judgedByPython(judge, text) as Entry[] | null)
    if (found === null) return
    const isRead = ([, start]: Entry) => !(misreaders.includes(name) && start === misread)
    expect(asShown(found).filter(isRead)).toEqual(entries.filter(isRead))
  },
)

/** Version 4 of icalendar, which khal is made of, takes a backslash before an n for a line break if another one is before it. */
const misreaders = ['icalendar', 'khal']
const misread = seconds(scheduled.find(({ title }) => title.startsWith('\\n'))!.startsAt!)

test('no entry of the calendar ends when it begins', async () => {
  const { exported } = await exporting()
  const ends = entriesByIcalJs(await (await exported('schedule.ics')).text()).flatMap(
    ({ component, startDate, endDate }) =>
      component.hasProperty('dtend') ? [+endDate.toJSDate() - +startDate.toJSDate()] : [],
  )
  expect(ends.length).toBeGreaterThan(scheduled.length / 2)
  expect(ends.filter((length) => length <= 0)).toEqual([])
})

const xcalReader: Judge = {
  packages: 'python3',
  imports: 'import json, sys, xml.etree.ElementTree as tree',
  script: `
name = '{urn:ietf:params:xml:ns:icalendar-2.0}'
value = lambda entry, key: entry.findtext(f'{name}properties/{name}{key}/{name}text')
print(json.dumps([{'id': value(entry, 'uid'), 'title': value(entry, 'summary')}
                  for entry in tree.fromstring(text.encode()).iter(f'{name}vevent')]))`,
}

test('xCal is well-formed, and holds what XML can hold', async () => {
  const { exported } = await exporting()
  const found = judgedByPython(xcalReader, await (await exported('schedule.xcal')).text())
  if (found === null) return
  const expected = scheduled.map(({ id, title }) => ({ id, title: inXml(title) }))
  expect(byId(found as { id: string }[])).toEqual(byId(expected))
})

const csvReader: Judge = {
  packages: 'python3',
  imports: 'import csv, io, json, sys\ncsv.field_size_limit(10 ** 9)',
  script: `print(json.dumps(list(csv.DictReader(io.StringIO(text, newline='')))))`,
}

test('a spreadsheet finds each text in its cell, and no formula', async () => {
  const { exported } = await exporting()
  const rows = judgedByPython(csvReader, await (await exported('schedule.csv')).text()) as
    Record<string, string>[] | null
  if (rows === null) return
  const cells = rows.flatMap((row) => Object.entries(row).map(([column, cell]) => ({ column, cell })))
  expect(cells.filter(({ cell }) => /^\s*[=+\-@＝＋－＠]/.test(cell))).toEqual([])
  expect(
    byId(rows.map(({ guid, title, abstract }) => ({ id: guid!, title: title!, abstract: abstract! }))),
  ).toEqual(byId(stored.map(({ id, title, text }) => ({ id, title: asCell(title), abstract: asCell(text) }))))
})

/** Behind an apostrophe if it could be taken for a formula. */
const asCell = (text: string) => (/^\s*[=+\-@＝＋－＠]/.test(text) ? `'${text}` : text)

test('Open Event holds every character, in a ZIP archive that others open', async () => {
  const { exported } = await exporting()
  const archive = Buffer.from(await (await exported('open-event.zip')).arrayBuffer()).toString('base64')
  const found = judgedByPython(zipReader, archive) as
    { guid: string; title: string; short_abstract: string; starts_at: string | null }[] | null
  if (found === null) return
  expect(
    byId(found.map(({ guid: id, title, short_abstract }) => ({ id, title, text: short_abstract }))),
  ).toEqual(byId(stored.map(({ id, title, text }) => ({ id, title, text }))))
})

const zipReader: Judge = {
  packages: 'python3',
  imports: 'import base64, io, json, sys, zipfile',
  script: `
archive = zipfile.ZipFile(io.BytesIO(base64.b64decode(text)))
assert archive.testzip() is None
print(json.dumps(json.loads(archive.read('sessions'))))`,
}

const feedReader: Judge = {
  packages: 'python3-feedparser',
  imports: 'import feedparser, json, sys',
  script: `
feed = feedparser.parse(text)
print(json.dumps({'fault': str(feed.bozo_exception) if feed.bozo else None,
                  'titles': [entry.title for entry in feed.entries]}))`,
}

test('feed readers read the news of each', async () => {
  const { world, exported } = await exporting()
  for (const { id } of scheduled) {
    await world.sql(
      `UPDATE sessions SET starts_at = '2027-03-27T20:00Z', ends_at = '2027-03-27T21:00Z' WHERE id = $1`,
      [id],
    )
  }
  const told = judgedByPython(feedReader, await (await exported('changes.atom')).text()) as {
    fault: string | null
    titles: string[]
  } | null
  if (told === null) return
  expect(told.fault).toBeNull()
  // The latest fifty commits: all of these, and some of those before.
  const moved = told.titles.filter((title) => title.includes(' moved from ')).toReversed()
  expect(moved).toHaveLength(scheduled.length)
  for (const [index, { title }] of scheduled.entries()) {
    expect(moved[index]).toContain(`“${inSentence(title)}” moved from `)
    expect(moved[index]).not.toMatch(/[\u202A-\u202E\u2066-\u2069\r\n]/)
  }
})

/** In a line, and without what turns the direction of a text. */
const inSentence = (title: string) => inXml(cleanLine(title, 1_000) ?? '')

import { SaxesParser } from 'saxes'
import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { atomFaults } from '../interchange/write/atom-rules.ts'
import { judgedByPython } from '../judges.ts'
import { createWorld } from '../world.ts'

interface Entry {
  readonly id: string
  readonly title: string
  readonly updated: string
  readonly content: string
}

test('the feed of changes tells people what moved from where to where, in their language, once a commit', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { rooms } = programme
  const at = (hour: string, day = 27) => ({
    startsAt: `2027-03-${day}T${hour}:00:00Z`,
    endsAt: `2027-03-${day}T${hour}:30:00Z`,
  })
  const title = 'Clocks & <time>'
  const talk = await createSession(world, programme, { title, roomId: rooms[0], ...at('09') })
  const other = await createSession(world, programme, { title: 'Other', roomId: rooms[1], ...at('11') })
  const draft = await createSession(world, programme, { title: 'Secret', state: 'DRAFT', ...at('12') })
  const patch = (id: string, values: object) =>
    world.organize(
      `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { id } } }`,
      { id, patch: values },
    )
  const get = (query = '', headers: Record<string, string> = {}) =>
    fetch(`${world.app.url}/events/spring/changes.atom${query}`, { headers })
  const entriesOf = async (response: Response) => entriesIn(await response.text())
  const first = await get()
  expect([first.status, first.headers.get('content-type'), first.headers.get('content-language')]).toEqual([
    ...[200, 'application/atom+xml; charset=utf-8', 'en'],
  ])
  const known = (await entriesOf(first)).map((entry) => entry.title)
  expect(known).toEqual([
    'New: “Other”, Attic, Sat 27 Mar 12:00',
    'New: “Clocks & <time>”, Hall, Sat 27 Mar 10:00',
  ])
  await patch(talk, { roomId: rooms[1], ...at('10') })
  await patch(talk, { abstract: 'Nobody is told of that.' })
  await patch(draft, { title: 'More secret' })
  await patch(talk, { ...at('08', 28), title: 'Clocks' })
  await patch(talk, { endsAt: '2027-03-28T09:00:00Z' })
  await patch(other, { state: 'CANCELED', title: 'Nobody has seen that' })
  await world.sql(`UPDATE rooms SET name = 'Loft' WHERE id = $1`, [rooms[1]])
  await world.operator.db.session.createMany({
    data: Array.from({ length: 60 }, (_, n) => ({
      ...{ eventId: programme.eventId, title: `Import ${n}`, state: 'CONFIRMED' as const, roomId: rooms[0]! },
      startsAt: new Date(Date.parse('2027-03-28T10:00:00Z') + n * 60_000),
    })),
  })
  const etag = first.headers.get('etag')!
  const moved = await get('', { 'if-none-match': etag })
  const body = await moved.clone().text()
  const entries = await entriesOf(moved)
  expect(entries.map((entry) => entry.title)).toEqual([
    '60 new in the programme',
    'The room Attic is now called Loft',
    'Canceled: “Other”, Attic, Sat 27 Mar 12:00',
    '“Clocks” moved from Attic 10:00–10:30 to Attic 10:00–11:00 (Sun 28 Mar)',
    '“Clocks” moved from Attic, Sat 27 Mar 11:00 to Attic, Sun 28 Mar 10:00; “Clocks & <time>” is now called “Clocks”',
    '“Clocks & <time>” moved from Hall 10:00 to Attic 11:00 (Sat 27 Mar)',
    ...known,
  ])
  expect(entries[0]!.content.split('\n')).toHaveLength(51)
  expect(entries[0]!.content).toMatch(/^New: “Import 0”.*\nand 10 more$/s)
  const german = await get('?lang=de-AT')
  expect(german.headers.get('content-language')).toBe('de')
  const translated = await entriesOf(german)
  expect(translated[5]!.title).toBe('„Clocks & <time>“ verlegt von Hall 10:00 nach Attic 11:00 (Sa, 27.3.)')
  expect(translated.map(({ id }) => id)).toEqual(entries.map(({ id }) => id))
  expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)

  // Asked again, it is the same; and who may not see it, doesn't.
  const again = await get('', { 'if-none-match': moved.headers.get('etag')! })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expect(await (await get()).text()).toBe(body)
  const mine = await get('', { authorization: `Bearer ${world.token}` })
  expect(mine.headers.get('cache-control')).toBe('private, no-cache')
  expect((await entriesOf(mine)).map((entry) => entry.title)).toContain(
    '“Secret” is now called “More secret”',
  )
  expect(await (await get('?day=1&lang=1')).json()).toMatchObject({
    issues: [{ path: ['day'] }, { path: ['lang'] }],
  })
  await world.sql(`UPDATE events SET state = 'draft'`)
  expect((await get()).status).toBe(404)

  expect(atomFaults(body)).toEqual([])
  const judged = judgedByPython(feedparser, body)
  if (judged === null) return
  expect(judged).toEqual({
    ...{ bozo: false, version: 'atom10', language: 'en', title: 'Spring meeting: changes of the programme' },
    author: 'Spring meeting',
    entries: entries.map((entry) => [entry.id, entry.title, entry.updated, entry.content]),
  })
})

/** The entries of a feed, which must be well-formed. */
function entriesIn(feed: string): Entry[] {
  const entries: Record<string, string>[] = []
  const parser = new SaxesParser({ xmlns: true })
  let text = ''
  parser.on('opentag', ({ local }) => {
    text = ''
    if (local === 'entry') entries.push({})
  })
  parser.on('text', (more) => void (text += more))
  parser.on('closetag', ({ local }) => {
    const entry = entries.at(-1)
    if (entry !== undefined) entry[local] = text
  })
  parser.write(feed).close()
  // Each has these, or the comparisons fail.
  return entries as unknown as Entry[]
}

const feedparser = {
  packages: 'python3-feedparser',
  imports: 'import feedparser, json, sys',
  script: `
d = feedparser.parse(text)
print(json.dumps({'bozo': bool(d.bozo), 'version': d.version, 'language': d.feed.title_detail.language, 'title': d.feed.title,
  'author': d.feed.author, 'entries': [[e.id, e.title, e.updated, e.content[0].value] for e in d.entries]}))`,
}

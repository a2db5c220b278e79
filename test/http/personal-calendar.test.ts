import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { createSession } from '../features/programme.ts'
import { createTeam } from '../features/team.ts'

test('favorites are kept for a person and read as a calendar at an address of its own, until that is revoked', async () => {
  const { world, programme, as } = await createTeam()
  const at = (hour: number) => ({
    startsAt: `2027-03-27T${hour}:00:00Z`,
    endsAt: `2027-03-27T${hour}:30:00Z`,
  })
  // One after the other: favorites are listed in the order in which the sessions were made.
  const first = await createSession(world, programme, { title: 'First', ...at(10) })
  const second = await createSession(world, programme, { title: 'Second', ...at(11) })
  const draft = await createSession(world, programme, { title: 'Draft', state: 'DRAFT', ...at(12) })
  const mark = (ask: typeof world.ask, id: string, isFavorite = true) =>
    ask(
      `mutation { setFavorite(sessionId: "${id}", isFavorite: ${isFavorite}) { session { title isFavorite favoriteCount } } }`,
    )
  const codeOf = async (answer: ReturnType<typeof world.ask>) => (await answer).errors?.[0]?.extensions.code

  // Whoever sees a session may mark it, twice as well; who doesn't, isn't told that it is there.
  expect(await codeOf(mark(world.ask, first))).toBe('UNAUTHENTICATED')
  expect(await codeOf(mark(world.organize, first))).toBe('FORBIDDEN')
  expect(await codeOf(mark(as.VISITOR, draft))).toBe('NOT_FOUND')
  for (const id of [first, second, first]) await mark(as.VISITOR, id)
  expect((await mark(as.ORGANIZER, first)).data.setFavorite.session).toEqual({
    ...{ title: 'First', isFavorite: true, favoriteCount: 2 },
  })
  await mark(as.ORGANIZER, draft)
  const seen = `{ event(slug: "spring") { sessions { nodes { title isFavorite favoriteCount } } } viewer {
    ... on UserViewer { favorites(first: 1) { totalCount nodes { title } } personalCalendars { id event { slug } } } } }`
  const visitor = (await as.VISITOR(seen)).data
  expect(visitor.event.sessions.nodes).toEqual([
    { title: 'First', isFavorite: true, favoriteCount: null },
    { title: 'Second', isFavorite: true, favoriteCount: null },
  ])
  expect(visitor.viewer).toEqual({
    ...{ favorites: { totalCount: 2, nodes: [{ title: 'First' }] }, personalCalendars: [] },
  })
  const anybody = (
    await world.ask(`{ event(slug: "spring") { sessions { nodes { isFavorite favoriteCount } } } }`)
  ).data
  expect(anybody.event.sessions.nodes[0]).toEqual({ isFavorite: null, favoriteCount: null })

  const make =
    'mutation { createPersonalCalendar(eventSlug: "spring") { path calendar { id event { slug } } } }'
  const { path, calendar } = (await as.VISITOR(make)).data.createPersonalCalendar
  expect((await as.VISITOR(seen)).data.viewer.personalCalendars).toEqual([calendar])
  const get = (headers: Record<string, string> = {}) => fetch(`${world.app.url}${path}`, { headers })
  const titlesIn = async (response: Response) =>
    new ICAL.Component(ICAL.parse(await response.text()))
      .getAllSubcomponents('vevent')
      .map((entry) =>
        ['summary', 'status'].map((name) => String(entry.getFirstPropertyValue(name))).join(' '),
      )
  const response = await get()
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/calendar; charset=utf-8',
    'cache-control': 'private, no-cache',
    'content-disposition': 'inline; filename="spring-favorites.ics"',
  })
  const etag = response.headers.get('etag')!
  expect(await response.clone().text()).not.toContain(path)
  expect(await titlesIn(response)).toEqual(['First CONFIRMED', 'Second CONFIRMED'])

  // It follows what is marked and what becomes of that, and is answered 304 in between.
  expect((await get({ 'if-none-match': etag })).status).toBe(304)
  await mark(as.VISITOR, second, false)
  const fewer = await get({ 'if-none-match': etag })
  expect(await titlesIn(fewer)).toEqual(['First CONFIRMED'])
  await world.organize(`mutation { changeSessionState(id: "${first}", to: CANCELED) { session { id } } }`)
  const canceled = await get({ 'if-none-match': fewer.headers.get('etag')! })
  expect(await titlesIn(canceled)).toEqual(['First CANCELLED'])
  await mark(as.VISITOR, first, false)
  expect(await titlesIn(await get())).toEqual([])
  const own = (await as.ORGANIZER(make)).data.createPersonalCalendar
  expect(await titlesIn(await fetch(`${world.app.url}${own.path}`))).toEqual([
    'First CANCELLED',
    'Draft TENTATIVE',
  ])

  // The secret is stored nowhere, and not logged either.
  const secret = path.split('/')[2].replace('.ics', '')
  await fetch(`${world.app.url}/%63alendars/${secret}.ics/`)
  await fetch(`${world.app.url}/calendars/${secret}`)
  expect((await fetch(`${world.app.url}/calendars/nonsense.ics`)).status).toBe(404)
  await expect
    .poll(() => world.log.filter(({ url }) => String(url).includes('SECRET')).length)
    .toBeGreaterThan(7)
  expect(JSON.stringify(world.log)).not.toContain(secret)
  expect(
    await codeOf(as.ORGANIZER(`mutation { revokePersonalCalendar(id: "${calendar.id}") { calendarId } }`)),
  ).toBe('NOT_FOUND')
  await as.VISITOR(`mutation { revokePersonalCalendar(id: "${calendar.id}") { calendarId } }`)
  expect((await get()).status).toBe(410)
  expect((await as.VISITOR(seen)).data.viewer.personalCalendars).toEqual([])

  // With the person goes all of it.
  await world.sql('DELETE FROM users WHERE id IN (SELECT user_id FROM personal_calendars WHERE id = $1)', [
    calendar.id,
  ])
  expect((await get()).status).toBe(404)
  expect(await world.sql('SELECT count(*)::int AS n FROM favorites')).toEqual([{ n: 2 }])
})

test('a calendar of many favorites takes as many statements as one of a few', async () => {
  const { world, programme, as } = await createTeam()
  const make = 'mutation { createPersonalCalendar(eventSlug: "spring") { path } }'
  const { path } = (await as.VISITOR(make)).data.createPersonalCalendar
  const markOneMore = async () => {
    const startsAt = '2027-03-27T10:00:00Z'
    const id = await createSession(world, programme, { startsAt, speakerIds: programme.speakers })
    await as.VISITOR(`mutation { setFavorite(sessionId: "${id}", isFavorite: true) { session { id } } }`)
  }
  const read = async (id: string) => {
    const response = await fetch(`${world.app.url}${path}`, { headers: { 'x-request-id': id } })
    const entries = (await response.text()).split('BEGIN:VEVENT').length - 1
    await expect.poll(() => world.log.find(({ requestId }) => requestId === id)).toBeDefined()
    return { entries, statements: world.log.find(({ requestId }) => requestId === id)!['statements'] }
  }
  await markOneMore()
  const few = await read('few')
  for (let n = 0; n < 9; n += 1) await markOneMore()
  expect(await read('many')).toEqual({ entries: 10, statements: few.statements })
  expect(few).toEqual({ entries: 1, statements: 14 })
})

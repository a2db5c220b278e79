import { expect, test } from 'vitest'
import { dayAt, daysOf } from '../../src/time/days.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const titles = (nodes: { title: string }[]) => nodes.map(({ title }) => title)

/** The titles that a filter finds, by start, or the issues that it is refused for. */
async function found(world: World, filter: string, ask: World['ask'] = world.ask) {
  const { data, errors } = await ask(
    `{ event(slug: "spring") { sessions(filter: ${filter}) { totalCount nodes { title } } } }`,
  )
  if (errors !== undefined) return errors[0]!.extensions.issues ?? errors[0]!.extensions.code
  expect(data.event.sessions.totalCount).toBe(data.event.sessions.nodes.length)
  return titles(data.event.sessions.nodes)
}

const change = (world: World, { eventId }: Programme, patch: string) =>
  world.organize(`mutation { updateEvent(id: "${eventId}", patch: ${patch}) { event { id } } }`)

test('the days of an event follow the clocks of its zone: 23 and 25 hours, and no day that a zone skips', () => {
  const hours = (zone: string, from: string, until: string, dayStartsAt = '00:00') =>
    daysOf({ startsAt: new Date(from), endsAt: new Date(until) }, { timeZone: zone, dayStartsAt }, 10).map(
      ({ date, startsAt, endsAt }) => [date, startsAt.toISOString(), (+endsAt - +startsAt) / 3_600_000],
    )
  expect(hours('Europe/Berlin', '2027-03-27T08:00:00Z', '2027-03-28T22:00:00Z')).toEqual([
    ['2027-03-27', '2027-03-26T23:00:00.000Z', 24],
    ['2027-03-28', '2027-03-27T23:00:00.000Z', 23],
  ])
  expect(hours('Europe/Berlin', '2027-10-31T08:00:00Z', '2027-10-31T09:00:00Z', '04:00')).toEqual([
    ['2027-10-31', '2027-10-31T03:00:00.000Z', 24],
  ])
  expect(hours('Europe/Berlin', '2027-10-31T00:30:00Z', '2027-10-31T09:00:00Z', '04:00')).toEqual([
    ['2027-10-30', '2027-10-30T02:00:00.000Z', 25],
    ['2027-10-31', '2027-10-31T03:00:00.000Z', 24],
  ])
  // Samoa went from the 29th to the 31st.
  expect(hours('Pacific/Apia', '2011-12-29T20:00:00Z', '2011-12-31T09:00:00Z')).toEqual([
    ['2011-12-29', '2011-12-29T10:00:00.000Z', 24],
    ['2011-12-31', '2011-12-30T10:00:00.000Z', 24],
  ])
  // The clocks skipped midnight.
  expect(hours('America/Sao_Paulo', '2018-11-04T05:00:00Z', '2018-11-04T06:00:00Z')).toEqual([
    ['2018-11-04', '2018-11-04T03:00:00.000Z', 23],
  ])
  expect(hours('UTC', '1900-01-01T00:00:00Z', '2200-12-31T23:59:59Z')).toHaveLength(10)
  expect(hours('Pacific/Honolulu', '1900-01-01T00:00:00Z', '1900-01-01T01:00:00Z')).toHaveLength(1)
})

test('a session after midnight belongs to the evening before, in whichever zone, whoever changes that', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  for (const startsAt of ['2027-03-27T20:00', '2027-03-28T01:30', '2027-03-28T03:59', '2027-03-28T04:00']) {
    await createSession(world, programme, { title: startsAt.slice(8), startsAtLocal: startsAt })
  }
  await createSession(world, programme, { title: 'sometime' })
  const day = (date: string) => found(world, `{ day: "${date}" }`)
  const grid = `{ event(slug: "spring") { dayStartsAt days { date startsAt endsAt } } }`
  expect(await day('2027-03-27')).toEqual(['27T20:00'])
  expect(await day('2027-03-28')).toEqual(['28T01:30', '28T03:59', '28T04:00'])
  await change(world, programme, '{ dayStartsAt: "04:00" }')
  expect(await day('2027-03-27')).toEqual(['27T20:00', '28T01:30', '28T03:59'])
  expect(await day('2027-03-28')).toEqual(['28T04:00'])
  const { data, statements } = await world.ask(grid)
  expect([data.event, statements]).toEqual([
    {
      dayStartsAt: '04:00',
      days: [
        { date: '2027-03-27', startsAt: '2027-03-27T03:00:00.000Z', endsAt: '2027-03-28T02:00:00.000Z' },
        { date: '2027-03-28', startsAt: '2027-03-28T02:00:00.000Z', endsAt: '2027-03-29T02:00:00.000Z' },
      ],
    },
    1,
  ])
  // In Kolkata it is four and a half hours later.
  await change(world, programme, '{ timeZone: "Asia/Kolkata" }')
  expect(await day('2027-03-28')).toEqual(['28T01:30', '28T03:59', '28T04:00'])
  await world.sql(`UPDATE events SET day_starts_at = '00:00'`)
  await world.sql(`UPDATE sessions SET starts_at = starts_at + interval '10 days' WHERE title = '28T04:00'`)
  expect(await day('2027-04-07')).toEqual(['28T04:00'])
  expect(await found(world, '{ unscheduled: true }')).toEqual(['sometime'])
  expect(await found(world, '{ unscheduled: false, day: "2027-03-28" }')).toEqual([
    ...['27T20:00', '28T01:30', '28T03:59'],
  ])
  expect((await change(world, programme, '{ dayStartsAt: "12:01" }')).errors?.[0]?.extensions.issues).toEqual(
    [{ path: ['patch', 'dayStartsAt'], message: 'must be 00:00 to 12:00.' }],
  )
  for (const wrong of ['2027-02-29', '27-03-2027', '2027-3-1', ''])
    expect(
      (await world.ask(`{ event(slug: "spring") { sessions(filter: { day: "${wrong}" }) { totalCount } } }`))
        .errors,
    ).toHaveLength(1)
  const history = `{ event(slug: "spring") { history { nodes { changes { field before after } } } } }`
  const told = (await world.organize(history)).data.event.history.nodes
  expect(told[2].changes).toEqual([{ field: 'dayStartsAt', before: '00:00', after: '04:00' }])
  // A change of the day is one that the public is told of; taking it back is one as well.
  const feed = `{ programmeChanges(eventSlug: "spring", first: 200) { changes { node { ... on Event { dayStartsAt } } } } }`
  expect(JSON.stringify((await world.ask(feed)).data)).toContain('"dayStartsAt":"00:00"')
  const [published] = await world.sql(
    `SELECT bool_and(is_public) AS all FROM programme_commits WHERE change IN (
       SELECT change FROM revisions WHERE entity = 'event' AND after ? 'day_starts_at' AND operation = 'updated')`,
  )
  expect(published!['all']).toBe(true)
  await world.organize(`mutation { revertEvent(id: "${programme.eventId}", toVersion: 2) { event { id } } }`)
  expect((await world.ask(grid)).data.event.dayStartsAt).toBe('04:00')
})

test('an instant is in the day that the days of an event say, half-hour by half-hour over clock changes', () => {
  for (const [timeZone, from] of [
    ['Europe/Berlin', '2027-03-27T12:00:00Z'],
    ['Europe/Berlin', '2027-10-30T12:00:00Z'],
    ['Pacific/Apia', '2011-12-29T00:00:00Z'],
    ['America/Sao_Paulo', '2018-11-03T12:00:00Z'],
    ['America/Sao_Paulo', '2018-02-17T12:00:00Z'],
    ['America/Scoresbysund', '2024-03-30T12:00:00Z'],
  ] as const) {
    for (const dayStartsAt of ['00:00', '00:30', '02:30', '05:00', '12:00']) {
      const clock = { timeZone, dayStartsAt }
      const startsAt = new Date(from)
      const days = daysOf({ startsAt, endsAt: new Date(+startsAt + 4 * 86_400_000) }, clock, 10)
      for (let at = startsAt; at < days[3]!.startsAt; at = new Date(+at + 1_800_000)) {
        const day = days.find((one) => one.startsAt <= at && at < one.endsAt)
        expect([timeZone, dayStartsAt, at, dayAt(at, clock)]).toEqual([timeZone, dayStartsAt, at, day?.date])
      }
    }
  }
})

// PostgreSQL's tables and Node's differ in these: one of them knows of a law that the other doesn't.
test.each(['America/Vancouver', 'CET', 'Europe/Berlin'])(
  'lists, exports and the days of an event agree in %s on the day of a session, canceled or not, in one statement',
  async (timeZone) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await world.sql(`UPDATE events SET time_zone = $1, day_starts_at = '05:00', ends_at = '2027-03-30'`, [
      timeZone,
    ])
    const first = Date.parse('2027-03-27T08:00:00Z')
    await world.operator.db.session.createMany({
      data: Array.from({ length: 70 }, (_, n) => {
        const startsAt = new Date(first + n * 1_800_000)
        return {
          ...{
            eventId: programme.eventId,
            state: 'CONFIRMED' as const,
            roomId: programme.rooms[0]!,
            startsAt,
          },
          title: startsAt.toISOString(),
        }
      }),
    })
    await world.sql(`UPDATE sessions SET state = 'canceled' WHERE title LIKE '%:30:00.000Z'`)
    const { data } = await world.ask('{ event(slug: "spring") { days { date startsAt endsAt } } }')
    const days = data.event.days as { date: string; startsAt: string; endsAt: string }[]
    expect(days.length).toBeGreaterThan(2)
    for (const { date, startsAt, endsAt } of days) {
      const all = (
        await world.sql<{ title: string }>(
          'SELECT title FROM sessions WHERE starts_at >= $1 AND starts_at < $2 ORDER BY starts_at',
          [startsAt, endsAt],
        )
      ).map(({ title }) => title)
      const confirmed = all.filter((title) => title.includes(':00:00'))
      const listed = await world.ask(`{ event(slug: "spring") {
        few: sessions(first: 1) { nodes { title } }
        more: sessions(first: 2) { nodes { title } }
        sessions(filter: { day: "${date}" }, first: 100) { totalCount nodes { title } }
        seen: sessions(filter: { day: "${date}", includeCanceled: true }, first: 100) { nodes { title } }
        rooms { name sessions(filter: { day: "${date}" }, first: 100) { totalCount } } } }`)
      expect(listed.errors).toBeUndefined()
      const { event } = listed.data
      expect([date, titles(event.sessions.nodes), event.sessions.totalCount]).toEqual([
        ...[date, confirmed, confirmed.length],
      ])
      expect([date, titles(event.seen.nodes)]).toEqual([date, all])
      expect(
        event.rooms.map((room: { sessions: { totalCount: number } }) => room.sessions.totalCount),
      ).toEqual([...[confirmed.length, 0]])
      const xml = await (await fetch(`${world.app.url}/events/spring/schedule.xml?day=${date}`)).text()
      expect([...xml.matchAll(/<title>(.*Z)</g)].map(([, title]) => title)).toEqual(confirmed)
      expect([...xml.matchAll(/ date="([^"]+)"/g)].map(([, day]) => day)).toEqual(
        confirmed.length > 0 ? [date] : [days[0]!.date],
      )
    }
    // A query of this zone's own, since an answer to another zone's would be kept.
    const grid = `# ${timeZone}
      { event(slug: "spring") { sessions(filter: { day: "2027-03-28" }) { nodes { title } } } }`
    expect((await world.ask(grid)).statements).toBe(1)
    const events = `{ events { nodes { slug sessions(filter: { day: "2027-03-28" }) { totalCount } } } }`
    await createProgramme(world, 'autumn')
    await world.ask(events)
    expect((await world.ask(events)).statements).toBe(1)
  },
)

test("a door sign of a day is one statement once its event's clock is known, and never shows the day of another clock", async () => {
  const world = await createWorld()
  const { rooms } = await createProgramme(world)
  let asked = 0
  const sign = async (zone: string, starts: string) => {
    await world.sql('UPDATE events SET time_zone = $1, day_starts_at = $2', [zone, starts])
    // A query of its own each time: what is asked often is kept, and read in a snapshot with its clock.
    const { data, errors, statements } =
      await world.ask(`query Sign${(asked += 1)} { room(id: "${rooms[0]}") { name event { name }
      sessions(filter: { day: "2027-03-27" }) { totalCount nodes { title speakers { name } } pageInfo { endCursor } } } }`)
    expect(errors).toBeUndefined()
    const { totalCount, nodes } = data.room.sessions
    return [totalCount, nodes.map(({ title }: { title: string }) => title), statements]
  }
  const at = ['2027-03-27T00:30Z', '2027-03-27T20:00Z', '2027-03-27T23:30Z']
  const values = at.map((starts) => `'${starts}'`).join(', ')
  await world.sql(`INSERT INTO sessions (id, event_id, title, state, starts_at, room_id)
    SELECT gen_random_uuid(), e.id, to_char(t.at AT TIME ZONE 'UTC', 'DD HH24:MI'), 'confirmed', t.at, '${rooms[0]}'
    FROM events e, unnest(ARRAY[${values}]::timestamptz[]) t (at)`)
  const [night, evening, later] = ['27 00:30', '27 20:00', '27 23:30']
  // No other test has this clock.
  const known = ['Pacific/Marquesas', '03:21'] as const
  expect(await sign(...known)).toEqual([...[2, [evening, later]], 2])
  expect(await sign(...known)).toEqual([...[2, [evening, later]], 1])
  expect(await sign('Asia/Kathmandu', '03:21')).toEqual([...[2, [night, evening]], 2])
  expect(await sign('Asia/Kathmandu', '03:22')).toEqual([...[2, [night, evening]], 2])
  expect(await sign('Asia/Tokyo', '03:21')).toEqual([...[1, [night]], 2])
  expect(await sign('Asia/Kathmandu', '03:21')).toEqual([...[2, [night, evening]], 1])
  expect(await sign(...known)).toEqual([...[2, [evening, later]], 1])
})

test('what is held, what is over and what comes next is asked by one filter or field, ends or no ends', async () => {
  const world = await createWorld({ clock: () => new Date('2027-03-27T10:30:00Z') })
  const programme = await createProgramme(world)
  const { rooms, types } = programme
  await world.sql('UPDATE session_types SET duration_minutes = 45 WHERE id = $1', [types[0]])
  const at = (hour: string) => `2027-03-27T${hour}:00Z`
  const make = (title: string, hour: string, rest: object = {}) =>
    createSession(world, programme, { title, startsAt: at(hour), roomId: rooms[0], ...rest })
  await make('early', '09:00', { endsAt: at('10:00') })
  await make('as its type', '10:00', { sessionTypeId: types[0] })
  await world.sql(`UPDATE sessions SET ends_at = NULL WHERE title = 'as its type'`)
  await make('no end', '10:10', { sessionTypeId: types[1], roomId: rooms[1] })
  await make('rejected', '10:25', { endsAt: at('11:00'), state: 'PENDING' })
  await make('next', '10:45', { endsAt: at('11:30') })
  await make('later', '12:00', { endsAt: at('12:30') })
  await make('elsewhere', '10:00', { roomId: rooms[1], endsAt: at('10:40'), level: 'EXPERT' })

  expect(await found(world, `{ heldAt: "${at('10:30')}" }`)).toEqual(['as its type', 'elsewhere'])
  expect(await found(world, `{ heldAt: "${at('10:45')}" }`)).toEqual(['next'])
  expect(await found(world, `{ heldAt: "${at('10:10')}" }`)).toEqual(['as its type', 'elsewhere', 'no end'])
  expect(await found(world, `{ endsAfter: "${at('10:30')}" }`)).toEqual([
    ...['as its type', 'elsewhere', 'next', 'later'],
  ])
  expect(await found(world, `{ endsAt: { lte: "${at('10:45')}" } }`)).toEqual([
    ...['early', 'as its type', 'elsewhere'],
  ])
  expect(await found(world, `{ sessionTypeIds: ["${types[0]}"] }`)).toEqual(['as its type'])
  expect(await found(world, '{ levels: [EXPERT] }')).toEqual(['elsewhere'])

  const sign = `{ room(id: "${rooms[0]}") { name currentSession { title } nextSession { title speakers { name } }
    sessions(first: 1) { nodes { title } } } }`
  const { data, statements } = await world.ask(sign)
  expect([data.room, statements]).toEqual([
    {
      ...{
        name: 'Hall',
        currentSession: { title: 'as its type' },
        nextSession: { title: 'next', speakers: [] },
      },
      sessions: { nodes: [{ title: 'early' }] },
    },
    1,
  ])
  // Organizers see what isn't taken yet, but it isn't on.
  expect((await world.organize(sign)).data.room.currentSession).toEqual({ title: 'as its type' })
  const moments = `{ event(slug: "spring") { currentSessions { title } before: currentSessions(at: "${at('09:30')}") { title }
    rooms { currentSession { title } later: currentSession(at: "${at('11:00')}") { title }
      nextSession { title } last: nextSession(at: "${at('11:00')}") { title } } } }`
  expect((await world.ask(moments)).data.event).toEqual({
    currentSessions: [{ title: 'as its type' }, { title: 'elsewhere' }],
    before: [{ title: 'early' }],
    rooms: [
      {
        ...{ currentSession: { title: 'as its type' }, later: { title: 'next' } },
        ...{ nextSession: { title: 'next' }, last: { title: 'later' } },
      },
      { currentSession: { title: 'elsewhere' }, later: null, nextSession: null, last: null },
    ],
  })
  // Both fields alone, and with selections that no statement gives at once.
  const apart = `{ room(id: "${rooms[0]}") { currentSession { event { sessions(first: 1) { nodes { title } } } }
    nextSession { title event { sessions(first: 2) { nodes { title } } } } } }`
  expect((await world.ask(apart)).data.room).toMatchObject({
    currentSession: { event: { sessions: { nodes: [{ title: 'early' }] } } },
    nextSession: { title: 'next', event: { sessions: { nodes: [{ title: 'early' }, {}] } } },
  })
  // The type's length counts wherever it is compared, also when it changes.
  const shorter = await world.organize(
    `mutation { updateSessionType(id: "${types[0]}", patch: { durationMinutes: 15 }) { sessionType { id } } }`,
  )
  expect(shorter.errors).toBeUndefined()
  expect(await found(world, `{ heldAt: "${at('10:30')}" }`)).toEqual(['elsewhere'])
  await world.organize(`mutation { deleteSessionType(id: "${types[0]}") { sessionType { id } } }`)
  expect(await found(world, `{ heldAt: "${at('10:05')}" }`)).toEqual(['elsewhere'])
})

test('deleted sessions are listed alone for who may see them', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'gone' })
  await createSession(world, programme, { title: 'there' })
  await world.organize(`mutation { deleteSession(id: "${id}") { session { id } } }`)
  expect(await found(world, '{ onlyDeleted: true }', world.organize)).toEqual(['gone'])
  expect(await found(world, '{ onlyDeleted: true }')).toBe('UNAUTHENTICATED')
})

test('a list is read from its end backwards, and between two cursors, rows without a value last', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  for (const hour of ['10', '11', '12'])
    await createSession(world, programme, { title: hour, startsAt: `2027-03-27T${hour}:00:00Z` })
  for (const title of ['x', 'y']) await createSession(world, programme, { title })
  const list = async (args: string, variables: object = {}, declared = '') => {
    const { data, errors } = await world.ask(
      `query ${declared} { event(slug: "spring") { sessions(${args}) {
        edges { cursor node { title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }`,
      variables,
    )
    if (errors !== undefined) return { issues: errors[0]!.extensions.issues as unknown[] }
    const { edges, pageInfo } = data.event.sessions
    return {
      titles: titles(edges.map(({ node }: { node: { title: string } }) => node)).join(' '),
      more: [pageInfo.hasPreviousPage, pageInfo.hasNextPage],
      start: pageInfo.startCursor as string,
      end: pageInfo.endCursor as string,
    }
  }
  for (const [order, all] of [
    ['ASC', '10 11 12 x y'],
    ['DESC', '12 11 10 y x'],
  ] as const) {
    const orderBy = `orderBy: { field: STARTS_AT, direction: ${order} }`
    const read: string[] = []
    let before = ''
    for (let more = true; more;) {
      const page = await list(`${orderBy}, last: 2${before}`)
      read.unshift(page.titles!)
      expect(page.more![1]).toBe(before !== '')
      more = page.more![0]!
      before = `, before: "${page.start}"`
    }
    expect(read.join(' ')).toBe(all)
    const first = await list(`${orderBy}, first: 1`)
    const last = await list(`${orderBy}, last: 1`)
    const between = await list(`${orderBy}, after: "${first.end}", before: "${last.start}"`)
    expect([between.titles, between.more]).toEqual([all.split(' ').slice(1, 4).join(' '), [true, true]])
    const lastBetween = await list(`${orderBy}, last: 1, after: "${first.end}", before: "${last.start}"`)
    expect(lastBetween.titles).toBe(all.split(' ')[3])
    const none = await list(`${orderBy}, last: 0, before: "${last.start}"`)
    expect([none.titles, none.start, none.more]).toEqual(['', last.start, [true, true]])
  }
  const both = [{ path: ['last'], message: 'goes without "first": a page begins at one end of the list.' }]
  expect((await list('first: 2, last: 2')).issues).toEqual(both)
  expect(
    (await list('first: $first, last: $last', { first: 1, last: 1 }, '($first: Int, $last: Int)')).issues,
  ).toEqual(both)
  expect((await list('first: $first, last: $last', { last: 1 }, '($first: Int, $last: Int)')).titles).toBe(
    'y',
  )
  expect((await list('first: null, last: 1')).titles).toBe('y')
  expect((await list('last: 201')).issues).toEqual([
    { path: ['last'], message: 'must be 0 to 200; ask for the rest by "before".' },
  ])
  expect((await list('last: 1, before: "x"')).issues).toMatchObject([{ path: ['before'] }])
  const history = (args: string) =>
    world.organize(
      `{ event(slug: "spring") { history(${args}) { nodes { version } pageInfo { startCursor hasPreviousPage } } } }`,
    )
  for (const name of ['one', 'two']) await change(world, programme, `{ name: "${name}" }`)
  const oldest = (await history('last: 1')).data.event.history
  expect([oldest.nodes, oldest.pageInfo.hasPreviousPage]).toEqual([[{ version: 1 }], true])
  const newer = (await history(`last: 5, before: "${oldest.pageInfo.startCursor}"`)).data.event.history
  expect(newer.nodes).toEqual([{ version: 3 }, { version: 2 }])
})

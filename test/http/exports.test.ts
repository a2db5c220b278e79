import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { fileWith } from '../interchange/files.ts'
import { entriesByIcalJs } from '../interchange/write/ical-js.ts'
import { createWorld, type World } from '../world.ts'
import { rawRequest } from './raw-request.ts'

interface Scene {
  readonly world: World
  readonly programme: Programme
  readonly ids: readonly [string, string, string]
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Response>
}

/** Two sessions that everybody sees, on two days, and a draft. */
async function scene(clock = () => new Date()): Promise<Scene> {
  const world = await createWorld({ clock })
  const programme = await createProgramme(world)
  const { tracks, rooms, types, speakers } = programme
  const create = (input: object) => createSession(world, programme, input)
  const first = await create({
    ...{ title: 'Opening', abstract: 'Words, and more; words.', language: 'en', speakerIds: [speakers[0]] },
    ...{ trackId: tracks[0], roomId: rooms[0], sessionTypeId: types[0] },
    ...{ startsAt: '2027-03-27T09:00:00Z', endsAt: '2027-03-27T09:45:00Z' },
  })
  const second = await create({
    ...{ title: 'Late', language: 'de', trackId: tracks[1], roomId: rooms[1] },
    ...{ startsAt: '2027-03-28T01:30:00Z', endsAt: '2027-03-28T02:30:00Z' },
  })
  const draft = await create({ title: 'Secret', state: 'DRAFT', startsAt: '2027-03-28T08:00:00Z' })
  const get: Scene['get'] = (path, headers = {}, method = 'GET') =>
    fetch(`${world.app.url}${path}`, { method, headers })
  return { world, programme, ids: [first, second, draft], get }
}

/** The entries of a calendar as ical.js reads them: title and start in UTC, by UID. */
async function entriesOf(response: Response): Promise<Record<string, string>> {
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    'text/calendar; charset=utf-8',
  ])
  return Object.fromEntries(
    entriesByIcalJs(await response.text()).map(({ component, uid, summary, startDate, sequence }) => {
      const status = String(component.getFirstPropertyValue('status'))
      return [uid, `${summary} ${startDate.toJSDate().toISOString().slice(0, 16)} ${sequence} ${status}`]
    }),
  )
}

const calendar = '/events/spring/schedule.ics'

describe('the calendar of an event', () => {
  test('has what everybody sees, and for a token what it sees', async () => {
    const { world, ids, get } = await scene()
    const everybody = {
      [ids[0]]: 'Opening 2027-03-27T09:00 1 CONFIRMED',
      [ids[1]]: 'Late 2027-03-28T01:30 1 CONFIRMED',
    }
    expect(await entriesOf(await get(calendar))).toEqual(everybody)
    const mine = await get(calendar, { authorization: `Bearer ${world.token}` })
    expect(mine.headers.get('cache-control')).toBe('private, no-cache')
    expect(await entriesOf(mine)).toEqual({ ...everybody, [ids[2]]: 'Secret 2027-03-28T08:00 1 TENTATIVE' })
    expect((await get(calendar, { authorization: 'Bearer nonsense' })).status).toBe(401)
  })

  test('moves entries: the same UID, a later SEQUENCE, whoever writes', async () => {
    const { world, ids, get } = await scene()
    const before = await get(calendar)
    expect(before.headers.get('cache-control')).toBe('public, no-cache')
    const etag = before.headers.get('etag')!
    expect((await get(calendar, { 'if-none-match': `"x", ${etag.replace('W/', '')}` })).status).toBe(304)
    await world.organize(
      `mutation { updateSession(id: "${ids[0]}", patch: { startsAt: "2027-03-27T10:00:00Z", endsAt: "2027-03-27T11:00:00Z" }) { session { id } } }`,
    )
    const moved = await get(calendar, { 'if-none-match': etag })
    expect((await entriesOf(moved))[ids[0]]).toBe('Opening 2027-03-27T10:00 2 CONFIRMED')
    const next = moved.headers.get('etag')!
    await world.sql(`UPDATE sessions SET starts_at = '2027-03-27T10:30:00Z' WHERE id = $1`, [ids[0]])
    const again = await get(calendar, { 'if-none-match': next })
    expect((await entriesOf(again))[ids[0]]).toBe('Opening 2027-03-27T10:30 3 CONFIRMED')
    // What nobody sees is no change for everybody.
    const last = again.headers.get('etag')!
    await world.sql(`UPDATE sessions SET title = 'Still secret' WHERE id = $1`, [ids[2]])
    const unchanged = await get(calendar, { 'if-none-match': last })
    expect([unchanged.status, await unchanged.text(), unchanged.headers.get('etag')]).toEqual([304, '', last])
  })

  test('says since when it is so, as soon as nothing more can happen in that second', async () => {
    let ahead = -60_000
    const { get } = await scene(() => new Date(Date.now() + ahead))
    expect((await get(calendar)).headers.get('last-modified')).toBeNull()
    ahead = 60_000
    const modified = (await get(calendar)).headers.get('last-modified')!
    expect(Math.abs(Date.now() - Date.parse(modified))).toBeLessThan(60_000)
    expect((await get(calendar, { 'if-modified-since': modified })).status).toBe(304)
    const earlier = new Date(Date.parse(modified) - 1_000).toUTCString()
    expect((await get(calendar, { 'if-modified-since': earlier })).status).toBe(200)
  })

  test('is narrowed by track, room, day, language and session', async () => {
    const { ids, get } = await scene()
    for (const [query, titles] of [
      ['track=Time', ['Opening']],
      ['track=time&track=DATA', ['Opening', 'Late']],
      ['room=Attic', ['Late']],
      ['day=2027-03-28', ['Late']],
      ['day=2027-03-26', []],
      ['language=en', ['Opening']],
      ['language=en&language=de&room=Hall', ['Opening']],
      [`session=${ids[0]}`, ['Opening']],
      ['session=00000000-0000-0000-0000-000000000000', []],
    ] as const) {
      const entries = Object.values(await entriesOf(await get(`${calendar}?${query}`)))
      expect([query, ...entries.map((entry) => entry.split(' ')[0])]).toEqual([query, ...titles])
    }
  })

  test('keeps what was cancelled after everybody saw it, unless it is to be dropped; never what nobody saw', async () => {
    const { world, ids, get } = await scene()
    const cancel = (id: string) =>
      world.organize(`mutation { changeSessionState(id: "${id}", to: CANCELED) { session { id } } }`)
    await cancel(ids[1])
    await world.sql(`UPDATE sessions SET state = 'canceled' WHERE id = $1`, [ids[2]])
    expect(await entriesOf(await get(calendar))).toEqual({
      [ids[0]]: 'Opening 2027-03-27T09:00 1 CONFIRMED',
      [ids[1]]: 'Late 2027-03-28T01:30 2 CANCELLED',
    })
    expect(Object.keys(await entriesOf(await get(`${calendar}?canceled=drop`)))).toEqual([ids[0]])
    expect(Object.keys(await entriesOf(await get(`/sessions/${ids[1]}.ics`)))).toEqual([ids[1]])
    expect((await get(`/sessions/${ids[2]}.ics`)).status).toBe(404)
  })

  test('exports a session after midnight under the day before, if the days of the event begin at five', async () => {
    const { world, ids, get } = await scene()
    await world.sql(`UPDATE events SET day_starts_at = '05:00'`)
    await world.sql(`UPDATE sessions SET starts_at = '2027-03-28T00:30:00Z' WHERE id = $1`, [ids[1]])
    const xml = await (await get('/events/spring/schedule.xml')).text()
    expect([...xml.matchAll(/<day .*?>|<title>.*<|<date>.*</g)].map(([found]) => found)).toEqual([
      '<title>Spring meeting<',
      '<day index="1" date="2027-03-27" start="2027-03-27T05:00:00+01:00" end="2027-03-28T05:00:00+02:00">',
      ...['<date>2027-03-27T10:00:00+01:00<', '<title>Opening<'],
      ...['<date>2027-03-28T01:30:00+01:00<', '<title>Late<'],
    ])
    const { schedule } = (await (await get('/events/spring/schedule.json?day=2027-03-27')).json()) as {
      schedule: { conference: { days: { date: string; rooms: Record<string, { title: string }[]> }[] } }
    }
    expect(schedule.conference.days).toMatchObject([
      { date: '2027-03-27', rooms: { Hall: [{ title: 'Opening' }], Attic: [{ title: 'Late' }] } },
    ])
    expect(await entriesOf(await get(`${calendar}?day=2027-03-28`))).toEqual({})
  })

  test('has the breaks if they are asked for', async () => {
    const { world, programme, get } = await scene()
    const [startsAt, endsAt] = [new Date('2027-03-27T11:00:00Z'), new Date('2027-03-27T12:00:00Z')]
    await world.operator.db.break.create({
      data: { eventId: programme.eventId, name: 'Lunch', startsAt, endsAt },
    })
    expect(Object.values(await entriesOf(await get(calendar)))).toHaveLength(2)
    const entries = Object.values(await entriesOf(await get(`${calendar}?breaks=true`)))
    expect(entries.map((entry) => entry.split(' ')[0])).toEqual(['Opening', 'Late', 'Lunch'])
  })

  test('goes compressed to who takes that, under its own name, and by HEAD without a body', async () => {
    const { world, get } = await scene()
    const plain = await get(calendar)
    const packed = await rawRequest(`${world.app.url}${calendar}`, { headers: { 'accept-encoding': 'gzip' } })
    expect(gunzipSync(packed.body).toString()).toBe(await plain.text())
    expect(packed.headers).toMatchObject({
      'content-encoding': 'gzip',
      etag: plain.headers.get('etag'),
      vary: expect.stringContaining('accept-encoding'),
      'content-disposition': 'inline; filename="spring-schedule.ics"',
      'access-control-allow-origin': '*',
    })
    const head = await get(calendar, {}, 'HEAD')
    // Not 0, which would be the length of another file.
    expect(head.headers.get('content-length')).toBeNull()
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([
      200,
      '',
      plain.headers.get('etag'),
    ])
    expect(head.headers.get('content-type')).toBe('text/calendar; charset=utf-8')
  })

  test('is paid for and logged like anything else', async () => {
    const { world, get } = await scene()
    const id = 'export-1'
    await (await get(calendar, { 'x-request-id': id })).text()
    await expect
      .poll(() => world.log.find((line) => line['requestId'] === id))
      .toMatchObject({
        url: calendar,
        status: 200,
        viewer: 'anonymous',
        operation: 'schedule.ics',
        cost: 6_080,
      })
  })

  test('is held to the points of who asks', async () => {
    const world = await createWorld({ rateLimits: { perAddress: 7_500, perUser: 0, perToken: 0 } })
    await createProgramme(world)
    const ask = () => fetch(`${world.app.url}${calendar}`)
    const first = await ask()
    expect([first.status, first.headers.get('ratelimit')]).toEqual([
      200,
      expect.stringContaining('"address";r='),
    ])
    await ask()
    const refused = await ask()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, expect.any(String)])
    expect(await refused.json()).toMatchObject({ status: 429, code: 'RATE_LIMITED' })
  })
})

test('an archive of the programme is the same bytes each time, narrowed like the others, and imported as it is', async () => {
  const { world, ids, get } = await scene()
  const address = '/events/spring/open-event.zip'
  const token = { authorization: `Bearer ${world.token}` }
  const [first, second] = [await get(address, token), await get(address, token)]
  expect(Object.fromEntries(first.headers)).toMatchObject({
    ...{ 'content-type': 'application/zip', 'cache-control': 'private, no-cache' },
    'content-disposition': 'inline; filename="spring-open-event.zip"',
  })
  const bytes = Buffer.from(await first.arrayBuffer())
  expect(Buffer.from(await second.arrayBuffer())).toEqual(bytes)
  const etag = first.headers.get('etag')!
  expect((await get(address, { ...token, 'if-none-match': etag })).status).toBe(304)
  const head = await get(address, token, 'HEAD')
  expect([head.status, head.headers.get('etag'), await head.text()]).toEqual([200, etag, ''])
  const read = async (response: Response) => {
    const file = await fileWith(new Uint8Array(await response.arrayBuffer()))
    return (await readProgramme(file)).sessions!.map(({ values, state }) => [values.title, state.value])
  }
  expect(await read(await get(address))).toEqual([
    ['Opening', 'CONFIRMED'],
    ['Late', 'CONFIRMED'],
  ])
  expect(await read(await get(`${address}?room=Attic`))).toEqual([['Late', 'CONFIRMED']])

  await world.sql(`UPDATE sessions SET title = 'Elsewhere' WHERE id = $1`, [ids[0]])
  const imported = await fetch(`${world.app.url}/events/spring/import?prefer=theirs`, {
    ...{ method: 'POST', body: bytes, headers: { ...token, 'content-type': 'application/zip' } },
  })
  expect([imported.status, await imported.json()]).toMatchObject([
    200,
    { counts: { sessions: { created: 0, changed: 1, unchanged: 2, removed: 0 } } },
  ])
  expect(Buffer.from(await (await get(address, token)).arrayBuffer())).toEqual(bytes)
})

const refusals: readonly [string, Record<string, string>, number, string][] = [
  ['/events/nowhere/schedule.ics', {}, 404, 'There is no event "nowhere" that you may see.'],
  [
    '/events/spring/schedule.pdf',
    {},
    404,
    'There is no schedule.pdf here: a programme is exported as schedule.ics',
  ],
  ['/sessions/none.ics', {}, 404, 'There is no session "none" that you may see.'],
  ['/sessions/none', {}, 404, 'There is no none here: a session is exported as ID.ics.'],
  [`${calendar}?track=Nope`, {}, 400, 'track: There is no track "Nope" in this event.'],
  [`${calendar}?tracks=Time`, {}, 400, "tracks: isn't a parameter of this address; it takes track, room,"],
  [`${calendar}?day=2027-02-30`, {}, 400, 'day: "2027-02-30" isn\'t a day such as 2027-03-27.'],
  [`${calendar}?canceled=no`, {}, 400, 'canceled: must be keep or drop, once.'],
  [`${calendar}?lang=%00`, {}, 400, 'lang: '],
  [`${calendar}?session=not-a-uuid`, {}, 400, 'session: "not-a-uuid" isn\'t the id or the guid of a session'],
  [`/events/spring/schedule.csv?session=7`, {}, 400, 'session: "7" isn\'t the id or the guid of a session'],
  [
    calendar,
    { accept: 'application/pdf' },
    406,
    'This address gives iCalendar, text/calendar, and your Accept',
  ],
]

test('what can not be given is refused in words', async () => {
  const { get } = await scene()
  for (const [path, headers, status, detail] of refusals) {
    const response = await get(path, headers)
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      ...[path, status, 'application/problem+json; charset=utf-8'],
    ])
    expect(await response.json()).toMatchObject({ status, detail: expect.stringContaining(detail) })
  }
})

test('one fault is told once', async () => {
  const { get } = await scene()
  for (const [query, name] of [
    ['canceled=maybe', 'canceled'],
    ['breaks=maybe', 'breaks'],
  ] as const) {
    const { issues } = (await (await get(`/events/spring/schedule.json?${query}`)).json()) as {
      issues: object[]
    }
    expect(issues).toEqual([
      { path: [name], message: expect.stringContaining("isn't a parameter of this address") },
    ])
  }
})

test('a draft event is exported to who sees it only', async () => {
  const { world, get } = await scene()
  await world.sql(`UPDATE events SET state = 'draft'`)
  expect((await get(calendar)).status).toBe(404)
  expect((await get(calendar, { authorization: `Bearer ${world.token}` })).status).toBe(200)
})

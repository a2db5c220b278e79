import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import type { HttpLimits } from '../../src/http/http-limits.ts'
import { createProgramme } from '../features/programme.ts'
import { frabXml } from '../interchange/frab-files.ts'
import { createWorld } from '../world.ts'

const conference = { title: 'Spring', start: '2027-03-27', end: '2027-03-28' }
const talk = { id: 1, title: 'Of clocks', start: '10:00', duration: '00:30', room: 'Hall' }
const programme = (...events: object[]) =>
  frabXml(conference, [{ date: '2027-03-27', events: events.map((event) => ({ ...talk, ...event })) }])

async function scene(httpLimits: Partial<HttpLimits> = {}) {
  const world = await createWorld({ httpLimits })
  await createProgramme(world)
  const titles = async () =>
    (await world.sql('SELECT title FROM sessions ORDER BY title')).map(({ title }) => title)
  const post = async (
    body: string,
    query = '',
    headers: Record<string, string> | null = {},
    slug = 'spring',
  ) => {
    const address = `${world.app.url}/events/${slug}/import${query}`
    const authorization = headers === null ? {} : { authorization: `Bearer ${world.token}` }
    const all = { ...authorization, 'content-type': 'application/xml', ...headers }
    const response = await fetch(address, { method: 'POST', body, headers: all })
    // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
    return { response, status: response.status, body: (await response.json()) as any }
  }
  const token = async (values: object) => {
    const minted = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'l', ...values })
    return { authorization: `Bearer ${minted.token}` }
  }
  return { world, titles, post, token }
}

test('a programme that is sent is imported with the options of the command, and the report is the answer', async () => {
  const { world, titles, post, token } = await scene()
  const rehearsal = await post(programme({}), '?dry-run&source=talks')
  expect([rehearsal.status, rehearsal.body]).toMatchObject([
    200,
    { source: 'talks', isDryRun: true, event: { slug: 'spring' }, counts: { sessions: { created: 1 } } },
  ])
  expect(await titles()).toEqual([])
  // As long as it takes, and with no more rights than it takes.
  const coOrganizer = await token({ role: 'CO_ORGANIZER' })
  const { response, status, body } = await post(programme({ abstract: 'x'.repeat(60_000) }), '', coOrganizer)
  expect([status, response.headers.get('cache-control'), body.rows.at(0).kind]).toEqual([
    200,
    'no-store',
    'event',
  ])
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
  expect(await titles()).toEqual(['Of clocks'])
  const [{ actor }] = (await world.sql(`SELECT actor FROM revisions WHERE entity = 'session'`)) as [
    { actor: string },
  ]
  expect(actor).toMatch(/^token:/)
  expect(world.log.at(-1)).toMatchObject({ operation: 'import', status: 200, url: '/events/spring/import' })
  // Edited here, and in the source.
  await world.sql(`UPDATE sessions SET title = 'Ours'`)
  const next = await post(programme({ title: 'Theirs' }), '?prefer=theirs', coOrganizer)
  expect(next.body.rows).toMatchObject([
    { conflicts: [{ field: 'title', base: 'Of clocks', taken: 'theirs' }] },
  ])
  expect(await titles()).toEqual(['Theirs'])
})

test('what is refused says why and what to do, and writes nothing', async () => {
  const { world, titles, post, token } = await scene()
  const faulty = programme({ start: 'soon' })
  const xml = programme({})
  const reader = await token({ role: 'REVIEWER' })
  const held = await token({ permissions: ['programme:edit'] })
  const elsewhere = await post(xml, '', {}, 'nowhere')
  const refused = {
    anonymous: await post(xml, '', null),
    unknown: await post(xml, '', { authorization: 'Bearer x' }),
    reviewer: await post(xml, '', reader),
    held: await post(xml, '', held),
    elsewhere,
    parameters: await post(xml, '?dryrun=true&prefer=mine&dry-run=maybe&time-zone=Mars&source=A'),
    form: await post(xml, '', { 'content-type': 'application/x-www-form-urlencoded' }),
    long: await post('x'.repeat(4_194_305)),
    faulty: await post(faulty),
    unreadable: await post('<schedule>\n<day>'),
    nothing: await post(''),
  }
  const told = Object.entries(refused).map(([what, { status, body }]) => [
    what,
    status,
    body.status,
    body.detail,
  ])
  expect(told).toEqual([
    ['anonymous', 401, 401, expect.stringContaining('needs you to sign in, or a token')],
    ['unknown', 401, 401, expect.any(String)],
    ['reviewer', 403, 403, expect.stringContaining('event:update')],
    ['held', 403, 403, expect.stringContaining('event:update')],
    ['elsewhere', 404, 404, 'There is no event "nowhere" that you may see.'],
    ['parameters', 400, 400, expect.stringMatching(/^dryrun: isn't a parameter.*\n?[^]*source: must/)],
    ['form', 415, 415, expect.stringContaining('A programme is sent as it is, as application/xml')],
    ['long', 413, 413, expect.stringContaining('4,194,304 bytes at most')],
    [
      'faulty',
      422,
      422,
      expect.stringMatching(
        /^body line \d+: start: .*\?skip-invalid=true\.$|^line \d+: start: [^]*\?skip-invalid=true\.$/,
      ),
    ],
    ['unreadable', 422, 422, expect.stringMatching(/line 2, column \d+: isn't well-formed XML/)],
    ['nothing', 422, 422, expect.stringContaining('is empty')],
  ])
  expect(refused.faulty.body.issues).toHaveLength(1)
  expect(refused.faulty.response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  expect(await titles()).toEqual([])
  expect(world.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('a client that breaks off its body has changed nothing', async () => {
  const { world, titles } = await scene()
  const { hostname, port } = new URL(world.app.url)
  const socket = connect(Number(port), hostname)
  const xml = programme({ abstract: 'x'.repeat(20_000) })
  const head = `POST /events/spring/import HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${world.token}\r\n`
  const body = `Content-Type: text/xml\r\nContent-Length: ${xml.length}\r\n\r\n${xml.slice(0, 18_000)}`
  await new Promise<void>((resolve) => socket.write(`${head}${body}`, () => resolve()))
  socket.destroy()
  await expect
    .poll(() => world.log.find(({ operation }) => operation === 'import'), { timeout: 5_000 })
    .toMatchObject({ aborted: true })
  expect(await titles()).toEqual([])
  expect(world.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('files that would be read for ever are given up one by one, while everybody else is served', async () => {
  const { world, titles, post } = await scene({ readingTimeout: 1_000 })
  // The 30th of February never comes.
  const endless = `BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20270327T100000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT\r\n`
  const calendar = `BEGIN:VCALENDAR\r\n${endless}END:VCALENDAR\r\n`
  const posts = Array.from({ length: 5 }, () => post(calendar, '', { 'content-type': 'text/calendar' }))
  await Promise.any(posts)
  expect((await world.ask('{ event(slug: "spring") { name } }')).errors).toBeUndefined()
  const answers = (await Promise.all(posts)).toSorted((one, other) => one.status - other.status)
  const given = [
    422,
    'body: takes longer than 1 s to read. Import a large programme by the command, "npm run import".',
  ]
  const refused = [429, 'One import of yours runs, and two wait. Try again in 30 seconds.']
  expect(answers.map(({ status, body }) => [status, body.detail])).toEqual([
    given,
    given,
    given,
    refused,
    refused,
  ])
  expect(answers.at(-1)!.response.headers.get('retry-after')).toBe('30')
  expect(await titles()).toEqual([])
})

test('an import may take longer than other requests', async () => {
  const { world, titles, post } = await scene({ workTimeout: 300 })
  await world.sql('BEGIN')
  await world.sql('LOCK TABLE sessions')
  const importing = post(programme({}))
  const { errors } = await world.organize('{ event(slug: "spring") { sessions { nodes { title } } } }')
  expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE')
  await world.sql('ROLLBACK')
  expect((await importing).status).toBe(200)
  expect(await titles()).toEqual(['Of clocks'])
})

test('what no programme has so much of is refused, with how much may be there', async () => {
  const { world, titles, post } = await scene()
  const rooms = Array.from({ length: 10_001 }, (_, index) => `<room name="${index}"/>`).join('')
  const sent = {
    rooms: `<schedule><conference><title>Spring</title></conference><day>${rooms}</day></schedule>`,
    mended: programme({ abstract: '\u0001'.repeat(10_001) }),
    entities: '<!DOCTYPE schedule [<!ENTITY a "aaaa">]><schedule>&a;</schedule>',
  }
  const told = await Promise.all(
    Object.values(sent).map(async (body) => {
      const { status, body: answer } = await post(body)
      return [status, answer.detail]
    }),
  )
  expect(told).toEqual([
    [422, expect.stringContaining('has 10,001 rooms, more than 10,000.')],
    [422, expect.stringContaining('has 10,001 places that would have to be mended, more than 10,000.')],
    [422, expect.stringContaining('declares its own entities or elements, which is refused.')],
  ])
  expect(await titles()).toEqual([])
  expect(world.log.filter(({ level }) => Number(level) >= 50)).toEqual([])
})

test('the name of a zone that goes on for ever is refused, not read for ever', async () => {
  const { titles, post } = await scene()
  const name = `/${'1'.repeat(1_000_000)}`
  const zone = `<time_zone_name>${name}</time_zone_name></conference>`
  const { status, body } = await post(programme({}).replace('</conference>', zone))
  expect([status, JSON.stringify(body).includes("isn't an IANA time zone")]).toEqual([422, true])
  expect(await titles()).toEqual([])
})

test('who opens the address of imports in a browser is told that it takes POST, not that there is none', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const response = await fetch(`${world.app.url}/events/spring/import`)
  expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST'])
  expect(await response.json()).toMatchObject({
    detail: 'This address takes a programme by POST; it gives none.',
  })
})

import type http from 'node:http'
import { print } from 'graphql'
import { describe, expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { boundOperations } from '../../src/http/caching/bound.ts'
import { allOperations } from '../clients/operations.ts'
import { mintToken } from '../../src/access/tokens.ts'
import { type DatabaseProxy, startDatabaseProxy } from '../database-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { getGraphql, type Query } from './get-graphql.ts'
import { rawRequest } from './raw-request.ts'

const schedule: Query = {
  query: `query Schedule($slug: String!) {
    event(slug: $slug) { name programmeModifiedAt sessions { totalCount nodes { id title state speakers { name } } } }
  }`,
  variables: { slug: 'spring' },
}
const talk = (id: string): Query => ({
  query: 'query ($id: ID!) { session(id: $id) { title } }',
  variables: { id },
})
const abstract = 'An hour about clocks, and why every one of them is wrong somewhere. '.repeat(30)
const long: Query = { query: '{ event(slug: "spring") { sessions { nodes { abstract } } } }' }

async function scene(options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld(options)
  const programme = await createProgramme(world)
  const [shown, draft] = [
    await createSession(world, programme, { title: 'Shown', abstract, speakerIds: [programme.speakers[0]] }),
    await createSession(world, programme, {
      title: 'Draft',
      state: 'DRAFT',
      speakerIds: [programme.speakers[1]],
    }),
  ]
  const get = (query: Query, headers?: http.OutgoingHttpHeaders) => getGraphql(world.app.url, query, headers)
  const organizer = { authorization: `Bearer ${world.token}` }
  return { world, programme, shown, draft, get, organizer }
}

/** The request's line in the log. */
async function lineOf({ log }: World, { headers }: { headers: http.IncomingHttpHeaders }) {
  const isOf = (line: Record<string, unknown>) =>
    line['msg'] === 'request' && line['requestId'] === headers['x-request-id']
  return expect
    .poll(() => log.find(isOf))
    .toBeDefined()
    .then(() => log.find(isOf)!)
}

describe('an answer that is bound to one event', () => {
  test('is 304 to who holds it, after one statement and before anything is executed', async () => {
    const { world, get, programme } = await scene()
    const first = await get(schedule)
    const [{ moment }] = (await world.sql<{ moment: Date }>(
      `SELECT max(committed_at) AS moment FROM programme_commits WHERE is_public`,
    )) as [{ moment: Date }]
    expect(first.headers).toMatchObject({
      etag: expect.stringMatching(/^"[\w-]{24}"$/),
      'last-modified': moment.toUTCString(),
      'cache-control': 'public, max-age=0, must-revalidate',
      vary: 'accept, accept-encoding, authorization',
      'surrogate-key': `event-${programme.eventId}`,
      'content-type': 'application/json; charset=utf-8',
    })
    const { etag } = first.headers as { etag: string }
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`, `W/"other",W/${etag}`, '*']) {
      const again = await get(schedule, { 'if-none-match': held })
      expect([held, again.status, again.headers.etag, again.text]).toEqual([held, 304, etag, ''])
      expect(again.headers['cache-control']).toBe(first.headers['cache-control'])
      expect(await lineOf(world, again)).toMatchObject({
        statements: 1,
        operation: 'query Schedule',
        kept: 'not modified',
      })
    }
    for (const held of ['"other"', etag.slice(1, -1), `"${etag.slice(1, -2)}"`]) {
      expect((await get(schedule, { 'if-none-match': held })).status).toBe(200)
    }
    // Two changes may fall into one second.
    const since = { 'if-modified-since': first.headers['last-modified'] }
    expect((await get(schedule, since)).status).toBe(200)
  })

  test('has a tag of its own in each coding, for each media type, document, operation and variables', async () => {
    const { get } = await scene()
    const accepts = [undefined, 'gzip', 'br', 'br;q=0.1, gzip', 'identity', 'br;q=0, gzip;q=0']
    const answers = await Promise.all(
      accepts.map((accept) => get(long, accept === undefined ? {} : { 'accept-encoding': accept })),
    )
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const word = answers[0]!.headers.etag!.slice(1, -1)
    const tags = ['', '-gzip', '-br', '-gzip', '', ''].map((suffix) => `"${word}${suffix}"`)
    expect(answers.map(({ headers }) => headers.etag)).toEqual(tags)
    const again = { 'if-none-match': `W/"${word}-br"`, 'accept-encoding': 'br' }
    expect(await get(long, again)).toMatchObject({ status: 304, headers: { etag: `"${word}-br"` } })

    const two =
      'query A($slug: String!) { event(slug: $slug) { id } } query B($slug: String!) { event(slug: $slug) { id } }'
    const others = [
      get(schedule),
      get(schedule, { accept: 'application/graphql-response+json' }),
      get({ ...schedule, query: `${schedule.query} ` }),
      get({ ...schedule, variables: { slug: 'spring', unused: 1 } }),
      get({ query: two, operationName: 'A', variables: { slug: 'spring' } }),
      get({ query: two, operationName: 'B', variables: { slug: 'spring' } }),
    ]
    expect(new Set((await Promise.all(others)).map(({ headers }) => headers.etag)).size).toBe(others.length)
    const [one, other] = [
      { slug: 'spring', a: 1, b: [{ c: 1, d: 2 }] },
      { b: [{ d: 2, c: 1 }], a: 1, slug: 'spring' },
    ]
    const [first, second] = [
      await get({ ...schedule, variables: one }),
      await get({ ...schedule, variables: other }),
    ]
    expect(first.headers.etag).toBe(second.headers.etag)
  })

  test('is the same by GET, HEAD and QUERY, and no-store by POST', async () => {
    const { world, get } = await scene()
    const { headers, body, text } = await get(long, { 'accept-encoding': 'br' })
    const head = await getGraphql(world.app.url, long, { 'accept-encoding': 'br' }, 'HEAD')
    expect([head.status, head.headers.etag, head.body.length]).toEqual([200, headers.etag, 0])
    expect(head.headers['content-length']).toBe(String(body.length))
    const sent = { body: JSON.stringify(long), headers: { 'content-type': 'application/json' } }
    const url = `${world.app.url}/graphql`
    const plain = (await get(long)).headers.etag
    const query = await rawRequest(url, { ...sent, method: 'QUERY' })
    expect([query.headers.etag, query.body.toString()]).toEqual([plain, text])
    const held = { ...sent.headers, 'if-none-match': plain }
    expect(await rawRequest(url, { ...sent, method: 'QUERY', headers: held })).toMatchObject({ status: 304 })
    const post = await rawRequest(url, { ...sent, method: 'POST', headers: held })
    expect([post.status, post.headers.etag, post.headers['cache-control']]).toEqual([
      200,
      undefined,
      'no-store',
    ])
  })

  test('to who signed in is private, and of all that they see', async () => {
    const { world, get, organizer, draft } = await scene()
    const [everybodys, team] = [await get(schedule), await get(schedule, organizer)]
    expect(team.headers['cache-control']).toBe('private, no-cache')
    expect(team.headers['x-accel-expires']).toBeUndefined()
    // Nobody is given another's by their tag.
    expect((await get(schedule, { 'if-none-match': team.headers.etag })).status).toBe(200)
    expect((await get(schedule, { ...organizer, 'if-none-match': everybodys.headers.etag })).status).toBe(200)

    await world.sql(`UPDATE sessions SET title = 'Another draft' WHERE id = $1`, [draft])
    expect((await get(schedule, { 'if-none-match': everybodys.headers.etag })).status).toBe(304)
    const anew = await get(schedule, { ...organizer, 'if-none-match': team.headers.etag })
    expect([anew.status, anew.text.includes('Another draft')]).toEqual([200, true])
  })

  test('ends with each change that shows, whoever writes, and not with one that is rolled back', async () => {
    const { world, get, shown, draft, programme } = await scene()
    const { eventId, speakers } = programme
    let etag = (await get(schedule)).headers.etag
    const changes: [string, unknown[]][] = [
      [`UPDATE sessions SET title = 'Moved' WHERE id = $1`, [shown]],
      [`UPDATE sessions SET state = 'confirmed' WHERE id = $1`, [draft]],
      [`UPDATE speakers SET name = 'Adele' WHERE id = $1`, [speakers[0]]],
      [`UPDATE sessions SET deleted_at = now() WHERE id = $1`, [shown]],
      [`UPDATE sessions SET deleted_at = NULL WHERE id = $1`, [shown]],
      [`UPDATE events SET name = 'Summer meeting' WHERE id = $1`, [eventId]],
    ]
    for (const [text, values] of changes) {
      await world.sql(text, values)
      const answer = await get(schedule, { 'if-none-match': etag })
      expect([text, answer.status, answer.headers.etag === etag]).toEqual([text, 200, false])
      etag = answer.headers.etag
    }
    await world.sql('BEGIN')
    await world.sql(`UPDATE sessions SET title = 'Never' WHERE id = $1`, [shown])
    await world.sql('ROLLBACK')
    expect((await get(schedule, { 'if-none-match': etag })).status).toBe(304)
  })

  test('is not given by the tag of an event that was hidden, deleted, renamed, or whose slug another one has', async () => {
    const { world, get, programme } = await scene()
    const { eventId } = programme
    const held = { 'if-none-match': (await get(schedule)).headers.etag }
    const asked = async () => {
      const { status, headers, text } = await get(schedule, held)
      return {
        status,
        tag: headers.etag,
        cache: headers['cache-control'],
        name: JSON.parse(text).data.event?.name,
      }
    }
    const gone = { status: 200, tag: undefined, cache: 'no-store', name: undefined }
    await world.sql(`UPDATE events SET state = 'draft' WHERE id = $1`, [eventId])
    expect(await asked()).toEqual(gone)
    await world.sql(`UPDATE events SET state = 'published', slug = 'winter' WHERE id = $1`, [eventId])
    // A slug of before leads to the event.
    const led = { status: 200, tag: expect.any(String), cache: expect.any(String), name: 'Spring meeting' }
    expect(await asked()).toEqual(led)
    const renamed = { ...schedule, variables: { slug: 'winter' } }
    expect((await get(renamed, held)).status).toBe(200)
    await world.sql(`UPDATE events SET former_slugs = '{}' WHERE id = $1`, [eventId])
    expect(await asked()).toEqual(gone)
    await createProgramme(world, 'spring')
    expect(await asked()).toMatchObject({ status: 200, name: 'Spring meeting', tag: expect.any(String) })
    await world.sql(`UPDATE events SET deleted_at = now() WHERE slug = 'winter'`)
    expect(JSON.parse((await get(renamed, held)).text).data.event).toBeNull()
  })

  test('is made by one statement, which reads the clock beside it', async () => {
    const { world, get, organizer } = await scene()
    const unasked = { ...schedule, query: `# No other test asks this.\n${schedule.query}` }
    const made = [await get(unasked), await get(unasked, organizer)]
    const lines = await Promise.all(made.map((answer) => lineOf(world, answer)))
    // Whose token it is takes another one.
    expect(lines.map(({ statements, kept }) => [statements, kept])).toEqual([
      [1, undefined],
      [2, undefined],
    ])
    expect(made.map(({ headers }) => headers.etag)).toEqual([expect.any(String), expect.any(String)])
  })

  test("doesn't tell by a header that there is a session which is hidden", async () => {
    const { world, get, draft, shown, programme } = await scene()
    const nowhere = '01890a5d-ac96-774b-bcce-b302099a8057'
    const [hidden, none] = [await get(talk(draft)), await get(talk(nowhere))]
    const told = ({ headers }: { headers: http.IncomingHttpHeaders }) =>
      Object.keys(headers).filter((name) => !['x-request-id', 'date'].includes(name))
    expect([hidden.text, told(hidden)]).toEqual([none.text, told(none)])
    const all = { 'if-none-match': '*' }
    expect([(await get(talk(draft), all)).status, (await get(talk(nowhere), all)).status]).toEqual([200, 200])

    const held = { 'if-none-match': (await get(talk(shown))).headers.etag }
    expect((await get(talk(shown), held)).status).toBe(304)
    const { eventId, speakers, rooms, tracks, types } = programme
    const others = {
      event: eventId,
      speaker: speakers[0],
      room: rooms[0],
      track: tracks[0],
      sessionType: types[0],
    }
    for (const [field, id] of Object.entries(others)) {
      const query = { query: `{ ${field}(id: "${id}") { name } }` }
      const { etag } = (await get(query)).headers
      expect([field, (await get(query, { 'if-none-match': etag })).status]).toEqual([field, 304])
    }
    await world.sql(`UPDATE sessions SET deleted_at = now() WHERE id = $1`, [shown])
    expect(await get(talk(shown), held)).toMatchObject({ status: 200, text: none.text })
  })

  test('ends with the rights of who asks, and with their token', async () => {
    const { world, get, programme } = await scene()
    const { db } = world.operator
    const values = { label: 'reviewer', permissions: [], expiresAt: null, userId: null, parentId: null }
    const { id, token } = await mintToken(db, { ...values, role: 'REVIEWER', eventIds: [programme.eventId] })
    const reviewer = { authorization: `Bearer ${token}` }
    const { etag } = (await get(schedule, reviewer)).headers
    const held = { ...reviewer, 'if-none-match': etag }
    expect((await get(schedule, held)).status).toBe(304)
    await world.sql(`UPDATE access_tokens SET role = 'moderator' WHERE id = $1`, [id])
    expect((await get(schedule, held)).status).toBe(200)
    await world.sql(`UPDATE access_tokens SET role = 'reviewer', revoked_at = now() WHERE id = $1`, [id])
    const refused = await get(schedule, held)
    expect([refused.status, refused.headers['cache-control'], refused.headers.etag]).toEqual([
      401,
      'no-store',
      undefined,
    ])
  })
})

test('the schedules, pages and cards of the event web app are kept', async () => {
  const bound = allOperationsOf('event-web-app').filter(({ operations }) => operations.size > 0)
  expect(bound.map(({ name }) => name)).toEqual(
    expect.arrayContaining(
      ['ScheduleOfADay', 'TimetableGrid', 'SessionDetail', 'FilteredSessions', 'SpeakerPage', 'DayGrid'].map(
        (name) => `event-web-app ${name}`,
      ),
    ),
  )
  // What is on now changes by the hour.
  const names = bound.map(({ name }) => name)
  expect(names.filter((name) => /OnNow|DoorSign/.test(name))).toEqual([])
})

const keptNowhere: readonly [string, Query][] = [
  ['events', { query: '{ events { nodes { name } } }' }],
  ['the viewer', { query: '{ viewer { permissions } event(slug: "spring") { name } }' }],
  ['people', { query: '{ event(slug: "spring") { members { totalCount } } }' }],
  ['history', { query: '{ event(slug: "spring") { sessions { nodes { history { totalCount } } } } }' }],
  ['a feed', { query: '{ sessionChanges(eventSlug: "spring") { cursor } }' }],
  ['the past', { query: '{ session(id: "1", asOf: "2027-01-01T00:00:00Z") { title } }' }],
  [
    'somebody else, too',
    {
      query: `{ event(slug: "spring") { name } speaker(id: "01890a5d-ac96-774b-bcce-b302099a8057") { name } }`,
    },
  ],
  ['any node', { query: '{ node(id: "01890a5d-ac96-774b-bcce-b302099a8057") { id } }' }],
  [
    'an event by two names',
    { query: '{ event(slug: "spring", id: "01890a5d-ac96-774b-bcce-b302099a8057") { id } }' },
  ],
  ['two events', { query: '{ a: event(slug: "spring") { name } b: event(slug: "autumn") { name } }' }],
  ['nothing', { query: '{ __typename }' }],
  [
    'a fragment with the viewer',
    { query: 'fragment F on Query { viewer { permissions } } { event(slug: "spring") { name } ...F }' },
  ],
  ['errors', { query: '{ event(slug: "spring") { sessions(first: -1) { totalCount } } }' }],
  [
    'a part that fails',
    { query: '{ event(slug: "spring") { name sessions(filter: { includeDeleted: true }) { totalCount } } }' },
  ],
  ['no such field', { query: '{ event(slug: "spring") { nothing } }' }],
  ['no document', { query: '{ event(' }],
]

test('an answer about the viewer, the past, two events, a fault and the like is kept nowhere, and says so', async () => {
  const { get, organizer } = await scene()
  for (const [about, query] of keptNowhere) {
    // Who may see what is deleted is given it.
    const askers = about === 'a part that fails' ? [{}] : [{}, organizer]
    for (const headers of [...askers, { 'if-none-match': '*' }]) {
      for (const accept of ['application/json', 'application/graphql-response+json']) {
        const { headers: told, status } = await get(query, { ...headers, accept })
        const isGivenAgain = status === 304
        expect([about, told.etag, told['cache-control'], isGivenAgain]).toEqual([
          about,
          undefined,
          'no-store',
          false,
        ])
      }
    }
  }
})

describe('a hot answer', () => {
  test('takes one statement, costs and says what it did when it was made, and is counted', async () => {
    const { world, get } = await scene({
      metrics: { host: '127.0.0.1', port: 0 },
      rateLimits: { perAddress: 1_000_000_000 },
    })
    const [made, hot] = [await get(schedule), await get(schedule)]
    expect(hot.text).toBe(made.text)
    const [before, after] = [await lineOf(world, made), await lineOf(world, hot)]
    expect(after).toMatchObject({
      statements: 1,
      kept: 'given',
      status: 200,
      viewer: before['viewer'],
      operation: before['operation'],
      cost: before['cost'],
    })
    const left = ({ headers }: typeof made) => Number(/r=(\d+)/.exec(String(headers['ratelimit']))?.[1])
    expect(left(made) - left(hot)).toBe(1_000 + Number(after['cost']))
    const metrics = await (await fetch(world.app.metricsUrl!)).text()
    expect(metrics).toMatch(/^open_event_hot_answers_given 1$/m)
    expect(metrics).toMatch(/^open_event_hot_answers_made 1$/m)
    expect(metrics).toMatch(/^open_event_hot_answers_bytes \d{4}$/m)
  })

  test('is given by POST too, to what is asked for often', async () => {
    const { world } = await scene()
    const asked = []
    for (let n = 0; n < 5; n += 1) asked.push(await world.ask(schedule.query!, schedule.variables))
    expect(new Set(asked.map(({ data }) => JSON.stringify(data))).size).toBe(1)
    expect(asked.slice(3).map(({ statements }) => statements)).toEqual([1, 1])
    expect(asked[4]!.headers.get('cache-control')).toBe('no-store')
  })

  test('is made once for all who ask at one moment', async () => {
    const { world, get } = await scene({ metrics: { host: '127.0.0.1', port: 0 } })
    const answers = await Promise.all(Array.from({ length: 30 }, () => get(long)))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
    const metrics = await (await fetch(world.app.metricsUrl!)).text()
    expect(Number(/^open_event_hot_answers_made (\d+)$/m.exec(metrics)?.[1])).toBeLessThan(5)
  })

  test('is made for many at one moment, who ask for different things, without waiting for a second connection', async () => {
    const { get } = await scene()
    const others = Array.from({ length: 12 }, (_, n) =>
      get({ ...schedule, variables: { slug: 'spring', n } }),
    )
    const answers = await Promise.all(others)
    expect(answers.map(({ headers }) => headers.etag === undefined)).toEqual(answers.map(() => false))
  })

  test('is UNAVAILABLE in time if the database keeps silent, and given again once it speaks', async () => {
    let proxy!: DatabaseProxy
    const { get } = await scene({
      reach: async (url) => (proxy = await startDatabaseProxy(url)).url,
      httpLimits: { workTimeout: 500 },
    })
    await get(schedule)
    proxy.pause()
    expect(JSON.parse((await get(schedule)).text)).toMatchObject({
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    })
    proxy.resume()
    await expect.poll(async () => (await get(schedule)).status).toBe(200)
  })

  test('is never older than what psql has committed', async () => {
    const { world, get, shown, organizer } = await scene()
    const title: Query = { query: `{ session(id: "${shown}") { title version } }` }
    let [written, done] = [0, false]
    const stale: string[] = []
    const reader = async (headers: http.OutgoingHttpHeaders) => {
      let etag: string | undefined
      let held = ''
      while (!done) {
        const least = written
        const answer = await get(title, {
          ...headers,
          ...(etag === undefined ? {} : { 'if-none-match': etag }),
        })
        if (answer.status === 200) [etag, held] = [answer.headers.etag, answer.text]
        const seen = Number(/"T(\d+)"/.exec(held)?.[1] ?? 0)
        if (seen < least) stale.push(`${seen} after ${least}`)
      }
    }
    const readers = [{}, {}, { 'accept-encoding': 'br' }, organizer, organizer].map(reader)
    for (let n = 1; n <= 150; n += 1) {
      await world.sql(`UPDATE sessions SET title = $1 WHERE id = $2`, [`T${n}`, shown])
      written = n
      if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    done = true
    await Promise.all(readers)
    expect(stale).toEqual([])
  })

  test('is kept within bounds, and not at all if told so', async () => {
    const { world, get } = await scene({ hotAnswerBytes: 0 })
    const [one, other] = [await get(schedule), await get(schedule)]
    expect(other.headers.etag).toBe(one.headers.etag)
    expect((await lineOf(world, other))['kept']).toBeUndefined()
    expect((await get(schedule, { 'if-none-match': one.headers.etag })).status).toBe(304)
  })
})

/** What the operations of a client are bound to. */
function allOperationsOf(client: string) {
  const schema = executableSchema()
  return Object.entries(allOperations())
    .filter(([name]) => name.startsWith(client))
    .map(([name, document]) => ({ name, operations: boundOperations(schema, print(document)) }))
}

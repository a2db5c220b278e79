import { connect } from 'node:net'
import fc from 'fast-check'
import { getIntrospectionQuery } from 'graphql'
import { describe, expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'

const makeSession =
  'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { title abstract videoUrl } } }'

describe('a query that is too large is refused before anything works on it:', () => {
  const speakersOfSessions = (times: number) =>
    `{ event(slug: "x") { sessions { nodes { ${'speakers { sessions { nodes { '.repeat(times)} id ${'} } }'.repeat(times)} } } } }`
  const chained = (times: number, fields: (next: string) => string) =>
    `{ event(slug: "x") { ...F0 } } ${Array.from({ length: times }, (_, at) => `fragment F${at} on Event { ${fields(`...F${at + 1}`)} }`).join(' ')} fragment F${times} on Event { id }`

  const tooLarge: [what: string, query: string, reason: string][] = [
    ['50,000 aliases', `{ ${many(50_000, (at) => `a${at}:__typename`)} }`, 'has more than 10000 tokens'],
    ['80,000 times the same field', `{ ${'__typename '.repeat(80_000)} }`, 'has more than 10000 tokens'],
    ['50,000 fields deep', '{a'.repeat(50_000), 'nests brackets more than 100 deep'],
    [
      'a value of 100,000 lists',
      `{ event(slug: ${'['.repeat(100_000)}) { id } }`,
      'nests brackets more than 100 deep',
    ],
    ['1,001 aliases', `{ ${many(1001, (at) => `a${at}:__typename`)} }`, 'has more than 1000 fields'],
    ['speakers of sessions of speakers ...', speakersOfSessions(2), 'nests lists more than 4 deep'],
    [
      '13 levels by fragments',
      chained(12, (next) => `sessions(first: 0) { nodes { event { ${next} } } }`),
      'has more than 12 levels of fields',
    ],
    [
      'fragments that spread others twice each',
      chained(20, (next) => `${next} ${next}`),
      'has more than 1000 fields',
    ],
    [
      'the same below two aliases each',
      chained(3, (next) => many(12, (at) => `a${at}: sessions { nodes { event { ${next} } } }`)),
      'has more than 1000 fields',
    ],
  ]

  test('deep, long, or large once its fragments are written out', async () => {
    const world = await createWorld()
    for (const [what, query, reason] of tooLarge) {
      const { errors, statements } = await world.organize(query)
      const message = `The query ${reason}. Ask for less, or in several requests.`
      expect([what, errors]).toEqual([what, [{ message, extensions: { code: 'QUERY_TOO_COMPLEX' } }]])
      // Finding out whose token it is.
      expect(statements).toBeLessThanOrEqual(1)
    }
  })

  test('one that is as large as may be is answered, and so is the question for the whole schema', async () => {
    const world = await createWorld()
    const { data } = await world.ask(`{ ${many(1000, (at) => `a${at}:__typename`)} }`)
    expect(Object.keys(data)).toHaveLength(1000)
    expect((await world.ask(getIntrospectionQuery({ inputValueDeprecation: true }))).errors).toBeUndefined()
  })
})

describe('a body', () => {
  const json = { 'content-type': 'application/json' }
  const query = '{"query":"{ __typename }"}'
  const deep = `{"query":"query ($x: CreateSessionInput!) { __typename }","variables":{"x":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`
  const notUtf8 = Buffer.concat([
    Buffer.from('{"query":"{ event(slug: \\"'),
    Buffer.from([0xff, 0xc0]),
    Buffer.from('\\") { id } }"}'),
  ])

  const refused: [
    what: string,
    body: string | Buffer,
    headers: Record<string, string>,
    status: number,
    message: string,
  ][] = [
    [
      'of 10 MB',
      JSON.stringify({ query: '{ x }', variables: { title: 'x'.repeat(10_000_000) } }),
      json,
      413,
      'A request may have 1,048,576 bytes at most.',
    ],
    ['that is no UTF-8', notUtf8, json, 400, 'The body holds bytes that are no UTF-8.'],
    [
      'said to be UTF-16',
      query,
      { 'content-type': 'application/json; charset=utf-16' },
      415,
      'JSON is sent in UTF-8, not in utf-16.',
    ],
    [
      'said to be compressed',
      query,
      { ...json, 'content-encoding': 'gzip' },
      415,
      'A body is sent as it is, not as gzip.',
    ],
    ['of another type', query, { 'content-type': 'text/plain' }, 415, 'Unsupported Media Type'],
    [
      'of a form',
      'query=x',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'Unsupported Media Type',
    ],
    [
      'that is half of JSON',
      '{"query":',
      json,
      400,
      "Body is not valid JSON but content-type is set to 'application/json'",
    ],
    [
      'that would change a prototype',
      '{"query":"{ __typename }","__proto__":{"x":1}}',
      json,
      400,
      "Body is not valid JSON but content-type is set to 'application/json'",
    ],
    [
      'of lists in lists',
      `${'['.repeat(400_000)}${']'.repeat(400_000)}`,
      json,
      400,
      'A request may have 50,000 values at most.',
    ],
    ['of several queries', `[${query}]`, json, 400, 'Operation batching disabled.'],
    ['without a query', '{}', json, 400, expect.any(String) as string],
    ['with a number for a query', '{"query":1}', json, 400, 'GraphQL queries must be strings.'],
    [
      'with variables in a string',
      '{"query":"{ __typename }","variables":"{}"}',
      json,
      400,
      expect.any(String) as string,
    ],
  ]

  test('that something is wrong about is refused in the form of GraphQL', async () => {
    const { app } = await createWorld()
    for (const [what, body, headers, status, message] of refused) {
      const response = await post(app.url, body, headers)
      const errors = [{ message, extensions: { code: 'BAD_REQUEST' } }]
      expect([what, response.status, await response.json()]).toEqual([what, status, { errors }])
    }
  })

  test.each([
    ['twice the same key, of which the last counts', '{"query":"{ nothing }","query":"{ __typename }"}'],
    ['a byte order mark', `\uFEFF${query}`],
    ['variables that nobody asks for, however deep', deep.replace('($x: CreateSessionInput!) ', '')],
  ])('with %s is answered', async (_what, body) => {
    const { app } = await createWorld()
    const response = await post(app.url, body, json)
    expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } })
  })

  test('with variables in lists in lists is told what was expected', async () => {
    const { app } = await createWorld()
    const response = await post(
      app.url,
      deep
        .replace('query (', 'mutation (')
        .replace('{ __typename }', '{ createSession(input: $x) { session { id } } }'),
      json,
    )
    const { errors } = (await response.json()) as { errors: { extensions: object }[] }
    expect(errors[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['x'], message: 'Expected type "CreateSessionInput" to be an object.' }],
    })
  })

  const broken: [what: string, bytes: string | Buffer, status: number][] = [
    ['no HTTP', Buffer.from([0, 1, 2, 3, 13, 10, 13, 10]), 400],
    [
      'two lengths',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
      400,
    ],
    [
      'a length beyond the limit',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99999999\r\n\r\n{}',
      413,
    ],
    [
      'a header beyond the limit',
      `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`,
      431,
    ],
  ]

  test('that breaks HTTP ends that connection only', async () => {
    const { app } = await createWorld()
    for (const [what, bytes, status] of broken) {
      const answer = /^HTTP\/1.1 (\d+)[^]*?content-type: ([^\r;]+)/i.exec(await sent(app.url, bytes)) ?? []
      expect([what, ...answer.slice(1)]).toEqual([what, String(status), 'application/json'])
      expect((await post(app.url, query, json)).status).toBe(200)
    }
  })
})

describe('a text', () => {
  const arabic = '\u0645\u0631\u062D\u0628\u0627'

  const kept: [what: string, text: string][] = [
    ['emoji, also joined ones', '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽'],
    ['letters and their marks apart', 'e\u0301 \u00E9'],
    ['the last code point', '\u{10FFFF}'],
    ['right-to-left letters with their marks', `${arabic}\u200F (2) \u200E`],
    [
      'directions that end where they should',
      `about \u2067${arabic} \u2066v2\u2069\u2069, \u202B${arabic}\u202C`,
    ],
    ['what looks like SQL, HTML or a template', `'; DROP TABLE sessions; -- <script>\${x}{{x}}%s\\`],
    ['spaces at its ends', '  kept  '],
    ['500 emoji', '😀'.repeat(500)],
  ]

  test('that nothing is wrong about is stored and returned exactly', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    for (const [what, title] of kept) {
      const abstract = `${title}\n${title}`
      const id = await createSession(world, programme, { title, abstract })
      const { data } = await world.ask('query ($id: ID!) { session(id: $id) { title abstract } }', { id })
      const stored = await world.sql('SELECT title, abstract FROM sessions WHERE id = $1', [id])
      expect([what, data.session, ...stored]).toEqual([what, { title, abstract }, { title, abstract }])
    }
  })

  test('whatever it is, is either stored exactly or refused', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const id = await createSession(world, programme, {})
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('\u2066', '\u2069', '\u202B', '\u202C', '\n', 'a') }),
    )
    const save = `mutation ($id: ID!, $text: String!) {
      updateSession(id: $id, patch: { title: "x", abstract: $text }) { session { abstract } }
    }`
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const { data, errors } = await world.organize(save, { id, text })
        const isKept = data?.updateSession?.session.abstract === text
        const isRefused = errors?.[0]?.extensions.issues?.[0].path.join('.') === 'patch.abstract'
        expect({ isKept, isRefused }).toEqual({ isKept: !isRefused, isRefused: !isKept })
      }),
    )
  })

  const refused: [what: string, field: string, text: string, message: string][] = [
    ['NUL', 'title', 'a\0b', 'holds the control character U+0000, and must be one line.'],
    ['NUL among many lines', 'abstract', 'a\n\0', 'holds the control character U+0000.'],
    [
      'a line feed in a heading',
      'title',
      'a\nb',
      'holds the control character U+000A, and must be one line.',
    ],
    ['an escape sequence', 'abstract', '\u001B[31m', 'holds the control character U+001B.'],
    [
      'half of a surrogate pair',
      'title',
      'a\uD800',
      'holds half of a surrogate pair, which is no character.',
    ],
    ['nothing that can be seen', 'title', '\u200B\u2060 \u00AD\u3164', 'must not be blank.'],
    ['501 emoji', 'title', '😀'.repeat(501), 'must be at most 500 characters long.'],
    ['a megabyte', 'title', 'x'.repeat(1_000_000), 'must be at most 500 characters long.'],
    ['100,001 letters', 'abstract', 'x'.repeat(100_001), 'must be at most 100,000 characters long.'],
    [
      'an override',
      'title',
      'gnp.\u202Eexe',
      'holds U+202E, which makes letters read in another order than they are in.',
    ],
    [
      'an override that ends',
      'abstract',
      '\u202Dabc\u202C',
      'holds U+202D, which makes letters read in another order than they are in.',
    ],
    [
      'an isolate that goes on',
      'title',
      'a \u2067b',
      'lacks the U+2069 that ends what begins in the same line.',
    ],
    [
      'an isolate that ends in the next line',
      'abstract',
      '\u2066a\nb\u2069',
      'lacks the U+2069 that ends what begins in the same line.',
    ],
    ['an end of nothing', 'title', 'a\u202C', 'holds U+202C, which ends nothing that began before.'],
    [
      'ends that cross',
      'abstract',
      '\u2066a\u202Ab\u2069c\u202C',
      'holds U+2069, which ends nothing that began before.',
    ],
  ]

  test('that something is wrong about is refused, with its place and the reason', async () => {
    const world = await createWorld()
    const { slug } = await createProgramme(world)
    const answers = []
    for (const [what, field, text] of refused) {
      const input = { eventSlug: slug, title: 'x', [field]: text }
      const { errors } = await world.organize(makeSession, { input })
      answers.push([what, errors?.map(({ extensions }) => extensions)])
    }
    const expected = refused.map(([what, field, _text, message]) => [
      what,
      [{ code: 'BAD_USER_INPUT', issues: [{ path: ['input', field], message }] }],
    ])
    expect(answers).toEqual(expected)
    expect(await world.sql('SELECT FROM sessions')).toEqual([])
  })

  test('that is no address is none of a recording', async () => {
    const world = await createWorld()
    const { slug } = await createProgramme(world)
    const texts = [
      'http://a/\0',
      'http://a/\u202Eb',
      'http://a/\uD800',
      'javascript:alert(1)',
      '//a',
      'http://',
    ]
    for (const videoUrl of [...texts, `http://a/${'b'.repeat(2048)}`]) {
      const { errors } = await world.organize(makeSession, {
        input: { eventSlug: slug, title: 'x', videoUrl },
      })
      const message = expect.stringContaining('absolute http(s) URL')
      expect(errors?.[0]?.extensions).toEqual({
        code: 'BAD_USER_INPUT',
        issues: [{ path: ['input', 'videoUrl'], message }],
      })
    }
  })
})

describe('what names nothing', () => {
  const strange = [
    'a\0b',
    '\uD800',
    '',
    ' ',
    '1',
    "'",
    '../x',
    'x'.repeat(100_000),
    '00000000-0000-7000-8000-000000000000',
  ]

  test('is found nowhere, and changes nothing', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const ask = 'query ($it: ID!, $slug: String!) { session(id: $it) { id } event(slug: $slug) { id } }'
    const changes = [
      'mutation ($it: ID!) { updateSession(id: $it, patch: { title: "x" }) { session { id } } }',
      'mutation ($it: ID!) { restoreSession(id: $it) { session { id } } }',
      'mutation ($it: ID!) { updateEvent(id: $it, patch: { name: "x" }) { event { id } } }',
      'mutation ($it: String!) { createSession(input: { eventSlug: $it, title: "x" }) { session { id } } }',
    ]
    for (const it of strange) {
      const { data, errors } = await world.ask(ask, { it, slug: it })
      expect([it, data, errors]).toEqual([it, { session: null, event: null }, undefined])
      const answers = await Promise.all(changes.map((change) => world.organize(change, { it })))
      const codes = answers.map((answer) => answer.errors?.[0]?.extensions.code)
      expect([it, codes]).toEqual([it, changes.map(() => 'NOT_FOUND')])
    }
  })

  test('of the same event is refused, and so is what another event has', async () => {
    const world = await createWorld()
    const [ours, theirs] = [await createProgramme(world), await createProgramme(world, 'autumn')]
    const input = {
      eventSlug: ours.slug,
      title: 'x',
      trackId: theirs.tracks[0],
      roomId: 'a\0b',
      sessionTypeId: ours.rooms[0],
      speakerIds: [ours.speakers[0], theirs.speakers[0], ours.speakers[0]],
    }
    const { errors } = await world.organize(makeSession, { input })
    expect(errors?.[0]?.extensions.issues.map(({ path }: { path: unknown[] }) => path.join('.'))).toEqual([
      'input.trackId',
      'input.roomId',
      'input.sessionTypeId',
      'input.speakerIds.1',
      'input.speakerIds',
    ])
  })
})

describe('a list is asked for in vain by', () => {
  const listed = Array.from({ length: 501 }, () => '00000000-0000-7000-8000-000000000000')
  const cursor = (...parts: unknown[]) =>
    Buffer.from(JSON.stringify(['Event.sessions', listed[0], ...parts])).toString('base64url')
  const id = listed[0]

  const wrong: [what: string, variables: object, path: (string | number)[]][] = [
    ['a text with NUL', { filter: { text: 'a\0b' } }, ['filter', 'text']],
    ['half of a surrogate pair', { filter: { text: '\uD800' } }, ['filter', 'text']],
    ['a text of a megabyte', { filter: { text: 'x'.repeat(1_000_000) } }, ['filter', 'text']],
    ['a language with NUL', { filter: { languages: ['en', 'a\0b'] } }, ['filter', 'languages', 1]],
    ['501 tracks', { filter: { trackIds: listed } }, ['filter', 'trackIds']],
    ['501 speakers', { filter: { speakerIds: listed } }, ['filter', 'speakerIds']],
    ['501 states', { filter: { states: listed.map(() => 'ACCEPTED') } }, ['filter', 'states']],
    ['a page of 201', { first: 201 }, ['first']],
    ['a page of less than none', { first: -2_147_483_648 }, ['first']],
    ['a page beyond Int', { first: 2_147_483_648 }, ['first']],
    ['a cursor that is none', { after: 'x'.repeat(100_000) }, ['after']],
    [
      'a cursor with NUL',
      { orderBy: { field: 'TITLE' }, after: cursor('TITLE', 'ASC', 'a\0b', id) },
      ['after'],
    ],
    [
      'a cursor with half of a pair',
      { orderBy: { field: 'TITLE' }, after: cursor('TITLE', 'ASC', '\uD800', id) },
      ['after'],
    ],
    [
      'a cursor before the year 1',
      { after: cursor('STARTS_AT', 'ASC', -253_402_300_799_999, id) },
      ['after'],
    ],
    ['a cursor after the year 9999', { after: cursor('STARTS_AT', 'ASC', 1e15, id) }, ['after']],
  ]

  test('arguments that are wrong, which are told with their places', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const query = `query ($filter: SessionFilter, $orderBy: SessionOrder, $first: Int, $after: String) {
      event(slug: "spring") {
        sessions(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount nodes { id } }
      }
    }`
    const answers = []
    for (const [what, variables] of wrong) {
      const { errors } = await world.ask(query, variables)
      answers.push([what, errors?.map(({ extensions }) => extensions)])
    }
    const expected = wrong.map(([what, _variables, path]) => [
      what,
      [{ code: 'BAD_USER_INPUT', issues: [{ path, message: expect.any(String) }] }],
    ])
    expect(answers).toEqual(expected)
  })

  test('conditions at their limits, which match nothing', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const filter = {
      text: '%_\\'.repeat(100),
      trackIds: listed.slice(1),
      speakerIds: listed.slice(1),
      roomIds: ['no id'],
    }
    const { data } = await world.ask(
      'query ($filter: SessionFilter) { event(slug: "spring") { sessions(filter: $filter) { totalCount nodes { id } } } }',
      { filter },
    )
    expect(data.event.sessions).toEqual({ totalCount: 0, nodes: [] })
  })
})

function many(count: number, text: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => text(at)).join(' ')
}

function post(url: string, body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  return fetch(`${url}/graphql`, { method: 'POST', headers, body: new Uint8Array(Buffer.from(body)) })
}

/** Everything that the server says before it ends the connection. */
function sent(url: string, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('close', () => resolve(answer))
    socket.on('error', (error) => (answer === '' ? reject(error) : resolve(answer)))
    socket.end(bytes)
  })
}

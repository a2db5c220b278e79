import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { serverAudits } from 'graphql-http'
import { describe, expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

// Of an earlier text: where they want 400, that of August 2026 has 422.
const overruled = new Set(['74FF', '86EE'])

test('passes every MUST and SHOULD of the GraphQL over HTTP audits that still holds', async () => {
  const { app } = await createWorld()
  const audits = serverAudits({ url: `${app.url}/graphql` }).filter(({ id }) => !overruled.has(id))
  const results = await Promise.all(audits.map((audit) => audit.fn()))
  const broken = results.filter((result) => result.status !== 'ok' && !/^MAY/.test(result.name))
  expect(broken.map((result) => `${result.name}: ${'reason' in result ? result.reason : ''}`)).toEqual([])
  expect(results.length + overruled.size).toBeGreaterThan(60)
})

test('answers GET, and refuses a mutation by GET', async () => {
  const { app } = await createWorld()
  const get = (query: string) => fetch(`${app.url}/graphql?query=${encodeURIComponent(query)}`)
  expect(await (await get('{ events { totalCount } }')).json()).toMatchObject({
    data: { events: { totalCount: 0 } },
  })
  const mutation = await get('mutation { deleteSession(id: "x") { session { id } } }')
  expect(mutation.status).toBe(405)
})

test('answers a browser page of any origin', async () => {
  const { app } = await createWorld()
  const response = await fetch(`${app.url}/graphql`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://program.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,authorization',
    },
  })
  expect(response.status).toBe(204)
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  expect(response.headers.get('access-control-allow-headers')).toContain('authorization')
})

test.each([
  ['no JSON', '{"query":', 400],
  [
    'more values than a parser should be given',
    `{"query":"{ __typename }","variables":{"x":[${'[],'.repeat(50_000)}1]}}`,
    400,
  ],
  [
    '10 megabytes',
    JSON.stringify({ query: '{ events { totalCount } }', variables: { x: 'x'.repeat(10_000_000) } }),
    413,
  ],
])('refuses a body of %s in the form of GraphQL', async (_what, body, status) => {
  const { app } = await createWorld()
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({
    errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }],
  })
})

const ours = 'application/graphql-response+json'
const json = 'application/json'
const query = '{ events { totalCount } }'
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const persisted = (sha256Hash: string) => ({ persistedQuery: { version: 1, sha256Hash } })

/** What the text of August 2026 says of a request, and what else is to be true of its answer. */
const audit: readonly [what: string, status: number, code: string | null, body: unknown][] = [
  ['an operation that succeeds', 200, null, { query }],
  ['parameters that are null', 200, null, { query, variables: null, operationName: null, extensions: null }],
  [
    'a refusal beside data',
    294,
    'UNAUTHENTICATED',
    { query: '{ events { nodes { members { totalCount } } } }' },
  ],
  [
    'a mutation that is refused, whose data is null',
    294,
    'UNAUTHENTICATED',
    { query: 'mutation { deleteSession(id: "x") { session { id } } }' },
  ],
  ['a body that is no JSON', 400, 'BAD_REQUEST', '{"query":'],
  ['a document that is no GraphQL', 400, 'GRAPHQL_PARSE_FAILED', { query: '{' }],
  ['a query that is missing', 422, 'BAD_REQUEST', { qeury: query }],
  ['a query that is no text', 422, 'BAD_REQUEST', { query: 7 }],
  ['a list of requests', 422, 'BAD_REQUEST', [{ query }]],
  ['variables that are a list', 422, 'BAD_REQUEST', { query, variables: [7] }],
  ['variables that are a text', 422, 'BAD_REQUEST', { query, variables: '{}' }],
  ['extensions that are a number', 422, 'BAD_REQUEST', { query, extensions: 7 }],
  ['an operation name that is a number', 422, 'BAD_REQUEST', { query, operationName: 7 }],
  ['a field that is not there', 422, 'GRAPHQL_VALIDATION_FAILED', { query: '{ nothing }' }],
  [
    'a subscription by a request that takes no stream',
    422,
    'OPERATION_RESOLUTION_FAILURE',
    { query: 'subscription { sessionChanged(eventSlug: "spring") { cursor } }' },
  ],
  ['an operation that is not there', 422, 'OPERATION_RESOLUTION_FAILURE', { query, operationName: 'Other' }],
  [
    'one of two operations',
    422,
    'OPERATION_RESOLUTION_FAILURE',
    { query: 'query A { __typename } query B { __typename }' },
  ],
  [
    'a variable of another type',
    422,
    'BAD_USER_INPUT',
    { query: 'query ($first: Int) { events(first: $first) { totalCount } }', variables: { first: 'x' } },
  ],
  ['a query that is too large', 422, 'QUERY_TOO_COMPLEX', { query: `{ ${'__typename '.repeat(10_001)} }` }],
  ['a query that costs too much', 422, 'QUERY_TOO_COMPLEX', { query: `{ ${dear()} }` }],
  [
    'a persisted query that is not known',
    404,
    'PERSISTED_QUERY_NOT_FOUND',
    { extensions: persisted(sha256('x')) },
  ],
  ['a hash of another query', 422, 'BAD_REQUEST', { query, extensions: persisted(sha256('x')) }],
  ['a hash that is none', 422, 'BAD_REQUEST', { extensions: persisted('x') }],
  [
    'another version of persisted queries',
    422,
    'BAD_REQUEST',
    { query, extensions: { persistedQuery: { version: 2 } } },
  ],
]

function dear(): string {
  const all = (at: number) =>
    `a${at}: events(first: 200) { nodes { sessions(first: 200) { nodes { title } } } }`
  return Array.from({ length: 20 }, (_, at) => all(at)).join(' ')
}

async function send(world: World, method: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(`${world.app.url}/graphql`, {
    method,
    headers: { 'content-type': json, ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const answer =
    text === '' ? {} : (JSON.parse(text) as { data?: unknown; errors?: { extensions: { code: string } }[] })
  return { status: response.status, headers: response.headers, ...answer }
}

describe('a client that takes application/graphql-response+json', () => {
  test('is told the status of each answer', async () => {
    const world = await createWorld()
    await createProgramme(world)
    for (const [what, status, code, body] of audit) {
      const answer = await send(world, 'POST', { accept: ours }, body)
      const found = [
        what,
        answer.status,
        answer.errors?.[0]?.extensions.code ?? null,
        answer.headers.get('content-type'),
      ]
      expect(found).toEqual([what, status, code, `${ours}; charset=utf-8`])
      expect(answer.errors?.every(({ extensions }) => Object.hasOwn(extensions, 'code')) ?? true).toBe(true)
      expect('data' in answer).toBe(status < 300)
    }
  })

  test('is told so also where it takes JSON less, and not where it takes JSON more', async () => {
    const world = await createWorld()
    const statuses = [`${ours}, ${json};q=0.9`, `${json}, ${ours}`, `${json}, ${ours};q=0.5`, json, '*/*']
    const answers = await Promise.all(
      statuses.map((accept) => send(world, 'POST', { accept }, { query: '{ nothing }' })),
    )
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 200, 200, 200])
  })

  test('is told that a token is none, and by what to prove who it is', async () => {
    const world = await createWorld()
    const answer = await send(world, 'POST', { accept: ours, authorization: 'Bearer x' }, { query })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([401, `${ours}; charset=utf-8`])
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="Open Event", error="invalid_token"')
  })
})

test('every code is explained in the README', () => {
  const readme = readFileSync('src/graphql/README.md', 'utf8')
  const codes = new Set(audit.flatMap(([, , code]) => code ?? []))
  expect([...codes].filter((code) => !readme.includes(`\`${code}\``))).toEqual([])
})

test.each(['PUT', 'PATCH', 'DELETE', 'SEARCH', 'PROPFIND', 'LINK'])(
  '%s is answered by 405, with what is allowed',
  async (method) => {
    const world = await createWorld()
    const answer = await send(world, method, {}, { query })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, POST, QUERY'])
    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_REQUEST')
  },
)

test('OPTIONS is answered without what browsers send with it', async () => {
  const world = await createWorld()
  const answer = await fetch(`${world.app.url}/graphql`, { method: 'OPTIONS' })
  expect([answer.status, await answer.text()]).toEqual([204, ''])
  expect(answer.headers.get('access-control-allow-methods')).toBe('GET, HEAD, POST, QUERY')
})

test('nothing is done for a client that takes no answer that there is', async () => {
  const world = await createWorld()
  const { slug } = await createProgramme(world)
  const mutation = `mutation { createSession(input: { eventSlug: "${slug}", title: "A" }) { session { id } } }`
  const authorization = `Bearer ${world.token}`
  const answer = await send(world, 'POST', { accept: 'text/csv', authorization }, { query: mutation })
  expect([answer.status, answer.errors?.[0]?.extensions.code]).toEqual([406, 'BAD_REQUEST'])
  expect(await world.sql('SELECT FROM sessions')).toEqual([])
})

test.each([
  ['parameters that are empty', 'operationName=&variables=&extensions=', 200],
  ['variables that are no JSON', 'variables={', 400],
  ['variables that are a list', 'variables=[7]', 422],
  ['two operation names', 'operationName=a&operationName=b', 422],
])('GET with %s is answered by its status', async (_what, search, status) => {
  const world = await createWorld()
  const url = `${world.app.url}/graphql?query=${encodeURIComponent(query)}&${search}`
  const response = await fetch(url, { headers: { accept: ours } })
  expect(response.status).toBe(status)
})

test('an argument that is null where it may not be is bad input, not a mistake of ours', async () => {
  const world = await createWorld()
  const { slug } = await createProgramme(world)
  const { errors } = await world.organize(
    `query ($first: Int) { event(slug: "${slug}") { scheduleConflicts(first: $first) { kind } } }`,
    { first: null },
  )
  expect(errors?.[0]?.extensions).toEqual({
    code: 'BAD_USER_INPUT',
    issues: [{ path: ['first'], message: 'Argument "first" of non-null type "Int!" must not be null.' }],
  })
})

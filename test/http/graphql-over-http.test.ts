import { serverAudits } from 'graphql-http'
import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'

test('passes every MUST and SHOULD of the GraphQL over HTTP audits', async () => {
  const { app } = await createWorld()
  const results = await Promise.all(serverAudits({ url: `${app.url}/graphql` }).map((audit) => audit.fn()))
  const broken = results.filter((result) => result.status !== 'ok' && !/^MAY/.test(result.name))
  expect(broken.map((result) => `${result.name}: ${'reason' in result ? result.reason : ''}`)).toEqual([])
  expect(results.length).toBeGreaterThan(60)
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

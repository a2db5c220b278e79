import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { rawGraphql, rawRequest } from './raw-request.ts'

const abstract = 'An hour about clocks, and why every one of them is wrong somewhere. '.repeat(20)
const page = { query: '{ event(slug: "spring") { sessions { nodes { id title abstract } } } }' }

async function scene(): Promise<World> {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  const data = Array.from({ length: 40 }, (_, n) => ({
    eventId,
    title: `Talk ${n}`,
    abstract,
    state: 'CONFIRMED' as const,
  }))
  await world.operator.db.session.createMany({ data })
  return world
}

describe('a long answer', () => {
  test.each([
    ['gzip, deflate, br', 'br', brotliDecompressSync],
    ['gzip, deflate', 'gzip', gunzipSync],
    ['br;q=0.1, gzip', 'gzip', gunzipSync],
  ] as const)('goes to who accepts %s as %s', async (accepted, encoding, decode) => {
    const { app } = await scene()
    const plain = await rawGraphql(app.url, page)
    const answer = await rawGraphql(app.url, page, { 'accept-encoding': accepted })
    expect(answer.headers).toMatchObject({
      'content-encoding': encoding,
      vary: 'accept-encoding',
      'content-type': 'application/json; charset=utf-8',
      'x-request-id': expect.any(String),
      'access-control-allow-origin': '*',
    })
    expect(decode(answer.body).equals(plain.body)).toBe(true)
    expect(answer.body.length).toBeLessThan(plain.body.length / 5)
  })

  test.each([undefined, 'identity', 'zstd', 'br;q=0, gzip;q=0'])(
    'goes as it is to who accepts %s, and says that it depends on that',
    async (accepted) => {
      const { app } = await scene()
      const answer = await rawGraphql(
        app.url,
        page,
        accepted === undefined ? {} : { 'accept-encoding': accepted },
      )
      expect(answer.headers['content-encoding']).toBeUndefined()
      expect(answer.headers.vary).toBe('accept-encoding')
      expect(JSON.parse(answer.body.toString()).data.event.sessions.nodes).toHaveLength(40)
    },
  )

  test('that was kept under an Idempotency-Key is replayed in the form that the second request accepts', async () => {
    const { app, token } = await scene()
    const create = {
      query: `mutation ($abstract: String!) {
        createSession(input: { eventSlug: "spring", title: "Once", abstract: $abstract }) { session { abstract } } }`,
      variables: { abstract: abstract.repeat(2) },
    }
    const keyed = { authorization: `Bearer ${token}`, 'idempotency-key': 'once' }
    const first = await rawGraphql(app.url, create, { ...keyed, 'accept-encoding': 'br' })
    const second = await rawGraphql(app.url, create, { ...keyed, 'accept-encoding': 'gzip' })
    const third = await rawGraphql(app.url, create, keyed)
    expect([first, second, third].map(({ headers }) => headers['idempotency-replayed'])).toEqual([
      undefined,
      'true',
      'true',
    ])
    expect(brotliDecompressSync(first.body).equals(third.body)).toBe(true)
    expect(gunzipSync(second.body).equals(third.body)).toBe(true)
  })
})

test('a short answer is not compressed', async () => {
  const { app } = await scene()
  const answer = await rawGraphql(app.url, { query: '{ __typename }' }, { 'accept-encoding': 'br' })
  expect([answer.headers['content-encoding'], answer.headers.vary]).toEqual([undefined, undefined])
})

test('the page to try queries, and its files, come compressed', async () => {
  const { app } = await scene()
  const accept = { accept: 'text/html', 'accept-encoding': 'gzip, br' }
  const html = await rawRequest(`${app.url}/graphql`, { headers: accept })
  expect(html.headers.vary).toMatch(/^accept\b/)
  const [script] = /\/graphql\/assets\/[^"]+\.js/.exec(html.body.toString())!
  const plain = await rawRequest(app.url + script)
  const file = await rawRequest(app.url + script, { headers: { 'accept-encoding': 'br' } })
  expect(file.headers).toMatchObject({ 'content-encoding': 'br', vary: 'accept-encoding' })
  expect(file.headers['content-type']).toBe(plain.headers['content-type'])
  expect(brotliDecompressSync(file.body).equals(plain.body)).toBe(true)
})

test('a compressed body is refused: a small one can hold a huge one', async () => {
  const { app } = await scene()
  const answer = await rawGraphql(app.url, page, { 'content-encoding': 'gzip' })
  expect(answer.status).toBe(415)
})

import { createHash, randomUUID } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { connectRaw } from './raw-socket.ts'

const schedule = `query Schedule($slug: String!) { event(slug: $slug) { name sessions { nodes { id title abstract } } } }`
const sessions = `{ sessions: events { nodes { name } } }`
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const persisted = { extensions: { persistedQuery: { version: 1, sha256Hash: hashOf(schedule) } } }
const spring = { variables: { slug: 'spring' } }
const rename = `mutation Rename($title: String!) { updateSession(id: "none", patch: { title: $title }) { session { id } } }`

interface Request {
  readonly body: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** What is sent, by what the test is to say of it. TOKEN stands for that of an organizer. */
const requests: Readonly<Record<string, Request>> = {
  'a query': { body: { query: schedule, ...spring } },
  'a query without variables': { body: { query: sessions } },
  'an operation by its name': {
    body: {
      query: `${schedule} ${sessions.replace('{', 'query Other {')}`,
      operationName: 'Schedule',
      ...spring,
    },
  },
  'a document that came by its hash with its text': { body: { query: schedule, ...persisted, ...spring } },
  'a document by its hash': { body: { ...persisted, ...spring } },
  'a document by an id that nobody knows': { body: { documentId: `sha256:${hashOf('?')}` } },
  'a viewer': { body: { query: schedule, ...spring }, headers: { authorization: 'Bearer TOKEN' } },
  'a token that is not known': {
    body: { query: schedule, ...spring },
    headers: { authorization: 'Bearer none' },
  },
  'a client of GraphQL over HTTP': {
    body: { query: schedule, ...spring },
    headers: { accept: 'application/graphql-response+json' },
  },
  'a client that takes nothing': { body: { query: schedule, ...spring }, headers: { accept: 'text/html' } },
  'a client that takes gzip': {
    body: { query: schedule, ...spring },
    headers: { 'accept-encoding': 'gzip' },
  },
  'a browser': {
    body: { query: schedule, ...spring },
    headers: { 'accept-encoding': 'gzip, deflate, br, zstd', origin: 'https://app.example' },
  },
  'a variable that is missing': { body: { query: schedule } },
  'a variable of the wrong type': { body: { query: schedule, variables: { slug: ['spring'] } } },
  'a field that nobody knows': { body: { query: '{ nothing }' } },
  'a change that is refused': { body: { query: rename, variables: { title: 'x' } } },
  'a change of what is not there': {
    body: { query: rename, variables: { title: 'x' } },
    headers: { authorization: 'Bearer TOKEN' },
  },
  'a change with a key': {
    body: { query: rename, variables: { title: 'x' } },
    headers: { authorization: 'Bearer TOKEN', 'idempotency-key': 'one' },
  },
  'a list of operations': { body: [{ query: sessions }] },
  nothing: { body: '' },
  'what is no JSON': { body: '{"query":' },
  'a name of a prototype': { body: `{"query":${JSON.stringify(sessions)},"__proto__":{}}` },
  'bytes that are no UTF-8': { body: `{"query":${JSON.stringify(sessions)},"x":"\u00ff"}` },
  'another charset': {
    body: { query: sessions },
    headers: { 'content-type': 'application/json; charset=latin1' },
  },
  'a proxy that is not trusted': { body: { query: sessions }, headers: { 'x-forwarded-for': '192.0.2.7' } },
}

test.each(Object.entries(requests))('%s is answered alike, whole and in parts', async (_what, request) => {
  const world = await scene()
  // Until it is known, and until its answer is kept.
  for (let times = 0; times < 4; times += 1) await send(world, request, 1)
  const [whole, inParts] = [await send(world, request, 1), await send(world, request, 2)]
  expect(whole).toEqual(inParts)
  expect(whole.line).toMatchObject({ status: Number(whole.answer.slice(9, 12)) })
})

test('whoever has used up their minute is told so alike, whole and in parts', async () => {
  const world = await scene({ rateLimits: { perAddress: 3_500 } })
  const request = requests['a query without variables']!
  for (let times = 0; times < 4; times += 1) await send(world, request, 1)
  const [whole, inParts] = [await send(world, request, 1), await send(world, request, 2)]
  expect(whole).toEqual(inParts)
  expect(whole.answer).toMatch(/^HTTP\/1.1 429 /)
})

test.each(['a query', 'a viewer', 'a browser'])(
  '%s is answered alike by what is worked out anew',
  async (what) => {
    const world = await scene({ hotAnswerBytes: 0 })
    for (let times = 0; times < 2; times += 1) await send(world, requests[what]!, 1)
    const [whole, inParts] = [await send(world, requests[what]!, 1), await send(world, requests[what]!, 2)]
    expect(whole).toEqual(inParts)
    expect(whole.line).not.toHaveProperty('kept')
  },
)

test('what was asked before is answered before Fastify, whatever comes in parts by it', async () => {
  const world = await scene({ metrics: { host: '127.0.0.1', port: 0 } })
  const inFront = async () => {
    const text = await (await fetch(world.app.metricsUrl!)).text()
    return Number(/^open_event_answered_in_front_total (\d+)/m.exec(text)?.[1])
  }
  const request = requests['a query']!
  await send(world, request, 1)
  expect(await inFront()).toBe(0)
  await send(world, request, 1)
  expect(await inFront()).toBe(1)
  await send(world, request, 2)
  expect(await inFront()).toBe(1)
})

async function scene(options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld(options)
  const { eventId } = await createProgramme(world)
  const abstract = 'Über die Zeit. '.repeat(30)
  const data = ['One', 'Two', 'Three', 'Four'].map((title) => ({
    ...{ eventId, title, abstract, state: 'CONFIRMED' as const },
  }))
  await world.operator.db.session.createMany({ data })
  return world
}

/** What a request is answered, byte by byte but for what differs each time, and what is logged of it. */
async function send(world: World, { body, headers = {} }: Request, parts: 1 | 2) {
  const id = randomUUID()
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body), bodyEncoding(body))
  const all = { 'content-type': 'application/json', ...headers, 'x-request-id': id, connection: 'close' }
  const lines = Object.entries(all).map(
    ([name, value]) => `${name}: ${value.replace('TOKEN', world.token)}\r\n`,
  )
  const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes.length}\r\n${lines.join('')}\r\n`
  const { socket } = await connectRaw(world.app.url)
  const received = buffer(socket)
  if (parts === 1) socket.write(Buffer.concat([Buffer.from(head), bytes]))
  else {
    socket.write(Buffer.concat([Buffer.from(head), bytes.subarray(0, 5)]))
    // By then the server has read the first part.
    await fetch(`${world.app.url}/livez`)
    socket.write(bytes.subarray(5))
  }
  const answer = (await received).toString('latin1').replaceAll(id, 'ID')
  const isOfIt = (line: Record<string, unknown>) => line['requestId'] === id && line['msg'] === 'request'
  await expect.poll(() => world.log.some(isOfIt)).toBe(true)
  const { time: _time, ms: _ms, requestId: _id, ...line } = world.log.find(isOfIt)!
  return { answer: answer.replace(/^date: .*$/im, '').replace(/r=\d+;t=\d+/g, ''), line }
}

/** A text stands for its bytes, so that they can be wrong. */
function bodyEncoding(body: object | string): BufferEncoding {
  return typeof body === 'string' ? 'latin1' : 'utf8'
}

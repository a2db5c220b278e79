import http from 'node:http'
import { readdirSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { startTracing } from '../../src/tracing/open-telemetry.ts'
import { projectFolder } from '../../src/config.ts'
import { createProgramme } from '../features/programme.ts'
import { createWorld } from '../world.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly kind: number
  readonly status: { readonly code: number; readonly message?: string }
}

/** What takes traces by OTLP, as collectors do; tells what it was sent. */
async function startReceiver() {
  const bodies: { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }[] = []
  const headers: http.IncomingHttpHeaders[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      headers.push({ ...request.headers, path: request.url! })
      bodies.push(JSON.parse(body))
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    headers,
    text: () => JSON.stringify(bodies),
    spans: () =>
      bodies.flatMap(({ resourceSpans }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
      ),
  }
}

/** A server whose traces go to the receiver as soon as they may. */
async function tracedWorld() {
  const receiver = await startReceiver()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=of-the-collector',
    OTEL_SERVICE_NAME: 'programme of the spring',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  }
  Object.assign(process.env, env)
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  const tracing = await startTracing()
  onTestFinished(() => tracing.stop())
  const world = await createWorld({ tracing })
  await createProgramme(world)
  /** All spans, once there are those of a request that is named by its trace. */
  const spansOf = async (traceId: string) => {
    for (let tries = 0; tries < 400; tries += 1) {
      const spans = receiver.spans().filter((span) => span.traceId === traceId)
      if (spans.some(({ kind }) => kind === server)) return spans
      await sleep(25)
    }
    throw new Error('The receiver was sent no span of the request.')
  }
  return { world, receiver, spansOf }
}

/** Kinds of spans, and the status of one that failed, in OTLP. */
const [internal, server, client, failed] = [1, 2, 3, 2]

const traceparent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`

test('a request is a span of the trace that it came with, its operation one in that, its statements in this', async () => {
  const { world, receiver, spansOf } = await tracedWorld()
  const query = 'query Schedule($slug: String!) { event(slug: $slug) { name sessions { totalCount } } }'
  const answer = await world.ask(query, { slug: 'spring' }, { traceparent: traceparent('a') })
  expect(answer.errors).toBeUndefined()
  const spans = await spansOf('a'.repeat(32))
  const request = spans.find(({ kind }) => kind === server)!
  const operation = spans.find(({ kind }) => kind === internal)!
  const statements = spans.filter(({ kind }) => kind === client)
  expect(request).toMatchObject({ name: 'POST /graphql', parentSpanId: 'a'.repeat(16), status: { code: 0 } })
  expect(operation).toMatchObject({
    name: 'query Schedule',
    parentSpanId: request.spanId,
    status: { code: 0 },
  })
  expect(statements).toHaveLength(answer.statements)
  expect(statements.map(({ parentSpanId }) => parentSpanId)).toEqual(statements.map(() => operation.spanId))
  expect(statements.map(({ name }) => name)).toEqual(['SELECT sessions'])
  expect(receiver.headers[0]).toMatchObject({ path: '/v1/traces', 'x-key': 'of-the-collector' })
  expect(receiver.text()).toContain('programme of the spring')
})

test('says the codes of what failed, and no variable, no token and no text of a change', async () => {
  const { world, receiver, spansOf } = await tracedWorld()
  const ask = (digit: string, query: string, variables: object) =>
    world.ask(query, variables, {
      traceparent: traceparent(digit),
      authorization: `Bearer ${world.token}`,
    })
  const change =
    'mutation Change($title: String!) { createSession(input: { eventSlug: "spring", title: $title }) { session { id } } }'
  await ask('b', change, { title: 'Unheard-of' })
  await ask('c', 'query Lost($id: ID!) { session(id: $id) { title } a: node(id: 3) { wrong } }', {})
  await ask('d', 'mutation Gone($id: ID!) { deleteSession(id: $id) { session { id } } }', {
    id: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff',
  })
  const changed = await spansOf('b'.repeat(32))
  expect(changed.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['POST /graphql', 'mutation Change', 'BEGIN', 'INSERT sessions', 'COMMIT']),
  )
  expect(changed.filter(({ status }) => status.code === failed)).toEqual([])
  const gone = await spansOf('d'.repeat(32))
  expect(gone.find(({ kind }) => kind === internal)).toMatchObject({
    name: 'mutation Gone',
    status: { code: failed, message: 'NOT_FOUND' },
  })
  // What is no operation of this API has none.
  expect((await spansOf('c'.repeat(32))).map(({ kind }) => kind)).not.toContain(internal)
  for (const secret of ['Unheard-of', world.token, '6f9619ff', 'Spring']) {
    expect(receiver.text()).not.toContain(secret)
  }
})

test('a statement that fails says how PostgreSQL calls that', async () => {
  const { world, spansOf } = await tracedWorld()
  await world.sql('ALTER TABLE tracks RENAME COLUMN name TO title')
  await world.ask('{ event(slug: "spring") { tracks { name } } }', {}, { traceparent: traceparent('e') })
  const spans = await spansOf('e'.repeat(32))
  const wrong = spans.filter(({ kind, status }) => kind === client && status.code === failed)
  // As one statement, and by the resolvers, which tell it at its path.
  expect(wrong.map(({ status }) => status.message)).toEqual(['42703', '42703'])
  expect(spans.find(({ kind }) => kind === internal)!.status).toEqual({
    code: failed,
    message: 'SCHEMA_OUT_OF_DATE',
  })
})

test('nothing of OpenTelemetry is loaded by a server that sends no traces', () => {
  const source = path.join(projectFolder, 'src')
  const loading = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .filter((file) =>
      /^import (?!type).*(@opentelemetry|open-telemetry\.ts)/m.test(
        readFileSync(path.join(source, file), 'utf8'),
      ),
    )
  expect(loading).toEqual([])
})

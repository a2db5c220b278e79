import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/log.ts'
import { cloneDatabase } from '../clones.ts'
import { createWorld } from '../world.ts'

test('requests are counted by operation and code, with what they cost, on an address of their own', async () => {
  const world = await createWorld({ metrics: { host: '127.0.0.1', port: 0 } })
  await createProgramme(world)
  await world.ask('query Named { events { totalCount } }')
  await world.ask('query Named { events { totalCount } }')
  await world.ask('query Wrong { events { nothing } }')
  await world.ask('mutation { deleteSession(id: "x") { session { id } } }')
  const response = await fetch(world.app.metricsUrl!)
  expect(response.headers.get('content-type')).toContain('text/plain')
  const text = await response.text()
  const lines = text.split('\n').filter((line) => line.startsWith('open_event_requests_total'))
  expect(lines).toEqual([
    'open_event_requests_total{operation="mutation (unnamed)",code="OK"} 1',
    'open_event_requests_total{operation="query Named",code="OK"} 2',
    'open_event_requests_total{operation="/graphql",code="GRAPHQL_VALIDATION_FAILED"} 1',
    'open_event_requests_total{operation="mutation (unnamed)",code="UNAUTHENTICATED"} 1',
  ])
  for (const name of [
    'pool_connections',
    'pool_waiting',
    'queries_waiting',
    'connections',
    'statements_total',
  ]) {
    expect(text).toContain(`\nopen_event_${name}`)
  }
  expect(text).toContain('nodejs_eventloop_lag_seconds')
  expect(text).toContain('process_resident_memory_bytes')
  expect(text).not.toContain('spring')
  expect((await fetch(`${world.app.url}/metrics`)).status).toBe(404)
})

test('names of operations that a client makes up by the hundred are counted together', async () => {
  const world = await createWorld({ metrics: { host: '127.0.0.1', port: 0 } })
  for (let index = 0; index < 205; index += 1) await world.ask(`query Q${index} { __typename }`)
  const text = await (await fetch(world.app.metricsUrl!)).text()
  expect(text.match(/requests_total\{/g)!.length).toBeLessThanOrEqual(201)
  expect(text).toContain('operation="(other)"')
})

test('a server that cannot listen leaves no address of its metrics open, which would keep it from ending', async () => {
  const taken = http.createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const free = http.createServer()
  await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve))
  const [port, metricsPort] = [taken, free].map((server) => (server.address() as AddressInfo).port) as [
    number,
    number,
  ]
  await new Promise((resolve) => free.close(resolve))
  const app = createApp({
    databaseUrl: await cloneDatabase(),
    migrateOnStart: false,
    host: '127.0.0.1',
    port,
    oidc: null,
    metrics: { host: '127.0.0.1', port: metricsPort },
    log: createLog('silent'),
  })
  await expect(app).rejects.toThrow('EADDRINUSE')
  await expect(fetch(`http://127.0.0.1:${metricsPort}/metrics`)).rejects.toThrow('fetch failed')
  await new Promise((resolve) => taken.close(resolve))
})

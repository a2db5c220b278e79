import { expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { createWorld } from '../world.ts'

test('a request is one line with its id, outcome and cost, and none of its values', async () => {
  const world = await createWorld()
  await createProgramme(world)
  world.log.length = 0
  const { headers } = await world.ask(
    'query Secretly($slug: String!) { event(slug: $slug) { name } }',
    { slug: 'hidden-slug' },
    { 'x-request-id': 'from-the-proxy.1' },
  )
  expect(headers.get('x-request-id')).toBe('from-the-proxy.1')
  expect(world.log.filter(({ requestId }) => requestId === 'from-the-proxy.1')).toEqual([
    {
      level: 30,
      time: expect.any(String),
      pid: process.pid,
      requestId: 'from-the-proxy.1',
      method: 'POST',
      url: '/graphql',
      status: 200,
      ms: expect.any(Number),
      viewer: 'anonymous',
      operation: 'query Secretly',
      statements: 1,
      msg: 'request',
    },
  ])
  expect(JSON.stringify(world.log)).not.toContain('hidden-slug')
})

test('a request id that could harm a log is replaced', async () => {
  const world = await createWorld()
  const { headers } = await world.ask('{ events { totalCount } }', {}, { 'x-request-id': 'x"} evil' })
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})

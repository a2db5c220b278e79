import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'
import { connectRaw, postText } from './raw-socket.ts'

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
      cost: expect.any(Number),
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

test('a request whose client hung up is logged with its outcome when its work is over', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const { socket } = await connectRaw(world.app.url)
  const query =
    'mutation Late { createSession(input: { eventSlug: "spring", title: "Late" }) { session { id } } }'
  await world.sql('BEGIN; LOCK TABLE sessions')
  socket.write(
    postText(JSON.stringify({ query })).replace(
      'host: x',
      `host: x\r\nauthorization: Bearer ${world.token}\r\nx-request-id: late\r\nidempotency-key: late`,
    ),
  )
  await somebodyWaits(world)
  socket.destroy()
  await once(socket, 'close')
  await world.sql('COMMIT')
  const lines = () => world.log.filter(({ msg, requestId }) => msg === 'request' && requestId === 'late')
  await expect.poll(lines).toEqual([
    expect.objectContaining({
      status: 200,
      aborted: true,
      viewer: 'token',
      operation: 'mutation Late',
      statements: expect.any(Number),
    }),
  ])
  expect(await world.sql('SELECT title FROM sessions')).toEqual([{ title: 'Late' }])
})

test('a request whose client leaves in the middle of its body is logged', async () => {
  const world = await createWorld()
  const { socket } = await connectRaw(world.app.url)
  socket.write(postText('{"query":', 100).replace('host: x', 'host: x\r\nx-request-id: half'))
  await fetch(`${world.app.url}/livez`)
  socket.destroy()
  const lines = () => world.log.filter(({ msg, requestId }) => msg === 'request' && requestId === 'half')
  await expect.poll(lines).toEqual([expect.objectContaining({ aborted: true, errors: ['BAD_REQUEST'] })])
})

import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { networkFrom } from '../../src/addresses.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld, type World } from '../world.ts'
import { connectRaw, postText, statusesIn, until } from './raw-socket.ts'

const get = 'GET /graphql?query={__typename} HTTP/1.1\r\nhost: x\r\n\r\n'
const impatient = { headersTimeout: 300, requestTimeout: 600, checkingInterval: 50, idleTimeout: 300 }

describe('a slow client is cut off', () => {
  test.each([
    ['sends nothing', '', ''],
    ['sends a header byte by byte', 'GET /graphql HTTP/1.1\r\nx-slow: ', 'a'],
    ['sends a body byte by byte', postText('{"query":"', 1000), 'a'],
    [
      'sends a body in chunks byte by byte',
      'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n',
      '1\r\n{\r\n',
    ],
  ])('that %s, 100 times at once', async (_what, first, byte) => {
    const { app } = await createWorld({ httpLimits: impatient })
    const clients = await Promise.all(Array.from({ length: 100 }, () => connectRaw(app.url)))
    for (const { socket } of clients) if (first !== '') socket.write(first)
    const drip = setInterval(() => {
      for (const { socket } of clients) if (byte !== '' && socket.writable) socket.write(byte)
    }, 40)
    onTestFinished(() => clearInterval(drip))
    await Promise.all(clients.map(({ closed }) => closed))
    const answers = new Set(clients.map(({ received }) => statusesIn(received()).join()))
    // The answer is lost where the client sent on into the closed connection.
    expect([...answers].filter((answer) => answer !== '')).toEqual(['408'])
  })

  test('that sends no second request', async () => {
    const { app } = await createWorld({ httpLimits: impatient })
    const { socket, received, closed } = await connectRaw(app.url)
    socket.write(get)
    await closed
    expect(statusesIn(received())).toEqual([200])
  })

  test('that takes no answer', async () => {
    const { app } = await createWorld({ httpLimits: { answerTimeout: 300 } })
    const { socket } = await connectRaw(app.url)
    let isCut = false
    socket.on('error', () => (isCut = true))
    socket.pause()
    const introspect = `{ __schema { types { name description fields { name description args { name description } } } } }`
    const ask = setInterval(() => socket.write(postText(JSON.stringify({ query: introspect }))), 20)
    onTestFinished(() => clearInterval(ask))
    await until(() => isCut)
    expect(socket.destroyed).toBe(true)
  })
})

describe('connections beyond the limit', () => {
  test('are told so, and let in once another one ends', async () => {
    const { app } = await createWorld({ httpLimits: { connections: 3 } })
    const busy = await Promise.all([1, 2, 3].map(() => connectRaw(app.url)))
    for (const { socket } of busy) socket.write('GET /graphql?query=')
    const { received, closed } = await connectRaw(app.url)
    await closed
    expect(received()).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/)
    expect(received()).toContain('\r\nretry-after: 5\r\n')
    expect(JSON.parse(received().split('\r\n\r\n')[1]!)).toEqual({
      errors: [
        {
          message: 'This server has as many connections as it can have. Try again in some seconds.',
          extensions: { code: 'UNAVAILABLE', retryAfter: 5 },
        },
      ],
    })
    busy[0]!.socket.destroy()
    await until(() => busy[0]!.socket.closed)
    await expect.poll(async () => (await fetch(`${app.url}/livez`)).status).toBe(200)
  })

  test('take the place of connections that only wait for a next request', async () => {
    const { app } = await createWorld({ httpLimits: { connections: 3 } })
    const idle = await Promise.all([1, 2, 3].map(() => connectRaw(app.url)))
    for (const { socket } of idle) socket.write(get)
    await until(() => idle.every(({ received }) => statusesIn(received()).length === 1))
    expect((await fetch(`${app.url}/livez`)).status).toBe(200)
  })

  test('of one address are refused, those of a trusted proxy are not', async () => {
    const httpLimits = { connectionsPerAddress: 2 }
    const direct = await createWorld({ httpLimits })
    const proxied = await createWorld({ httpLimits, trustedProxies: [networkFrom('127.0.0.0/8')!] })
    const third = async ({ app }: typeof direct) => {
      const three = [await connectRaw(app.url), await connectRaw(app.url), await connectRaw(app.url)]
      for (const { socket } of three) socket.write(get)
      await until(() => three.every(({ received }) => statusesIn(received()).length === 1))
      return three[2]!.received()
    }
    expect(await third(direct)).toContain(
      'Your address has 2 connections open, which is as many as it may have. Try again in some seconds.',
    )
    expect(statusesIn(await third(proxied))).toEqual([200])
  })
})

describe('requests that a client sends ahead', () => {
  test('are worked on one after the other', async () => {
    const world = await createWorld()
    const { socket, received } = await connectRaw(world.app.url)
    const query = '{ events { totalCount } }'
    const ask = (n: number) =>
      postText(JSON.stringify({ query })).replace('host: x', `host: x\r\nx-request-id: n${n}`)
    await world.sql('BEGIN; LOCK TABLE events')
    socket.write([0, 1, 2, 3, 4].map(ask).join(''))
    await somebodyWaits(world)
    // Whoever asks later waits behind all of the five that have been begun.
    const later = world.ask(query)
    await vi.waitUntil(async () => (await lockWaits(world)) > 1, { timeout: 20_000 })
    expect(await lockWaits(world)).toBe(2)
    await world.sql('COMMIT')
    await until(() => statusesIn(received()).length === 5)
    const ids = [...received().matchAll(/x-request-id: (n\d)/g)].map(([, id]) => id)
    expect(ids).toEqual(['n0', 'n1', 'n2', 'n3', 'n4'])
    expect((await later).status).toBe(200)
  })

  test('are refused in their turn beyond 16, and end the connection', async () => {
    const { app } = await createWorld()
    const { socket, received, closed } = await connectRaw(app.url)
    socket.write(get.repeat(1_000))
    await closed
    expect(statusesIn(received())).toEqual([...Array.from({ length: 17 }, () => 200), 429])
    expect(received()).toContain('A connection may send 16 requests ahead.')
  })
})

test('a connection ends after as many requests as it may carry', async () => {
  const { app } = await createWorld({ httpLimits: { requestsPerConnection: 3 } })
  const { socket, received, closed } = await connectRaw(app.url)
  for (let answers = 1; answers <= 3; answers += 1) {
    socket.write(get)
    await until(() => statusesIn(received()).length === answers)
  }
  await closed
  expect(received().toLowerCase().lastIndexOf('connection: close')).toBeGreaterThan(0)
})

describe('bodies that are being held', () => {
  const large = JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(900_000) } })
  const httpLimits = { bodyBytes: 3_000_000, bodyBytesPerAddress: 2_000_000 }
  const trustedProxies = [networkFrom('127.0.0.1')!]

  test('are counted in all and by address; who comes later is told when to try again', async () => {
    const { app } = await createWorld({ httpLimits, trustedProxies })
    const hold = async (address: string) => {
      const { socket } = await connectRaw(app.url)
      socket.write(
        postText(large.slice(0, -1), large.length).replace(
          'host: x',
          `host: x\r\nx-forwarded-for: ${address}`,
        ),
      )
      // What others send before all of it has come would have it refused in their place.
      await until(() => socket.writableLength === 0)
      await sleep(200)
      return socket
    }
    const send = async (address: string, body = large) => {
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': address }
      return await fetch(`${app.url}/graphql`, { method: 'POST', headers, body })
    }
    const held = [await hold('192.0.2.1'), await hold('192.0.2.1')]
    await expect.poll(async () => (await send('192.0.2.1')).status).toBe(503)
    expect((await send('192.0.2.2')).status).toBe(200)
    held.push(await hold('192.0.2.3'))
    await expect.poll(async () => (await send('192.0.2.2')).status).toBe(503)
    const refused = await send('192.0.2.2')
    expect(refused.headers.get('retry-after')).toBe('5')
    expect(await refused.json()).toEqual({
      errors: [
        {
          message:
            'More is being sent to this server right now than it can hold. Nothing was changed: try again in some seconds.',
          extensions: { code: 'UNAVAILABLE', retryAfter: 5 },
        },
      ],
    })
    expect((await send('192.0.2.1', JSON.stringify({ query: '{ __typename }' }))).status).toBe(200)
    for (const socket of held) socket.destroy()
    await expect.poll(async () => (await send('192.0.2.2')).status).toBe(200)
  })
})

async function lockWaits(world: World): Promise<number> {
  await world.sql('SELECT pg_stat_clear_snapshot()')
  const waiting = await world.sql(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  return waiting.length
}

import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { ready, start } from '../start/started.ts'
import { cloneDatabase } from '../clones.ts'
import { type Receiver, startReceiver, until } from './webhook.ts'

const changes = 300
const sessions = 10

test('nothing that is committed is missed or overtaken, however often the server is killed', async () => {
  const databaseUrl = await cloneDatabase()
  const { db, close } = openDatabase(databaseUrl, { max: 2 })
  const beside = new pg.Client({ connectionString: databaseUrl })
  await beside.connect()
  onTestFinished(async () => {
    await Promise.all([close(), beside.end()])
  })
  const { id: tokenId } = await mintToken(db, { ...organizerOfEverything, label: 'test' })
  const days = { startsAt: new Date('2027-05-01T08:00:00Z'), endsAt: new Date('2027-05-03T18:00:00Z') }
  const { id: eventId } = await db.event.create({
    data: { slug: 'home', name: 'Home', timeZone: 'UTC', ...days },
  })
  const receivers = await Promise.all(Array.from({ length: 6 }, startReceiver))
  const [hanging, failing, ...healthy] = receivers as [Receiver, Receiver, ...Receiver[]]
  hanging.answer = () => 'hang'
  failing.answer = () => 500
  for (const { url } of receivers) {
    const told = { url, label: 'x', key: new Uint8Array(32), tokenId, eventId }
    await db.webhook.create({ data: { ...told, cursors: { create: { seq: -1n } } } })
  }
  const env = { DATABASE_URL: databaseUrl, WEBHOOK_NETWORKS: '127.0.0.0/8', LOG_LEVEL: 'warn' }
  const ids: string[] = []
  for (let n = 0; n < sessions; n += 1) {
    ids.push((await db.session.create({ data: { eventId, title: `Session ${n}` } })).id)
  }
  let server = start(env)
  await ready(server)
  for (let n = 0; n < changes; n += 1) {
    await beside.query('UPDATE sessions SET title = $1 WHERE id = $2', [`Title ${n}`, ids[n % sessions]])
    if (n % 75 !== 74 || n > 225) continue
    // In the middle of what it sends.
    await until(() => healthy[0]!.received.length > n / 2, 120)
    server.process.kill('SIGKILL')
    await server.exit
    server = start(env)
    await ready(server)
  }
  const versions = changes / sessions + 1
  const isDone = ({ received }: Receiver) =>
    new Set(received.map(({ id }) => id)).size >= sessions * versions + 1
  await until(() => healthy.every(isDone), 180)
  for (const receiver of healthy) {
    for (const id of ids) {
      const first = receiver.taken().filter(({ json }) => json.data.id === id)
      expect(first.map(({ json }) => json.data.version)).toEqual(
        Array.from({ length: versions }, (_, n) => n + 1),
      )
    }
    // One message is one id, however often it came.
    expect(receiver.taken()).toHaveLength(sessions * versions + 1)
  }
  for (const { received } of [hanging, failing]) {
    expect(received.length).toBeGreaterThan(0)
    // The first message of each thing isn't overtaken while it isn't taken.
    expect(new Set(received.map(({ json }) => json.data.version))).toEqual(new Set([1]))
  }
  server.process.kill('SIGTERM')
  expect(await server.exit).toBe(0)
  const { rows } = await beside.query('SELECT count(writer)::integer AS writers FROM webhooks')
  expect(rows).toEqual([{ writers: 0 }])
})

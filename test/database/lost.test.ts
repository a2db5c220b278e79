import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from '../database-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { startIssuer } from '../issuer.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'

/** A server that reaches its database through a proxy, and how each kind of client asks it. */
async function scene() {
  const issuer = await startIssuer()
  let proxy!: DatabaseProxy
  const reach = async (url: string) => (proxy = await startDatabaseProxy(url)).url
  const world = await createWorld({ oidc: issuer, reach })
  const programme = await createProgramme(world)
  const jwt = await issuer.sign({ sub: 'ada', name: 'Ada' })
  const headers = {
    anonymous: {},
    token: { authorization: `Bearer ${world.token}` },
    user: { authorization: `Bearer ${jwt}` },
  }
  return { world, proxy, programme, headers }
}

const read = '{ event(slug: "spring") { sessions { nodes { title } } } }'
const write = 'mutation { createSession(input: { eventSlug: "spring", title: "New" }) { session { id } } }'
const own = `mutation { createEvent(input: { slug: "mine", name: "Mine", timeZone: "UTC",
  startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { id } } }`

describe('while the database is away', () => {
  test.each(['anonymous', 'token', 'user'] as const)(
    'the %s client is told UNAVAILABLE by every kind of operation, and served again when it is back',
    async (who) => {
      const { world, proxy, headers } = await scene()
      const asks = () =>
        Promise.all([
          world.ask(read, {}, headers[who]),
          world.ask(own, {}, headers[who]),
          world.ask(own, {}, { ...headers[who], 'idempotency-key': randomUUID() }),
        ])
      await asks()
      await proxy.stop()
      const told = (await asks()).map(({ errors }) => errors?.[0])
      const changes = who === 'anonymous' ? 'UNAUTHENTICATED' : 'UNAVAILABLE'
      expect(told.map((error) => error?.extensions.code)).toEqual(['UNAVAILABLE', changes, changes])
      expect(told[0]!.message).toBe(
        "The database can't be reached right now. Nothing was changed: try again in some seconds.",
      )
      await proxy.start()
      expect((await world.ask(read, {}, headers[who])).errors).toBeUndefined()
    },
  )
})

describe('a connection that is lost in COMMIT', () => {
  const titles = `SELECT title, version FROM sessions`

  test.each([
    ['before', []],
    ['after', [{ title: 'New', version: 1 }]],
  ] as const)(
    '%s the database did it, leaves the outcome unknown, and the client is told so',
    async (when, stored) => {
      const { world, proxy } = await scene()
      proxy.cutAtCommit(when)
      const { errors } = await world.organize(write)
      expect(errors?.[0]).toMatchObject({
        message:
          "The connection to the database broke while the change was being completed, so it isn't known whether it was " +
          'made. Read what it was to change: its version and lastModifiedAt tell. Repeat the change only if it was not made. ' +
          'A change that is sent with an Idempotency-Key can be repeated without looking.',
        extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' },
      })
      expect(await world.sql(titles)).toEqual(stored)
    },
  )

  test.each(['before', 'after'] as const)(
    '%s the database did it, is made good by the same request with the same Idempotency-Key',
    async (when) => {
      const { world, proxy, headers } = await scene()
      const keyed = { ...headers.token, 'idempotency-key': randomUUID() }
      proxy.cutAtCommit(when)
      const first = await world.ask(write, {}, keyed)
      expect(first.status).toBe(503)
      expect(first.errors).toEqual([
        {
          message:
            "The connection to the database broke while the change was being completed, so it isn't known whether it was " +
            'made. Send the same request again with the same Idempotency-Key: it is made once, and you are given its answer.',
          extensions: { code: 'UNAVAILABLE', outcome: 'UNKNOWN' },
        },
      ])
      const second = await world.ask(write, {}, keyed)
      expect(second.errors).toBeUndefined()
      expect(second.headers.get('idempotency-replayed')).toBe(when === 'after' ? 'true' : null)
      expect(await world.sql(titles)).toEqual([{ title: 'New', version: 1 }])
    },
  )
})

test('a backend that is ended while it waits has changed nothing, and says so', async () => {
  const { world, programme } = await scene()
  const id = await createSession(world, programme, { title: 'Talk' })
  await world.sql('BEGIN')
  await world.sql('SELECT FROM sessions FOR UPDATE')
  const change = world.organize(
    `mutation { updateSession(id: "${id}", patch: { title: "x" }) { session { id } } }`,
  )
  await somebodyWaits(world)
  await world.sql(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  )
  expect((await change).errors?.[0]).toMatchObject({
    message: "The database can't be reached right now. Nothing was changed: try again in some seconds.",
    extensions: { code: 'UNAVAILABLE', retryAfter: 5 },
  })
})

test('a change that was made before the database went away is told to be there', async () => {
  const { world, proxy } = await scene()
  // The second field waits until the first is done and the database is gone.
  await world.sql(`INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at)
    VALUES (gen_random_uuid(), 'held', 'Held', 'UTC', '2027-01-01', '2027-01-02')`)
  await world.sql('BEGIN')
  await world.sql(`SELECT FROM events WHERE slug = 'held' FOR UPDATE`)
  const both = world.organize(
    `mutation {
      a: createSession(input: { eventSlug: "spring", title: "New" }) { session { id } }
      b: createSession(input: { eventSlug: "held", title: "Not" }) { session { id } }
    }`,
  )
  await somebodyWaits(world)
  await proxy.stop()
  const { errors } = await both
  expect(errors).toEqual([
    expect.objectContaining({
      message:
        "The database can't be reached right now. Something of this request was changed before, and stays so: read it " +
        'before you repeat anything.',
      path: ['b'],
      extensions: { code: 'UNAVAILABLE' },
    }),
  ])
  await world.sql('COMMIT')
  expect(await world.sql('SELECT title FROM sessions')).toEqual([{ title: 'New' }])
})

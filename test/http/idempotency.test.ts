import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { onSuperuser } from '../clones.ts'
import { createWorld, type World } from '../world.ts'

const create = `mutation { createSession(input: { eventSlug: "spring", title: "Once" }) { session { id version lastModifiedAt } } }`

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  return { world, programme }
}

/** The answer as it came over the wire. */
async function send(
  world: World,
  key: string,
  query: string,
  { token = world.token, accept = '*/*' }: { token?: string; accept?: string } = {},
) {
  const response = await fetch(`${world.app.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      authorization: `Bearer ${token}`,
      accept,
    },
    body: JSON.stringify({ query }),
  })
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    replayed: response.headers.get('idempotency-replayed'),
    body: await response.text(),
  }
}

const sessions = (world: World) => world.sql('SELECT title, version FROM sessions ORDER BY title')

describe('a mutation with an Idempotency-Key', () => {
  test('that is sent again acts once and is answered byte for byte', async () => {
    const { world } = await scene()
    const first = await send(world, 'a-1', create)
    expect(first).toMatchObject({ status: 200, replayed: null })
    expect(JSON.parse(first.body).data.createSession.session.version).toBe(1)
    await world.sql(`UPDATE sessions SET title = 'Renamed'`)
    const second = await send(world, '"a-1"', create)
    expect(second).toEqual({ ...first, replayed: 'true' })
    expect(await sessions(world)).toEqual([{ title: 'Renamed', version: 2 }])
    expect(world.log.at(-1)).toMatchObject({ msg: 'request', replayed: true })
  })

  test.each([2, 20])('that is sent %i times at once acts once', async (times) => {
    const { world } = await scene()
    const answers = await Promise.all(Array.from({ length: times }, () => send(world, 'b', create)))
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1)
    expect(answers.filter(({ replayed }) => replayed === null)).toHaveLength(1)
    expect(await sessions(world)).toEqual([{ title: 'Once', version: 1 }])
  })

  test('keeps the form that its client accepts', async () => {
    const { world } = await scene()
    const accept = 'application/graphql-response+json'
    const first = await send(world, 'c', create, { accept })
    expect(first.type).toBe('application/graphql-response+json; charset=utf-8')
    expect(await send(world, 'c', create, { accept })).toEqual({ ...first, replayed: 'true' })
  })

  test('is signed in the history as any other', async () => {
    const { world } = await scene()
    const { body } = await send(world, 'd', create)
    const { id } = JSON.parse(body).data.createSession.session
    const { data } = await world.organize(
      `{ session(id: "${id}") { history { nodes { requestId actor { kind label } } } } }`,
    )
    expect(data.session.history.nodes).toEqual([
      { requestId: expect.any(String), actor: { kind: 'TOKEN', label: 'test' } },
    ])
  })

  test('acts once also if the query is named by its hash only', async () => {
    const { world } = await scene()
    const sha256Hash = createHash('sha256').update(create).digest('hex')
    const extensions = { persistedQuery: { version: 1, sha256Hash } }
    const post = async (key: string, body: object) => {
      const response = await fetch(`${world.app.url}/graphql`, {
        method: 'POST',
        headers: {
          ...{ 'content-type': 'application/json', 'idempotency-key': key },
          authorization: `Bearer ${world.token}`,
        },
        body: JSON.stringify(body),
      })
      return [response.headers.get('idempotency-replayed'), await response.text()]
    }
    const [, unknown] = await post('p', { extensions })
    expect(JSON.parse(unknown!).errors[0].extensions.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    const first = await post('p', { query: create, extensions })
    expect(first).toEqual([null, expect.stringContaining('"version":1')])
    expect(await post('p', { extensions })).toEqual(['true', first[1]])
    const second = await post('q', { extensions })
    expect([await post('q', { extensions }), await post('q', { query: create })]).toEqual([
      ['true', second[1]],
      ['true', second[1]],
    ])
    expect(await sessions(world)).toHaveLength(2)
  })

  test('refuses another request under the same key, and does nothing', async () => {
    const { world } = await scene()
    await send(world, 'e', create)
    const other = await send(world, 'e', create.replace('Once', 'Twice'))
    expect(other).toMatchObject({ status: 422, replayed: null })
    expect(JSON.parse(other.body).errors).toEqual([
      {
        message: 'Idempotency-Key: was sent with another request before. Use a new key for each change.',
        extensions: {
          code: 'BAD_USER_INPUT',
          issues: [
            {
              path: ['Idempotency-Key'],
              message: 'was sent with another request before. Use a new key for each change.',
            },
          ],
        },
      },
    ])
    expect(await sessions(world)).toEqual([{ title: 'Once', version: 1 }])
  })

  test("is one actor's own: the same key of another acts by itself", async () => {
    const { world } = await scene()
    const { token } = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
    await send(world, 'f', create)
    expect(await send(world, 'f', create, { token })).toMatchObject({ status: 200, replayed: null })
    expect(await sessions(world)).toHaveLength(2)
  })

  test('that fails is undone as a whole, and the next try is a first one', async () => {
    const { world, programme } = await scene()
    const id = await createSession(world, programme, { title: 'Talk' })
    const both = `mutation {
      first: updateSession(id: "${id}", patch: { title: "Changed" }) { session { title } }
      second: updateSession(id: "${id}", expectedVersion: 9, patch: { title: "Again" }) { session { version } }
    }`
    const failed = await send(world, 'g', both)
    expect(JSON.parse(failed.body)).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'CONFLICT' } }],
    })
    expect(await sessions(world)).toEqual([{ title: 'Talk', version: 1 }])
    await world.sql(
      'ALTER TABLE sessions DISABLE TRIGGER stamp_row; UPDATE sessions SET version = 9; ALTER TABLE sessions ENABLE TRIGGER stamp_row',
    )
    const again = await send(world, 'g', both)
    expect(again.replayed).toBeNull()
    expect(await sessions(world)).toHaveLength(1)
  })

  test('counts as new after a day, and old keys are cleared away', async () => {
    const { world } = await scene()
    await send(world, 'h', create)
    for (const key of ['x', 'y', 'z']) await send(world, key, create)
    await world.sql(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours'`)
    expect((await send(world, 'h', create)).replayed).toBeNull()
    expect((await send(world, 'h', create)).replayed).toBe('true')
    expect(await sessions(world)).toHaveLength(5)
    expect(await world.sql('SELECT key FROM idempotency_keys')).toEqual([{ key: 'h' }])
  })

  test('whose first try lost its database half-way is done once by the next', async () => {
    const { world, programme } = await scene()
    const id = await createSession(world, programme, { title: 'Talk' })
    const change = `mutation { updateSession(id: "${id}", patch: { abstract: "x" }) { session { version } } }`
    await world.sql('BEGIN')
    await world.sql('SELECT FROM sessions FOR UPDATE')
    const first = send(world, 'i', change)
    await sleep(300)
    const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
    const [{ pid }] = (await world.sql(waiting)) as [{ pid: number }]
    await onSuperuser(`SELECT pg_terminate_backend(${pid})`)
    expect(JSON.parse((await first).body).errors[0].extensions.code).toBe('UNAVAILABLE')
    await world.sql('COMMIT')
    const second = await send(world, 'i', change)
    expect(second.replayed).toBeNull()
    expect(JSON.parse(second.body).data.updateSession.session.version).toBe(2)
    expect(await send(world, 'i', change)).toEqual({ ...second, replayed: 'true' })
    expect(await sessions(world)).toEqual([{ title: 'Talk', version: 2 }])
  })

  test.each(['', 'with blank', 'ünicode', 'a'.repeat(256), '"half'])(
    'is refused for the key %j',
    async (key) => {
      const { world } = await scene()
      const answer = await world.ask(
        create,
        {},
        {
          authorization: `Bearer ${world.token}`,
          'idempotency-key': Buffer.from(key).toString('latin1'),
        },
      )
      expect([answer.status, answer.errors?.[0]?.extensions.issues[0].path]).toEqual([
        422,
        ['Idempotency-Key'],
      ])
      expect(await sessions(world)).toEqual([])
    },
  )
})

describe('an Idempotency-Key', () => {
  test('means nothing with a query, to the anonymous, and where nothing can be parsed', async () => {
    const { world } = await scene()
    const headers = { 'idempotency-key': 'j' }
    expect((await world.ask('{ events { totalCount } }', {}, headers)).data.events.totalCount).toBe(1)
    expect((await world.ask(create, {}, headers)).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
    expect(JSON.parse((await send(world, 'j', 'mutation {')).body).errors[0].extensions.code).toBe(
      'GRAPHQL_PARSE_FAILED',
    )
    expect(await world.sql('SELECT FROM idempotency_keys')).toEqual([])
  })

  test('costs four statements more, its absence none', async () => {
    const { world } = await scene()
    const plain = await world.organize(create)
    const authorization = `Bearer ${world.token}`
    const keyed = await world.ask(create, {}, { authorization, 'idempotency-key': 'k' })
    expect(keyed.statements).toBe(plain.statements + 4)
  })
})

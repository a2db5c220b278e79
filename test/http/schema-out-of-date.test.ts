import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'

/** One request for each way in which the server reads and writes. */
async function requestsOf(world: World) {
  const programme = await createProgramme(world)
  const [room] = programme.rooms
  const input = {
    startsAt: '2027-03-27T10:00:00Z',
    endsAt: '2027-03-27T11:00:00Z',
    speakerIds: programme.speakers,
  }
  const id = await createSession(world, programme, { ...input, roomId: room! })
  const asOf = new Date().toISOString()
  let key = 0
  const send = (query: string, headers: Record<string, string> = {}) => world.ask(query, {}, headers)
  const organize = (query: string) => send(query, { authorization: `Bearer ${world.token}` })
  return {
    'the programme, by anybody': () =>
      send(
        `{ event(slug: "spring") { name tracks { name } rooms { name } sessionTypes { name } sessions { totalCount nodes {
           title abstract startsAt state version lastModifiedAt track { name } room { name floor capacity } sessionType { name }
           speakers { name biography } } } } }`,
      ),
    'the past': () =>
      organize(
        `{ session(id: "${id}", asOf: "${asOf}") { title room { name } speakers { name } event { name } } }`,
      ),
    'the history': () =>
      organize(`{ session(id: "${id}") { history { totalCount edges { node { version operation } } } } }`),
    'a new session': () =>
      organize('mutation { createSession(input: { eventSlug: "spring", title: "x" }) { session { id } } }'),
    'a change': () =>
      organize(
        `mutation { updateSession(id: "${id}", patch: { title: "y${(key += 1)}", speakerIds: ["${programme.speakers[0]!}"] }) { session { version } } }`,
      ),
    'a change that is answered once': () =>
      send('mutation { createSession(input: { eventSlug: "spring", title: "once" }) { session { id } } }', {
        authorization: `Bearer ${world.token}`,
        'idempotency-key': `key-${(key += 1)}`,
      }),
    'a change of the event': () =>
      organize(
        `mutation { updateEvent(id: "${programme.eventId}", patch: { name: "n${(key += 1)}" }) { event { version } } }`,
      ),
  }
}

type Requests = Record<string, () => ReturnType<World['ask']>>

/** What each request is answered, as far as it isn't an answer. */
async function codesOf(requests: Requests): Promise<Record<string, string>> {
  const answers = Object.entries(requests).map(async ([what, send]) => {
    const { errors } = await send()
    return errors === undefined
      ? []
      : [[what, errors.map(({ extensions }) => extensions.code).join()] as const]
  })
  return Object.fromEntries((await Promise.all(answers)).flat())
}

const tables = `SELECT format('ALTER TABLE %I RENAME TO gone', relname) AS away, format('ALTER TABLE gone RENAME TO %I', relname) AS back
  FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname NOT IN ('_prisma_migrations', 'migration_lineage')`

const columns = `SELECT format('ALTER TABLE %I RENAME %I TO gone', relname, attname) AS away,
    format('ALTER TABLE %I RENAME gone TO %I', relname, attname) AS back
  FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid
  WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    AND relname NOT IN ('_prisma_migrations', 'migration_lineage')`

const functions = `SELECT format('ALTER FUNCTION %s RENAME TO gone', oid::regprocedure) AS away,
    format('ALTER FUNCTION gone(%s) RENAME TO %I', pg_get_function_identity_arguments(oid), proname) AS back
  FROM pg_proc p WHERE pronamespace = 'public'::regnamespace`

describe('a request that meets a schema with a part missing', { timeout: 120_000 }, () => {
  const inShort = ['the programme, by anybody', 'the past', 'a change', 'a change that is answered once']
  test.each([
    ['any table', tables, null],
    ['any column', columns, inShort],
    ['any function', functions, null],
  ])('%s, is answered SCHEMA_OUT_OF_DATE or as ever, by every way in', async (_what, sql, only) => {
    const world = await createWorld()
    const all = Object.entries(await requestsOf(world))
    const requests = Object.fromEntries(all.filter(([what]) => only?.includes(what) ?? true))
    expect(await codesOf(requests)).toEqual({})
    const others: Record<string, unknown> = {}
    let met = 0
    for (const { away, back } of await world.sql<{ away: string; back: string }>(sql)) {
      await world.sql(away)
      const codes = await codesOf(requests)
      await world.sql(back)
      const isOther = (code: string) => code.split(',').some((one) => one !== 'SCHEMA_OUT_OF_DATE')
      met += Object.keys(codes).length
      if (Object.values(codes).some(isOther)) others[away] = codes
    }
    expect(others).toEqual({})
    expect(met).toBeGreaterThan(5)
    expect(await codesOf(requests)).toEqual({})
  })

  test.each([
    [
      'a column of another type',
      'ALTER TABLE access_tokens RENAME hash TO gone; ALTER TABLE access_tokens ADD COLUMN hash integer',
      '{ event(slug: "spring") { name } }',
    ],
    [
      'what makes a key unique gone',
      'ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey',
      'mutation { createSession(input: { eventSlug: "spring", title: "once" }) { session { id } } }',
    ],
  ])('%s, is answered so too', async (_what, sql, query) => {
    const world = await createWorld()
    await createProgramme(world)
    await world.sql(sql)
    const { errors } = await world.ask(
      query,
      {},
      { authorization: `Bearer ${world.token}`, 'idempotency-key': 'k' },
    )
    expect(errors?.map(({ extensions }) => extensions.code) ?? []).toEqual(['SCHEMA_OUT_OF_DATE'])
  })
})

describe('/readyz', () => {
  const ready = async (world: World) => {
    const response = await fetch(`${world.app.url}/readyz`)
    const { ready: isReady, schema } = (await response.json()) as {
      ready: boolean
      schema: { state: string; message: string }
    }
    return { status: response.status, isReady, state: schema.state, message: schema.message }
  }

  test('turns 503 when a column is dropped, and comes back with it', async () => {
    const world = await createWorld()
    await world.sql('ALTER TABLE rooms DROP COLUMN floor')
    expect(await ready(world)).toMatchObject({
      status: 503,
      isReady: false,
      state: 'drifted',
      message: expect.stringContaining('missing: column rooms.floor'),
    })
    await world.sql('ALTER TABLE rooms ADD COLUMN floor text')
    expect(await ready(world)).toMatchObject({ status: 200, isReady: true, state: 'in sync' })
  })

  test('turns 503 when a migration is taken back by hand, and comes back when it is applied again', async () => {
    const world = await createWorld()
    const newest = (await readdir(migrationsFolder))
      .filter((name) => /^\d/.test(name))
      .sort()
      .at(-1)!
    const record = (at: string) =>
      world.sql(`UPDATE _prisma_migrations SET rolled_back_at = ${at} WHERE migration_name = '${newest}'`)
    await record('now()')
    expect(await ready(world)).toMatchObject({
      status: 503,
      state: 'pending',
      message: expect.stringContaining(`${newest}. Run "npm run migrations -- deploy"`),
    })
    await record('NULL')
    expect(await ready(world)).toMatchObject({ status: 200, state: 'in sync' })
  })

  test('turns 503 when a newer build removes what this one reads, and says to start that build', async () => {
    const world = await createWorld()
    await world.sql('ALTER TABLE sessions DROP COLUMN image_url')
    await world.sql(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES (gen_random_uuid(), 'x', '29990101000000_newer', now(), 1)`,
    )
    expect(await ready(world)).toMatchObject({
      status: 503,
      state: 'ahead',
      message: expect.stringContaining('column sessions.image_url is gone. Start the build that has them.'),
    })
  })
})

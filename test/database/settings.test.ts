import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { readyz } from '../readyz.ts'
import { migrationsFolder } from '../../src/config.ts'
import { lookForDrift } from '../../src/schema-evolution/drift/drift.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { emptyDatabase, onSuperuser } from '../clones.ts'
import { createStore, createWorld } from '../world.ts'

test.each([
  ['datestyle', 'SQL, DMY'],
  ['intervalstyle', 'sql_standard'],
  ['timezone', 'America/St_Johns'],
  ['standard_conforming_strings', 'off'],
  ['quote_all_identifiers', 'on'],
  ['bytea_output', 'escape'],
  ['extra_float_digits', '-3'],
  ['default_transaction_isolation', 'serializable'],
  ['default_transaction_read_only', 'on'],
  ['statement_timeout', '1ms'],
  ['lock_timeout', '1ms'],
  ['idle_in_transaction_session_timeout', '1ms'],
  ['idle_session_timeout', '1ms'],
  ['transaction_timeout', '2s'],
  ['array_nulls', 'off'],
  ['plpgsql.extra_errors', 'all'],
  ['client_encoding', 'LATIN1'],
  ['search_path', 'pg_catalog'],
])('the server writes, reads and knows its schema although the database has %s = %s', async (name, value) => {
  const reach = async (url: string) => {
    await onSuperuser(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET ${name} TO '${value}'`)
    return url
  }
  const world = await createWorld({ reach })
  const times = { startsAt: '2027-03-27T10:00:00Z', endsAt: '2027-03-27T11:30:00Z' }
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { ...times, title: "It's a \\ slash" })
  const renamed = `mutation { updateSession(id: "${id}", patch: { subtitle: "New" }) { session { version } } }`
  expect((await world.organize(renamed)).errors).toBeUndefined()
  const { data } = await world.organize(
    `{ session(id: "${id}") { title startsAt endsAt version history { nodes { version } } } }`,
  )
  const history = { nodes: [{ version: 2 }, { version: 1 }] }
  expect(data.session).toEqual({
    title: "It's a \\ slash",
    startsAt: '2027-03-27T10:00:00.000Z',
    endsAt: '2027-03-27T11:30:00.000Z',
    version: 2,
    history,
  })
  expect((await readyz(world.app.url)).body).toMatchObject({ ready: true, schema: { state: 'in sync' } })
})

test.each([
  ['compiles no plan', 'jit', 'on', 'off'],
  ['keeps its session when a statement is refused', 'exit_on_error', 'on', 'off'],
  ['finds all that a search matches', 'gin_fuzzy_search_limit', '1', '0'],
])('the server %s although the database has %s = %s', async (_what, name, value, wanted) => {
  const { databaseUrl, operator } = await createStore()
  await onSuperuser(`ALTER DATABASE "${new URL(databaseUrl).pathname.slice(1)}" SET ${name} TO '${value}'`)
  expect(await operator.db.$queryRaw`SELECT current_setting(${name}) AS setting`).toEqual([
    { setting: wanted },
  ])
})

test('30 changes of one session at once are all made although the database has serializable transactions', async () => {
  const reach = async (url: string) => {
    await onSuperuser(
      `ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET default_transaction_isolation TO 'serializable'`,
    )
    return url
  }
  const world = await createWorld({ reach })
  const id = await createSession(world, await createProgramme(world), {})
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      world.organize(
        `mutation { updateSession(id: "${id}", patch: { title: "${index}" }) { session { id } } }`,
      ),
    ),
  )
  expect(answers.flatMap(({ errors = [] }) => errors)).toEqual([])
  expect(await world.sql('SELECT version FROM sessions')).toEqual([{ version: 31 }])
})

test.each([
  ['idle_session_timeout', '1ms'],
  ['transaction_timeout', '50ms'],
  ['statement_timeout', '1ms'],
])('migrations are deployed and compared although the database has %s = %s', async (name, value) => {
  const url = await emptyDatabase()
  await onSuperuser(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET ${name} TO '${value}'`)
  expect((await deploy({ url, migrations: migrationsFolder })).length).toBeGreaterThan(20)
  expect(await lookForDrift({ url, folder: migrationsFolder, dryRun: true })).toMatchObject({
    difference: null,
  })
})

import { describe, expect, test } from 'vitest'
import { onSuperuser } from '../clones.ts'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from '../features/programme.ts'

describe('an error', () => {
  test('of syntax, validation or an unknown field keeps the standard form of GraphQL', async () => {
    const world = await createWorld()
    const answers = await Promise.all(
      ['{', '{ sesion { id } }', '{ session { id } }'].map((query) => world.ask(query)),
    )
    expect(answers.map(({ errors }) => errors)).toEqual([
      [
        {
          message: 'Syntax Error: Expected Name, found <EOF>.',
          locations: [{ line: 1, column: 2 }],
          extensions: { code: 'GRAPHQL_PARSE_FAILED' },
        },
      ],
      [
        {
          message: 'Cannot query field "sesion" on type "Query". Did you mean "session"?',
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
      [
        {
          message: 'Field "session" argument "id" of type "ID!" is required, but it was not provided.',
          locations: [{ line: 1, column: 3 }],
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        },
      ],
    ])
  })

  test('in a variable says where in the variable', async () => {
    const world = await createWorld()
    const { errors } = await world.organize(
      `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }`,
      { input: { eventSlug: 'spring', title: 'x', startsAt: '2027-03-27T10:00:00' } },
    )
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [
        {
          path: ['input', 'startsAt'],
          message:
            '"2027-03-27T10:00:00" has no offset, so it isn\'t an instant. Add Z or an offset such as +01:00.',
        },
      ],
    })
  })

  test('that a mistake of ours caused is masked, and logged under the id that the client is given', async () => {
    const world = await createWorld({
      clock: () => {
        throw new Error('secret detail')
      },
    })
    const answer = await world.organize('{ events { totalCount } }')
    expect(answer.status).toBe(500)
    expect(JSON.stringify(answer.errors)).not.toContain('secret')
    const { code, errorId } = answer.errors![0]!.extensions
    expect(code).toBe('INTERNAL_SERVER_ERROR')
    expect(answer.errors![0]!.message).toContain(errorId)
    expect(world.log).toContainEqual(
      expect.objectContaining({ errorId, err: expect.objectContaining({ message: 'secret detail' }) }),
    )
  })
})

describe('a database', () => {
  test('that lost a column answers SCHEMA_OUT_OF_DATE, and /readyz says what to do', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await createSession(world, programme, {})
    await world.sql('ALTER TABLE sessions RENAME COLUMN title TO heading')
    const { errors } = await world.ask('{ event(slug: "spring") { sessions { nodes { title } } } }')
    expect(errors?.[0]?.extensions).toEqual({ code: 'SCHEMA_OUT_OF_DATE' })
    const ready = await fetch(`${world.app.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({
      ready: false,
      database: 'reachable',
      schema: { state: 'drifted', message: expect.stringContaining('missing: column sessions.title') },
    })
  })

  test('that went away answers UNAVAILABLE, and the server goes on when it is back', async () => {
    const world = await createWorld()
    await createProgramme(world)
    const name = new URL(world.databaseUrl).pathname.slice(1)
    expect((await world.ask('{ events { totalCount } }')).data.events.totalCount).toBe(1)
    await onSuperuser(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`)
    await onSuperuser(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name = 'open-event-graphql'`,
    )
    const { errors } = await world.ask('{ events { totalCount } }')
    expect(errors?.[0]?.extensions).toEqual({ code: 'UNAVAILABLE', retryAfter: 5 })
    const ready = await fetch(`${world.app.url}/readyz`)
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { ready: false, database: 'unreachable', schema: null },
    ])
    expect((await fetch(`${world.app.url}/livez`)).status).toBe(200)
    await onSuperuser(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`)
    expect((await world.ask('{ events { totalCount } }')).data.events.totalCount).toBe(1)
  })
})

import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createTokenReader } from '../../src/access/oidc.ts'
import { startIssuer } from '../issuer.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'

const ping = '{ events { totalCount } }'

async function scene() {
  const issuer = await startIssuer()
  const world = await createWorld({ oidc: issuer })
  const as = (token: string) => world.ask(ping, {}, { authorization: `Bearer ${token}` })
  return { issuer, world, as }
}

describe('somebody who signed in', () => {
  test('is a user from the first request on, whose name follows the issuer', async () => {
    const { issuer, world, as } = await scene()
    const token = await issuer.sign({
      sub: 'ada',
      name: 'Ada',
      email: 'ada@example.org',
      email_verified: true,
    })
    const answers = await Promise.all([as(token), as(token), as(token)])
    expect(answers.map(({ status, data }) => [status, data])).toEqual(
      Array.from({ length: 3 }, () => [200, { events: { totalCount: 0 } }]),
    )
    await as(
      await issuer.sign({ sub: 'ada', name: 'Ada Lovelace', email: 'x@example.org', email_verified: false }),
    )
    await as(await issuer.sign({ sub: 'bo', preferred_username: 'bo' }))
    expect(
      await world.sql('SELECT issuer, subject, name, email, is_admin FROM users ORDER BY subject'),
    ).toEqual([
      {
        issuer: issuer.issuer,
        subject: 'ada',
        name: 'Ada Lovelace',
        email: 'ada@example.org',
        is_admin: false,
      },
      { issuer: issuer.issuer, subject: 'bo', name: 'bo', email: null, is_admin: false },
    ])
  })

  test('costs one statement, and one fetch of the keys for all', async () => {
    const { issuer, world, as } = await scene()
    const token = await issuer.sign({ sub: 'ada' })
    await as(token)
    const anonymous = await world.ask(ping)
    expect((await as(token)).statements).toBe(anonymous.statements + 1)
    await Promise.all(Array.from({ length: 10 }, () => as(token)))
    expect(issuer.fetches()).toBe(1)
  })

  test('is found out together with others who ask at the same moment, each as who they are', async () => {
    const { issuer, world } = await scene()
    const people = ['ada', 'bo', 'cy', 'di']
    const tokens = await Promise.all(people.map((sub) => issuer.sign({ sub, name: sub })))
    const ask = (query: string, n: number) =>
      world.ask(query, {}, { authorization: `Bearer ${tokens[n % people.length]}` })
    await Promise.all(people.map((_name, n) => ask(ping, n)))
    const begun = world.log.length
    await world.sql('BEGIN')
    await world.sql('LOCK TABLE users')
    const asked = Array.from({ length: 24 }, (_, n) =>
      ask('{ viewer { ... on UserViewer { user { name } } } }', n),
    )
    await somebodyWaits(world)
    // The signatures of the others are still being checked.
    await world.sql('SELECT pg_sleep(0.3)')
    await world.sql('ROLLBACK')
    const names = (await Promise.all(asked)).map(({ data }) => data.viewer.user.name)
    expect(names).toEqual(asked.map((_answer, n) => people[n % people.length]))
    const statements = world.log.slice(begun).map((line) => Number(line['statements'] ?? 0))
    expect(statements.reduce((sum, count) => sum + count, 0)).toBeLessThan(asked.length / 2)
  })

  test('is still let in when the issuer has rotated its keys', async () => {
    const issuer = await startIssuer()
    const read = createTokenReader(issuer, 0)
    await read(await issuer.sign({ sub: 'ada' }))
    const old = await issuer.sign({ sub: 'ada' })
    await issuer.rotate()
    expect(await read(await issuer.sign({ sub: 'ada' }))).toMatchObject({ subject: 'ada' })
    await expect(read(old)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' })
  })

  test('can not make us flood the issuer with tokens of unknown keys', async () => {
    const { issuer, as } = await scene()
    for (const kid of ['a', 'b', 'c']) await as(await issuer.sign({ sub: 'ada' }, { kid }))
    expect(issuer.fetches()).toBe(1)
  })
})

describe('what a token says of a person', () => {
  test.each([
    [{ email: 'a@b.c', email_verified: true }, 'a@b.c'],
    [{ email: 'a@b.c' }, null],
    [{ email: 'a@b.c', email_verified: false }, null],
    [{ email: 'a@b.c', email_verified: 'true' }, null],
    [{ email: 'a@b.c', email_verified: 'false' }, null],
    [{ email: 'a@b.c', email_verified: 1 }, null],
    [{ email: 'nobody', email_verified: true }, null],
    [{ email: 'a@b.c\u0000', email_verified: true }, null],
    [{ email: ['a@b.c'], email_verified: true }, null],
  ])('%j gives the address %j', async (claims, email) => {
    const { issuer, world, as } = await scene()
    await as(await issuer.sign({ sub: 'x', ...claims }))
    expect(await world.sql('SELECT email FROM users')).toEqual([{ email }])
  })

  test.each([
    [{ name: 'Ada' }, 'Ada'],
    [{ name: '  Ada \n\t Lovelace\u0007 ' }, 'Ada Lovelace'],
    [{ name: '\u202Enimda\u202C' }, 'nimda'],
    [{ name: '\u2067\u05D0\u05D3\u05D4' }, '\u05D0\u05D3\u05D4'],
    [{ name: '\u0000', preferred_username: 'ada' }, 'ada'],
    [{ name: '\u202E\u200B', preferred_username: ' ' }, null],
    [{ name: 7, preferred_username: ['ada'] }, null],
    [{ name: '\uD800 Ada' }, '\uFFFD Ada'],
    [{ name: '\u{1F9D1}'.repeat(301) }, '\u{1F9D1}'.repeat(300)],
  ])('%j gives the name %j', async (claims, name) => {
    const { issuer, world, as } = await scene()
    const { status } = await as(await issuer.sign({ sub: 'x', ...claims }))
    expect(status).toBe(200)
    expect(await world.sql('SELECT name FROM users')).toEqual([{ name }])
  })
})

describe('a token of an issuer', () => {
  const now = () => Math.floor(Date.now() / 1000)
  test.each<[string, (issuer: Awaited<ReturnType<typeof startIssuer>>) => Promise<string>, RegExp]>([
    ['that has expired', (issuer) => issuer.sign({ sub: 'x', exp: now() - 60 }), /it has expired/],
    ['for another audience', (issuer) => issuer.sign({ sub: 'x', aud: 'other' }), /claim "aud"/],
    ['of another issuer', (issuer) => issuer.sign({ sub: 'x', iss: 'https://evil.example' }), /claim "iss"/],
    ['that begins in the future', (issuer) => issuer.sign({ sub: 'x', nbf: now() + 300 }), /claim "nbf"/],
    ['without a subject', (issuer) => issuer.sign({ sub: undefined } as never), /claim "sub"/],
    ['whose subject is a number', (issuer) => issuer.sign({ sub: 7 } as never), /claim "sub"/],
    ['whose subject is null', (issuer) => issuer.sign({ sub: null } as never), /claim "sub"/],
    ['whose subject is a list', (issuer) => issuer.sign({ sub: ['x'] } as never), /claim "sub"/],
    ['whose subject is empty', (issuer) => issuer.sign({ sub: '' }), /claim "sub"/],
    ['whose subject is blank', (issuer) => issuer.sign({ sub: ' \u200B' }), /claim "sub"/],
    ['whose subject has a control', (issuer) => issuer.sign({ sub: 'x\u0000' }), /claim "sub"/],
    ['whose subject is too long', (issuer) => issuer.sign({ sub: 'x'.repeat(256) }), /claim "sub"/],
    ['by an unknown key', (issuer) => issuer.sign({ sub: 'x' }, { kid: 'other' }), /no such key/],
    [
      'whose signature is of something else',
      async (issuer) => {
        const [header, , signature] = (await issuer.sign({ sub: 'x' })).split('.')
        const [, payload] = (await issuer.sign({ sub: 'admin' })).split('.')
        return [header, payload, signature].join('.')
      },
      /signature is wrong/,
    ],
    [
      'signed by a shared secret',
      ({ issuer, audience }) =>
        new SignJWT({ sub: 'x', iss: issuer, aud: audience, exp: now() + 600 })
          .setProtectedHeader({ alg: 'HS256', kid: 'key-1' })
          .sign(new TextEncoder().encode('a secret that is long enough for HS256')),
      /algorithm that is not allowed/,
    ],
    [
      'that is not signed',
      async ({ issuer, audience }) => {
        const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
        return `${part({ alg: 'none' })}.${part({ sub: 'x', iss: issuer, aud: audience, exp: now() + 600 })}.`
      },
      /isn't accepted/,
    ],
    ['that is nonsense', async () => 'a.b.c', /isn't accepted/],
  ])('%s is refused with 401 and the reason', async (_what, make, reason) => {
    const { issuer, world, as } = await scene()
    const { status, errors } = await as(await make(issuer))
    expect([status, errors?.[0]?.extensions.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(errors![0]!.message).toMatch(reason)
    expect(await world.sql('SELECT FROM users')).toEqual([])
  })

  test('may have been signed by a clock that is some seconds off', async () => {
    const { issuer, as } = await scene()
    expect((await as(await issuer.sign({ sub: 'x', exp: now() - 20, nbf: now() + 20 }))).status).toBe(200)
  })

  test('is refused where no issuer is configured', async () => {
    const issuer = await startIssuer()
    const world = await createWorld()
    const answer = await world.ask(ping, {}, { authorization: `Bearer ${await issuer.sign({ sub: 'x' })}` })
    expect(answer.errors?.[0]?.message).toBe(
      'Nobody can sign in here: this server knows no issuer of such tokens.',
    )
  })

  test('can not be judged while the issuer is away, and is when it is back', async () => {
    const { issuer, as } = await scene()
    const token = await issuer.sign({ sub: 'x' })
    await issuer.down()
    const away = await as(token)
    expect([away.status, away.errors?.[0]?.extensions.code]).toEqual([503, 'UNAVAILABLE'])
    expect(away.errors![0]!.message).toContain(
      `The issuer ${issuer.issuer}, which signs people in, can't be reached`,
    )
    await issuer.up()
    expect((await as(token)).status).toBe(200)
  })
})

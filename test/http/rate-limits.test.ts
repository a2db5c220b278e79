import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { networkFrom } from '../../src/addresses.ts'
import { startIssuer } from '../issuer.ts'
import { createWorld, type World } from '../world.ts'

const trustedProxies = [networkFrom('127.0.0.1')!]
/** A request costs 1,000 points. */
const rateLimits = { perAddress: 3_000, perUser: 4_000, perToken: 2_000 }

async function statuses(world: World, times: number, headers: Record<string, string>): Promise<number[]> {
  const found: number[] = []
  for (let n = 0; n < times; n += 1) found.push((await world.ask('{ __typename }', {}, headers)).status)
  return found
}

const from = (address: string) => ({ 'x-forwarded-for': address })
const by = (token: string) => ({ authorization: `Bearer ${token}` })

test('whoever has used up the minute is told so by code, status and headers', async () => {
  const world = await createWorld({ rateLimits })
  const first = await world.ask('{ __typename }')
  expect([first.headers.get('ratelimit-policy'), first.headers.get('ratelimit')]).toEqual([
    '"address";q=3000;qu="points";w=60',
    expect.stringMatching(/^"address";r=\d+;t=\d+$/),
  ])
  await statuses(world, 3, {})
  const refused = await world.ask('{ __typename }')
  const seconds = Number(refused.headers.get('retry-after'))
  expect(seconds).toBeGreaterThan(0)
  expect(seconds).toBeLessThanOrEqual(60)
  expect(refused.headers.get('ratelimit')).toMatch(/^"address";r=0;t=\d+$/)
  expect([refused.status, refused.errors]).toEqual([
    429,
    [
      {
        message: `Your address has used up its 3000 points of this minute. Sign in, or ask for less. Try again in ${seconds} seconds.`,
        extensions: { code: 'RATE_LIMITED', retryAfter: seconds },
      },
    ],
  ])
  expect(refused.statements).toBe(0)
  expect(refused.headers.get('access-control-expose-headers')).toContain('ratelimit-policy')
})

describe('an address', () => {
  test('is its /64 if it is of IPv6, and itself if it is of IPv4, also as IPv6 writes it', async () => {
    const world = await createWorld({ rateLimits, trustedProxies })
    expect(await statuses(world, 2, from('2001:db8:1:2::1'))).toEqual([200, 200])
    expect(await statuses(world, 2, from('2001:db8:1:2:ffff::9'))).toEqual([200, 429])
    expect(await statuses(world, 1, from('2001:db8:1:3::1'))).toEqual([200])
    expect(await statuses(world, 4, from('192.0.2.1'))).toEqual([200, 200, 200, 429])
    expect(await statuses(world, 1, from('::ffff:192.0.2.1'))).toEqual([429])
    expect(await statuses(world, 1, from('192.0.2.2'))).toEqual([200])
  })

  test('is believed from a trusted proxy only; from anybody else it is ignored, and the operator is told', async () => {
    const world = await createWorld({ rateLimits })
    expect(await statuses(world, 3, from('192.0.2.1'))).toEqual([200, 200, 200])
    expect(await statuses(world, 1, from('192.0.2.2'))).toEqual([429])
    expect(world.log.filter(({ msg }) => String(msg).includes('TRUSTED_PROXIES'))).toEqual([
      expect.objectContaining({ level: 40, proxy: '127.0.0.1' }),
    ])
  })

  test('behind a chain of proxies is the last that no trusted proxy has', async () => {
    const world = await createWorld({
      rateLimits,
      trustedProxies: [...trustedProxies, networkFrom('10.0.0.0/8')!],
    })
    for (const invented of ['203.0.113.1', '203.0.113.2', '203.0.113.3'])
      await world.ask('{ __typename }', {}, from(`${invented}, 192.0.2.1, 10.1.2.3`))
    expect(await statuses(world, 1, from('192.0.2.1'))).toEqual([429])
  })
})

describe('a token', () => {
  test('has its own minute, also where its address has none left', async () => {
    const world = await createWorld({ rateLimits })
    const { token } = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
    expect(await statuses(world, 4, {})).toEqual([200, 200, 200, 429])
    expect(await statuses(world, 3, by(world.token))).toEqual([200, 200, 429])
    const other = await world.ask('{ __typename }', {}, by(token))
    expect([other.status, other.headers.get('ratelimit-policy')]).toEqual([
      200,
      '"token";q=2000;qu="points";w=60',
    ])
  })

  test("uses up its person's minute, too, however many they mint", async () => {
    const issuer = await startIssuer()
    const world = await createWorld({
      rateLimits: { ...rateLimits, perUser: 6_500, perToken: 4_000 },
      oidc: issuer,
    })
    const ada = by(await issuer.sign({ sub: 'ada' }))
    const mint = async (label: string) => {
      const { data } = await world.ask(
        `mutation ($label: String!) { mintToken(input: { label: $label }) { secret } }`,
        { label },
        ada,
      )
      return by(data.mintToken.secret as string)
    }
    const [first, second] = [await mint('first'), await mint('second')]
    const answer = await world.ask('{ __typename }', {}, first)
    expect(answer.headers.get('ratelimit-policy')).toBe(
      '"token";q=4000;qu="points";w=60, "user";q=6500;qu="points";w=60',
    )
    expect(await statuses(world, 2, second)).toEqual([200, 429])
    expect(await statuses(world, 1, ada)).toEqual([429])
  })

  test('that is not known is looked up 300 times a minute for one address, and no known one beside it', async () => {
    const world = await createWorld({ rateLimits, trustedProxies })
    const guess = { ...by('oe_unknown'), ...from('192.0.2.1') }
    const ask = async (headers: Record<string, string>) => {
      const sent = { 'content-type': 'application/json', ...headers }
      return (
        await fetch(`${world.app.url}/graphql`, {
          method: 'POST',
          headers: sent,
          body: '{"query":"{ __typename }"}',
        })
      ).status
    }
    const tries: number[] = []
    for (let n = 0; n < 302; n += 1) tries.push(await ask(guess))
    expect([tries.filter((status) => status === 401).length, tries.at(-1)]).toEqual([300, 429])
    expect(await ask({ ...by(world.token), ...from('192.0.2.2') })).toBe(200)
  })
})

test('health checks have no limit', async () => {
  const { app } = await createWorld({ rateLimits })
  for (let n = 0; n < 5; n += 1) expect((await fetch(`${app.url}/readyz`)).status).toBe(200)
})

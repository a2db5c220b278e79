import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { startIssuer } from '../issuer.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld, type World } from '../world.ts'
import { gatherAskers, makeEvent } from './askers.ts'

const withToken = (world: World, secret: string, query: string, variables?: object) =>
  world.ask(query, variables, { authorization: `Bearer ${secret}` })

const mint = `mutation ($input: MintTokenInput!) { mintToken(input: $input) {
  secret token { id label role isEverywhere events { slug } permissions version user { name } expiresAt } } }`

const me = `{ viewer { __typename permissions roles { role event { slug } tracks { name } } } }`

async function scene() {
  const issuer = await startIssuer()
  const world = await createWorld({ oidc: issuer })
  const { eventId } = await makeEvent(world, 'home', 'DRAFT')
  const headers = { authorization: `Bearer ${await issuer.sign({ sub: 'ada', name: 'Ada' })}` }
  const ada = (query: string, variables?: object) => world.ask(query, variables, headers)
  await ada(me)
  const { id: userId } = await world.operator.db.user.findFirstOrThrow()
  const membership = await world.operator.db.membership.create({
    data: { eventId, userId, role: 'ORGANIZER' },
  })
  return { world, eventId, ada, userId, membershipId: membership.id }
}

describe('a token that a user mints', () => {
  test('acts for the user as far as it is held, is shown once and stored as a hash', async () => {
    const { world, eventId, ada } = await scene()
    const input = { label: 'Sync', eventIds: [eventId], permissions: ['EVENT_READ', 'SESSION_READ'] }
    const { data } = await ada(mint, { input })
    const { secret, token } = data.mintToken
    expect(token).toEqual({
      ...{ id: token.id, label: 'Sync', role: null, isEverywhere: false, events: [{ slug: 'home' }] },
      ...{ permissions: ['EVENT_READ', 'SESSION_READ'], version: 1, user: { name: 'Ada' }, expiresAt: null },
    })
    const query = `{ viewer { __typename permissions roles { role event { slug } } ... on TokenViewer { token { label } } }
      event(slug: "home") { viewerPermissions { permission extent } } }`
    expect((await withToken(world, secret, query)).data).toEqual({
      viewer: {
        __typename: 'TokenViewer',
        permissions: [],
        roles: [{ role: 'ORGANIZER', event: { slug: 'home' } }],
        token: { label: 'Sync' },
      },
      event: {
        viewerPermissions: [
          { permission: 'EVENT_READ', extent: 'ALL' },
          { permission: 'SESSION_READ', extent: 'ALL' },
        ],
      },
    })
    const [stored] = await world.sql<{ everything: string }>(
      'SELECT t::text AS everything FROM access_tokens t WHERE user_id IS NOT NULL',
    )
    expect(stored!.everything).not.toContain(secret)
    expect(JSON.stringify(world.log)).not.toContain(secret)
  })

  test('loses what its user loses, at once, and costs one statement to know', async () => {
    const { world, ada, membershipId } = await scene()
    const { secret } = (await ada(mint, { input: { label: 'x' } })).data.mintToken
    const see = `{ event(slug: "home") { slug } }`
    const seen = await withToken(world, secret, see)
    expect(seen.data).toEqual({ event: { slug: 'home' } })
    expect(seen.statements).toBe((await world.ask(see)).statements + 1)
    await world.sql(`UPDATE memberships SET role = 'reviewer'`)
    expect((await withToken(world, secret, me)).data.viewer.roles[0].role).toBe('REVIEWER')
    await world.sql('DELETE FROM memberships WHERE id = $1', [membershipId])
    expect((await withToken(world, secret, see)).data).toEqual({ event: null })
  })

  test('does no more than the role that it is held to', async () => {
    const { world, ada, eventId } = await scene()
    const { secret } = (await ada(mint, { input: { label: 'x', role: 'REVIEWER' } })).data.mintToken
    const rename = `mutation { updateEvent(id: "${eventId}", patch: { name: "y" }) { event { id } } }`
    expect((await withToken(world, secret, rename)).errors![0]!.extensions.code).toBe('FORBIDDEN')
    expect((await withToken(world, secret, me)).data.viewer.roles).toEqual([
      { role: 'REVIEWER', event: { slug: 'home' }, tracks: [] },
    ])
  })

  test('makes the user the owner of an event that it makes', async () => {
    const { world, ada, userId } = await scene()
    const { secret } = (await ada(mint, { input: { label: 'x' } })).data.mintToken
    const input = `{ slug: "new", name: "n", timeZone: "UTC", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }`
    await withToken(world, secret, `mutation { createEvent(input: ${input}) { event { id } } }`)
    expect(await world.sql(`SELECT user_id FROM memberships WHERE role = 'owner'`)).toEqual([
      { user_id: userId },
    ])
  })

  test("is told apart from its user's others: it lists what it minted, the user lists all", async () => {
    const { world, ada } = await scene()
    const first = (await ada(mint, { input: { label: 'first' } })).data.mintToken.secret
    await withToken(world, first, mint, { input: { label: 'second' } })
    const list = `{ viewer { tokens { totalCount nodes { label } } } }`
    expect((await ada(list)).data.viewer.tokens).toEqual({
      totalCount: 2,
      nodes: [{ label: 'second' }, { label: 'first' }],
    })
    expect((await withToken(world, first, list)).data.viewer.tokens.nodes).toEqual([{ label: 'second' }])
  })
})

describe('a token that mints', () => {
  async function minting(input: object) {
    const { world, ada, ...rest } = await scene()
    const { secret } = (await ada(mint, { input: { label: 'parent', ...input } })).data.mintToken
    const again = (wanted: object) => withToken(world, secret, mint, { input: { label: 'child', ...wanted } })
    return { world, ada, secret, again, ...rest }
  }

  test('hands on the permissions that it is held to, and no other', async () => {
    const { again } = await minting({ permissions: ['TOKEN_MINT', 'SESSION_READ'] })
    expect((await again({})).data.mintToken.token.permissions).toEqual(['TOKEN_MINT', 'SESSION_READ'])
    expect((await again({ permissions: ['SESSION_READ'] })).data.mintToken.token.permissions).toEqual([
      'SESSION_READ',
    ])
    const { errors } = await again({ permissions: ['SESSION_DELETE'] })
    expect(errors![0]!.message).toBe(
      'This token is held to permissions without session:delete. Use one that has it.',
    )
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
  })

  test('hands on its role, or one that may no more', async () => {
    const { again } = await minting({ role: 'CO_ORGANIZER' })
    expect((await again({})).data.mintToken.token.role).toBe('CO_ORGANIZER')
    expect((await again({ role: 'REVIEWER' })).data.mintToken.token.role).toBe('REVIEWER')
    expect((await again({ role: 'ORGANIZER' })).errors![0]!.extensions.issues).toEqual([
      {
        path: ['input', 'role'],
        message: 'may do what CO_ORGANIZER may not, which is what the token may that you use.',
      },
    ])
  })

  test('is not outlived by what it mints', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000).toISOString()
    const { again } = await minting({ expiresAt })
    expect((await again({})).data.mintToken.token.expiresAt).toBe(expiresAt)
    const later = new Date(Date.now() + 7_200_000).toISOString()
    expect((await again({ expiresAt: later })).errors![0]!.extensions.issues[0].message).toContain(
      `must be at most ${expiresAt}`,
    )
  })

  test('mints none where it is held to an event: that lies in none', async () => {
    const { world, ada, eventId } = await scene()
    const input = { label: 'held', eventIds: [eventId] }
    const { secret } = (await ada(mint, { input })).data.mintToken
    const { errors } = await withToken(world, secret, mint, { input: { label: 'child' } })
    expect(errors![0]!.extensions.code).toBe('FORBIDDEN')
  })

  test('takes what it minted along when it is revoked', async () => {
    const { world, ada, secret, again } = await minting({})
    const child = (await again({})).data.mintToken
    const grandchild = (await withToken(world, child.secret, mint, { input: { label: 'y' } })).data.mintToken
    const { data } = await ada(`{ viewer { tokens { nodes { id label } } } }`)
    const parent = data.viewer.tokens.nodes.find(({ label }: { label: string }) => label === 'parent')
    await ada(`mutation { revokeToken(id: "${parent.id}") { token { revokedAt } } }`)
    for (const one of [secret, child.secret, grandchild.secret]) {
      expect((await withToken(world, one, me)).errors![0]!.message).toBe(
        'This token was revoked. Mint a new one.',
      )
    }
  })

  test('mints nothing any more that would outlive a revocation at the same moment', async () => {
    const { world, secret } = await minting({})
    await withToken(world, secret, me)
    await world.sql('BEGIN')
    await world.sql(`UPDATE access_tokens SET revoked_at = now() WHERE label = 'parent'`)
    const minted = withToken(world, secret, mint, { input: { label: 'child' } })
    await somebodyWaits(world)
    await world.sql('COMMIT')
    expect((await minted).errors![0]!).toMatchObject({
      message: 'This token was revoked. Mint a new one.',
      extensions: { code: 'UNAUTHENTICATED' },
    })
  })

  test('takes along what somebody mints with its token while it is revoked', async () => {
    const { world, ada, secret, again } = await minting({})
    const child = (await again({})).data.mintToken
    const { data } = await ada(`{ viewer { tokens { nodes { id label } } } }`)
    const parent = data.viewer.tokens.nodes.find(({ label }: { label: string }) => label === 'parent')
    await withToken(world, child.secret, me)
    // What was minted with the child, but isn't committed when the parent is revoked.
    await world.sql('BEGIN')
    await world.sql('SELECT FROM access_tokens WHERE id = $1 FOR SHARE', [child.token.id])
    await world.sql(
      `INSERT INTO access_tokens (id, hash, label, user_id, parent_id)
       SELECT gen_random_uuid(), 'x', 'grandchild', user_id, id FROM access_tokens WHERE id = $1`,
      [child.token.id],
    )
    const revoked = ada(`mutation { revokeToken(id: "${parent.id}") { token { revokedAt } } }`)
    await somebodyWaits(world)
    await world.sql('COMMIT')
    expect((await revoked).errors).toBeUndefined()
    expect(
      await world.sql('SELECT FROM access_tokens WHERE user_id IS NOT NULL AND revoked_at IS NULL'),
    ).toEqual([])
    expect((await withToken(world, secret, me)).errors).toBeDefined()
  })
})

describe("an operator's token", () => {
  test('mints others that are no more than it is, and none that needs a person', async () => {
    const world = await createWorld()
    const asked = async (input: object) => world.organize(mint, { input: { label: 'x', ...input } })
    expect((await asked({})).data.mintToken.token).toMatchObject({ role: 'ORGANIZER', user: null })
    expect((await asked({ role: 'MODERATOR' })).data.mintToken.token.role).toBe('MODERATOR')
    expect((await asked({ role: 'OWNER' })).errors![0]!.extensions.issues[0].message).toMatch(
      /^may do what ORGANIZER/,
    )
    expect((await asked({ role: 'SPEAKER' })).errors![0]!.extensions.code).toBe('BAD_USER_INPUT')
  })

  test('accepts no invitation: a person does', async () => {
    const world = await createWorld()
    const { errors } = await world.organize(`mutation { acceptInvitation(secret: "oei_x") { role } }`)
    expect(errors![0]).toMatchObject({
      message: 'A person accepts an invitation: sign in, or use a token that acts for you.',
      extensions: { code: 'FORBIDDEN' },
    })
  })
})

describe('rotating a token', () => {
  test('ends the old secret, keeps the rest, and is refused for a stale version', async () => {
    const { world, ada } = await scene()
    const { secret, token } = (await ada(mint, { input: { label: 'x' } })).data.mintToken
    const rotate = (version: number) =>
      ada(
        `mutation { rotateToken(id: "${token.id}", expectedVersion: ${version}) { secret token { id version label } } }`,
      )
    const { data } = await rotate(1)
    expect(data.rotateToken.token).toEqual({ id: token.id, version: 2, label: 'x' })
    expect((await withToken(world, secret, me)).status).toBe(401)
    expect((await withToken(world, data.rotateToken.secret, me)).status).toBe(200)
    expect((await rotate(1)).errors![0]!.extensions).toMatchObject({
      code: 'CONFLICT',
      current: { version: 2 },
    })
  })

  test("of somebody else's is refused to those who run the event, who would become them", async () => {
    const { named, eventId } = await gatherAskers()
    const minted = await named('owner').ask(mint, { input: { label: 'mine', eventIds: [eventId] } })
    const { id } = minted.data.mintToken.token
    const rotate = `mutation { rotateToken(id: "${id}") { secret } }`
    expect((await named('organizer').ask(rotate)).errors![0]!.extensions.code).toBe('FORBIDDEN')
    expect((await named('admin').ask(rotate)).errors![0]!.extensions.code).toBe('FORBIDDEN')
    expect((await named('moderator').ask(rotate)).errors![0]!.extensions.code).toBe('NOT_FOUND')
  })
})

test('a token that is held to an event of others as well is revoked by nobody who runs only one of them', async () => {
  const { named, eventId, world } = await gatherAskers()
  const other = await makeEvent(world, 'other', 'DRAFT')
  const values = { ...organizerOfEverything, label: 'both', eventIds: [eventId, other.eventId] }
  const { id } = await mintToken(world.operator.db, values)
  const { data } = await named('owner').ask(
    `{ event(slug: "home") { tokens { nodes { label isEverywhere events { slug } } } } }`,
  )
  expect(data.event.tokens.nodes).toContainEqual({
    label: 'both',
    isEverywhere: false,
    events: [{ slug: 'home' }],
  })
  const revoke = `mutation { revokeToken(id: "${id}") { token { id } } }`
  expect((await named('owner').ask(revoke)).errors![0]!.extensions.code).toBe('FORBIDDEN')
  expect((await named('admin').ask(revoke)).errors).toBeUndefined()
})

test('an answer that is kept for retries is kept without the secret', async () => {
  const world = await createWorld()
  const headers = { authorization: `Bearer ${world.token}`, 'idempotency-key': 'once' }
  const first = await world.ask(mint, { input: { label: 'x' } }, headers)
  const again = await world.ask(mint, { input: { label: 'x' } }, headers)
  expect(first.data.mintToken.secret).toMatch(/^oe_/)
  expect(again.data).toEqual({ mintToken: { ...first.data.mintToken, secret: null } })
  const kept = await world.sql<{ response: string }>('SELECT response FROM idempotency_keys')
  expect(kept[0]!.response).not.toContain('oe_')
  expect(await world.sql('SELECT FROM access_tokens')).toHaveLength(2)
})

test.each([
  [{ label: ' ' }, ['input', 'label'], 'must not be blank.'],
  [{ eventIds: [] }, ['input', 'eventIds'], 'names 1 to 100 events'],
  [{ permissions: [] }, ['input', 'permissions'], 'is empty: such a token could do nothing.'],
  [{ expiresAt: '2020-01-01T00:00:00Z' }, ['input', 'expiresAt'], 'must be in the future.'],
])('a token that can not be is not minted: %j', async (input, path, message) => {
  const world = await createWorld()
  const { errors } = await world.organize(mint, { input: { label: 'x', ...input } })
  expect(errors![0]!.extensions.issues).toEqual([{ path, message: expect.stringContaining(message) }])
})

test('a token is not held to an event that its maker may not see', async () => {
  const { ada, world } = await scene()
  const { eventId } = await makeEvent(world, 'secret', 'DRAFT')
  const missing = '00000000-0000-7000-8000-000000000000'
  const [hidden, absent] = await Promise.all(
    [eventId, missing].map((id) => ada(mint, { input: { label: 'x', eventIds: [id] } })),
  )
  expect(JSON.stringify(hidden!.errors).replaceAll(eventId, missing)).toBe(JSON.stringify(absent!.errors))
  expect(hidden!.errors![0]!.extensions.code).toBe('NOT_FOUND')
})

test('the tokens of many requests at one moment are looked up by few statements, and each proves what it proves', async () => {
  const world = await createWorld()
  const other = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
  const gone = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'gone' })
  await world.sql(`UPDATE access_tokens SET revoked_at = now() WHERE id = '${gone.id}'`)
  const who = `{ viewer { ... on TokenViewer { token { label } } } }`
  const secrets = [world.token, other.token, gone.token, 'oe_unknown']
  await Promise.all(secrets.map((secret) => withToken(world, secret, who)))
  const begun = world.log.length
  await world.sql('BEGIN')
  await world.sql('LOCK TABLE access_tokens')
  const asked = Array.from({ length: 40 }, (_, n) => withToken(world, secrets[n % 4]!, '{ __typename }'))
  const [named] = [withToken(world, other.token, who)]
  await somebodyWaits(world)
  await world.sql('SELECT pg_sleep(0.3)')
  await world.sql('ROLLBACK')
  const answers = await Promise.all(asked)
  expect((await named).data.viewer.token).toEqual({ label: 'other' })
  const messages = answers.map(({ errors }) => errors?.[0]?.message.split('.')[0] ?? 'let in')
  expect([...new Set(messages)].toSorted()).toEqual([
    'This token is not known here',
    'This token was revoked',
    'let in',
  ])
  expect(messages.filter((message) => message === 'let in')).toHaveLength(20)
  const lines = world.log.slice(begun).filter(({ operation }) => operation === 'query (unnamed)')
  expect(lines.length).toBeGreaterThan(20)
  const statements = world.log.slice(begun).map((line) => Number(line['statements'] ?? 0))
  // Two that were under way, and few for all who came meanwhile; and the label's own.
  expect(statements.reduce((sum, count) => sum + count, 0)).toBeLessThan(asked.length / 2)
})

describe('a token that is revoked in the middle of a request', () => {
  const add = (title: string) =>
    `createSession(input: { eventSlug: "home", title: "${title}" }) { session { id } }`
  const titles = (world: World) => world.sql('SELECT title FROM sessions ORDER BY title')

  test('by the request itself does nothing more in it', async () => {
    const { world, ada } = await scene()
    const { data } = await ada(mint, { input: { label: 'Sync' } })
    const { secret, token } = data.mintToken
    const query = `mutation { first: ${add('Before')} revokeToken(id: "${token.id}") { token { revokedAt } } second: ${add('After')} }`
    const answer = await withToken(world, secret, query)
    expect(answer.data).toEqual({
      first: { session: { id: expect.any(String) } },
      revokeToken: { token: { revokedAt: expect.any(String) } },
      second: null,
    })
    expect(answer.errors).toMatchObject([{ path: ['second'], extensions: { code: 'UNAUTHENTICATED' } }])
    expect(await titles(world)).toEqual([{ title: 'Before' }])
  })

  test('by somebody else does nothing more in it', async () => {
    const { world, ada } = await scene()
    const { data } = await ada(mint, { input: { label: 'Sync' } })
    const { secret, token } = data.mintToken
    await world.sql('BEGIN')
    await world.sql('SELECT FROM events FOR UPDATE')
    const asked = withToken(world, secret, `mutation { first: ${add('Before')} second: ${add('After')} }`)
    await somebodyWaits(world)
    expect(
      (await ada(`mutation { revokeToken(id: "${token.id}") { token { revokedAt } } }`)).errors,
    ).toBeUndefined()
    await world.sql('COMMIT')
    expect((await asked).errors).toMatchObject([
      {
        path: ['second'],
        message: 'This token was revoked. Mint a new one.',
        extensions: { code: 'UNAUTHENTICATED' },
      },
    ])
    expect(await titles(world)).toEqual([{ title: 'Before' }])
  })
})

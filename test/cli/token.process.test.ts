import { expect, test } from 'vitest'
import { makeEvent } from '../access/askers.ts'
import { createWorld } from '../world.ts'
import { runCommand } from './run-command.ts'

const me = `{ viewer { permissions roles { role event { slug } } ... on TokenViewer { token { label expiresAt permissions user { name } } } } }`

async function scene() {
  const world = await createWorld()
  const run = async (script: 'token' | 'admin', ...args: string[]) => {
    const env = { DATABASE_URL: world.databaseUrl, LOG_LEVEL: 'silent' }
    const { code, out, problems } = await runCommand(script, args, env)
    return { code, out: out.trim(), problems }
  }
  const as = async (secret: string) =>
    (await world.ask(me, {}, { authorization: `Bearer ${secret}` })).data?.viewer ?? null
  return { world, run, as }
}

test('a token is minted for a role, held to events and permissions, until an instant', async () => {
  const { world, run, as } = await scene()
  await makeEvent(world, 'home', 'DRAFT')
  const bounds = ['--event', 'home', '--permission', 'session:read,event:read', '--expires', '2099-01-01']
  const { code, out } = await run('token', '--role', 'co-organizer', ...bounds, '--label', 'Sync')
  expect(code).toBe(0)
  expect(await as(out)).toEqual({
    permissions: [],
    roles: [{ role: 'CO_ORGANIZER', event: { slug: 'home' } }],
    token: {
      label: 'Sync',
      expiresAt: '2099-01-01T00:00:00.000Z',
      permissions: ['EVENT_READ', 'SESSION_READ'],
      user: null,
    },
  })
})

test('people without an issuer try the roles by tokens that act for them', async () => {
  const { world, run, as } = await scene()
  const ada = (await run('token', '--user', 'ada')).out
  const bo = (await run('token', '--user', 'bo')).out
  const again = (await run('token', '--user', 'ada')).out
  const asAda = (query: string) => world.ask(query, {}, { authorization: `Bearer ${ada}` })
  await asAda(`mutation { createEvent(input: { slug: "mine", name: "Mine", timeZone: "UTC",
    startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { id } } }`)
  expect((await as(again)).roles).toEqual([{ role: 'OWNER', event: { slug: 'mine' } }])
  expect((await as(again)).token.user).toEqual({ name: 'ada' })
  const { data } = await asAda(
    `mutation { inviteMember(input: { eventSlug: "mine", email: "bo@example.org", role: REVIEWER }) { secret } }`,
  )
  const accept = `mutation { acceptInvitation(secret: "${data.inviteMember.secret}") { role } }`
  await world.ask(accept, {}, { authorization: `Bearer ${bo}` })
  expect((await as(bo)).roles).toEqual([{ role: 'REVIEWER', event: { slug: 'mine' } }])
})

test('tokens are listed, rotated and revoked', async () => {
  const { run, as } = await scene()
  const first = (await run('token', '--role', 'organizer', '--label', 'First')).out
  const listed = JSON.parse((await run('token', 'list', '--json')).out)
  expect(listed).toEqual([
    expect.objectContaining({ label: 'First', role: 'ORGANIZER', user: null, events: [], permissions: [] }),
    expect.objectContaining({ label: 'test' }),
  ])
  expect((await run('token', 'list')).out).toContain(
    `${listed[0].id}  First\n  organizer; held to nothing; until it is revoked`,
  )
  const second = (await run('token', 'rotate', listed[0].id)).out
  expect([await as(first), (await as(second)).token.label]).toEqual([null, 'First'])
  expect((await run('token', 'revoke', listed[0].id)).out).toBe('Revoked.')
  expect(await as(second)).toBeNull()
  expect(JSON.parse((await run('token', 'list', '--json')).out)).toHaveLength(1)
})

test('admin makes a system admin of a person, and takes it back', async () => {
  const { run, as } = await scene()
  const ada = (await run('token', '--user', 'ada')).out
  expect((await run('admin', 'ada')).out).toBe('ada of local is an admin now.')
  expect((await as(ada)).permissions).toContain('EVENT_TRANSFER')
  expect((await run('admin', 'ada', '--revoke')).out).toBe('ada of local is no admin now.')
  expect((await as(ada)).permissions).not.toContain('EVENT_TRANSFER')
})

test.each([
  [['token', '--role', 'speaker'], '--role is one of organizer'],
  [['token', '--role', 'organizer', '--permission', 'session:reed'], 'There is no permission "session:reed"'],
  [['token', '--role', 'organizer', '--expires', '2001-01-01'], 'is past'],
  [['token', '--role', 'organizer', '--days', '3', '--expires', '2099-01-01'], 'not both'],
  [['token', '--rol', 'organizer'], 'There is no option --rol'],
  [['token', 'rotate'], 'Name one token by its id'],
  [['token', 'revoke', 'a', 'b'], 'Name one token by its id'],
  [['admin'], 'Name one person'],
] as const)('%j is wrong usage', async ([script, ...args], message) => {
  const { run } = await scene()
  const { code, problems } = await run(script, ...args)
  expect([code, problems]).toEqual([2, expect.stringContaining(message)])
})

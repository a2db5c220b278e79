import { expect, test } from 'vitest'
import { makeEvent } from '../access/askers.ts'
import { nearby, startReceiver, until } from '../features/webhook.ts'
import { createWorld } from '../world.ts'
import { runCommand } from './run-command.ts'

async function scene() {
  const world = await createWorld({ webhooks: nearby })
  const env = { DATABASE_URL: world.databaseUrl, LOG_LEVEL: 'silent', WEBHOOK_NETWORKS: '127.0.0.0/8' }
  const run = async (...args: string[]) => {
    const { code, out, problems } = await runCommand('webhook', args, env)
    return { code, out: out.trim(), problems }
  }
  const [token] = await world.sql<{ id: string }>(`SELECT id FROM access_tokens`)
  await makeEvent(world, 'home', 'PUBLISHED')
  const list = async () => JSON.parse((await run('list', '--json')).out)
  return { world, run, list, tokenId: token!.id }
}

test('a webhook is added, listed, given a new secret, told a span again and removed', async () => {
  const { world, run, list, tokenId } = await scene()
  const receiver = await startReceiver()
  const bounds = ['--event', 'home', '--label', 'Signs', '--kind', 'session,room', '--token', tokenId]
  const added = await run('add', receiver.url, ...bounds)
  expect(added).toMatchObject({ code: 0, out: expect.stringMatching(/^whsec_\S+$/) })
  const [webhook] = await list()
  expect(webhook).toMatchObject({
    event: 'home',
    label: 'Signs',
    url: receiver.url,
    state: 'ACTIVE',
    waiting: 0,
  })
  expect(webhook.kinds).toEqual(['SESSION', 'ROOM'])
  expect((await run('list')).out).toBe(
    `${webhook.id}  Signs\n  home to ${receiver.url}; told of SESSION, ROOM; active; 0 messages wait`,
  )
  await world.organize(
    `mutation { createSession(input: { eventSlug: "home", title: "Opening" }) { session { id } } }`,
  )
  await until(() => receiver.taken().length === 1)
  const rotated = await run('rotate', webhook.id, '--minutes', '0')
  expect(rotated.out).toMatch(/^whsec_\S+$/)
  expect(rotated.out).not.toBe(added.out)
  expect((await run('replay', webhook.id, '--since', '2026-01-01')).code).toBe(0)
  const first = receiver.received[0]!.id
  await until(() => receiver.received.filter(({ id }) => id === first).length === 2)
  expect((await run('remove', webhook.id)).out).toBe('Removed.')
  expect(await list()).toEqual([])
})

test('what a webhook can not be is refused before anything is written, with what to do', async () => {
  const { run, list, tokenId } = await scene()
  const home = ['--event', 'home', '--label', 'x']
  const refused = async (...args: string[]) => {
    const { code, problems } = await run(...args)
    return `${code} ${problems.trim()}`
  }
  expect(await refused('add')).toMatch(/^2 Name one address/)
  expect(await refused('add', 'https://example.org/hook')).toMatch(/^2 .*--event SLUG --label TEXT/)
  expect(await refused('add', 'https://example.org/hook', ...home)).toMatch(
    /^2 .*--token ID or --user SUBJECT/,
  )
  expect(await refused('add', 'https://example.org/hook', ...home, '--token', 'oe_x')).toMatch(
    /^2 --token is the id/,
  )
  expect(
    await refused('add', 'https://example.org/hook', ...home, '--token', tokenId, '--kind', 'talk'),
  ).toMatch(/^2 There is no kind "talk": EVENT, /)
  expect(await refused('add', 'http://10.0.0.1/', ...home, '--token', tokenId)).toMatch(
    /^1 .*public internet/,
  )
  expect(await refused('add', 'https://example.org/hook', ...home, '--user', 'stranger')).toMatch(/^1 /)
  expect(await refused('replay', tokenId)).toMatch(/^2 Say from when/)
  expect(await refused('replay', tokenId, '--since', 'yesterday')).toMatch(/^2 --since: /)
  expect(await refused('remove', tokenId)).toMatch(/^1 .*webhook/)
  expect(await list()).toEqual([])
})

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connectRaw, postText } from '../http/raw-socket.ts'
import { serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { ready, run, start } from './started.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'
import { type Answer } from '../world.ts'
import { connect, query as rows } from '../connection.ts'

async function query(url: string, text: string, token?: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query: text }),
  })
  return (await response.json()) as Pick<Answer, 'data' | 'errors'>
}

function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-start-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A cluster that a killed server left behind is stopped with the test. */
function postmasterOf(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}

describe('npm start without configuration', () => {
  test('serves the demo event, tells what a person needs, and keeps the data over a stop', async () => {
    const folder = temporaryFolder()
    const first = start({ OPEN_EVENT_DATA: folder })
    const url = await ready(first)
    const token = /Organizer +(oe_\S+)/.exec(first.out())?.[1]
    expect(first.out()).toContain('A first query:')

    const asked = await query(
      url,
      `{ event(slug: "demo-conference") { sessions { totalCount nodes { title startsAt endsAt endsAtLocal } } } }`,
    )
    expect(asked.data.event.sessions.totalCount).toBe(6)
    const night = asked.data.event.sessions.nodes.find(({ title }: { title: string }) =>
      title.includes('loses an hour'),
    )
    expect(night).toMatchObject({
      startsAt: '2027-03-28T00:30:00.000Z',
      endsAt: '2027-03-28T01:30:00.000Z',
      endsAtLocal: '2027-03-28T03:30:00',
    })
    expect(asked.data.event.sessions.nodes.at(-1)).toMatchObject({ startsAt: null })

    const create =
      'mutation { createSession(input: { eventSlug: "demo-conference", title: "Kept" }) { session { id } } }'
    const { data } = await query(url, create, token)
    first.process.kill('SIGINT')
    expect(await first.exit).toBe(0)
    expect(existsSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false)

    const second = start({ OPEN_EVENT_DATA: folder })
    const again = await ready(second)
    expect(second.out()).toContain(token)
    const kept = await query(again, `{ session(id: "${data.createSession.session.id}") { title } }`, token)
    expect(kept.data.session).toEqual({ title: 'Kept' })
    second.process.kill('SIGTERM')
    expect(await second.exit).toBe(0)
  })

  test('refuses a second server on the same data, and goes on after kill -9', async () => {
    const folder = temporaryFolder()
    const first = start({ OPEN_EVENT_DATA: folder })
    await ready(first)
    const second = start({ OPEN_EVENT_DATA: folder })
    expect(await second.exit).toBe(1)
    expect(second.err()).toContain(
      `A server runs on ${folder} already (open-event server, process ${first.process.pid})`,
    )

    first.process.kill('SIGKILL')
    await first.exit
    const left = postmasterOf(folder)
    const third = start({ OPEN_EVENT_DATA: folder })
    const url = await ready(third)
    expect(postmasterOf(folder)).toBe(left)
    expect((await query(url, '{ events { totalCount } }')).data.events.totalCount).toBe(1)
    process.kill(left, 'SIGKILL')
    third.process.kill('SIGTERM')
    await third.exit

    const fourth = start({ OPEN_EVENT_DATA: folder })
    expect((await query(await ready(fourth), '{ events { totalCount } }')).data.events.totalCount).toBe(1)
    fourth.process.kill('SIGTERM')
    expect(await fourth.exit).toBe(0)
  })

  test('stops with its database when npm alone is told to, as a supervisor does', async () => {
    const folder = temporaryFolder()
    const npm = run('npm', ['start'], { OPEN_EVENT_DATA: folder })
    await ready(npm)
    const postmaster = postmasterOf(folder)
    npm.process.kill('SIGTERM')
    await npm.exit
    expect(() => process.kill(postmaster, 0)).toThrow('ESRCH')
    expect(existsSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'))).toBe(false)
  })

  test('finishes the requests under way when it is told to stop', async () => {
    const folder = temporaryFolder()
    const server = start({ OPEN_EVENT_DATA: folder })
    const url = await ready(server)
    const answers = Array.from({ length: 20 }, () =>
      query(
        url,
        '{ events(first: 5) { nodes { sessions(first: 20) { nodes { title speakers { name } } } } } }',
      ),
    )
    await sleep(5)
    server.process.kill('SIGTERM')
    const finished = await Promise.allSettled(answers)
    for (const answer of finished.filter((settled) => settled.status === 'fulfilled')) {
      expect(answer.value.errors).toBeUndefined()
    }
    expect(await server.exit).toBe(0)
  })
})

describe('npm start with DATABASE_URL', () => {
  test('serves a database that has the schema, and mints no token by itself', async () => {
    const server = start({ DATABASE_URL: await cloneDatabase() })
    const url = await ready(server)
    expect((await query(url, '{ events { totalCount } }')).data.events.totalCount).toBe(0)
    expect(server.out()).toContain('mint a token: npm run --silent token -- --role organizer')
    expect(server.out()).not.toContain('oe_')
  })

  test('on an empty database says what to run and exits, and migrates when it is told to', async () => {
    const DATABASE_URL = await emptyDatabase()
    const refused = start({ DATABASE_URL })
    expect(await refused.exit).toBe(10)
    expect(refused.err()).toMatch(
      /These migrations aren't applied yet: \d+_programme, .*"npm run migrations -- deploy"/,
    )
    const server = start({ DATABASE_URL, MIGRATE_ON_START: 'true' })
    expect((await query(await ready(server), '{ events { totalCount } }')).data.events.totalCount).toBe(0)
  })

  test('that nobody listens at says so, without a stack', async () => {
    const server = start({ DATABASE_URL: 'postgresql://a:secret@127.0.0.1:1/none' })
    expect(await server.exit).toBe(1)
    expect(server.err()).toContain("The database can't be reached")
    expect(server.err()).not.toMatch(/secret|at .*\.ts/)
  })
})

describe.skipIf(serverPostgresPrograms() === null)(
  `npm start on a server PostgreSQL${serverPostgresPrograms() === null ? ' (skipped: none of Debian is installed)' : ''}`,
  () => {
    test('as an ordinary role, in a schema of its own, creates nothing outside of it', async () => {
      const postgres = await startServerPostgres()
      onTestFinished(() => postgres.stop())
      const outside = `SELECT count(*)::int FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE nspname NOT IN ('own schema', 'pg_toast') UNION ALL
        SELECT count(*)::int FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE nspname <> 'own schema'
        UNION ALL SELECT count(*)::int FROM pg_database UNION ALL SELECT count(*)::int FROM pg_namespace
        WHERE nspname <> 'own schema'`
      const before = await rows(postgres.url, outside)

      const DATABASE_URL = `${postgres.url}?schema=own%20schema`
      const server = start({ DATABASE_URL, MIGRATE_ON_START: 'true' })
      const url = await ready(server)
      const command = start({ DATABASE_URL }, 'token', '--role', 'organizer')
      await command.exit
      const create = `mutation { createEvent(input: { slug: "a", name: "a", timeZone: "UTC", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { slug version startsAt } } }`
      const { data } = await query(url, create, command.out().trim())

      expect(data.createEvent.event).toEqual({ slug: 'a', version: 1, startsAt: '2027-01-01T00:00:00.000Z' })
      expect(await rows(postgres.url, outside)).toEqual(before)
      expect(
        await rows(postgres.url, `SELECT starts_at = '2027-01-01Z' AS right FROM "own schema".events`),
      ).toEqual([{ right: true }])
    })
  },
)

test('a failure that nobody waits for is logged, and everybody is served as before', async () => {
  const failing = 'process.on("SIGUSR2", () => void Promise.reject(new Error("left alone")))'
  const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(failing)}`
  const server = start({ DATABASE_URL: await cloneDatabase(), NODE_OPTIONS })
  const url = await ready(server)
  server.process.kill('SIGUSR2')
  while (!server.err().includes('left alone')) await sleep(20)
  expect((await query(url, '{ events { totalCount } }')).data).toEqual({ events: { totalCount: 0 } })
})

test('a server whose clients left before their answers were made ends as soon as it is told to', async () => {
  const databaseUrl = await cloneDatabase()
  const server = start({ DATABASE_URL: databaseUrl })
  const url = await ready(server)
  const programme = `{ events { nodes { name } } }`
  await query(url, programme)
  const somebody = await connect(databaseUrl)
  await somebody.query('BEGIN; LOCK TABLE events')
  const { socket } = await connectRaw(url)
  socket.write(postText(JSON.stringify({ query: programme })))
  await expect
    .poll(async () => (await rows(databaseUrl, `SELECT FROM pg_locks WHERE NOT granted`)).length)
    .toBeGreaterThan(0)
  socket.destroy()
  await expect
    .poll(async () => (await rows(databaseUrl, `SELECT FROM pg_locks WHERE NOT granted`)).length)
    .toBe(0)
  server.process.kill('SIGTERM')
  // An answer may take its client a minute.
  expect(await Promise.race([server.exit, sleep(20_000, 'still there')])).toBe(0)
})

test('npm start with a wrong environment lists every fault and exits', async () => {
  const server = start({
    PORT: '70000',
    DATABASE_URL: 'mysql://x',
    MIGRATE_ON_START: 'yes',
    LOG_LEVEL: 'loud',
  })
  expect(await server.exit).toBe(2)
  for (const name of ['PORT', 'DATABASE_URL', 'MIGRATE_ON_START', 'LOG_LEVEL'])
    expect(server.err()).toContain(name)
})

test('the token command prints a token that works, and nothing else', async () => {
  const DATABASE_URL = await cloneDatabase()
  const command = start({ DATABASE_URL }, 'token', '--role', 'organizer', '--days', '1')
  expect(await command.exit).toBe(0)
  expect(command.out()).toMatch(/^oe_[\w-]{43}\n$/)
  const url = await ready(start({ DATABASE_URL }))
  const create = `mutation { createEvent(input: { slug: "a", name: "a", timeZone: "UTC", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { slug } } }`
  expect((await query(url, create, command.out().trim())).data.createEvent.event).toEqual({ slug: 'a' })
})

test.each([
  [['--role', 'king'], 'king'],
  [['--role', 'organizer', '--days', '0'], '--days must be a whole number'],
  [[], '--role'],
])('the token command refuses %j', async (args, message) => {
  const command = start({ DATABASE_URL: await cloneDatabase() }, 'token', ...args)
  expect(await command.exit).not.toBe(0)
  expect(command.out() + command.err()).toContain(message)
  expect(command.out()).not.toContain('oe_')
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { projectFolder } from '../../src/config.ts'
import { openDatabase } from '../../src/database/client.ts'
import { program } from '../program.ts'
import { cloneDatabase, onSuperuser } from '../clones.ts'

/** A server process in a zone of its own; and how to ask it. */
async function start(databaseUrl: string, timeZone: string, token: string) {
  const child: ChildProcess = spawn(process.execPath, [program], {
    cwd: projectFolder,
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'silent',
      TZ: timeZone,
      PGTZ: timeZone,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  child.stdout!.on('data', (chunk) => (out += String(chunk)))
  for (let tries = 0; tries < 1000 && !out.includes('Ctrl-C'); tries += 1) await sleep(20)
  const url = /GraphQL +(http:\S+)/.exec(out)![1]!
  const ask = async (query: string, variables: object = {}) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    })
    // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
    const { data, errors } = (await response.json()) as { data: any; errors?: unknown }
    expect(errors).toBeUndefined()
    return data
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await once(child, 'close')
  }
  return { ask, stop }
}

test(
  'process, server, database and role in other zones change no instant, in or out, by API or by SQL',
  { timeout: 600_000 },
  async () => {
    const databaseUrl = await cloneDatabase()
    const name = new URL(databaseUrl).pathname.slice(1)
    const role = new URL(databaseUrl).username
    await onSuperuser(`ALTER DATABASE "${name}" SET TimeZone TO 'Asia/Kolkata'`)
    await onSuperuser(`ALTER ROLE "${role}" IN DATABASE "${name}" SET TimeZone TO 'Pacific/Apia'`)
    const { db, close } = openDatabase(databaseUrl)
    const { token } = await mintToken(db, { ...organizerOfEverything, label: 'test' })
    await close()
    const beside = new pg.Client({ connectionString: databaseUrl })
    await beside.connect()
    onTestFinished(() => beside.end())
    const epochs = async (sql: string) =>
      (await beside.query<{ at: string }>(sql)).rows.map(({ at }) => Number(at))
    expect((await beside.query('SHOW TimeZone')).rows).toEqual([{ TimeZone: 'Pacific/Apia' }])

    const first = await start(databaseUrl, 'America/St_Johns', token)
    await first.ask('mutation ($input: CreateEventInput!) { createEvent(input: $input) { event { id } } }', {
      input: {
        slug: 'e',
        name: 'E',
        timeZone: 'Europe/Berlin',
        startsAt: '2027-03-27T00:00:00+01:00',
        endsAt: '2027-11-01T00:00:00+01:00',
      },
    })
    const create =
      'mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id lastModifiedAt } } }'
    // Around the clock changes of Berlin, St. John's and Apia.
    const offset = await first.ask(create, {
      input: { eventSlug: 'e', title: 'Offset', startsAt: '2027-03-14T02:30:00-03:30' },
    })
    await first.ask(create, {
      input: {
        eventSlug: 'e',
        title: 'Wall',
        startsAtLocal: '2027-03-28T03:30',
        endsAtLocal: '2027-03-28T05:00',
      },
    })
    expect(await epochs(`SELECT extract(epoch FROM starts_at) AS at FROM sessions ORDER BY title`)).toEqual([
      Date.UTC(2027, 2, 14, 6) / 1000,
      Date.UTC(2027, 2, 28, 1, 30) / 1000,
    ])
    await beside.query(`UPDATE sessions SET starts_at = '2027-04-04 03:30' WHERE title = 'Offset'`)
    const byHand = '2027-04-03T14:30:00.000Z'

    const read = `{ event(slug: "e") { programmeModifiedAt sessions(orderBy: { field: TITLE }) { nodes {
    title startsAt endsAt startsAtLocal(timeZone: "Asia/Kolkata") createdAt lastModifiedAt history(first: 5) { nodes { recordedAt changes { field before after } } } } }
    later: sessions(filter: { startsAt: { gte: "2027-04-03T14:30:00Z" } }) { nodes { title } }
    earlier: sessions(filter: { startsAt: { lt: "2027-04-03T14:30:00Z" } }) { nodes { title } } } }`
    const seen = await first.ask(read)
    const [hand, wall] = seen.event.sessions.nodes
    expect(hand).toMatchObject({ startsAt: byHand, startsAtLocal: '2027-04-03T20:00:00' })
    expect(hand.history.nodes[0].changes).toEqual([
      { field: 'startsAt', before: '2027-03-14T06:00:00.000Z', after: byHand },
    ])
    expect(wall).toMatchObject({ startsAt: '2027-03-28T01:30:00.000Z', endsAt: '2027-03-28T03:00:00.000Z' })
    expect([seen.event.later.nodes, seen.event.earlier.nodes]).toEqual([
      [{ title: 'Offset' }],
      [{ title: 'Wall' }],
    ])
    expect(
      await epochs('SELECT extract(epoch FROM last_modified_at) * 1000 AS at FROM sessions ORDER BY title'),
    ).toEqual([hand, wall].map(({ lastModifiedAt }) => Date.parse(lastModifiedAt)))
    const { id, lastModifiedAt } = offset.createSession.session
    const asOf = await first.ask(
      'query ($id: ID!, $asOf: DateTime!) { session(id: $id, asOf: $asOf) { startsAt lastModifiedAt } }',
      {
        id,
        asOf: lastModifiedAt,
      },
    )
    expect(asOf.session).toEqual({ startsAt: '2027-03-14T06:00:00.000Z', lastModifiedAt })
    await first.stop()

    await onSuperuser(`ALTER DATABASE "${name}" SET TimeZone TO 'America/Caracas'`)
    const second = await start(databaseUrl, 'Pacific/Chatham', token)
    expect(await second.ask(read)).toEqual(seen)
    await second.stop()
  },
)

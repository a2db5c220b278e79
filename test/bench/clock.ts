import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { freePort } from '../free-port.ts'
import { processorTime, processorTimeOfTree } from '../processor-time.ts'
import { makeClockDatabase } from './clock-databases.ts'
import { startCountingProxy } from './counting-proxy.ts'
import { withClient } from './databases.ts'
import { type Asked, askOnce, load } from './load.ts'
import { buildOurs } from './prepare.ts'
import { contestants, type Running, start } from './processes.ts'

/**
 * `npm run bench:clock`: what the programme clock costs. A page of 100 of the feed takes one statement, and with a million
 * revisions in the event at most 1.1 times the processor time that it takes with a thousand; eight writers on one event
 * reach at least 0.9 of what they reach where commits take no turns. The two of each pair run side by side and take turns;
 * a figure is the median of the pairs. Ends with 1 if one falls short. `-- 15` for another number of rounds than 9.
 */
const rounds = Number(process.argv[2] ?? 9)
const say = (line: string) => process.stdout.write(`${line}\n`)
await buildOurs()
const folder = await mkdtemp(path.join(os.tmpdir(), 'open-event-clock-'))
const embedded = await openEmbeddedDatabase(folder)
const postmaster = Number(
  readFileSync(path.join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0],
)
let isReached = true

/** A server on a database of its own. */
interface Side {
  readonly server: Running
  readonly url: string
  readonly token: string
}

const running: Running[] = []
try {
  await comparePages()
  await compareWriters()
} finally {
  await Promise.all(running.map((server) => server.stop()))
  await embedded.release()
  await rm(folder, { recursive: true, force: true })
}
process.exitCode = isReached ? 0 : 1

function row(what: string, measured: number, isOk: boolean, bound: string): void {
  isReached &&= isOk
  say(`${isOk ? ' ok ' : 'MISS'}  ${what.padEnd(62)} ${measured.toFixed(2).padStart(8)}   ${bound}`)
}

async function side(name: string, revisions: number): Promise<Side> {
  const url = await makeClockDatabase(embedded.url, name, revisions)
  const database = openDatabase(url, { max: 1 })
  const { token } = await mintToken(database.db, { ...organizerOfEverything, label: 'bench' })
  await database.close()
  const server = await startOn(url)
  running.push(server)
  return { server, url, token }
}

async function startOn(databaseUrl: string): Promise<Running> {
  const ours = contestants.find(({ name }) => name === 'ours')!
  const first: Asked = { path: '/graphql', body: { query: '{ __typename }' } }
  return start(ours, { node: process.execPath, databaseUrl, port: await freePort(), first })
}

async function comparePages(): Promise<void> {
  const [thousand, million] = [await side('thousand', 1_000), await side('million', 1_000_000)]
  const statements = await statementsOf(million, (await pagesOf(million, false))[0]!)
  row('a page of 100: statements', statements, statements === 1, 'is 1')
  for (const viewer of ['public', 'team'] as const) {
    const asked = await Promise.all([thousand, million].map((each) => pagesOf(each, viewer === 'team')))
    await Promise.all([thousand, million].map((each, index) => perAnswer(each, asked[index]!, 300)))
    const costs = await inPairs(
      () => perAnswer(million, asked[1]!, 200),
      () => perAnswer(thousand, asked[0]!, 200),
    )
    say(
      `      ms of processor time: ${costs.map((pair) => pair.map((ms) => ms.toFixed(2)).join(' to ')).join(', ')}`,
    )
    const ratio = medianOf(costs)
    row(
      `a page of 100 for the ${viewer}: a million revisions to a thousand`,
      ratio,
      ratio <= 1.1,
      'at most 1.1',
    )
  }
}

/** Pages behind places all over the event's history. */
async function pagesOf({ server, url, token }: Side, isTeam: boolean): Promise<Asked[]> {
  const headers = isTeam ? { authorization: `Bearer ${token}` } : {}
  const query = `query ($after: String, $since: DateTime, $first: Int) {
    sessionChanges(eventSlug: "clock", after: $after, since: $since, first: $first) {
      cursor hasMore changes { sessionId version operation changedAt transactionEnds cursor session { id title startsAt room { name } } } } }`
  const { rows } = await withClient(url, (client) =>
    client.query<{ at: Date }>(
      `SELECT min(committed_at) + (max(committed_at) - min(committed_at)) * n / 25.0 AS at
       FROM programme_commits, generate_series(1, 20) n GROUP BY n ORDER BY n`,
    ),
  )
  const pages: Asked[] = []
  for (const { at } of rows) {
    const begin = { path: '/graphql', headers, body: { query, variables: { since: at, first: 1 } } }
    const { data } = JSON.parse((await askOnce(server.port, begin)).body) as {
      data: { sessionChanges: { cursor: string } }
    }
    const page = { ...begin, body: { query, variables: { after: data.sessionChanges.cursor, first: 100 } } }
    const { body } = await askOnce(server.port, page)
    const told = (JSON.parse(body) as { data: { sessionChanges: { changes: unknown[] } } }).data
    if (told.sessionChanges.changes.length !== 100) throw new Error(`No page of 100: ${body.slice(0, 300)}`)
    pages.push(page)
  }
  return pages
}

/** The fewest of ten times: what the server looks at by itself, every second, goes the same way. */
async function statementsOf({ url }: Side, asked: Asked): Promise<number> {
  const proxy = await startCountingProxy(url)
  const server = await startOn(proxy.url)
  try {
    const counts: number[] = []
    for (let times = 0; times < 14; times += 1) {
      proxy.statements()
      await askOnce(server.port, asked)
      counts.push(proxy.statements())
    }
    return Math.min(...counts.slice(4))
  } finally {
    await server.stop()
    proxy.close()
  }
}

/** Milliseconds of processor time for an answer, of the server and of PostgreSQL. */
async function perAnswer({ server }: Side, asked: readonly Asked[], answers: number): Promise<number> {
  let at = 0
  const spent = () => processorTime(server.pid) + processorTimeOfTree(postmaster)
  const before = spent()
  const loaded = await load(server.port, {
    ...{ connections: 4, seconds: 120, answers },
    next: () => asked[at++ % asked.length]!,
  })
  if (loaded.failed > 0) throw new Error(`${loaded.failed} pages failed.`)
  return ((spent() - before) * 1_000) / loaded.answers
}

async function compareWriters(): Promise<void> {
  const [turns, none] = [await side('turns', 1_000), await side('none', 1_000)]
  // Its body alone: a server that finds the trigger gone says that its schema is another one.
  await withClient(none.url, (client) =>
    client.query(
      `CREATE OR REPLACE FUNCTION take_turns() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`,
    ),
  )
  const [withTurns, without] = await Promise.all([turns, none].map(renamings))
  await perSecond(turns, withTurns!)
  await perSecond(none, without!)
  const rates = await inPairs(
    () => perSecond(turns, withTurns!),
    () => perSecond(none, without!),
  )
  say(
    `      changes a second: ${rates.map((pair) => pair.map((rate) => rate.toFixed(0)).join(' to ')).join(', ')}`,
  )
  const ratio = medianOf(rates)
  row('eight writers on one event: with turns to without', ratio, ratio >= 0.9, 'at least 0.9')
}

async function renamings({ url, token }: Side): Promise<Asked[]> {
  const query = `mutation ($id: ID!, $title: String!) { updateSession(id: $id, patch: { title: $title }) { session { version } } }`
  const { rows } = await withClient(url, (client) =>
    client.query<{ id: string }>('SELECT id FROM sessions ORDER BY id LIMIT 200'),
  )
  return ['One title', 'Another one'].flatMap((title) =>
    rows.map(({ id }) => ({
      path: '/graphql',
      headers: { authorization: `Bearer ${token}` },
      body: { query, variables: { id, title } },
    })),
  )
}

async function perSecond({ server }: Side, asked: readonly Asked[]): Promise<number> {
  let at = 0
  const { answers, seconds, failed } = await load(server.port, {
    ...{ connections: 8, seconds: 4 },
    next: () => asked[at++ % asked.length]!,
  })
  if (failed > 0) throw new Error(`${failed} changes failed.`)
  return answers / seconds
}

/** Each round both, one after the other, whose turn it is first alternating. */
async function inPairs(
  one: () => Promise<number>,
  other: () => Promise<number>,
): Promise<[number, number][]> {
  const pairs: [number, number][] = []
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) pairs.push([await one(), await other()])
    else {
      const second = await other()
      pairs.push([await one(), second])
    }
  }
  return pairs
}

function medianOf(pairs: readonly (readonly [number, number])[]): number {
  const ratios = pairs.map(([one, other]) => one / other).toSorted((a, b) => a - b)
  return ratios[Math.floor(ratios.length / 2)]!
}

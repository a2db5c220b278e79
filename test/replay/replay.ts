import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { freePort } from '../free-port.ts'
import type { Change } from './change-log.ts'
import { Reader, type ReaderOptions } from './readers.ts'
import { createScene, type Scene } from './scene.ts'
import { KilledServer } from './server.ts'
import { isByApi, writeByApi, writeBySql, type Written } from './writers.ts'

export interface ReplayOptions {
  readonly databaseUrl: string
  /** Of another database of the same cluster, in which a transaction is left open. */
  readonly otherDatabaseUrl: string
  readonly sessions: number
  readonly log: readonly Change[]
  /** How often the server is killed, spread over the changes. */
  readonly kills: number
  /** How many changes are made one by one at the end, to measure how soon they are told. */
  readonly paced: number
  /** Whether commits take turns; without that the readers must find faults, or they can't find any. */
  readonly hasTurns?: boolean
}

export interface Replayed extends Written {
  /** Everything that is wrong, in words; empty if nothing is. */
  readonly faults: string[]
  readonly kills: number
  /** How many changes each reader was told, by its name. */
  readonly told: Readonly<Record<string, number>>
  /** From commit to subscriber, in milliseconds, sorted: of the changes made one by one. */
  readonly delays: number[]
}

const writers = 8

/**
 * Replays a change log by eight writers, through the API and by SQL, while chains of several viewers are read by pages and
 * as events; a transaction is left open in the event, another one in another database, and the server is killed again and
 * again. Then every chain must end with what its viewer sees in the database.
 */
export async function replay(options: ReplayOptions): Promise<Replayed> {
  const { databaseUrl, sessions, log } = options
  const server = new KilledServer(databaseUrl, await freePort())
  await server.start()
  const clients: pg.Client[] = []
  const connected = async (url = databaseUrl) => {
    const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' })
    await client.connect()
    clients.push(client)
    return client
  }
  try {
    const beside = await connected()
    if (options.hasTurns === false) {
      // A server that is started again would refuse such a schema.
      await slowCommits(beside)
      await removeTurns(beside)
    }
    const scene = await createScene(beside, sessions)
    const token = await organizerToken(databaseUrl)
    const readers = readersOf(server.url, token).map((reader) => new Reader(reader, scene))
    await Promise.all(readers.map((reader) => reader.start()))
    const open = await leaveOpen(await connected(), await connected(options.otherDatabaseUrl), scene)

    const written: Written = { made: 0, refused: 0, again: 0 }
    const left = log.entries()
    const target = { url: server.url, token }
    const write = async (client: pg.Client) => {
      for (const [, change] of left) await writeOne(change, client)
    }
    const writeOne = (change: Change, client: pg.Client) =>
      isByApi(change)
        ? writeByApi(change, scene, target, written)
        : writeBySql(change, scene, client, written)
    const beginning = await Promise.all(Array.from({ length: writers }, () => connected()))
    const writing = Promise.all(beginning.map(write))
    const done = () => written.made + written.refused
    let kills = 0
    let isWriting = true
    void writing.finally(() => (isWriting = false)).catch(() => {})
    while (isWriting) {
      if (kills < options.kills && done() > ((kills + 1) * log.length) / (options.kills + 1)) {
        kills += 1
        await server.kill()
        await server.start()
      }
      await sleep(10)
    }
    await writing
    await open.commit()
    await quiet(readers)
    for (const reader of readers) reader.delays = []
    for (let n = 0; n < options.paced; n += 1) {
      await writeOne({ do: 'rename', session: n % 20, title: `Paced ${n}` }, beside)
      await sleep(20)
    }
    await quiet(readers)
    const delays = readers.flatMap((reader) => reader.delays).toSorted((a, b) => a - b)
    const faults = (await Promise.all(readers.map((reader) => reader.finish()))).flat()
    faults.push(...(await unheardRevisions(beside, readers, scene)))
    return {
      ...written,
      kills,
      faults,
      delays,
      told: Object.fromEntries(readers.map(({ options: { name }, told }) => [name, told])),
    }
  } finally {
    await server.kill()
    await Promise.all(clients.map((client) => client.end()))
  }
}

/** As on a slow disk: each twentieth commit takes a tenth of a second from its place in the order to where it can be seen. */
async function slowCommits(client: pg.Client): Promise<void> {
  await client.query(`
    CREATE FUNCTION slow_commit() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF random() < 0.05 THEN PERFORM pg_sleep(0.1); END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER slow_commit AFTER INSERT ON programme_commits FOR EACH ROW EXECUTE FUNCTION slow_commit()`)
}

/** Takes the lock away by which commits of one event wait for one another. */
async function removeTurns(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ body: string }>(
    `SELECT pg_get_functiondef('take_turns'::regproc) AS body`,
  )
  const without = rows[0]!.body.replace(/PERFORM pg_advisory_xact_lock\(.*\);/, '')
  if (without === rows[0]!.body) throw new Error('take_turns() takes no lock.')
  await client.query(without)
}

/** Anybody and an organizer, each by pages of several sizes and live, by both feeds. */
function readersOf(url: string, token: string): ReaderOptions[] {
  const viewers = { public: null, team: token }
  const ways: Pick<ReaderOptions, 'feed' | 'by'>[] = [
    { feed: 'session', by: 7 },
    { feed: 'programme', by: 100 },
    { feed: 'session', by: 'live' },
    { feed: 'programme', by: 'live' },
  ]
  return Object.entries(viewers).flatMap(([viewer, viewerToken]) =>
    ways.map((way) => ({ ...way, url, token: viewerToken, name: `${viewer}, ${way.feed}s, ${way.by}` })),
  )
}

async function organizerToken(databaseUrl: string): Promise<string> {
  const database = openDatabase(databaseUrl, { max: 1 })
  try {
    return (await mintToken(database.db, { ...organizerOfEverything, label: 'replay' })).token
  } finally {
    await database.close()
  }
}

/** The last session is changed by a transaction that stays open all the time; nobody else touches it. */
async function leaveOpen(here: pg.Client, elsewhere: pg.Client, scene: Scene) {
  await here.query('BEGIN')
  await here.query(`UPDATE sessions SET abstract = 'Left open' WHERE id = $1`, [scene.sessions.at(-1)])
  await elsewhere.query('BEGIN')
  await elsewhere.query('SELECT pg_current_xact_id()')
  return {
    commit: async () => {
      await here.query('COMMIT')
      await elsewhere.query('ROLLBACK')
    },
  }
}

/** Waits until nobody has been told anything for a while. */
async function quiet(readers: readonly Reader[]): Promise<void> {
  const told = () => readers.reduce((sum, reader) => sum + reader.told, 0)
  for (let before = -1; before !== told();) {
    before = told()
    await sleep(2_500)
  }
}

/** An organizer is told every committed revision of a session once; so each of their chains has as many. */
async function unheardRevisions(
  client: pg.Client,
  readers: readonly Reader[],
  scene: Scene,
): Promise<string[]> {
  const [{ count }] = (
    await client.query<{ count: number }>(
      `SELECT count(*)::integer FROM revisions WHERE entity = 'session' AND event_id = $1`,
      [scene.eventId],
    )
  ).rows as [{ count: number }]
  return readers.flatMap(({ options: { name, feed, token }, told }) =>
    feed === 'session' && token !== null && told !== count
      ? [`${name}: ${told} changes were told, and ${count} committed`]
      : [],
  )
}

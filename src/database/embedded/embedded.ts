import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Cluster, clusterIn, isAlive, logFile, runningPostmaster, startPostmaster } from './cluster.ts'
import { EmbeddedDatabaseError } from './fault.ts'
import { connect, locks, tryLock } from './locks.ts'

export interface EmbeddedDatabase {
  /**
   * postgresql://open_event:PASSWORD@127.0.0.1:PORT/open_event. The role owns the database, may create others
   * (shadow and template databases), and is no superuser.
   */
  readonly url: string
  /** The cluster's superuser, for what concerns the whole cluster. */
  readonly superuserUrl: string
  readonly folder: string
  /** Lets go of the cluster, and stops it where nobody else uses it. May be called twice. */
  release(): Promise<void>
  /** The same when the process exits by itself: from now on the hold doesn't keep it running. */
  releaseOnExit(): void
  /**
   * From now on PostgreSQL is started again if it ends, on the same port, until this is released.
   *
   * @param tell called once it runs again, with null; before that with each error that was in the way. Mustn't throw
   */
  revive(tell: (error: Error | null) => Promise<void>): void
}

export interface EmbeddedDatabaseOptions {
  /** PostgreSQL's settings for a cluster that this call starts, such as { fsync: 'off' }. */
  readonly settings?: Readonly<Record<string, string>>
}

/**
 * Starts the PostgreSQL of a data folder, or attaches to it where it runs already: beside a running server, or after
 * a process that was killed and left it behind.
 *
 * @throws EmbeddedDatabaseError with the last lines of PostgreSQL's log where it doesn't start
 */
export async function openEmbeddedDatabase(
  folder: string,
  { settings = {} }: EmbeddedDatabaseOptions = {},
): Promise<EmbeddedDatabase> {
  const cluster = clusterIn(folder)
  let held = await hold(cluster, settings)
  const { port } = held
  await setUp(held.holder, cluster.passwords.owner)
  const superuserUrl = superuserUrlOf(cluster, port)
  let released: Promise<void> | undefined
  return {
    url: `postgresql://open_event:${cluster.passwords.owner}@127.0.0.1:${port}/open_event`,
    superuserUrl,
    folder,
    release: () => (released ??= letGo(held, cluster)),
    releaseOnExit: () => {
      // pg's types don't list it: the connection no longer keeps the process running.
      ;(held.holder as unknown as { unref(): void }).unref()
      process.on('exit', () => {
        if (released === undefined) letGoSync(superuserUrl, held)
      })
    },
    revive: (tell) => {
      const watch = () => held.holder.once('end', () => void startAgain())
      const startAgain = async () => {
        while (released === undefined) {
          try {
            held = await holdAt(port, cluster, settings)
          } catch (error) {
            await tell(error as Error)
            await sleep(1_000)
            continue
          }
          if (released !== undefined) return letGo(held, cluster)
          watch()
          return tell(null)
        }
      }
      watch()
    },
  }
}

/**
 * Makes this process the one API server of the data folder.
 *
 * @throws EmbeddedDatabaseError that names the process which is that already
 */
export async function claimServer(database: EmbeddedDatabase): Promise<{ release(): Promise<void> }> {
  const client = await connect(database.superuserUrl, `open-event server, process ${process.pid}`)
  if (await tryLock(client, locks.server, 'alone')) return { release: () => client.end() }
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_stat_activity JOIN pg_locks USING (pid)
     WHERE locktype = 'advisory' AND objid = $1 AND granted`,
    [locks.server],
  )
  await client.end()
  throw new EmbeddedDatabaseError(
    `A server runs on ${database.folder} already (${rows[0]?.name ?? 'it has just stopped'}). Use that one, stop it, ` +
      'or name another folder in OPEN_EVENT_DATA and another PORT.',
  )
}

interface Hold {
  readonly holder: pg.Client
  readonly port: number
  readonly pid: number
  /** PostgreSQL's process of the holder. */
  readonly backend: number
}

/** Attaches to the running cluster, or starts it and then attaches; whoever stops it meanwhile is waited for. */
async function hold(cluster: Cluster, settings: Readonly<Record<string, string>>): Promise<Hold> {
  const deadline = Date.now() + 60_000
  let ended: string | undefined
  let started = false
  while (Date.now() < deadline) {
    const postmaster = runningPostmaster(cluster)
    const held = postmaster === null ? null : await attach(cluster, postmaster)
    if (held !== null) return held
    if (ended !== undefined && postmaster === null) break
    if (!started && postmaster === null) {
      started = true
      const run = await startPostmaster(cluster, settings)
      void run.ended.then((reason) => {
        ended = reason
        // Stopped by whom we waited for, or lost a race for the folder: the loop may try again.
        if (/lock file "postmaster.pid"|received (fast|smart) shutdown|could not bind/.test(reason)) {
          ended = undefined
          started = false
        }
      })
    }
    await sleep(20)
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL doesn't start in ${cluster.data}. Its log (${logFile(cluster)}) ends:\n${ended ?? '(nothing)'}`,
  )
}

/** As `hold`, but only on a port that somebody knows already. @throws EmbeddedDatabaseError */
async function holdAt(
  port: number,
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<Hold> {
  const held = await hold(cluster, settings)
  if (held.port === port) return held
  await letGo(held, cluster)
  throw new EmbeddedDatabaseError(`Port ${port} has been taken by somebody else.`)
}

/** Null while it is starting up or being stopped. */
async function attach(cluster: Cluster, { pid, port }: { pid: number; port: number }): Promise<Hold | null> {
  let holder: pg.Client | undefined
  try {
    holder = await connect(superuserUrlOf(cluster, port), `open-event holder, process ${process.pid}`)
    if (await tryLock(holder, locks.inUse, 'shared')) {
      const { rows } = await holder.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
      return { holder, port, pid, backend: rows[0]!.pid }
    }
  } catch (error) {
    if (!isPassing(error)) throw error
  }
  await holder?.end().catch(() => {})
  return null
}

/** Not listening yet, starting up, shutting down, gone in the middle, or too busy to answer in time. */
function isPassing(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string }
  return (
    /^(57P0|ECONN|08)/.test(code) ||
    /^(Connection terminated|Client has encountered|timeout expired)/.test(message)
  )
}

/** The role and the database, made once. */
async function setUp(holder: pg.Client, password: string): Promise<void> {
  const { rows } = await holder.query(`SELECT 1 FROM pg_database WHERE datname = 'open_event'`)
  if (rows.length > 0) return
  await holder.query('SELECT pg_advisory_lock($1)', [locks.setUp])
  try {
    const exists = async (sql: string) => (await holder.query(sql)).rows.length > 0
    if (!(await exists(`SELECT 1 FROM pg_roles WHERE rolname = 'open_event'`))) {
      await holder.query(`CREATE ROLE open_event LOGIN CREATEDB PASSWORD ${pg.escapeLiteral(password)}`)
    }
    if (!(await exists(`SELECT 1 FROM pg_database WHERE datname = 'open_event'`))) {
      await holder.query('CREATE DATABASE open_event OWNER open_event')
    }
  } finally {
    await holder.query('SELECT pg_advisory_unlock($1)', [locks.setUp])
  }
}

/**
 * Whoever gets the lock alone is the last and stops the cluster; from then on nobody gets it shared. A new connection
 * asks, because the old one may be broken: somebody may have ended it, or the cluster, under us. What doesn't answer is left
 * running for the next one, and what was done before holds.
 */
async function letGo({ holder, pid, port }: Hold, cluster: Cluster): Promise<void> {
  await holder.end().catch(() => {})
  try {
    const client = await connect(superuserUrlOf(cluster, port), `open-event leaving, process ${process.pid}`)
    if (await tryLock(client, locks.inUse, 'alone')) await stop(cluster, pid)
    await client.end().catch(() => {})
  } catch (error) {
    if (!isPassing(error)) throw error
  }
}

/** SIGINT is PostgreSQL's fast shutdown: sessions are ended, transactions rolled back, everything is on disk. */
async function stop(cluster: Cluster, pid: number): Promise<void> {
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + 30_000
  while (isAlive(pid) && Date.now() < deadline) await sleep(10)
  if (isAlive(pid))
    throw new EmbeddedDatabaseError(`PostgreSQL (process ${pid}) in ${cluster.data} doesn't stop.`)
}

/** Our own holder is ended from outside, because here nothing asynchronous runs any more. */
function letGoSync(superuserUrl: string, { backend, pid }: Hold): void {
  const script = `
    import pg from 'pg'
    const client = new pg.Client({ connectionString: process.argv[1] })
    client.on('error', () => {})
    await client.connect()
    await client.query('SELECT pg_terminate_backend($1, 5000)', [process.argv[2]])
    const { rows } = await client.query('SELECT pg_try_advisory_lock(${locks.inUse}) AS alone')
    if (rows[0].alone) process.kill(Number(process.argv[3]), 'SIGINT')
    await client.end().catch(() => {})`
  const args = ['--input-type=module', '--eval', script, superuserUrl, String(backend), String(pid)]
  spawnSync(process.execPath, args, { cwd: import.meta.dirname, timeout: 10_000 })
}

function superuserUrlOf({ passwords }: Cluster, port: number): string {
  return `postgresql://postgres:${passwords.superuser}@127.0.0.1:${port}/postgres`
}

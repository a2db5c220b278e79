import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from './free-port.ts'

/** A PostgreSQL server as a distribution installs it, for the tests that aren't about the embedded one. */
export interface ServerPostgres {
  /** The role `postgres` in the database `postgres`. */
  readonly superuserUrl: string
  /** The role `organizer`, no superuser, with CREATEDB, and a database of its own. */
  readonly url: string
  /** Ends the server at once and removes its folder. */
  stop(): Promise<void>
}

const folderOfVersions = '/usr/lib/postgresql'

/** The programs of the newest PostgreSQL that Debian or Ubuntu installed; null where there is none. */
export function serverPostgresPrograms(): string | null {
  if (!existsSync(folderOfVersions)) return null
  const newestFirst = readdirSync(folderOfVersions).sort((a, b) => Number(b) - Number(a))
  const programs = newestFirst.map((version) => join(folderOfVersions, version, 'bin'))
  return programs.find((folder) => existsSync(join(folder, 'initdb'))) ?? null
}

/**
 * Starts a server with a data folder of its own, on a free port. Its time zone is far from UTC, so that nothing
 * passes by luck. PostgreSQL refuses to run as root: then it runs as nobody.
 *
 * @param settings of postgresql.conf, over the ones here
 * @throws Error where no server is installed; ask `serverPostgresPrograms` before
 */
export async function startServerPostgres(settings: Record<string, string> = {}): Promise<ServerPostgres> {
  const programs = serverPostgresPrograms()
  if (programs === null)
    throw new Error(`No PostgreSQL server in ${folderOfVersions}: apt-get install postgresql`)
  const folder = await ownFolder()
  const data = join(folder, 'data')
  await writeFile(join(folder, 'password'), 'superuser', { mode: 0o644 })
  const initdb = ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', join(folder, 'password')]
  await promisify(execFile)(
    join(programs, 'initdb'),
    [...initdb, '-E', 'UTF8', '--locale', 'C.UTF-8', '--no-sync'],
    { cwd: folder, ...runAs },
  )
  const server = await run(programs, folder, settings)
  await createOwner(server.superuserUrl)
  return server
}

/** Starts a standby of a server, which gets what is committed there a moment later. @throws as `startServerPostgres` */
export async function startStandby(of: ServerPostgres): Promise<ServerPostgres> {
  const programs = serverPostgresPrograms()!
  const folder = await ownFolder()
  await promisify(execFile)(
    join(programs, 'pg_basebackup'),
    ['-D', join(folder, 'data'), '-d', of.superuserUrl, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    { cwd: folder, ...runAs },
  )
  return run(programs, folder, {})
}

/** PostgreSQL refuses to run as root. */
const runAs = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'server-postgres-'))
  if (runAs.uid !== undefined) await chown(folder, runAs.uid, runAs.gid)
  return folder
}

async function run(
  programs: string,
  folder: string,
  settings: Record<string, string>,
): Promise<ServerPostgres> {
  const port = await freePort()
  const all = { ...defaultSettings, port: String(port), ...settings }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const server = spawn(join(programs, 'postgres'), ['-D', join(folder, 'data'), ...flags], {
    cwd: folder,
    ...runAs,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const kill = () => server.kill('SIGQUIT')
  process.once('exit', kill)
  await untilReady(server)
  return {
    superuserUrl: `postgresql://postgres:superuser@127.0.0.1:${port}/postgres`,
    url: `postgresql://organizer:organizer@127.0.0.1:${port}/programme`,
    async stop() {
      process.off('exit', kill)
      if (server.exitCode === null) {
        server.kill('SIGINT')
        await once(server, 'exit')
      }
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const defaultSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'Asia/Kolkata',
  fsync: 'off',
}

/** @throws Error with what the server printed where it ends instead */
async function untilReady(server: ChildProcess): Promise<void> {
  let printed = ''
  await new Promise<void>((resolve, reject) => {
    server.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      if (/ready to accept (read-only )?connections/.test(printed)) resolve()
    })
    server.once('exit', () => reject(new Error(`The PostgreSQL server didn't start:\n${printed}`)))
    server.once('error', reject)
  })
}

async function createOwner(superuserUrl: string): Promise<void> {
  const client = new pg.Client(superuserUrl)
  await client.connect()
  await client.query("CREATE ROLE organizer LOGIN CREATEDB PASSWORD 'organizer'")
  await client.query('CREATE DATABASE programme OWNER organizer')
  await client.end()
}

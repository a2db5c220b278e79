import { spawn, spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  closeSync,
} from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { type Binaries, findBinaries } from './binaries.ts'
import { EmbeddedDatabaseError } from './fault.ts'
import { type Privileges, privilegesFor } from './privileges.ts'

/** A cluster in the data folder; it may run or not. */
export interface Cluster {
  readonly folder: string
  /** PGDATA. */
  readonly data: string
  readonly passwords: { readonly superuser: string; readonly owner: string }
}

/** The cluster of a data folder, made where there is none yet. Two processes may do this at once: one cluster wins. */
export function clusterIn(dataFolder: string): Cluster {
  const folder = path.join(dataFolder, 'postgres')
  mkdirSync(dataFolder, { recursive: true })
  const binaries = findBinaries()
  if (!existsSync(folder)) create(dataFolder, folder, binaries)
  const data = path.join(folder, 'data')
  requireVersion(data, binaries)
  const passwords = JSON.parse(
    readFileSync(path.join(folder, 'passwords.json'), 'utf8'),
  ) as Cluster['passwords']
  return { folder, data, passwords }
}

/** Made beside and renamed when it is whole, so that a kill in the middle leaves no half cluster. */
function create(dataFolder: string, folder: string, binaries: Binaries): void {
  const draft = path.join(dataFolder, `postgres.new-${randomUUID()}`)
  mkdirSync(draft, { mode: 0o711 })
  try {
    fill(draft, binaries, privilegesFor([draft, path.dirname(binaries.initdb)]))
    renameSync(draft, folder)
  } catch (error) {
    rmSync(draft, { recursive: true, force: true })
    const isMadeByAnother = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')
    if (!isMadeByAnother) throw error
  }
}

function fill(folder: string, { initdb }: Binaries, { prefix, identity, handOver }: Privileges): void {
  const passwords = { superuser: randomBytes(24).toString('hex'), owner: randomBytes(24).toString('hex') }
  writeFileSync(path.join(folder, 'passwords.json'), JSON.stringify(passwords), { mode: 0o600 })
  const data = path.join(folder, 'data')
  const passwordFile = path.join(folder, 'initdb-password')
  mkdirSync(data, { mode: 0o700 })
  writeFileSync(passwordFile, passwords.superuser, { mode: 0o600 })
  handOver(data)
  handOver(passwordFile)
  const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  const access = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`]
  const [program, ...rest] = [...prefix, initdb, `--pgdata=${data}`, ...locale, ...access, '--data-checksums']
  const made = spawnSync(program!, rest, { ...identity, cwd: '/', env: environment(), encoding: 'utf8' })
  rmSync(passwordFile)
  if (made.status !== 0) {
    throw new EmbeddedDatabaseError(
      `initdb failed in ${folder}: ${made.error?.message ?? made.stderr.trim()}`,
    )
  }
}

function requireVersion(data: string, { majorVersion }: Binaries): void {
  const version = readFileSync(path.join(data, 'PG_VERSION'), 'utf8').trim()
  if (version === String(majorVersion)) return
  throw new EmbeddedDatabaseError(
    `The data in ${data} was made by PostgreSQL ${version}, and the installed one is ${majorVersion}. Go back to the ` +
      `release of this project that brought PostgreSQL ${version}, or dump the data there and restore it here.`,
  )
}

/**
 * Starts the postmaster, which then lives on its own: a Ctrl-C in the terminal or the end of this process doesn't
 * reach it.
 *
 * @returns resolves to what ended it, should it end, such as another postmaster in the same folder
 */
export async function startPostmaster(
  cluster: Cluster,
  settings: Readonly<Record<string, string>>,
): Promise<{ ended: Promise<string> }> {
  const { postgres } = findBinaries()
  const { prefix, identity } = privilegesFor([cluster.data, path.dirname(postgres)])
  const port = await freePort(lastPort(cluster))
  const all = { listen_addresses: '127.0.0.1', unix_socket_directories: '', port: String(port), ...settings }
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const log = openSync(logFile(cluster), 'w', 0o600)
  const [program, ...rest] = [...prefix, postgres, '-D', cluster.data, ...flags]
  const options = { ...identity, cwd: '/', env: environment(), detached: true } as const
  const child = spawn(program!, rest, { ...options, stdio: ['ignore', log, log] })
  closeSync(log)
  child.unref()
  writeFileSync(path.join(cluster.folder, 'port'), String(port))
  return {
    ended: new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message))
      child.on('exit', () => resolve(logTail(cluster)))
    }),
  }
}

/** What postmaster.pid says; null where no postmaster is there, or none that is far enough to be asked. */
export function runningPostmaster({ data }: Cluster): { pid: number; port: number } | null {
  let lines: string[]
  try {
    lines = readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')
  } catch {
    return null
  }
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

export function logFile({ folder }: Cluster): string {
  return path.join(folder, 'postgres.log')
}

function logTail(cluster: Cluster): string {
  try {
    return readFileSync(logFile(cluster), 'utf8').trim().split('\n').slice(-10).join('\n')
  } catch (error) {
    return `(no log: ${(error as Error).message})`
  }
}

/** The port of the last run where it is still free, so that a person's psql finds the database again. */
function lastPort({ folder }: Cluster): number {
  try {
    return Number(readFileSync(path.join(folder, 'port'), 'utf8'))
  } catch {
    return 0
  }
}

async function freePort(wanted: number): Promise<number> {
  const server = net.createServer()
  const listen = (port: number) =>
    new Promise<number>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, '127.0.0.1', () => resolve((server.address() as net.AddressInfo).port))
    })
  const port = await listen(wanted).catch(() => listen(0))
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** PostgreSQL reads PGOPTIONS, PGDATA and the like; the caller's own must not reach it. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' }
}

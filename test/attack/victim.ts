import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { projectFolder } from '../../src/config.ts'
import { type EmbeddedDatabase, openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { processorTime, processorTimeOfTree, residentMemory } from '../processor-time.ts'

/** A server as `npm start` starts it, on a PostgreSQL of its own. */
export interface Victim {
  readonly port: number
  readonly token: string
  readonly sql: pg.Pool
  /** Processor time since the start, in seconds. */
  cpu(): { readonly server: number; readonly database: number }
  /** The most that the process ever had resident, in megabytes. */
  peakMemory(): number
  /** What the process has resident now, in megabytes. */
  memory(): number
  isAlive(): boolean
  stop(): Promise<void>
}

export async function startVictim(port: number, env: Readonly<Record<string, string>> = {}): Promise<Victim> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'open-event-attack-'))
  const server = spawn(process.execPath, ['--max-semi-space-size=16', 'src/run.mjs'], {
    cwd: projectFolder,
    stdio: 'ignore',
    env: {
      ...process.env,
      PORT: String(port),
      HOST: '0.0.0.0',
      OPEN_EVENT_DATA: folder,
      LOG_LEVEL: 'error',
      ...env,
    },
  })
  await ready(server, port)
  const database = await openEmbeddedDatabase(folder)
  const sql = new pg.Pool({ connectionString: database.url, max: 2 })
  const postmaster = Number(
    readFileSync(path.join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0],
  )
  return {
    port,
    token: (await readFile(path.join(folder, 'organizer-token'), 'utf8')).trim(),
    sql,
    cpu: () => ({ server: processorTime(server.pid!), database: processorTimeOfTree(postmaster) }),
    peakMemory: () => residentMemory(server.pid!, 'VmHWM'),
    memory: () => residentMemory(server.pid!, 'VmRSS'),
    isAlive: () => server.exitCode === null,
    stop: () => stop(server, sql, database),
  }
}

async function ready(server: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    if (server.exitCode !== null) throw new Error(`The server ended with ${server.exitCode}.`)
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok === true) return
    await sleep(100)
  }
  throw new Error('The server is not ready after a minute.')
}

async function stop(server: ChildProcess, sql: pg.Pool, database: EmbeddedDatabase): Promise<void> {
  await sql.end()
  if (server.exitCode === null) {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
  await database.release()
  await rm(database.folder, { recursive: true, force: true })
}

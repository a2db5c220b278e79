import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chooseSchemaEngine } from '../../src/schema-evolution/engine/native-engine.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'

const executable = resolve(import.meta.dirname, '../../src/schema-evolution/engine/schema-engine.mjs')

test('the bridge works alone, or before the native engine; an engine that the user names wins', async ({
  onTestFinished,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'engines-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'schema-engine-debian-openssl-3.0.x.gz'), '')
  expect(chooseSchemaEngine({}, folder)).toEqual({ PRISMA_SCHEMA_ENGINE_BINARY: executable })
  await writeFile(join(folder, 'schema-engine-debian-openssl-3.0.x'), '')
  expect(chooseSchemaEngine({}, folder)).toEqual({
    PRISMA_SCHEMA_ENGINE_BINARY: executable,
    NATIVE_SCHEMA_ENGINE: join(folder, 'schema-engine-debian-openssl-3.0.x'),
  })
  expect(chooseSchemaEngine({ PRISMA_SCHEMA_ENGINE_BINARY: '/usr/bin/mine' }, folder)).toEqual({})
})

// Where no server PostgreSQL is installed, these are reported as skipped.
describe.skipIf(serverPostgresPrograms() === null).concurrent('the schema engine as a process', () => {
  let server: ServerPostgres

  beforeAll(async () => {
    server = await startServerPostgres({ max_connections: '40' })
    await query("CREATE ROLE planner LOGIN PASSWORD 'planner'")
    await query('CREATE DATABASE plan OWNER planner')
    await query('CREATE DATABASE shadow OWNER planner')
  })
  afterAll(() => server.stop())

  test('cli COMMAND tells the number of the fault where the CLI looks for it', async () => {
    expect(await runCommand('can-connect-to-database', `${server.url}?sslmode=require`)).toEqual({
      exit: 1,
      code: 'P1011',
      stdout: '',
    })
    expect(await runCommand('can-connect-to-database', server.url)).toEqual({
      exit: 0,
      code: null,
      stdout: '',
    })
  })

  test('writes nothing but JSON-RPC to standard output, and ends with standard input', async () => {
    const engine = start({ url: `${server.url}?uselibpqcompat=false` })
    expect(await engine.ask('getDatabaseVersion')).toMatchObject({
      result: expect.stringMatching(/^PostgreSQL /),
    })
    expect(await engine.ask('dbExecute', script('DO $$ BEGIN RAISE NOTICE $a$;$a$; END $$'))).toMatchObject({
      result: {},
    })
    expect(await engine.ask('noSuchMethod')).toMatchObject({
      error: { data: { message: 'The schema engine has no method "noSuchMethod".' } },
    })
    engine.process.stdin?.end()
    expect(await engine.ended).toEqual({ code: 0, lines: 3 })
  })

  test('tells an error instead of a panic, and ends', async () => {
    const engine = start({ url: server.url })
    const migrationsList = { baseDir: '.', lockfile: { path: '', content: null }, shadowDbInitScript: '' }
    const answer = await engine.ask('diff', {
      from: { tag: 'schemaDatamodel', files: [] },
      to: { tag: 'migrations', ...migrationsList, migrationDirectories: [] },
      script: false,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    expect(answer).toMatchObject({
      error: { data: { message: expect.stringMatching(/^The schema engine panicked: /) } },
    })
    expect(await engine.ended).toEqual({ code: 1, lines: 1 })
  })

  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s ends it promptly and takes the statement along',
    async (signal) => {
      const engine = start({ url: server.url })
      await engine.ask('getDatabaseVersion')
      const answer = engine.ask('dbExecute', script(`SELECT pg_sleep(30), '${signal}'`))
      await untilRunning(signal)
      const begun = Date.now()
      engine.process.kill(signal)
      expect(await answer).toMatchObject({
        error: { data: { message: `The schema engine was interrupted by ${signal}.` } },
      })
      expect(await engine.ended).toEqual({ code: 1, lines: 2 })
      expect(Date.now() - begun).toBeLessThan(2000)
      expect(await running(signal)).toEqual([])
    },
  )

  test('says that the connection was lost', async () => {
    const engine = start({ url: server.url })
    await engine.ask('getDatabaseVersion')
    const answer = engine.ask('dbExecute', script("SELECT pg_sleep(30), 'to be lost'"))
    await untilRunning('to be lost')
    await query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${isRunning('to be lost')}`)
    expect(await answer).toMatchObject({ error: { data: { error_code: 'P1017' } } })
    expect(await engine.ask('getDatabaseVersion')).toMatchObject({ error: { data: { error_code: 'P1017' } } })
    engine.process.stdin?.end()
    expect(await engine.ended).toEqual({ code: 0, lines: 3 })
  })

  test('a role without CREATEDB needs a shadow database of its own, which is emptied', async () => {
    const url = as(server.url, 'planner').replace('/programme', '/plan')
    const shadowDatabaseUrl = as(server.url, 'planner').replace('/programme', '/shadow')
    await query('CREATE TABLE old (id int)', shadowDatabaseUrl)
    const without = start({ url })
    expect(await without.ask('diff', diffOf('CREATE TABLE old (id int);'))).toMatchObject({
      error: { data: { message: expect.stringContaining('permission denied to create database') } },
    })
    without.process.stdin?.end()
    const engine = start({ url, shadowDatabaseUrl })
    expect(await engine.ask('diff', diffOf('CREATE TABLE old (id int);'))).toMatchObject({
      result: { exitCode: 2 },
    })
    engine.process.stdin?.end()
    const same = start({ url, shadowDatabaseUrl: url.replace('127.0.0.1', 'localhost') })
    expect(await same.ask('diff', diffOf(''))).toMatchObject({
      error: { data: { message: expect.stringContaining('The shadow database is the database itself') } },
    })
    same.process.stdin?.end()
    expect(await Promise.all([without.ended, engine.ended, same.ended])).toEqual([
      { code: 0, lines: 1 },
      { code: 0, lines: 2 },
      { code: 0, lines: 1 },
    ])
    expect(await query("SELECT datname FROM pg_database WHERE datname LIKE 'prisma%'")).toEqual([])
  })

  test('drops its shadow database when it is interrupted in it', async () => {
    const engine = start({ url: server.url })
    const answer = engine.ask('diff', diffOf("SELECT pg_sleep(30), 'in the shadow'"))
    await untilRunning('in the shadow')
    engine.process.kill('SIGTERM')
    expect(await answer).toMatchObject({ error: {} })
    await engine.ended
    expect(await query("SELECT datname FROM pg_database WHERE datname LIKE 'prisma%'")).toEqual([])
  })

  async function query(text: string, url = server.superuserUrl): Promise<unknown[]> {
    const client = new pg.Client(url)
    await client.connect()
    try {
      return (await client.query(text)).rows as unknown[]
    } finally {
      await client.end()
    }
  }

  const running = (mark: string) => query(`SELECT state FROM pg_stat_activity WHERE ${isRunning(mark)}`)

  async function untilRunning(mark: string): Promise<void> {
    while ((await running(mark)).length === 0) await setTimeout(20)
  }
})

function isRunning(mark: string): string {
  return `query LIKE '%pg_sleep%${mark}%' AND state = 'active' AND pid <> pg_backend_pid()`
}

function as(url: string, role: string): string {
  return url.replace('organizer:organizer', `${role}:${role}`)
}

function script(text: string): object {
  return { datasourceType: { tag: 'url', url: 'unused' }, script: text }
}

/** From a migration to nothing: replays it in the shadow database. */
function diffOf(sql: string): object {
  return {
    from: {
      tag: 'migrations',
      baseDir: '.',
      lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
      shadowDbInitScript: '',
      migrationDirectories: [
        { path: '1_only', migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } } },
      ],
    },
    to: { tag: 'empty' },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  }
}

/** The exit code of `cli COMMAND`, and the P-number where the CLI looks for it: after the first line of stderr. */
async function runCommand(
  command: string,
  url: string,
): Promise<{ exit: number; code: string | null; stdout: string }> {
  const args = ['--datasource', JSON.stringify({ url }), 'cli', command]
  const codeIn = (stderr: string) => {
    const [, ...lines] = stderr.split(/\r?\n/)
    const records = lines.filter(Boolean).map((line) => JSON.parse(line) as LogRecord)
    return records.find(({ level }) => level === 'ERROR')?.fields.error_code ?? null
  }
  return promisify(execFile)(executable, args).then(
    ({ stdout, stderr }) => ({ exit: 0, code: codeIn(stderr), stdout }),
    // The shape of what execFile rejects with where the program ended by itself.
    (error: { code: number; stdout: string; stderr: string }) => ({
      exit: error.code,
      code: codeIn(error.stderr),
      stdout: error.stdout,
    }),
  )
}

interface LogRecord {
  readonly level: string
  readonly fields: { readonly error_code?: string }
}

interface RunningEngine {
  readonly process: ChildProcess
  /** Resolves with the answer to this request. */
  ask(method: string, params?: object): Promise<unknown>
  /** With the number of lines on standard output; rejects where one isn't JSON-RPC. */
  readonly ended: Promise<{ code: number | null; lines: number }>
}

function start(datasource: { url: string; shadowDatabaseUrl?: string }): RunningEngine {
  const child = spawn(executable, ['--datasource', JSON.stringify(datasource)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const waiting = new Map<unknown, (message: unknown) => void>()
  let lines = 0
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const complete = (rest + text).split('\n')
    rest = complete.pop() ?? ''
    for (const line of complete) {
      const message = JSON.parse(line) as { id: unknown; jsonrpc: string }
      expect(message.jsonrpc).toBe('2.0')
      lines += 1
      waiting.get(message.id)?.(message)
    }
  })
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, lines }))
  let requests = 0
  return {
    process: child,
    ended,
    ask(method, params) {
      const id = (requests += 1)
      child.stdin.write(`${JSON.stringify({ id, jsonrpc: '2.0', method, params })}\n`)
      return new Promise((resolve) => void waiting.set(id, resolve))
    },
  }
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { describe, expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import {
  claimServer,
  type EmbeddedDatabase,
  openEmbeddedDatabase,
} from '../../src/database/embedded/embedded.ts'

const settings = { fsync: 'off' }

describe('an embedded database', () => {
  test('keeps its data over a stop, and its port where that is free', async () => {
    const folder = temporaryFolder()
    const first = await open(folder)
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS number')
    await first.release()
    expect(isRunning(folder)).toBe(false)
    const second = await open(folder)
    expect(await ask(second, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
    expect(second.url).toBe(first.url)
  })

  test('is owned by a role that is no superuser and may create databases', async () => {
    const database = await open(temporaryFolder())
    const sql = `SELECT rolsuper, rolcreatedb, rolcreaterole, pg_get_userbyid(datdba) AS owner
      FROM pg_roles, pg_database WHERE rolname = current_user AND datname = current_database()`
    expect(await ask(database, sql)).toEqual([
      { rolsuper: false, rolcreatedb: true, rolcreaterole: false, owner: 'open_event' },
    ])
  })

  test('listens on the loopback only, and lets nobody in without the password', async () => {
    const database = await open(temporaryFolder())
    expect(await ask(database, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }])
    const url = new URL(database.url)
    url.password = 'guess'
    await expect(ask({ url: url.href }, 'SELECT 1')).rejects.toThrow('password authentication failed')
  })

  test('is one for all who open it, and stops with the last of them', async () => {
    const folder = temporaryFolder()
    const [first, second] = await Promise.all([open(folder), open(folder)])
    expect(second.url).toBe(first.url)
    await first.release()
    await first.release()
    expect(await ask(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await second.release()
    expect(isRunning(folder)).toBe(false)
  })

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'that is ended by %s under a server is started again, and is stopped with the server',
    async (signal) => {
      const folder = temporaryFolder()
      const database = await open(folder)
      await ask(database, 'CREATE TABLE kept AS SELECT 7 AS number')
      const told: (string | null)[] = []
      const runsAgain = new Promise<void>((resolve) => {
        database.revive(async (error) => {
          told.push(error === null ? null : error.message)
          if (error === null) resolve()
        })
      })
      process.kill(pidIn(folder), signal)
      await runsAgain
      expect(await ask(database, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
      expect(told.at(-1)).toBeNull()
      await database.release()
      expect(isRunning(folder)).toBe(false)
    },
  )

  test('is not served on another port than its clients know, and leaves nothing running there', async () => {
    const folder = temporaryFolder()
    const database = await open(folder)
    const portFile = path.join(folder, 'postgres', 'port')
    const known = readFileSync(portFile, 'utf8')
    // Another free one is taken then.
    rmSync(portFile)
    const told: (string | null)[] = []
    database.revive(async (error) => {
      told.push(error === null ? null : error.message)
      writeFileSync(portFile, known)
    })
    process.kill(pidIn(folder), 'SIGINT')
    await expect.poll(() => told, { timeout: 30_000 }).toHaveLength(2)
    expect(told).toEqual([`Port ${known} has been taken by somebody else.`, null])
    expect(await ask(database, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
    await database.release()
    expect(isRunning(folder)).toBe(false)
  })

  test('survives that one lets go while another comes, many times over', async () => {
    const folder = temporaryFolder()
    let held = await open(folder)
    for (let round = 0; round < 10; round += 1) {
      const [next] = await Promise.all([open(folder), held.release()])
      expect(await ask(next, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
      held = next
    }
  })

  test('that does not answer when it is let go of fails nothing that was done before, and runs on for the next one', async () => {
    const folder = temporaryFolder()
    const first = await open(folder)
    await ask(first, 'CREATE TABLE kept AS SELECT 7 AS number')
    const postmaster = Number(
      readFileSync(path.join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0],
    )
    process.kill(postmaster, 'SIGSTOP')
    try {
      await first.release()
    } finally {
      process.kill(postmaster, 'SIGCONT')
    }
    expect(isRunning(folder)).toBe(true)
    const second = await open(folder)
    expect(await ask(second, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
    await second.release()
    expect(isRunning(folder)).toBe(false)
  })

  test('left behind by a process that was killed is attached to, with all that was committed', async () => {
    const folder = temporaryFolder()
    const child = opener(
      folder,
      `await client.query('CREATE TABLE kept AS SELECT 7 AS number'); say('ready')`,
    )
    await said(child, 'ready')
    const left = pidIn(folder)
    child.kill('SIGKILL')
    await once(child, 'exit')
    const database = await open(folder)
    expect(pidIn(folder)).toBe(left)
    expect(await ask(database, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
    await database.release()
    expect(isRunning(folder)).toBe(false)
  })

  test('whose own processes were killed recovers', async () => {
    const folder = temporaryFolder()
    const database = await open(folder)
    await ask(database, 'CREATE TABLE kept AS SELECT 7 AS number')
    process.kill(pidIn(folder), 'SIGKILL')
    await database.release()
    const again = await open(folder)
    expect(await ask(again, 'SELECT number FROM kept')).toEqual([{ number: 7 }])
  })

  test('is made once where several processes find the folder empty', async () => {
    const folder = temporaryFolder()
    const children = [1, 2, 3].map(() => opener(folder, `say(database.url)`))
    const urls = await Promise.all(children.map((child) => said(child, 'postgresql://')))
    expect(new Set(urls).size).toBe(1)
    for (const child of children) {
      child.stdin.end()
      await once(child, 'exit')
    }
    expect(isRunning(folder)).toBe(false)
  })

  test('has one server at a time', async () => {
    const database = await open(temporaryFolder())
    const claim = await claimServer(database)
    await expect(claimServer(database)).rejects.toThrow(`open-event server, process ${process.pid}`)
    await claim.release()
    await (await claimServer(database)).release()
  })

  test('made by another version is refused with what to do', async () => {
    const folder = temporaryFolder()
    await (await open(folder)).release()
    writeFileSync(path.join(folder, 'postgres', 'data', 'PG_VERSION'), '13\n')
    await expect(open(folder)).rejects.toThrow(/was made by PostgreSQL 13, and the installed one is 18/)
  })

  test('that can not start says why, from its log', async () => {
    const opened = openEmbeddedDatabase(temporaryFolder(), { settings: { shared_buffers: 'much' } })
    await expect(opened).rejects.toThrow(/invalid value for parameter "shared_buffers"/)
  })

  test('opened by a command stops when the command exits', async () => {
    const folder = temporaryFolder()
    const child = opener(folder, `database.releaseOnExit(); await client.end(); process.stdin.unref()`)
    await once(child, 'exit')
    await expect.poll(() => isRunning(folder), { timeout: 10_000 }).toBe(false)
  })

  test.runIf(process.getuid?.() === 0)(
    'opened by root runs as nobody, below a folder closed to others too',
    async () => {
      const folder = temporaryFolder()
      await open(path.join(folder, 'closed to others'))
      const pid = pidIn(path.join(folder, 'closed to others'))
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]).toBe('65534\t65534\t65534\t65534')
      expect(/^Gid:\s+(.*)$/m.exec(status)?.[1]).toBe('65534\t65534\t65534\t65534')
    },
  )
})

/** mkdtemp makes folders of mode 0700, so that root's databases here are all below a closed one. */
function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-embedded-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function open(folder: string): Promise<EmbeddedDatabase> {
  const database = await openEmbeddedDatabase(folder, { settings })
  onTestFinished(() => database.release())
  return database
}

async function ask({ url }: { url: string }, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Another process that opens the database, does something, and lets go when its input ends. */
function opener(folder: string, work: string) {
  const script = `
    import pg from 'pg'
    import { openEmbeddedDatabase } from './src/database/embedded/embedded.ts'
    const say = (text) => process.stdout.write(text + '\\n')
    const database = await openEmbeddedDatabase(process.argv[1], { settings: { fsync: 'off' } })
    const client = new pg.Client(database.url)
    client.on('error', () => {})
    await client.connect()
    ${work}
    process.stdin.resume().on('end', async () => { await client.end(); await database.release() })`
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', script, folder],
    {
      cwd: projectFolder,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function said(child: ReturnType<typeof opener>, beginning: string): Promise<string> {
  let text = ''
  for await (const chunk of child.stdout) {
    text += String(chunk)
    const line = text.split('\n').find((candidate) => candidate.startsWith(beginning))
    if (line !== undefined && text.endsWith('\n')) return line
  }
  throw new Error(`It never said ${beginning}`)
}

function pidIn(folder: string): number {
  return Number(readFileSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n')[0])
}

function isRunning(folder: string): boolean {
  return existsSync(path.join(folder, 'postgres', 'data', 'postmaster.pid'))
}

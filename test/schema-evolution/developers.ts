import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { copyBuilt, program } from '../program.ts'

/** What a command printed, without what differs from run to run, and how it ended. */
export interface Outcome {
  readonly code: number
  readonly said: string
}

/** Somebody with a clone of this very project and a database of their own. */
export interface Developer {
  readonly folder: string
  readonly databaseUrl: string
  git(...args: string[]): Promise<Outcome>
  /** `npx prisma migrate dev ...args`, the real CLI */
  migrateDev(...args: string[]): Promise<Outcome>
  /** `npm run migrations -- ...args` */
  migrations(...args: string[]): Promise<Outcome>
  /** `npm start`; ends with the test. */
  start(): Server
  /** Writes a line into a model of prisma/schema.prisma, below the field that is named. */
  addField(model: string, below: string, line: string): Promise<void>
  /** `npx prisma generate`, which `npm ci` does for people. */
  generate(): Promise<void>
  /** The newest migrations, without their time stamps. */
  newest(count: number): Promise<string[]>
}

/** A server that was started from somebody's clone, on their database. */
export interface Server {
  /** The address, once it listens. @throws Error with what it said where it ends instead */
  url(): Promise<string>
  /** What it said by its end, and the exit code. */
  end(): Promise<Outcome>
}

/** The project as git has it, in a repository that two developers share; gone with the test. */
export async function shareProject(): Promise<{
  join(name: string, databaseUrl: string): Promise<Developer>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'developers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const first = join(folder, 'first')
  // What is there, committed or not: a change is tried before it is committed.
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectFolder,
  })
  for (const file of listed.toString().split('\0').filter(Boolean)) {
    await cp(join(projectFolder, file), join(first, file), { recursive: true }).catch(ignoreMissing)
  }
  await run('git', ['init', '--quiet', '--initial-branch=main'], first)
  await run('git', ['add', '--all'], first)
  await run('git', ['commit', '--quiet', '--message', 'The project'], first)
  const shared = join(folder, 'shared.git')
  await run('git', ['clone', '--quiet', '--bare', first, shared], folder)
  return {
    async join(name, databaseUrl) {
      const clone = join(folder, name)
      await run('git', ['clone', '--quiet', shared, clone], folder)
      await symlink(join(projectFolder, 'node_modules'), join(clone, 'node_modules'))
      await cp(join(projectFolder, 'src/generated'), join(clone, 'src/generated'), { recursive: true })
      await copyBuilt(clone)
      return developer(clone, databaseUrl)
    },
  }
}

function developer(folder: string, databaseUrl: string): Developer {
  const prisma = join(folder, 'node_modules/prisma/build/index.js')
  const node = (...args: string[]) => run(process.execPath, args, folder, { DATABASE_URL: databaseUrl })
  return {
    folder,
    databaseUrl,
    git: (...args) => run('git', args, folder),
    migrateDev: (...args) => node(prisma, 'migrate', 'dev', ...args),
    migrations: (...args) => node(program, 'migrations', ...args),
    start: () => startServer(folder, databaseUrl),
    async addField(model, below, line) {
      const file = join(folder, 'prisma/schema.prisma')
      const schema = await readFile(file, 'utf8')
      const place = new RegExp(`(model ${model} \\{[^}]*?\\n  ${below} [^\\n]*\\n)`)
      if (!place.test(schema)) throw new Error(`${model} has no field ${below}.`)
      await writeFile(file, schema.replace(place, `$1  ${line}\n`))
    },
    async generate() {
      const { code, said } = await node(prisma, 'generate')
      if (code !== 0) throw new Error(said)
    },
    async newest(count) {
      const names = (await readdir(join(folder, 'prisma/migrations'))).filter((name) => /^\d/.test(name))
      return names
        .sort()
        .slice(-count)
        .map((name) => name.replace(/^\d+_/, ''))
    },
  }
}

function startServer(folder: string, databaseUrl: string): Server {
  const server = spawn(process.execPath, [program], {
    cwd: folder,
    env: { ...environment(folder), DATABASE_URL: databaseUrl, PORT: '0', LOG_LEVEL: 'warn' },
  })
  onTestFinished(() => void server.kill('SIGKILL'))
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += String(text)))
  const ended = once(server, 'close').then(([code]) => ({ code: Number(code), said: tidy(said) }))
  return {
    async url() {
      while (server.exitCode === null) {
        const url = /GraphQL +(http:\/\/\S+)\/graphql/.exec(said)?.[1]
        if (url !== undefined) return url
        await sleep(50)
      }
      throw new Error(`The server didn't start:\n${said}`)
    },
    end: () => ended,
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  // Listed by git, and deleted since.
  if (error.code !== 'ENOENT') throw error
}

async function run(
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  return promisify(execFile)(program, args, { cwd, env: { ...environment(cwd), ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, said: tidy(stdout + stderr) }),
    // The shape of what execFile rejects with where the program ended by itself.
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: tidy(error.stdout + error.stderr),
    }),
  )
}

/** Nothing of this process's own environment but the path; Prisma's CLI writes into HOME. */
function environment(folder: string): Record<string, string | undefined> {
  return {
    PATH: process.env['PATH'],
    HOME: join(folder, '..'),
    NO_COLOR: '1',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A Developer',
    GIT_AUTHOR_EMAIL: 'developer@example.org',
    GIT_COMMITTER_NAME: 'A Developer',
    GIT_COMMITTER_EMAIL: 'developer@example.org',
  }
}

function tidy(output: string): string {
  return output.replace(/\b\d{14}_/g, '').trim()
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'
import { type Asked, askOnce } from './load.ts'

/** Where the contestants' packages are. */
export const contestantsFolder = path.join(import.meta.dirname, 'contestants')

/** What is measured: a server in a process of its own. */
export interface Contestant {
  readonly name: string
  /** Whether it is this project, with its triggers and its permissions. */
  readonly isOurs: boolean
  /** Whether it gives answers again, and says so in its log. */
  readonly isHot?: boolean
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const tsx = ['--import', 'tsx']
/** As `npm start`. */
const ours = ['--max-semi-space-size=16', path.join(projectFolder, program)]

export const contestants: readonly Contestant[] = [
  {
    name: 'ours',
    isOurs: true,
    args: ours,
    env: { HOT_ANSWERS_MEGABYTES: '0' },
  },
  { name: 'ours-hot', isOurs: true, isHot: true, args: ours },
  { name: 'floor', isOurs: false, args: [path.join(contestantsFolder, 'floor.mjs')] },
  { name: 'postgraphile', isOurs: false, args: [path.join(contestantsFolder, 'postgraphile.mjs')] },
  { name: 'apollo-prisma', isOurs: false, args: [...tsx, path.join(contestantsFolder, 'apollo-prisma.ts')] },
  { name: 'yoga-pothos', isOurs: false, args: [...tsx, path.join(contestantsFolder, 'yoga-pothos.ts')] },
]

export interface Running {
  readonly pid: number
  readonly port: number
  /** From the start of the process to its first answer, in milliseconds. */
  readonly coldStart: number
  /** What it has logged of late. */
  logged(): string
  stop(): Promise<void>
}

/**
 * Starts it and waits until it answers.
 *
 * @param node the program to run it by: the same for all
 * @param first what it is asked until it answers
 */
export async function start(
  { name, isOurs, args, env }: Contestant,
  { node, databaseUrl, port, first }: { node: string; databaseUrl: string; port: number; first: Asked },
): Promise<Running> {
  const began = performance.now()
  // Nobody is slowed down: what is measured is how fast they are.
  const unlimited = { RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_PER_USER: '0', RATE_LIMIT_PER_TOKEN: '0' }
  const process_ = spawn(node, args, {
    cwd: isOurs ? projectFolder : contestantsFolder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      ...unlimited,
      PORT: `${port}`,
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      ...env,
    },
  })
  let said = ''
  process_.stderr.setEncoding('utf8').on('data', (chunk: string) => (said = `${said}${chunk}`.slice(-4_000)))
  for (;;) {
    if (process_.exitCode !== null) throw new Error(`${name} ended with ${process_.exitCode}:\n${said}`)
    if (performance.now() - began > 120_000) throw new Error(`${name} doesn't answer:\n${said}`)
    const answer = await askOnce(port, first).catch(() => null)
    if (answer?.status === 200) break
    await sleep(10)
  }
  const coldStart = performance.now() - began
  return { pid: process_.pid!, port, coldStart, logged: () => said, stop: () => stop(process_) }
}

async function stop(running: ChildProcess): Promise<void> {
  if (running.exitCode !== null) return
  running.kill('SIGTERM')
  const killing = setTimeout(() => running.kill('SIGKILL'), 15_000)
  await once(running, 'exit')
  clearTimeout(killing)
}

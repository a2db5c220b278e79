import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'

/** The server as a person starts it: a process, its output, its exit code. */
export interface Started {
  readonly process: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
}

/** @param args the command with its own; none: the server */
export function start(env: NodeJS.ProcessEnv, ...args: string[]): Started {
  return run(process.execPath, [program, ...args], env)
}

export function run(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv,
  cwd: string = projectFolder,
): Started {
  const clean = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
  const child = spawn(program, args, {
    cwd,
    env: { ...clean, TZ: 'Australia/Lord_Howe', PORT: '0', ...env },
  })
  const text = { out: '', err: '' }
  child.stdout.on('data', (chunk) => (text.out += String(chunk)))
  child.stderr.on('data', (chunk) => (text.err += String(chunk)))
  onTestFinished(() => void child.kill('SIGKILL'))
  const exit = once(child, 'close').then(([code]) => code as number | null)
  return { process: child, out: () => text.out, err: () => text.err, exit }
}

/** @returns the address that the server printed when it was ready */
export async function ready(server: Started): Promise<string> {
  // However long a busy machine takes: the test's own timeout ends it.
  while (server.process.exitCode === null) {
    const url = /GraphQL +(http:\/\/\S+)\/graphql/.exec(server.out())?.[1]
    if (url !== undefined) return url
    await sleep(20)
  }
  throw new Error(`The server didn't start:\n${server.out()}\n${server.err()}`)
}

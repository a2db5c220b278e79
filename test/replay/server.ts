import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'

/** A server process that is killed and started again at one address. */
export class KilledServer {
  readonly url: string
  readonly #port: number
  readonly #databaseUrl: string
  readonly #more: NodeJS.ProcessEnv
  #process: ChildProcess | null = null

  /** @param more variables that it has besides the usual ones */
  constructor(databaseUrl: string, port: number, more: NodeJS.ProcessEnv = {}) {
    this.#databaseUrl = databaseUrl
    this.#more = more
    this.#port = port
    this.url = `http://127.0.0.1:${port}`
  }

  async start(): Promise<void> {
    this.#process = spawn(process.execPath, [program], {
      cwd: projectFolder,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        PATH: process.env['PATH'],
        TZ: 'America/St_Johns',
        DATABASE_URL: this.#databaseUrl,
        MIGRATE_ON_START: 'true',
        PORT: String(this.#port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'silent',
        RATE_LIMIT_PER_ADDRESS: '0',
        RATE_LIMIT_PER_TOKEN: '0',
        ...this.#more,
      },
    })
    for (let tries = 0; tries < 3_000; tries += 1) {
      if (this.#process.exitCode !== null) throw new Error(`The server ended with ${this.#process.exitCode}.`)
      const answer = await fetch(`${this.url}/readyz`).catch(() => null)
      if (answer?.ok === true) return
      await sleep(20)
    }
    throw new Error('The server is not ready after a minute.')
  }

  /** As the machine's power would. */
  async kill(): Promise<void> {
    if (this.#process === null || this.#process.exitCode !== null) return
    const gone = once(this.#process, 'close')
    this.#process.kill('SIGKILL')
    await gone
  }
}

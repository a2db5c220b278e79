import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { ApplyMigrationsInput, ApplyMigrationsOutput } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { deploy } from '../deploy/deploy.ts'
import { parseCommandLine, requireUrl } from './command-line.ts'
import { engineFault } from '../database/fault.ts'
import { isOwnPrint, requestPrint, rpcError } from './json-rpc.ts'
import { migrationKeeper } from './migration-keeper.ts'

/** A request, or an answer to one: of the CLI or, for `print`, of the engine. */
interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: unknown
  readonly result?: unknown
}

/**
 * Passes every line between Prisma's CLI and its native engine as it is, but for what the keeper of the migrations
 * changes, and for applying them: there is one way to do that, ours. Standard error, signals and the exit code are the
 * engine's.
 */
export function passOn(executable: string, args: readonly string[]): void {
  const { url, databaseCommand, asksVersion } = parseCommandLine(args)
  const isPlain = databaseCommand !== undefined || asksVersion
  const engine = spawn(executable, namedArguments(args), {
    stdio: isPlain ? 'inherit' : ['pipe', 'pipe', 'inherit'],
  })
  engine.on('error', (error) => {
    process.stderr.write(`${JSON.stringify({ level: 'ERROR', fields: { message: error.message } })}\n`)
    process.exit(1)
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => engine.kill(signal))
  if (engine.stdin === null || engine.stdout === null) {
    engine.on('close', (code) => process.exit(code ?? 1))
    return
  }

  const toEngine = engine.stdin
  const keeper = migrationKeeper(url)
  const asked = new Map<Message['id'], { method: string; params: unknown }>()
  const requests = inTurn(process.stdin, async (line) => {
    const message = JSON.parse(line) as Message
    const { id, method } = message
    if (method === undefined) return void (isOwnPrint(id) || toEngine.write(`${line}\n`))
    try {
      const params = await keeper.before(method, message.params)
      if (method === 'applyMigrations') {
        // Of the CLI of the same version.
        const result = await apply(requireUrl(url), params as ApplyMigrationsInput)
        return answer({ id, result: await keeper.after(method, params, result) })
      }
      asked.set(id, { method, params })
      // Untouched, a line goes as it came.
      toEngine.write(`${params === message.params ? line : JSON.stringify({ ...message, params })}\n`)
    } catch (error) {
      answer({ id, error: rpcError(engineFault(error)) })
    }
  })
  const answers = inTurn(engine.stdout, async (line) => {
    const message = JSON.parse(line) as Message
    const request = message.method === undefined ? asked.get(message.id) : undefined
    if (request === undefined || message.result === undefined) return void process.stdout.write(`${line}\n`)
    try {
      const result = await keeper.after(request.method, request.params, message.result)
      process.stdout.write(`${result === message.result ? line : JSON.stringify({ ...message, result })}\n`)
    } catch (error) {
      answer({ id: message.id, error: rpcError(engineFault(error)) })
    }
  })
  void requests.then(() => toEngine.end())
  toEngine.on('error', () => {})
  engine.on('close', (code) => void answers.then(() => process.exit(code ?? 1)))
}

async function apply(url: string, { migrationsList }: ApplyMigrationsInput): Promise<ApplyMigrationsOutput> {
  const target = { url, migrations: migrationsList }
  return { appliedMigrationNames: await deploy(target, { tell: requestPrint, ownEngine: engineName }) }
}

/** By this, the lock that the engine goes on holding, as after a reset, is known for ours. */
const engineName = `prisma-schema-engine of ${process.pid}`

function namedArguments(args: readonly string[]): string[] {
  return args.map((arg, index) => {
    if (args[index - 1] !== '--datasource') return arg
    // The CLI writes this itself, from the datasource of prisma.config.ts, which it has checked.
    const datasource = JSON.parse(arg) as { url?: string }
    if (datasource.url === undefined || !/^postgres(ql)?:/.test(datasource.url)) return arg
    // As text, so that nothing else of it is written in another way.
    const separator = datasource.url.includes('?') ? '&' : '?'
    const url = `${datasource.url}${separator}application_name=${encodeURIComponent(engineName)}`
    return JSON.stringify({ ...datasource, url })
  })
}

function answer(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
}

/** One line after another, each when the one before is done with; resolves after the last. */
async function inTurn(input: NodeJS.ReadableStream, work: (line: string) => Promise<void>): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Infinity })) await work(line)
}

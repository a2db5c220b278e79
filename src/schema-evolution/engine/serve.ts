import type { CommandLine } from './command-line.ts'
import { logLine } from './engine-log.ts'
import { engineMethods } from './engine-methods.ts'
import { engineFault, SchemaEngineError } from '../database/fault.ts'
import { serveJsonRpc } from './json-rpc.ts'
import { migrationKeeper } from './migration-keeper.ts'

/** How long the end may take after a signal; the native engine has the same limit. */
const shutdownMilliseconds = 4000

/**
 * Answers the CLI over standard input and output until it closes the former or a signal comes; ends the process
 * then, with 1 where that left a request unanswered, which the CLI takes for an error.
 */
export function serve(commandLine: CommandLine): void {
  const methods = engineMethods({
    ...commandLine,
    onLog: (line) => process.stderr.write(`${line.trimEnd()}\n`),
  })
  const keeper = migrationKeeper(commandLine.url)
  let isEnding = false
  const end = async (error?: SchemaEngineError) => {
    if (isEnding) return
    isEnding = true
    const wasInterrupted = rpc.fail(
      error ?? new SchemaEngineError(null, 'The schema engine was told to end.'),
    )
    setTimeout(() => process.exit(1), shutdownMilliseconds).unref()
    await methods.close()
    process.exit(wasInterrupted ? 1 : 0)
  }
  const rpc = serveJsonRpc({
    async answer(method, params) {
      const given = await keeper.before(method, params)
      return keeper.after(method, given, await methods.answer(method, given))
    },
    faultOf: engineFault,
    onEnd: () => void end(),
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(
      signal,
      () => void end(new SchemaEngineError(null, `The schema engine was interrupted by ${signal}.`)),
    )
  }
  process.on('uncaughtException', (error) => {
    logLine('ERROR', error.message)
    void end(engineFault(error))
  })
}

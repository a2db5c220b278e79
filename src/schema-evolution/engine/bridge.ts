import { parseCommandLine, requireUrl } from './command-line.ts'
import { runDatabaseCommand } from './database-commands.ts'
import { logLine, logWarningsAsLines } from './engine-log.ts'
import { engineFault } from '../database/fault.ts'

/**
 * Does for Prisma's CLI what the native schema engine does, where that can't be downloaded: the same engine as
 * WebAssembly over our own database sessions. Where the native one is there, it does the work, and only the lineage
 * of the migrations is kept here. What serves is loaded when it is needed: the CLI asks for a command first, each
 * time, and that is quicker without.
 *
 * @param nativeEngine the native engine's executable
 */
export async function runBridge(args: readonly string[], nativeEngine?: string): Promise<void> {
  if (nativeEngine) {
    const { passOn } = await import('./native-proxy.ts')
    return passOn(nativeEngine, args)
  }
  logWarningsAsLines()
  const commandLine = parseCommandLine(args)
  if (commandLine.asksVersion) return printVersion()
  if (commandLine.databaseCommand !== undefined) return runOnce(commandLine.databaseCommand, commandLine.url)
  const { serve } = await import('./serve.ts')
  serve(commandLine)
}

/** The one text on standard output that isn't JSON-RPC: `prisma version` shows it. */
async function printVersion(): Promise<void> {
  const { schemaEngineVersion } = await import('./wasm.ts')
  process.stdout.write(`schema-engine-cli ${schemaEngineVersion()}\n`)
}

/** The CLI passes over the first line of standard error, then looks for the one with an error code. */
async function runOnce(command: string, url: string | undefined): Promise<void> {
  logLine('INFO', `Running "${command}"`)
  try {
    await runDatabaseCommand(command, requireUrl(url))
  } catch (error) {
    const { message, code } = engineFault(error)
    logLine('ERROR', message, code)
    process.exitCode = 1
  }
}

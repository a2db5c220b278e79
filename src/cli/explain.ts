import { ConfigError } from '../config.ts'
import { databaseFaultOf } from '../database/faults.ts'
import { NotConfirmed } from './confirm.ts'
import { SchemaEngineError } from '../schema-evolution/database/fault.ts'
import { SchemaMismatch } from '../schema-evolution/gate/require-schema.ts'

/** How a process ends when it couldn't do its work, for scripts. */
export const exitCodes = { failed: 1, usage: 2, unreachable: 3, notConfirmed: 4 } as const

/** Runs a command; what goes wrong is told to a person on standard error, and to scripts by the exit code. */
export async function explain(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    process.stderr.write(`${explanationOf(error)}\n`)
    process.exitCode = exitCodeOf(error)
  }
}

/** The message alone where it was written for people; with the stack where nobody foresaw the error. */
export function explanationOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const isForeseen = error.name !== 'Error' && error.name !== 'TypeError'
  // Their words say more than that the database gave something up, which is what is at their bottom.
  if (error instanceof SchemaEngineError || error instanceof SchemaMismatch) return error.message
  if (databaseFaultOf(error)?.kind === 'unavailable') {
    return `The database can't be reached: ${messageOf(error)}\nCheck DATABASE_URL, or leave it out for the embedded PostgreSQL.`
  }
  return isForeseen ? error.message : (error.stack ?? error.message)
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError || error instanceof RangeError) return exitCodes.usage
  if (error instanceof NotConfirmed) return exitCodes.notConfirmed
  return error instanceof SchemaMismatch ? error.exitCode : exitCodes.failed
}

/** A refused connection to several addresses is an AggregateError without a message of its own. */
function messageOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message
}

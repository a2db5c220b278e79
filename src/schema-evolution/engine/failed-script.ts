import type pg from 'pg'
import { SchemaEngineError } from './fault.ts'
import { hintAtTwoHeads } from './one-head.ts'

/** A script that the database refused, and its own words about it. */
export interface FailedScript {
  readonly script: string
  readonly error: pg.DatabaseError
}

/** PostgreSQL's message with detail, hint and the lines around the place that it points at. */
export function explainFailedScript({ script, error }: FailedScript): string {
  const hint = error.hint ?? hintAtTwoHeads(error)
  const parts = [
    error.message,
    error.detail && `DETAIL: ${error.detail}`,
    hint && `HINT: ${hint}`,
    error.where && `CONTEXT: ${error.where}`,
    error.position && `Position:\n${linesUpTo(script, Number(error.position))}`,
  ]
  return parts.filter(Boolean).join('\n')
}

/**
 * The error that the native engine gives for a migration that failed to apply. The WebAssembly one has it without
 * its number, so that nobody would be told to use `prisma migrate resolve`.
 */
export function failedMigration(migrationName: string, failed: FailedScript): SchemaEngineError {
  const code = failed.error.code ?? 'none'
  const databaseError = explainFailedScript(failed)
  return new SchemaEngineError(
    'P3018',
    'A migration failed to apply. New migrations cannot be applied before the error is recovered from. Read more ' +
      'about how to resolve migration issues in a production database: https://pris.ly/d/migrate-resolve\n\n' +
      `Migration name: ${migrationName}\n\nDatabase error code: ${code}\n\nDatabase error:\nERROR: ${databaseError}\n`,
    {
      cause: failed.error,
      meta: { migration_name: migrationName, database_error_code: code, database_error: databaseError },
    },
  )
}

/** The line of the position, numbered, and up to four before it. Positions count characters from 1. */
function linesUpTo(script: string, position: number): string {
  const before = Array.from(script)
    .slice(0, position - 1)
    .join('')
  const line = before.split('\n').length
  return script
    .split('\n')
    .slice(Math.max(0, line - 5), line)
    .map((text, index, shown) => `${String(line - shown.length + index + 1).padStart(3)} ${text}`)
    .join('\n')
}

import type pg from 'pg'
import { SchemaEngineError } from '../database/fault.ts'
import { hintAtTwoHeads } from './second-head.ts'

/** A script that the database refused, and its own words about it. */
export interface FailedScript {
  readonly script: string
  readonly error: pg.DatabaseError
}

/** PostgreSQL's message with detail, hint and the lines around the place that it points at. */
export function explainFailedScript({ script, error }: FailedScript): string {
  const hint = error.hint ?? hintAtTwoHeads(error) ?? (error.code === '25001' ? hintAtTransaction : undefined)
  const parts = [
    error.message,
    error.detail && `DETAIL: ${error.detail}`,
    hint && `HINT: ${hint}`,
    error.where && `CONTEXT: ${error.where}`,
    error.position && `Position:\n${linesUpTo(script, Number(error.position))}`,
  ]
  return parts.filter(Boolean).join('\n')
}

/** A migration that failed and of which nothing is left, in the form of Prisma's engine but for what has to be done. */
export function failedMigration(migrationName: string, failed: FailedScript): SchemaEngineError {
  const code = failed.error.code ?? 'none'
  const databaseError = explainFailedScript(failed)
  return new SchemaEngineError(
    'P3018',
    'A migration failed to apply. All of it was taken back, and nothing is recorded of it. Mend its file, then run: ' +
      'npm run migrations -- deploy\n\n' +
      `Migration name: ${migrationName}\n\nDatabase error code: ${code}\n\nDatabase error:\nERROR: ${databaseError}\n`,
    {
      cause: failed.error,
      meta: { migration_name: migrationName, database_error_code: code, database_error: databaseError },
    },
  )
}

const hintAtTransaction =
  "If the migration can't be one transaction, its file says so in a line: -- migration: no transaction"

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

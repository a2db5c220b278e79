import type { LineageRow } from '../files/lineage-rows.ts'
import { type Queryable, rowsOf } from './session.ts'

/** A row of `_prisma_migrations`. */
export interface MigrationRecord {
  readonly id: string
  readonly name: string
  readonly checksum: string
  readonly startedAt: Date
  readonly finishedAt: Date | null
  readonly rolledBackAt: Date | null
  readonly steps: number
  readonly logs: string | null
}

/** How the log of a migration begins that was stopped between two statements, and that the next run goes on with. */
export const resumable = 'Goes on with the next run of "npm run migrations -- deploy".'

/** What was rolled back counts for nothing. */
export function isApplied({ finishedAt, rolledBackAt }: MigrationRecord): boolean {
  return finishedAt !== null && rolledBackAt === null
}

/** It began, and neither finished nor was resolved. */
export function isStopped({ finishedAt, rolledBackAt }: MigrationRecord): boolean {
  return finishedAt === null && rolledBackAt === null
}

/**
 * All records, those that were rolled back included, by name and time.
 *
 * @returns null if there is no such table; the transaction is over then, if one was open
 */
export async function readRecords(asked: Queryable): Promise<MigrationRecord[] | null> {
  const rows = await rowsOfTable(
    asked,
    `SELECT id, migration_name, checksum, started_at, finished_at, rolled_back_at, applied_steps_count, logs
     FROM _prisma_migrations ORDER BY migration_name, started_at`,
  )
  return (
    (rows?.map(([id, name, checksum, startedAt, finishedAt, rolledBackAt, steps, logs]) => ({
      id,
      name,
      checksum,
      startedAt,
      finishedAt,
      rolledBackAt,
      steps,
      logs,
      // The columns of Prisma's table have these types.
    })) as MigrationRecord[] | undefined) ?? null
  )
}

/** The rows of `migration_lineage`, by name. @returns null if there is no such table, as `readRecords` does */
export async function readLineageRows(asked: Queryable): Promise<LineageRow[] | null> {
  const rows = await rowsOfTable(
    asked,
    'SELECT name, parent FROM migration_lineage ORDER BY name COLLATE "C"',
  )
  return rows?.map(([name, parent]) => ({ name: String(name), parent: String(parent) })) ?? null
}

async function rowsOfTable(asked: Queryable, text: string): Promise<unknown[][] | null> {
  try {
    return await rowsOf(asked, text)
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return null
    throw error
  }
}

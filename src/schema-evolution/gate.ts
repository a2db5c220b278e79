import type pg from 'pg'
import { type MigrationFiles, type MigrationState, migrationState } from './migration-state.ts'

/** What a database's migrations mean for this build: whether it may serve, and if not, what has to be done. */
export interface SchemaState {
  readonly state: 'in sync' | 'empty' | 'pending' | 'failed' | 'edited' | 'ahead'
  /** What is wrong, which migrations, and the command to run; for people. */
  readonly message: string
}

/**
 * One short statement, so it can be asked at every probe.
 *
 * @throws the driver's error where the database can't be reached
 */
export async function schemaState(pool: pg.Pool, files: MigrationFiles): Promise<SchemaState> {
  return judge(await migrationState(pool, files))
}

function judge({ pending, applied, failed, edited, unknown }: MigrationState): SchemaState {
  if (failed.length > 0) {
    return {
      state: 'failed',
      message:
        `A migration began and didn't finish: ${failed.join(', ')}. Either it runs right now elsewhere, or it failed: ` +
        'then mend what it left behind and run "npx prisma migrate resolve" as Prisma\'s documentation says.',
    }
  }
  if (unknown.length > 0) {
    return {
      state: 'ahead',
      message: `The database has migrations that this build doesn't know: ${unknown.join(', ')}. Start a newer build.`,
    }
  }
  if (edited.length > 0) {
    return {
      state: 'edited',
      message:
        `These files were edited after they were applied: ${edited.join(', ')}. Restore them from git; what has to ` +
        'change goes into a new migration ("npx prisma migrate dev --name what-changes").',
    }
  }
  if (pending.length === 0) return { state: 'in sync', message: 'The database has the schema of this build.' }
  return {
    state: applied.length === 0 ? 'empty' : 'pending',
    message:
      `These migrations aren't applied yet: ${pending.join(', ')}. Run "npx prisma migrate deploy", ` +
      'or start with MIGRATE_ON_START=true.',
  }
}

import type pg from 'pg'
import { isApplied, type MigrationRecord } from '../database/read-records.ts'
import type { Finding } from '../files/finding.ts'
import { runSql } from './examination.ts'

/** In the connection's own schema; asked for first, because a statement that fails ends the transaction. */
export async function hasTable(client: pg.ClientBase, name: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT FROM pg_class WHERE relname = $1
       AND relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())`,
    [name],
  )
  return rows.length > 0
}

/** What is odd about the records in themselves. */
export function recordFindings(records: readonly MigrationRecord[]): Finding[] {
  const names = [...new Set(records.map(({ name }) => name))]
  return names.flatMap((name) => {
    const all = records.filter((record) => record.name === name)
    return [...duplicate(name, all), ...rolledBack(name, all)]
  })
}

function duplicate(name: string, all: readonly MigrationRecord[]): Finding[] {
  const finished = all.filter(isApplied)
  if (finished.length < 2) return []
  const [kept, ...others] = finished
  const isSame = others.every(({ checksum }) => checksum === kept!.checksum)
  return [
    {
      severity: 'warning',
      code: 'duplicate-record',
      message: `_prisma_migrations has ${finished.length} records of ${name}, all finished${isSame ? '' : ', with different checksums'}.`,
      cause:
        'It was applied twice, or "prisma migrate resolve --applied" was run for one that was applied, or a dump was ' +
        'loaded over another.',
      migrations: [name],
      remedy: runSql(
        ...others.map(({ id }) => `DELETE FROM _prisma_migrations WHERE id = '${id.replaceAll("'", "''")}'`),
      ),
    },
  ]
}

/** Only told where nothing followed: later success makes it history. */
function rolledBack(name: string, all: readonly MigrationRecord[]): Finding[] {
  const last = all.at(-1)
  if (last?.rolledBackAt == null) return []
  return [
    {
      severity: 'note',
      code: 'rolled-back',
      message: `${name} was marked as rolled back at ${last.rolledBackAt.toISOString()} and not applied since.`,
      ...(last.logs ? { cause: `It had failed: ${firstLines(last.logs)}` } : {}),
      migrations: [name],
      remedy: 'The next "npm run migrations -- deploy" applies it, if it is still among the files.',
    },
  ]
}

export function firstLines(text: string): string {
  return text.trim().split('\n').slice(0, 12).join('\n    ')
}

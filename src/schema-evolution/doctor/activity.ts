import pg from 'pg'
import type { Finding } from '../files/finding.ts'
import { type Examination, runSql } from './examination.ts'
import { shortQuery } from './holder.ts'

/** A transaction that takes longer isn't a request of the API: those take milliseconds. */
const longSeconds = 2

interface LongTransaction {
  readonly pid: number
  readonly application: string
  readonly role: string
  readonly state: string
  readonly since: Date
  readonly query: string
  readonly tables: readonly string[]
}

interface PreparedTransaction {
  readonly gid: string
  readonly since: Date
}

/**
 * What a deploy would have to wait for now: transactions that stay open and hold locks on our tables.
 *
 * @param migrating the process that applies migrations, whose locks are meant
 */
export async function examineActivity(client: pg.ClientBase, migrating: number | null): Promise<Examination> {
  const long = await client.query<LongTransaction>(longTransactions, [migrating ?? 0, longSeconds])
  const prepared = await client.query<PreparedTransaction>(preparedTransactions)
  const { rows: seen } = await client.query<{ all: boolean }>(
    `SELECT pg_has_role('pg_read_all_stats', 'USAGE') AS all`,
  )
  const whose = seen[0]?.all === true ? '' : " (this role's own; with GRANT pg_read_all_stats all are seen)"
  return {
    area: 'activity',
    isDone: true,
    looked: `transactions that hold locks on the schema's tables for more than ${longSeconds} s${whose}`,
    findings: [...long.rows.map(longTransaction), ...prepared.rows.map(preparedTransaction)],
  }
}

function longTransaction({ pid, application, role, state, since, query, tables }: LongTransaction): Finding {
  const who = `process ${pid} of ${application || role}`
  return {
    severity: 'warning',
    code: 'long-transaction',
    message: `The ${who} has a transaction open since ${since.toISOString()} (${state}), with locks on ${tables.join(', ')}. Its last statement: ${query}`,
    cause:
      'A migration that alters these tables waits for it, and everybody else waits behind the migration.',
    migrations: [],
    remedy: `Let it end before you deploy, or end it: ${runSql(`SELECT pg_terminate_backend(${pid})`)}`,
  }
}

function preparedTransaction({ gid, since }: PreparedTransaction): Finding {
  return {
    severity: 'warning',
    code: 'prepared-transaction',
    message: `The transaction ${gid} is prepared since ${since.toISOString()} and neither committed nor rolled back.`,
    cause: 'It keeps its locks even when the server is started anew.',
    migrations: [],
    remedy: runSql(`ROLLBACK PREPARED ${pg.escapeLiteral(gid)}`),
  }
}

/** VACUUM goes out of the way by itself unless it must keep the database from standing still. */
const longTransactions = `
  SELECT a.pid, coalesce(a.application_name, '') AS application, coalesce(a.usename, '') AS role,
         coalesce(a.state, 'active') AS state, a.xact_start AS since, ${shortQuery} AS query,
         array_agg(DISTINCT c.relname::text) AS tables
  FROM pg_stat_activity a JOIN pg_locks l ON l.pid = a.pid AND l.granted AND l.locktype = 'relation'
  JOIN pg_class c ON c.oid = l.relation AND c.relkind IN ('r', 'p', 'm')
    AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
  WHERE l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND a.pid <> pg_backend_pid() AND a.pid <> $1 AND a.xact_start < clock_timestamp() - $2 * interval '1 second'
    AND (a.backend_type = 'client backend' OR a.query LIKE '%to prevent wraparound%')
  GROUP BY a.pid, 2, 3, 4, 5, 6 ORDER BY since`

const preparedTransactions = `
  SELECT gid, prepared AS since FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared`

import pg from 'pg'

/** Makes a database that a test has used as it was before. */
export interface Cleaner {
  /**
   * Deletes the rows that came and restarts the sequences.
   *
   * @returns false if the database isn't as it was: more than rows changed, rows are locked, or there were many
   */
  clean(): Promise<boolean>
  end(): Promise<void>
}

/** Deleted rows keep their place in the files, and what is read there takes longer. */
const mostRows = 1_000

/** @param superuserUrl of a migrated database that nobody has written to */
export async function openCleaner(superuserUrl: string): Promise<Cleaner> {
  const client = new pg.Client({ connectionString: superuserUrl, options: '-c lock_timeout=1s' })
  // A test may end everybody's connections. Then the database isn't cleaned.
  client.on('error', () => {})
  await client.connect()
  const names = async (sql: string) =>
    (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name)
  const tables = await names(
    `SELECT quote_ident(relname) AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`,
  )
  // The migrations wrote them.
  const filled = await names(
    tables.map((name) => `SELECT '${name}' AS name WHERE EXISTS (SELECT FROM ${name})`).join(' UNION ALL '),
  )
  const deletes = tables.filter((name) => !filled.includes(name)).map((name) => `DELETE FROM ${name};`)
  // A server goes on with its webhooks when the test is over.
  const versions = [...ofTheSchema, ...[...filled, 'webhooks'].map(versionsOf)]
  const shapeStatement = [...versions, statementsUnderWay].join(' UNION ALL ')
  const shape = async () => JSON.stringify((await client.query(shapeStatement)).rows)
  const before = await shape()
  return {
    async clean() {
      try {
        if ((await shape()) !== before) return false
        // Without triggers: what they would write is deleted, too.
        const results = (await client.query(
          `BEGIN; SET LOCAL session_replication_role = replica; ${deletes.join('')}
           SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'; COMMIT`,
        )) as unknown as pg.QueryResult[]
        const deleted = results.filter(({ command }) => command === 'DELETE')
        return deleted.reduce((sum, { rowCount }) => sum + rowCount!, 0) <= mostRows
      } catch {
        return false
      }
    },
    end: () => client.end(),
  }
}

/** How many rows there are, and by which transactions they were written. */
const versionsOf = (rows: string) => `SELECT count(*), sum(xmin::text::bigint) FROM ${rows}`

/** Those of a request that a test didn't wait for. */
const statementsUnderWay = `SELECT count(*), 0 FROM pg_stat_activity WHERE datname = current_database()
  AND backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()`

/** The first id of what isn't PostgreSQL's own. */
const firstId = 16_384

/** What the schema is made of, with the planner's statistics and the settings. */
const ofTheSchema = [
  ...['class', 'proc', 'trigger', 'constraint', 'type', 'policy', 'namespace', 'rewrite', 'extension'].map(
    (name) => `pg_${name} WHERE oid >= ${firstId}`,
  ),
  `pg_attribute WHERE attrelid >= ${firstId}`,
  `pg_index WHERE indexrelid >= ${firstId}`,
  `pg_enum WHERE enumtypid >= ${firstId}`,
  `pg_statistic WHERE starelid >= ${firstId}`,
  `pg_db_role_setting`,
].map(versionsOf)

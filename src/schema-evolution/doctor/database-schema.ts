import type pg from 'pg'
import { emptySchema, follow, type KnownSchema } from '../sql/known-schema.ts'
import { parseSql } from '../sql/parse.ts'

export interface TableSize {
  /** PostgreSQL's estimate; null where it never counted. */
  readonly rows: number | null
  /** With its indexes and what is stored beside it. */
  readonly bytes: number
}

export interface DatabaseSchema {
  readonly schema: KnownSchema
  readonly sizes: ReadonlyMap<string, TableSize>
  /** `18.4` */
  readonly version: string
}

/** What PostgreSQL says of the connection's schema; SELECTs alone, milliseconds. */
export async function readDatabaseSchema(client: pg.ClientBase): Promise<DatabaseSchema> {
  const schema = emptySchema()
  for (const text of [types, columns, constraints]) {
    const { rows } = await client.query<{ sql: string }>(text)
    // The catalogue is read as the SQL that would make it, so that names and types are written as in migrations.
    for (const statement of parseSql(rows.map(({ sql }) => sql).join(';\n')).statements) {
      follow(schema, statement)
    }
  }
  const found = await client.query<{ index: string; table: string }>(indexes)
  for (const { index, table } of found.rows) schema.indexes.set(index, table)
  const called = await client.query<{ name: string }>(volatileFunctions)
  for (const { name } of called.rows) schema.volatileFunctions.add(name)
  const measured = await client.query<{ table: string; rows: number; bytes: number }>(sizes)
  const { rows: server } = await client.query<{ version: string }>(
    `SELECT split_part(current_setting('server_version'), ' ', 1) AS version`,
  )
  return {
    schema,
    sizes: new Map(
      measured.rows.map(({ table, rows, bytes }) => [table, { rows: rows < 0 ? null : rows, bytes }]),
    ),
    version: server[0]?.version ?? '',
  }
}

/** The connection's schema; none where it isn't there yet. */
const here = '(SELECT oid FROM pg_namespace WHERE nspname = current_schema())'

const types = `
  SELECT format('CREATE TYPE %I AS ENUM (%s)', t.typname,
                (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                 FROM pg_enum e WHERE e.enumtypid = t.oid)) AS sql
  FROM pg_type t WHERE t.typtype = 'e' AND t.typnamespace = ${here}
  UNION ALL
  SELECT format('CREATE DOMAIN %I AS %s CHECK (true)', t.typname, format_type(t.typbasetype, t.typtypmod))
  FROM pg_type t WHERE t.typtype = 'd' AND t.typnamespace = ${here}
    AND EXISTS (SELECT FROM pg_constraint c WHERE c.contypid = t.oid)`

const columns = `
  SELECT format('CREATE TABLE %I (%s)', r.relname, (
    SELECT string_agg(format('%I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                             CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
                             CASE WHEN a.atthasdef OR a.attidentity <> '' THEN ' DEFAULT NULL' ELSE '' END),
                      ', ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS sql
  FROM pg_class r WHERE r.relkind IN ('r', 'p') AND r.relnamespace = ${here}`

const constraints = `
  SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', r.relname, c.conname, pg_get_constraintdef(c.oid)) AS sql
  FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid
  WHERE r.relnamespace = ${here} AND c.contype IN ('c', 'f', 'n')
    AND r.relkind IN ('r', 'p')`

const indexes = `
  SELECT i.relname AS index, t.relname AS table
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
  WHERE t.relnamespace = ${here}`

const volatileFunctions = `
  SELECT DISTINCT p.proname AS name FROM pg_proc p
  WHERE p.provolatile = 'v' AND p.pronamespace = ${here}`

const sizes = `
  SELECT r.relname AS table, r.reltuples::float8 AS rows, pg_total_relation_size(r.oid)::float8 AS bytes
  FROM pg_class r WHERE r.relkind IN ('r', 'p', 'm') AND r.relnamespace = ${here}`

import type { Catalog } from '../files/catalog.ts'
import { catalogStatement, sequenceBounds } from './catalog-statement.ts'
import { type Queryable, rowsOf } from './session.ts'

/** A schema as it can be made again. */
export interface Definitions {
  readonly objects: Catalog
  /** The columns' numbers in their tables, which a new name doesn't change. */
  readonly numbers: ReadonlyMap<string, number>
  /** Extensions that may be what the objects rest on, by their names, with the statements that make them. */
  readonly extensions: ReadonlyMap<string, string>
}

/**
 * The objects of the catalog as they can be made again: with every blank of their texts, and functions, views, policies and
 * sequences as the statement that makes them, those of columns too but for what `serial` makes. The catalog keeps only a hash
 * of bodies, and puts blanks together.
 */
export async function readDefinitions(asked: Queryable): Promise<Definitions> {
  const [catalog, statements] = [await rowsOf(asked, catalogStatement), await rowsOf(asked, makingStatement)]
  const rows = [...catalog, ...statements] as [string, string, string][]
  const objects = new Map(
    rows.map(([name, definition, schema]) => {
      // Names are qualified in definitions, and bodies keep what they say; a function is named before its body.
      if (name.startsWith('function '))
        return [name.replaceAll(`${schema}.`, ''), functionIn(definition, schema)]
      return [name.replaceAll(`${schema}.`, ''), definition.replaceAll(`${schema}.`, '')]
    }),
  )
  const numbers = (await rowsOf(asked, numbersStatement)) as [string, number][]
  const extensions = (await rowsOf(asked, extensionsStatement)) as [string, string][]
  return { objects, numbers: new Map(numbers), extensions: new Map(extensions) }
}

const numbersStatement = `
  SELECT 'column ' || c.relname || '.' || a.attname, a.attnum::int
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
    AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped`

const extensionsStatement = `
  SELECT extname, 'CREATE EXTENSION IF NOT EXISTS ' || quote_ident(extname)
                    || CASE WHEN n.nspname = current_schema() THEN '' ELSE ' SCHEMA ' || quote_ident(n.nspname) END
  FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY e.oid`

function functionIn(definition: string, schema: string): string {
  return definition
    .replace(`${schema}.`, '')
    .replace(/^ SET search_path TO .*$/m, (line) =>
      line.includes(schema) ? ' SET search_path FROM CURRENT' : line,
    )
}

/** Aggregates and window functions, which nobody can print, keep their line of the catalog. */
const makingStatement = `
  WITH ours AS (SELECT oid, nspname, quote_ident(nspname) AS schema FROM pg_namespace WHERE nspname = current_schema()),
  made (name, statement) AS (
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', pg_get_functiondef(p.oid)
    FROM pg_proc p JOIN ours ON p.pronamespace = ours.oid WHERE p.prokind IN ('f', 'p')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
    UNION ALL
    SELECT CASE relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || relname,
           CASE relkind WHEN 'm' THEN 'CREATE MATERIALIZED VIEW ' ELSE 'CREATE OR REPLACE VIEW ' END || quote_ident(relname)
             || coalesce(' WITH (' || array_to_string(reloptions, ', ') || ')', '') || E' AS\\n'
             || rtrim(pg_get_viewdef(c.oid), ';')
    FROM pg_class c JOIN ours ON c.relnamespace = ours.oid WHERE relkind IN ('v', 'm')
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
    UNION ALL
    SELECT 'policy ' || p.tablename || '.' || p.policyname,
           concat_ws(' ', 'CREATE POLICY', quote_ident(p.policyname), 'ON', quote_ident(p.tablename), 'AS', p.permissive,
                     'FOR', p.cmd, 'TO', (SELECT string_agg(CASE role WHEN 'public' THEN 'PUBLIC' ELSE quote_ident(role) END, ', ')
                                          FROM unnest(p.roles) AS role),
                     'USING (' || p.qual || ')', 'WITH CHECK (' || p.with_check || ')')
    FROM pg_policies p JOIN ours ON p.schemaname = ours.nspname
    UNION ALL
    SELECT 'sequence ' || c.relname,
           concat_ws(' ', 'CREATE SEQUENCE', quote_ident(c.relname), 'AS ' || NULLIF(s.seqtypid::regtype::text, 'bigint'),
                     'INCREMENT BY ' || NULLIF(s.seqincrement, 1), ${sequenceBounds}, CASE WHEN s.seqcycle THEN 'CYCLE' END,
                     'OWNED BY ' || owner.name)
    FROM pg_class c JOIN ours ON c.relnamespace = ours.oid JOIN pg_sequence s ON s.seqrelid = c.oid
    LEFT JOIN LATERAL (
      SELECT quote_ident(t.relname) || '.' || quote_ident(a.attname) AS name,
             c.relname = t.relname || '_' || a.attname || '_seq' AND s.seqtypid = a.atttypid
               AND concat_ws(' ', NULLIF(s.seqincrement, 1), ${sequenceBounds}, NULLIF(s.seqcycle, false)) = '' AS is_serial
      FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'a'
    ) owner ON true
    WHERE owner.is_serial IS NOT TRUE
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                      AND d.deptype IN ('i', 'e'))
  )
  SELECT name, statement, ours.schema FROM made, ours`

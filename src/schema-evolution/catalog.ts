import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type pg from 'pg'
import { rowsOf, type Session } from './engine/session.ts'

/** Every object of a schema: kind and name to what it is. `trigger sessions.stamp_row` to its definition. */
export type Catalog = ReadonlyMap<string, string>

/** How a schema differs from the one that is expected; the names of the objects, in order. */
export interface CatalogDifference {
  readonly missing: readonly string[]
  readonly changed: readonly string[]
  readonly extra: readonly string[]
}

/** The file in `prisma/migrations` that has what they make. */
export const catalogFile = 'catalog'

/**
 * What all migrations make, as it is kept beside them.
 *
 * @param folder `prisma/migrations`
 * @returns null where there is no such file
 */
export async function readCatalogFile(folder: string): Promise<Catalog | null> {
  const text = await readFile(path.join(folder, catalogFile), 'utf8').catch(() => null)
  if (text === null) return null
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => splitLine(line)))
}

/** Keeps what is in a database's schema as what all migrations make. @returns whether the file was another before */
export async function writeCatalogFile(folder: string, catalog: Catalog): Promise<boolean> {
  const file = path.join(folder, catalogFile)
  const text = formatCatalog(catalog)
  if ((await readFile(file, 'utf8').catch(() => null)) === text) return false
  await writeFile(file, text)
  return true
}

/** A line an object, sorted, so that two branches that change different ones can be merged. */
export function formatCatalog(catalog: Catalog): string {
  const lines = [...catalog].map(([name, definition]) =>
    definition === '' ? name : `${name}: ${definition}`,
  )
  return `# What all migrations make, object by object. Written by "npx prisma migrate dev" and "npm run catalog".\n${lines.sort().join('\n')}\n`
}

function splitLine(line: string): [string, string] {
  const at = line.indexOf(': ')
  return at === -1 ? [line, ''] : [line.slice(0, at), line.slice(at + 2)]
}

/**
 * Everything in the connection's own schema but Prisma's record of the migrations: tables, columns, constraints,
 * indexes, triggers, functions, enumerations, views, policies, sequences. One statement over pg_catalog, which gives
 * the same on all PostgreSQL versions that we run on, whatever the schema is called.
 *
 * @throws the driver's error where the database can't be reached
 */
export async function readCatalog(pool: pg.Pool | pg.ClientBase): Promise<Catalog> {
  const { rows } = await pool.query<[string, string, string]>({ text: statement, rowMode: 'array' })
  return catalogOf(rows)
}

/** The same in the transaction that a session is in. */
export async function readCatalogOf(session: Session): Promise<Catalog> {
  return catalogOf((await rowsOf(session, statement)) as [string, string, string][])
}

function catalogOf(rows: readonly [string, string, string][]): Catalog {
  return new Map(
    rows
      .map(([name, definition, schema]): [string, string] => [name, withoutSchema(definition, schema)])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Names are the same wherever the objects lie: what PostgreSQL qualifies is ours. Lines stay lines. */
function withoutSchema(definition: string, schema: string): string {
  return definition.replaceAll(`${schema}.`, '').replaceAll(/\s+/g, ' ').trim()
}

/** A difference for people; null where there is none. */
export function describeDifference({ missing, changed, extra }: CatalogDifference): string | null {
  const parts = [
    ...(missing.length > 0 ? [`missing: ${shortList(missing)}`] : []),
    ...(changed.length > 0 ? [`changed: ${shortList(changed)}`] : []),
    ...(extra.length > 0 ? [`not ours: ${shortList(extra)}`] : []),
  ]
  return parts.length === 0 ? null : parts.join('; ')
}

/** The first ten, and how many more there are. */
export function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 10).join(', ')
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown
}

export function compareCatalogs(expected: Catalog, actual: Catalog): CatalogDifference {
  return {
    missing: [...expected.keys()].filter((name) => !actual.has(name)),
    changed: [...expected].flatMap(([name, definition]) => {
      const found = actual.get(name)
      return found === undefined || found === definition ? [] : [name]
    }),
    extra: [...actual.keys()].filter((name) => !expected.has(name)),
  }
}

/** PostgreSQL 18 also lists NOT NULL as constraints (contype n); the columns tell of it already. */
const statement = `
  WITH ours AS (SELECT oid, nspname, quote_ident(nspname) AS schema FROM pg_namespace WHERE nspname = current_schema()),
  relations AS (
    SELECT c.oid, c.relname, c.relkind, c.relrowsecurity FROM pg_class c JOIN ours ON c.relnamespace = ours.oid
    WHERE c.relname <> '_prisma_migrations'
  ),
  objects AS (
    SELECT 'table ' || relname AS name,
           CASE WHEN relrowsecurity THEN 'row level security' ELSE '' END AS definition
    FROM relations WHERE relkind IN ('r', 'p')
    UNION ALL
    SELECT 'column ' || r.relname || '.' || a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                     CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity' END,
                     CASE a.attgenerated WHEN 's' THEN 'generated ' WHEN 'v' THEN 'virtual ' ELSE 'default ' END
                       || pg_get_expr(d.adbin, d.adrelid))
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE r.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint ' || r.relname || '.' || c.conname,
           pg_get_constraintdef(c.oid, true) || CASE WHEN c.convalidated THEN '' ELSE ' not validated' END
    FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid WHERE c.contype IN ('p', 'u', 'f', 'c', 'x')
    UNION ALL
    SELECT 'index ' || r.relname,
           pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
    FROM pg_index i JOIN relations r ON r.oid = i.indexrelid
    JOIN relations t ON t.oid = i.indrelid
    WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 'trigger ' || r.relname || '.' || t.tgname,
           pg_get_triggerdef(t.oid, true) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' disabled or replica' END
    FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
           concat_ws(' ', 'returns', pg_get_function_result(p.oid), 'language', l.lanname,
                     CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END,
                     CASE WHEN p.prosecdef THEN 'security definer' END, CASE WHEN p.proisstrict THEN 'strict' END,
                     (SELECT string_agg(CASE WHEN setting LIKE 'search\\_path=%' THEN 'search_path' ELSE setting END, ' ')
                      FROM unnest(p.proconfig) AS setting),
                     'body', md5(p.prosrc))
    FROM pg_proc p JOIN ours ON p.pronamespace = ours.oid JOIN pg_language l ON l.oid = p.prolang
    WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    UNION ALL
    SELECT 'enum ' || t.typname,
           (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
    FROM pg_type t JOIN ours ON t.typnamespace = ours.oid WHERE t.typtype = 'e'
    UNION ALL
    SELECT 'domain ' || t.typname, format_type(t.typbasetype, t.typtypmod)
    FROM pg_type t JOIN ours ON t.typnamespace = ours.oid WHERE t.typtype = 'd'
    UNION ALL
    SELECT 'view ' || relname, md5(pg_get_viewdef(oid, true)) FROM relations WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'policy ' || p.tablename || '.' || p.policyname, concat_ws(' ', p.permissive, p.cmd, p.roles::text, p.qual, p.with_check)
    FROM pg_policies p JOIN ours ON p.schemaname = ours.nspname
    UNION ALL
    SELECT 'sequence ' || r.relname, '' FROM relations r
    WHERE r.relkind = 'S' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = r.oid AND d.deptype IN ('a', 'i'))
  )
  SELECT name, definition, ours.schema FROM objects, ours`

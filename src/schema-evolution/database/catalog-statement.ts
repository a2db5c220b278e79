/** What extensions bring along isn't ours, and what a DBA installs must not look like drift. */
function isOfExtension(catalog: string, oid: string): string {
  return `EXISTS (SELECT FROM pg_depend d WHERE d.classid = '${catalog}'::regclass AND d.objid = ${oid} AND d.deptype = 'e')`
}

const relations = `
  SELECT c.* FROM pg_class c JOIN ours ON c.relnamespace = ours.oid
  WHERE c.relname <> '_prisma_migrations' AND NOT ${isOfExtension('pg_class', 'c.oid')}`

const types = `
  SELECT t.* FROM pg_type t JOIN ours ON t.typnamespace = ours.oid
  WHERE t.typtype IN ('e', 'd', 'c', 'r') AND NOT ${isOfExtension('pg_type', 't.oid')}`

/** Rows that a crash may take, rules for rows, partitions, parents: what decides which rows there are. */
const tables = `
  SELECT 'table ' || relname,
         concat_ws(' ', CASE relkind WHEN 'f' THEN 'foreign' WHEN 'p' THEN 'partitioned by ' || pg_get_partkeydef(oid) END,
                   CASE relpersistence WHEN 'u' THEN 'unlogged' END,
                   CASE WHEN relrowsecurity THEN 'row level security' END,
                   CASE WHEN relforcerowsecurity THEN 'for the owner too' END,
                   CASE relreplident WHEN 'n' THEN 'replica identity nothing' WHEN 'f' THEN 'replica identity full'
                                     WHEN 'i' THEN 'replica identity by index' END,
                   (SELECT 'of ' || string_agg(p.relname, ', ' ORDER BY i.inhseqno)
                    FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent WHERE i.inhrelid = r.oid),
                   pg_get_expr(relpartbound, oid))
  FROM relations r WHERE relkind IN ('r', 'p', 'f')`

const columns = `
  SELECT 'column ' || r.relname || '.' || a.attname,
         concat_ws(' ', format_type(a.atttypid, a.atttypmod),
                   CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || a.attcollation::regcollation END,
                   CASE WHEN a.attnotnull THEN 'not null' END,
                   CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity' END,
                   CASE a.attgenerated WHEN 's' THEN 'generated ' WHEN 'v' THEN 'virtual ' ELSE 'default ' END
                     || pg_get_expr(d.adbin, d.adrelid))
  FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE r.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped`

/**
 * PostgreSQL 18 also lists NOT NULL as constraints (contype n); the columns tell of it already. A foreign key is held by
 * triggers of PostgreSQL's own, which a superuser can disable.
 */
const constraints = `
  SELECT 'constraint ' || r.relname || '.' || c.conname,
         pg_get_constraintdef(c.oid, true) || CASE WHEN c.convalidated THEN '' ELSE ' not validated' END
           || CASE WHEN EXISTS (SELECT FROM pg_trigger t WHERE t.tgconstraint = c.oid AND t.tgenabled <> 'O')
                   THEN ' not enforced' ELSE '' END
  FROM pg_constraint c JOIN relations r ON r.oid = c.conrelid WHERE c.contype IN ('p', 'u', 'f', 'c', 'x')`

const indexes = `
  SELECT 'index ' || r.relname, pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' invalid' END
  FROM pg_index i JOIN relations r ON r.oid = i.indexrelid JOIN relations t ON t.oid = i.indrelid
  WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u', 'x'))`

const triggers = `
  SELECT 'trigger ' || r.relname || '.' || t.tgname,
         pg_get_triggerdef(t.oid, true) || CASE t.tgenabled WHEN 'O' THEN '' WHEN 'D' THEN ' disabled'
                                                            WHEN 'R' THEN ' for replicas' ELSE ' always' END
  FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid WHERE NOT t.tgisinternal
  UNION ALL
  SELECT 'rule ' || r.relname || '.' || w.rulename,
         pg_get_ruledef(w.oid, true) || CASE w.ev_enabled WHEN 'O' THEN '' ELSE ' disabled or replica' END
  FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class WHERE w.rulename <> '_RETURN'`

const functions = `
  SELECT 'function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
         concat_ws(' ', CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' WHEN 'w' THEN 'window' END,
                   'returns', pg_get_function_result(p.oid), 'language', l.lanname,
                   CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' END,
                   CASE WHEN p.prosecdef THEN 'security definer' END, CASE WHEN p.proisstrict THEN 'strict' END,
                   (SELECT string_agg(CASE WHEN setting LIKE 'search\\_path=%' THEN 'search_path' ELSE setting END, ' ')
                    FROM unnest(p.proconfig) AS setting),
                   'defaults ' || pg_get_expr(p.proargdefaults, 0),
                   (SELECT concat_ws(' ', 'by', g.aggtransfn, g.aggtranstype::regtype, NULLIF(g.aggfinalfn, 0)::regproc,
                                     g.agginitval) FROM pg_aggregate g WHERE g.aggfnoid = p.oid),
                   'body', md5(coalesce(pg_get_function_sqlbody(p.oid), p.prosrc)))
  FROM pg_proc p JOIN ours ON p.pronamespace = ours.oid JOIN pg_language l ON l.oid = p.prolang
  WHERE NOT ${isOfExtension('pg_proc', 'p.oid')}
  UNION ALL
  SELECT 'operator ' || o.oprname || '(' || concat_ws(', ', NULLIF(o.oprleft, 0)::regtype, o.oprright::regtype) || ')',
         o.oprcode::text
  FROM pg_operator o JOIN ours ON o.oprnamespace = ours.oid WHERE NOT ${isOfExtension('pg_operator', 'o.oid')}`

const kindsOfTypes = `
  SELECT 'enum ' || t.typname,
         (SELECT string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)
  FROM types t WHERE t.typtype = 'e'
  UNION ALL
  SELECT 'domain ' || t.typname,
         concat_ws(' ', format_type(t.typbasetype, t.typtypmod), CASE WHEN t.typnotnull THEN 'not null' END,
                   'default ' || t.typdefault,
                   (SELECT string_agg(pg_get_constraintdef(c.oid, true) || CASE WHEN c.convalidated THEN '' ELSE ' not validated' END,
                                      ' ' ORDER BY c.conname)
                    FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'))
  FROM types t WHERE t.typtype = 'd'
  UNION ALL
  SELECT 'type ' || t.typname,
         '(' || (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)
                 FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) || ')'
  FROM types t JOIN pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' WHERE t.typtype = 'c'
  UNION ALL
  SELECT 'type ' || t.typname, concat_ws(' ', 'range of', g.rngsubtype::regtype, NULLIF(g.rngcanonical, 0)::regproc)
  FROM types t JOIN pg_range g ON g.rngtypid = t.oid
  UNION ALL
  SELECT 'collation ' || c.collname,
         concat_ws(' ', c.collprovider, c.collcollate, coalesce(to_jsonb(c) ->> 'colllocale', to_jsonb(c) ->> 'colliculocale'),
                   CASE WHEN NOT c.collisdeterministic THEN 'not deterministic' END)
  FROM pg_collation c JOIN ours ON c.collnamespace = ours.oid
  UNION ALL
  SELECT 'text search configuration ' || c.cfgname,
         concat_ws(' ', p.prsname, (SELECT string_agg(m.maptokentype || ':' || d.dictname, ' ' ORDER BY m.maptokentype, m.mapseqno)
                                    FROM pg_ts_config_map m JOIN pg_ts_dict d ON d.oid = m.mapdict WHERE m.mapcfg = c.oid))
  FROM pg_ts_config c JOIN ours ON c.cfgnamespace = ours.oid JOIN pg_ts_parser p ON p.oid = c.cfgparser`

/** A view of one relation is printed with that before each column up to PostgreSQL 15, and without it later. */
const views = `
  SELECT CASE relkind WHEN 'm' THEN 'materialized view ' ELSE 'view ' END || relname,
         concat_ws(' ', md5(CASE WHEN of.relations > 1 THEN pg_get_viewdef(r.oid, true)
                                 ELSE regexp_replace(pg_get_viewdef(r.oid, true), '([a-z0-9_]+|"[^"]+")\\.', '', 'g') END),
                   array_to_string(reloptions, ' '), CASE WHEN NOT relispopulated THEN 'without data' END)
  FROM relations r CROSS JOIN LATERAL (
    SELECT count(DISTINCT d.refobjid) AS relations FROM pg_rewrite w
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
    WHERE w.ev_class = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.oid
  ) of
  WHERE relkind IN ('v', 'm')`

/** The bounds of the pg_sequence `s` that it doesn't have by itself, as CREATE SEQUENCE takes them; each may be NULL. */
export const sequenceBounds = `
  'MINVALUE ' || NULLIF(s.seqmin, CASE WHEN s.seqincrement > 0 THEN 1
    ELSE (CASE s.seqtypid::regtype::text WHEN 'smallint' THEN -32768 WHEN 'integer' THEN -2147483648
                                         ELSE -9223372036854775808 END)::bigint END),
  'MAXVALUE ' || NULLIF(s.seqmax, CASE WHEN s.seqincrement < 0 THEN -1
    ELSE (CASE s.seqtypid::regtype::text WHEN 'smallint' THEN 32767 WHEN 'integer' THEN 2147483647
                                         ELSE 9223372036854775807 END)::bigint END),
  'START ' || NULLIF(s.seqstart, CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END),
  'CACHE ' || NULLIF(s.seqcache, 1)`

const others = `
  SELECT 'policy ' || p.tablename || '.' || p.policyname, concat_ws(' ', p.permissive, p.cmd, p.roles::text, p.qual, p.with_check)
  FROM pg_policies p JOIN ours ON p.schemaname = ours.nspname
  UNION ALL
  SELECT 'sequence ' || r.relname,
         concat_ws(' ', NULLIF(s.seqtypid::regtype::text, 'bigint'), 'by ' || NULLIF(s.seqincrement, 1), ${sequenceBounds},
                   CASE WHEN s.seqcycle THEN 'cycle' END)
  FROM relations r JOIN pg_sequence s ON s.seqrelid = r.oid
  WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i'))`

/**
 * Everything in the connection's own schema that decides what the API reads, writes, refuses or sorts first; each with
 * the schema's name, as PostgreSQL quotes it. Not so who owns what and who may do what, comments, how and where values are
 * stored and compressed, statistics, the order of columns, extensions, and what lies outside of the schema, such as event
 * triggers and publications.
 */
export const catalogStatement = `
  WITH ours AS (SELECT oid, nspname, quote_ident(nspname) AS schema FROM pg_namespace WHERE nspname = current_schema()),
  relations AS MATERIALIZED (${relations}),
  types AS MATERIALIZED (${types}),
  objects (name, definition) AS (
    ${[tables, columns, constraints, indexes, triggers, functions, kindsOfTypes, views, others].join(' UNION ALL ')}
  )
  SELECT name, coalesce(definition, '') AS definition, ours.schema FROM objects, ours`

import { type Queryable, rowsOf } from './session.ts'

/** An index that CREATE or REINDEX ... CONCURRENTLY left half-made: it costs every write and serves no query. */
export interface InvalidIndex {
  readonly name: string
  readonly table: string
  /** Whether it refuses writes all the same. */
  readonly isUnique: boolean
  /** Somebody is at it right now. */
  readonly isBeingBuilt: boolean
}

/** Those of the connection's schema, by name. */
export async function invalidIndexes(asked: Queryable): Promise<InvalidIndex[]> {
  return (await rowsOf(asked, statement)).map(([name, table, isUnique, isBeingBuilt]) => ({
    name: String(name),
    table: String(table),
    isUnique: isUnique === true,
    isBeingBuilt: isBeingBuilt === true,
  }))
}

const statement = `
  SELECT c.relname AS name, t.relname AS table, i.indisunique AS "isUnique",
         EXISTS (SELECT FROM pg_stat_progress_create_index p
                 WHERE p.index_relid = i.indexrelid OR (p.index_relid = 0 AND p.relid = i.indrelid)) AS "isBeingBuilt"
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
  WHERE NOT i.indisvalid AND c.relkind = 'i'
    AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
  ORDER BY 1`

/** What to do about it, in a line. */
export function tellInvalidIndex({ name, table, isUnique }: InvalidIndex): string {
  return (
    `The index "${name}" of ${table} is half-made (INVALID): it is used by no query${isUnique ? ', refuses duplicates' : ''} ` +
    `and costs every write. Make it anew: REINDEX INDEX CONCURRENTLY "${name}"; or: DROP INDEX CONCURRENTLY "${name}"`
  )
}

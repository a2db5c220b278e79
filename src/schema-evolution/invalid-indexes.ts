import { rowsOf, type Session } from './engine/session.ts'

/** An index that CREATE or REINDEX ... CONCURRENTLY left half-made: it costs every write and serves no query. */
export interface InvalidIndex {
  readonly name: string
  readonly table: string
  /** Whether it refuses writes all the same. */
  readonly isUnique: boolean
}

/** Those of the session's schema that nobody is building right now, in the order of their names. */
export async function invalidIndexes(session: Session): Promise<InvalidIndex[]> {
  const rows = await rowsOf(session, invalidIndexesQuery)
  return rows.map(([name, table, isUnique]) => ({
    name: String(name),
    table: String(table),
    isUnique: isUnique === true,
  }))
}

/** Gives `name`, `table` and `isUnique`, in this order. */
export const invalidIndexesQuery = `
  SELECT i.relname AS name, t.relname AS table, x.indisunique AS "isUnique"
  FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
  WHERE NOT x.indisvalid AND i.relkind = 'i' AND i.relnamespace = current_schema()::regnamespace
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.oid)
  ORDER BY 1`

/** What to do about it, in a line. */
export function tellInvalidIndex({ name, table, isUnique }: InvalidIndex): string {
  return (
    `The index "${name}" of ${table} is half-made (INVALID): it is used by no query${isUnique ? ', refuses duplicates' : ''} ` +
    `and costs every write. Make it anew: REINDEX INDEX CONCURRENTLY "${name}"; or: DROP INDEX CONCURRENTLY "${name}"`
  )
}

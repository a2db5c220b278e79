import pg from 'pg'
import { rowsOf, type Session } from '../database/session.ts'

/** The tables and columns of a schema by what stays when they are renamed. */
type Places = ReadonlyMap<string, Place>

interface Place {
  readonly table: string
  readonly column: string | null
  readonly type: string
  /** What rows have that were there before the column, as an array's text; null if nothing. */
  readonly given: string | null
}

/**
 * Runs a script in the transaction that the session is in, takes it back, and says what of the rows it would have cost.
 *
 * @param look called while the script's changes are there
 * @returns a line for each table or column, none where no row is lost or changed
 */
export async function tryForLosses(
  session: Session,
  script: string,
  look: () => Promise<void>,
): Promise<string[]> {
  const before = await placesOf(session)
  const counting = await countingSequences(session)
  await session.query('SAVEPOINT before_script')
  const commands = [await session.query(script)].flat().map(({ command }) => command)
  await look()
  const after = await placesOf(session)
  const written = await writtenRows(session, before)
  const still = await countingSequences(session)
  const converted = await textsOf(session, after, (key, { type }) => (before.get(key)?.type ?? type) !== type)
  await session.query('ROLLBACK TO before_script')
  const emptied = commands.includes('TRUNCATE') ? ['TRUNCATE empties tables'] : []
  return [
    ...(await lostRows(session, { before, after, converted })),
    ...lostCounts(counting, still),
    ...written,
    ...emptied,
  ]
}

/** What all values of columns are as texts, in any order, so that it stays the same if none is another one. */
async function textsOf(
  session: Session,
  places: Places,
  isAsked: (key: string, place: Place) => boolean,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>()
  for (const [key, place] of places) {
    if (place.column === null || !isAsked(key, place)) continue
    const [row] = await rowsOf(
      session,
      `SELECT count(${pg.escapeIdentifier(place.column)}) || ' ' || coalesce(sum(hashtextextended(${pg.escapeIdentifier(place.column)}::text, 0)::numeric), 0)
       FROM ${pg.escapeIdentifier(place.table)}`,
    )
    texts.set(key, String(row?.[0]))
  }
  return texts
}

/** The sequences that gave numbers, each with its name and the last one; not those of columns, which count as their values. */
async function countingSequences(
  session: Session,
): Promise<ReadonlyMap<string, { readonly name: string; readonly last: string }>> {
  const rows = await rowsOf(
    session,
    `SELECT c.oid::text, c.relname, s.last_value::text FROM pg_class c JOIN pg_sequences s ON (s.schemaname, s.sequencename) = (current_schema(), c.relname)
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'S' AND s.last_value IS NOT NULL
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i'))
     ORDER BY c.relname`,
  )
  return new Map(rows.map(([key, name, last]) => [String(key), { name: String(name), last: String(last) }]))
}

function lostCounts(
  before: Awaited<ReturnType<typeof countingSequences>>,
  after: Awaited<ReturnType<typeof countingSequences>>,
): string[] {
  return [...before]
    .filter(([key]) => !after.has(key))
    .map(([, { name, last }]) => `sequence ${name}: that it has counted to ${last} is gone`)
}

async function placesOf(session: Session): Promise<Places> {
  const rows = await rowsOf(
    session,
    `SELECT c.oid || coalesce('.' || a.attnum, ''), c.relname, a.attname, coalesce(format_type(a.atttypid, a.atttypmod), ''), a.given
     FROM pg_class c LEFT JOIN LATERAL (
       SELECT attnum, attname, atttypid, atttypmod, attmissingval::text AS given FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
       UNION ALL SELECT NULL, NULL, NULL, NULL, NULL) a ON true
     WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
       AND c.relname NOT IN ('_prisma_migrations', 'migration_lineage')
     ORDER BY c.relname, a.attnum NULLS FIRST`,
  )
  return new Map(
    rows.map(([key, table, column, type, given]) => [
      String(key),
      {
        table: String(table),
        column: typeof column === 'string' ? column : null,
        type: String(type),
        given: typeof given === 'string' ? given : null,
      },
    ]),
  )
}

async function lostRows(
  session: Session,
  { before, after, converted }: { before: Places; after: Places; converted: ReadonlyMap<string, string> },
): Promise<string[]> {
  const losses: string[] = []
  const texts = await textsOf(session, before, (key) => converted.has(key))
  for (const [key, { table, column, type, given }] of before) {
    const place = after.get(key)
    const isTableThere = after.has(key.split('.')[0]!)
    if (place?.type === type || (column !== null && !isTableThere)) continue
    if (converted.has(key) && texts.get(key) === converted.get(key)) continue
    const name = column === null ? null : pg.escapeIdentifier(column)
    // A default that nobody wrote is no loss.
    const isWritten =
      given === null || name === null
        ? ''
        : ` WHERE ${name}::text IS DISTINCT FROM (${pg.escapeLiteral(given)}::text[])[1]`
    const counted = `count(${name ?? '*'})`
    const [row] = await rowsOf(session, `SELECT ${counted} FROM ${pg.escapeIdentifier(table)}${isWritten}`)
    const count = Number(row?.[0])
    if (count === 0) continue
    if (column === null) losses.push(`table ${table}: ${count} rows are gone`)
    else if (place === undefined)
      losses.push(`column ${table}.${column}: its values in ${count} rows are gone`)
    else losses.push(`column ${table}.${column}: ${count} values are converted from ${type} to ${place.type}`)
  }
  return losses
}

/** By statements, cascades and triggers alike: the server counts them for the transaction. */
async function writtenRows(session: Session, before: Places): Promise<string[]> {
  const rows = await rowsOf(
    session,
    `SELECT relid::text, relname, n_tup_del::int, n_tup_upd::int FROM pg_stat_xact_user_tables
     WHERE schemaname = current_schema() AND n_tup_del + n_tup_upd > 0 ORDER BY relname`,
  )
  return rows
    .filter(([key]) => before.has(String(key)))
    .flatMap(([, table, deleted, updated]) => [
      ...(Number(deleted) > 0 ? [`table ${String(table)}: ${Number(deleted)} rows are deleted`] : []),
      ...(Number(updated) > 0 ? [`table ${String(table)}: ${Number(updated)} rows are changed`] : []),
    ])
}

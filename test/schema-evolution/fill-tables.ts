import type pg from 'pg'

interface Column {
  readonly name: string
  readonly type: string
  readonly isRequired: boolean
  /** The database's own clock fills it in where nobody says anything. */
  readonly isStamp: boolean
  /** Of an enumeration. */
  readonly labels: readonly string[] | null
}

interface Table {
  readonly name: string
  readonly columns: readonly Column[]
  readonly references: readonly { columns: string[]; table: string; their: string[] }[]
  readonly checks: readonly { name: string; columns: string[] }[]
}

type Row = Readonly<Record<string, unknown>>

const rowsATable = 3

/**
 * Puts rows into every table of the connection's schema, whatever tables there are: the first row is full, the second
 * has nothing but what is required, the third is full again. Row n of a table refers to row n of others, so that keys of
 * several columns fit, and to the row before it of its own. Values that a CHECK refuses are exchanged for others.
 *
 * What only triggers write may be empty then.
 *
 * @throws Error where a table needs a value that isn't known here
 */
export async function fillTables(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query<Table>(statement)
  const filled = new Map<string, Row[]>()
  let waiting = tables
  while (waiting.length > 0) {
    const next = waiting.filter(({ name, references }) =>
      references.every(({ table }) => table === name || filled.has(table)),
    )
    if (next.length === 0)
      throw new Error(`These refer to each other: ${waiting.map(({ name }) => name).join()}`)
    for (const table of next) await fill(client, table, filled)
    waiting = waiting.filter((table) => !next.includes(table))
  }
}

/** @throws Error where a table has no row, whoever would have to write it */
export async function requireRowsEverywhere(client: pg.Client): Promise<void> {
  const { rows: tables } = await client.query<Table>(statement)
  for (const { name } of tables) {
    const { rowCount } = await client.query(`SELECT FROM "${name}" LIMIT 1`)
    if (rowCount === 0) throw new Error(`The table ${name} stays empty: nothing fills it.`)
  }
}

async function fill(client: pg.Client, table: Table, filled: Map<string, Row[]>): Promise<void> {
  const { rows: already } = await client.query<{ row: Row }>(
    `SELECT to_jsonb(t) AS row FROM "${table.name}" t`,
  )
  // Migrations and triggers write it themselves.
  const rows = already.map(({ row }) => row)
  filled.set(table.name, rows)
  if (rows.length > 0) return
  for (let number = 1; number <= rowsATable; number += 1) {
    const row = await insert(client, table, choicesOf(table, number, filled))
    // Its own triggers write it.
    if (row === null) return
    rows.push(row)
  }
}

/** For each column what may be put there, the best first. */
function choicesOf(table: Table, number: number, filled: ReadonlyMap<string, Row[]>): Map<string, unknown[]> {
  return new Map(
    table.columns.map((column) => {
      const reference = table.references.find(({ columns }) => columns.includes(column.name))
      const values =
        reference === undefined
          ? valuesOf(table.name, column, number)
          : [
              filled.get(reference.table)?.[reference.table === table.name ? number - 2 : number - 1]?.[
                reference.their[reference.columns.indexOf(column.name)]!
              ],
            ]
      if (column.isRequired) return [column.name, values]
      return [column.name, number === 2 ? [null, ...values] : [...values, null]]
    }),
  )
}

/** @returns null where a trigger refuses whatever it is given */
async function insert(client: pg.Client, table: Table, choices: Map<string, unknown[]>): Promise<Row | null> {
  const names = [...choices.keys()]
  const chosen = new Map(names.map((name) => [name, 0]))
  const text = `INSERT INTO "${table.name}" AS t (${names.map((name) => `"${name}"`).join()})
    VALUES (${names.map((_, index) => `$${index + 1}`).join()}) RETURNING to_jsonb(t) AS row`
  for (let tries = 0; tries < 1000; tries += 1) {
    try {
      const values = names.map((name) => choices.get(name)![chosen.get(name)!])
      return (await client.query<{ row: Row }>(text, values)).rows[0]!.row
    } catch (error) {
      const { code, constraint } = error as pg.DatabaseError
      if (code === '23001') return null
      if (code !== '23514') throw error
      const columns = table.checks.find(({ name }) => name === constraint)?.columns ?? []
      if (!advance(columns, chosen, choices)) throw error
    }
  }
  throw new Error(`No values found that the CHECKs of ${table.name} take.`)
}

/** The next combination of what the columns may have. @returns whether there are others at all */
function advance(
  columns: readonly string[],
  chosen: Map<string, number>,
  choices: Map<string, unknown[]>,
): boolean {
  for (const column of columns) {
    const next = (chosen.get(column)! + 1) % choices.get(column)!.length
    chosen.set(column, next)
    if (next !== 0) return true
  }
  return columns.some((column) => choices.get(column)!.length > 1)
}

function valuesOf(table: string, { name, type, isStamp, labels }: Column, number: number): unknown[] {
  if (labels !== null) return [...labels.slice(number - 1), ...labels.slice(0, number - 1)]
  const day = String((name.length % 9) + 10)
  const place = `${table}.${name}`
    .split('')
    .reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 0xffffff, 7)
  const unique = place.toString(16).padStart(11, '0') + String(number)
  const uuid = `00000000-0000-7000-8000-${unique}`
  switch (type) {
    case 'uuid':
      return [uuid]
    case 'uuid[]':
      return [`{}`, `{${uuid}}`]
    case 'text':
      if (name === 'day_starts_at') return [`0${number}:30`]
      // What a CHECK of a later migration asks for held before it, too: so did the code.
      return [name === 'color' ? `#00000${number}` : `${name.replaceAll('_', '-')}-${number}`]
    case 'text[]':
      return ['{}', `{${name}}`]
    case 'timestamp with time zone[]':
      // Periods: where they begin in one column, where they end in another.
      return [`{2027-03-${name.endsWith('until') ? '28' : '10'}T10:00:00Z}`, '{}']
    case 'revised_entity[]':
      return ['{session,room}', '{}']
    case 'tstzrange':
      return [`[2027-03-${day}T10:00:00Z,2027-03-28T10:00:00Z)`]
    case 'integer':
    case 'bigint':
    case 'smallint':
      return [number, 0]
    case 'boolean':
      return [number === 1, number !== 1]
    case 'bytea':
      return [Buffer.from(unique)]
    case 'jsonb':
      return ['{}', '[]']
    case 'xid8':
      return ['3']
    case 'timestamp with time zone':
      // The database's clock has microseconds, clients have milliseconds. What ends comes after what starts.
      return ['.123', '.124'].map(
        (fraction) =>
          `2027-03-${/^ends|^expires/.test(name) ? '28' : day}T10:00:0${number}${fraction}${isStamp ? '456' : ''}Z`,
      )
    default:
      throw new Error(`No value is known for ${table}.${name}, which is a ${type}: add one here.`)
  }
}

const namesOf = (table: string, numbers: string) =>
  `(SELECT array_agg(a.attname::text ORDER BY o.n) FROM unnest(${numbers}) WITH ORDINALITY AS o(attnum, n)
    JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = o.attnum)`

const statement = `
  SELECT c.relname AS name,
    (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, NULL), 'isRequired', a.attnotnull,
       'isStamp', coalesce((SELECT pg_get_expr(d.adbin, d.adrelid) = 'CURRENT_TIMESTAMP' FROM pg_attrdef d
                            WHERE d.adrelid = c.oid AND d.adnum = a.attnum), false),
       'labels', (SELECT array_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = a.atttypid))
       ORDER BY a.attnum)
     FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
    coalesce((SELECT json_agg(json_build_object('table', k.confrelid::regclass::text, 'columns', ${namesOf('k.conrelid', 'k.conkey')},
                                                'their', ${namesOf('k.confrelid', 'k.confkey')}))
     FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'), '[]') AS references,
    coalesce((SELECT json_agg(json_build_object('name', k.conname, 'columns', ${namesOf('k.conrelid', 'k.conkey')}))
     FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c'), '[]') AS checks
  FROM pg_class c
  WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname <> '_prisma_migrations'
  ORDER BY 1`

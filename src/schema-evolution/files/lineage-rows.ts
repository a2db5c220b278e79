import { isDeepStrictEqual } from 'node:util'

/** A row of the table `migration_lineage`. */
export interface LineageRow {
  readonly name: string
  readonly parent: string
}

/** Whether the migration makes the table: rows can be written from there on. */
export function makesLineageTable(sql: string): boolean {
  return /CREATE TABLE\s+"?migration_lineage"?\s*\(/i.test(withoutComments(sql))
}

/** The rows that the migration writes, in their order. */
export function lineageRowsOf(sql: string): LineageRow[] {
  return [...withoutComments(sql).matchAll(statement)].flatMap(({ 0: text }) =>
    [...text.matchAll(/\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)/g)].map(([, name = '', parent = '']) => ({
      name,
      parent,
    })),
  )
}

/** Whether these are the rows that the migration writes. */
export function writesRows(sql: string, rows: readonly LineageRow[]): boolean {
  return isDeepStrictEqual(lineageRowsOf(sql), rows)
}

/** The migration with these rows instead of what it writes so far; where it writes none yet, as its last statement. */
export function withLineageRows(sql: string, rows: readonly LineageRow[]): string {
  const insert = insertOf(rows)
  const last = [...withoutComments(sql).matchAll(statement)].at(-1)
  if (last !== undefined) return sql.slice(0, last.index) + insert + sql.slice(last.index + last[0].length)
  const before = sql.trimEnd()
  return `${before}${before === '' ? '' : '\n\n'}${explanation}\n${insert}\n`
}

/** What the migration does apart from telling where it stands: unchanged by a rename or a new parent. */
export function withoutLineageRows(sql: string): string {
  const masked = withoutComments(sql)
  const last = [...masked.matchAll(statement)].at(-1)
  const rest = last === undefined ? sql : sql.slice(0, last.index) + sql.slice(last.index + last[0].length)
  return rest.replace(explanation, '').trim()
}

const explanation =
  '-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.'

const statement = /INSERT INTO\s+"?migration_lineage"?\s*\(\s*"?name"?\s*,\s*"?parent"?\s*\)\s*VALUES[^;]*;/gi

function insertOf(rows: readonly LineageRow[]): string {
  const values = rows.map(({ name, parent }) => `('${name}', '${parent}')`)
  const head = 'INSERT INTO migration_lineage (name, parent) VALUES'
  return values.length === 1 ? `${head} ${values[0]!};` : `${head}\n  ${values.join(',\n  ')};`
}

/** Blanks in the place of comments, so that positions stay. */
function withoutComments(sql: string): string {
  return sql.replace(/^[ \t]*--.*$/gm, (comment) => ' '.repeat(comment.length))
}

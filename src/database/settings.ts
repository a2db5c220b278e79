import type pg from 'pg'

/** What every session of ours has, whatever the server, the database, the role or a pooler says. */
const needed = {
  // The adapter stores every instant wrong by the offset of any other zone.
  TimeZone: 'UTC',
  // The adapter reads instants as texts, which must begin with the year.
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  // Prisma's statements and ours quote as standard SQL does; what PostgreSQL prints of the catalog is compared.
  standard_conforming_strings: 'on',
  quote_all_identifiers: 'off',
  bytea_output: 'hex',
  extra_float_digits: '1',
  // What is NULL in a list that we send would be the word.
  array_nulls: 'on',
  // PL/pgSQL could refuse what it only may warn of, our triggers among it.
  'plpgsql.extra_errors': 'none',
  // It takes a tenth of a second and more for a plan that is taken for dear, and none of ours runs that long.
  jit: 'off',
  // A statement that is refused would end the session.
  exit_on_error: 'off',
  // A search would leave out what it finds beyond that many.
  gin_fuzzy_search_limit: '0',
  // In any other, whoever changes what others change at the same time is refused rather than made to wait.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  // Replicas skip the triggers that stamp.
  session_replication_role: 'origin',
} as const

/** A session isn't as it must be. The message is for who runs the database. */
export class WrongSettings extends Error {
  override readonly name = 'WrongSettings'
}

/** Only a superuser may set these; for others they can't be wrong unless the role has them. */
const onlyAsserted: ReadonlySet<string> = new Set(['session_replication_role'])

/** How long anything may take or wait is said by whoever asks for it, not by the role or the database. */
const unlimited = {
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
} as const

/** The start-up parameters that make a session so. @param more such as { statement_timeout: '20s' } */
export function startupOptions(more: Readonly<Record<string, string>>): string {
  const wanted = [...settable, ...Object.entries(more)]
  return wanted.map(([name, value]) => `-c ${name}=${wordOf(value)}`).join(' ')
}

const settable = Object.entries({ ...needed, ...unlimited }).filter(([name]) => !onlyAsserted.has(name))

/** One word of the `options` start-up parameter. */
function wordOf(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')
}

/** Whether PostgreSQL reports that one of them became another: it does so for some, unasked. */
export function isForeign(name: string, value: string): boolean {
  return name in needed && needed[name as keyof typeof needed] !== value
}

/** PostgreSQL before 17 doesn't know this limit, so that no start-up parameter may name it. */
export const transactionUnlimited = `CASE WHEN current_setting('transaction_timeout', true) <> '0'
  THEN set_config('transaction_timeout', '0', false) END`

/**
 * What makes a session so where start-up options may be dropped, each to be sent by itself: a script is one transaction, and
 * may be cut short by the limit that it lifts.
 */
export const settlingStatements: readonly string[] = [
  'SET statement_timeout = 0',
  `SELECT ${settable.map(([name, value]) => `set_config('${name}', '${value}', false)`).join(', ')}, ${transactionUnlimited}`,
]

/** @throws WrongSettings that names each setting which is another than was asked for */
export async function assertSettings(client: pg.ClientBase): Promise<void> {
  const names = Object.keys(needed) as (keyof typeof needed)[]
  const columns = names.map((name) => `current_setting('${name}', true) AS "${name}"`).join(', ')
  const { rows } = await client.query<Record<string, string>>(`SELECT ${columns}, ${transactionUnlimited}`)
  const wrong = names.filter((name) => rows[0]?.[name] !== needed[name])
  if (wrong.length === 0) return
  const told = wrong.map(
    (name) => `${name} is ${rows[0]?.[name] ?? '(unknown)'} although ${needed[name]} was asked for`,
  )
  const given = wrong.filter((name) => onlyAsserted.has(name))
  const advice =
    given.length === wrong.length
      ? `The role or the database has that; take it back: ALTER ROLE or ALTER DATABASE ... RESET ${given.join(', ')}.`
      : 'A connection pooler must pass our start-up options on, and a URL must not replace them.'
  throw new WrongSettings(`The database session isn't as it must be: ${told.join('; ')}. ${advice}`)
}

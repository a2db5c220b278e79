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
  // In any other, whoever changes what others change at the same time is refused rather than made to wait.
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  // Replicas skip the triggers that stamp.
  session_replication_role: 'origin',
} as const

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
  const wanted = Object.entries({ ...needed, ...unlimited, ...more }).filter(
    ([name]) => !onlyAsserted.has(name),
  )
  return wanted.map(([name, value]) => `-c ${name}=${wordOf(value)}`).join(' ')
}

/** One word of the `options` start-up parameter. */
function wordOf(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ')
}

/** Whether PostgreSQL reports that one of them became another: it does so for some, unasked. */
export function isForeign(name: string, value: string): boolean {
  return name in needed && needed[name as keyof typeof needed] !== value
}

/** PostgreSQL before 17 doesn't know this limit, so that no start-up parameter may name it. */
const transactionUnlimited = `CASE WHEN current_setting('transaction_timeout', true) <> '0'
  THEN set_config('transaction_timeout', '0', false) END`

/** @throws Error that names each setting which is another than was asked for */
export async function assertSettings(client: pg.ClientBase): Promise<void> {
  const names = Object.keys(needed) as (keyof typeof needed)[]
  const columns = names.map((name) => `current_setting('${name}') AS "${name}"`).join(', ')
  const { rows } = await client.query<Record<string, string>>(`SELECT ${columns}, ${transactionUnlimited}`)
  const wrong = names.filter((name) => rows[0]?.[name] !== needed[name])
  if (wrong.length === 0) return
  const told = wrong.map(
    (name) => `${name} is ${rows[0]?.[name] ?? '(unknown)'} although ${needed[name]} was asked for`,
  )
  throw new Error(
    `The database session isn't as it must be: ${told.join('; ')}. ` +
      'A connection pooler must pass our start-up options on, and a URL must not replace them.',
  )
}

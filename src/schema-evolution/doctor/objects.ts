import pg from 'pg'
import type { Catalog } from '../files/catalog.ts'
import type { Finding } from '../files/finding.ts'
import { type InvalidIndex, invalidIndexes } from '../database/invalid-indexes.ts'
import { type Examination, runSql } from './examination.ts'

/** An object that is there and doesn't do its work. */
export interface IdleObject {
  /** As the catalog names it: `index rooms_name_idx`. */
  readonly name: string
  readonly finding: Finding
}

/** Invalid indexes, constraints that were never validated, triggers that are disabled. */
export async function readIdleObjects(
  client: pg.ClientBase,
  expected: Catalog | null,
): Promise<IdleObject[]> {
  return [
    ...(await invalidIndexes(client)).map((index) => invalidIndex(index, expected)),
    ...(await rowsOf(client, unvalidated)).map(notValid),
    ...(await rowsOf(client, disabled)).map(disabledTrigger),
  ]
}

export function examineObjects(idle: readonly IdleObject[]): Examination {
  return {
    area: 'objects',
    isDone: true,
    looked: 'invalid indexes, constraints that are not validated, disabled triggers',
    findings: idle.map(({ finding }) => finding),
  }
}

function invalidIndex(
  { name, table, isUnique, isBeingBuilt }: InvalidIndex,
  expected: Catalog | null,
): IdleObject {
  const index = pg.escapeIdentifier(name)
  const isOurs = expected?.has(`index ${name}`) ?? false
  if (isBeingBuilt) {
    return idle(`index ${name}`, {
      severity: 'note',
      code: 'index-being-built',
      message: `The index ${name} of ${table} is being built right now.`,
      remedy: 'Wait for it: SELECT * FROM pg_stat_progress_create_index;',
    })
  }
  return idle(`index ${name}`, {
    severity: 'error',
    code: 'invalid-index',
    message: `The index ${name} of ${table} is invalid.`,
    cause:
      'CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY ended half-way: it was killed, met a deadlock' +
      (isUnique ? ', or found values twice, which have to go first' : '') +
      '. Every write keeps it up to date, no query uses it' +
      (isUnique ? ', and it guarantees nothing.' : '.'),
    remedy: isOurs
      ? runSql(`REINDEX INDEX CONCURRENTLY ${index}`)
      : runSql(`DROP INDEX CONCURRENTLY ${index}`),
  })
}

function notValid({ name, table }: Row): IdleObject {
  const object = `constraint ${table}.${name}`
  return idle(object, {
    severity: 'warning',
    code: 'constraint-not-valid',
    message: `The constraint ${name} of ${table} is NOT VALID.`,
    cause: 'It holds for what is written from now on; rows that were there before may break it.',
    remedy: runSql(
      `ALTER TABLE ${pg.escapeIdentifier(table)} VALIDATE CONSTRAINT ${pg.escapeIdentifier(name)}`,
    ),
  })
}

function disabledTrigger({ name, table, state }: Row): IdleObject {
  const how = state === 'R' ? 'fires for replication only' : 'is disabled'
  return idle(`trigger ${table}.${name}`, {
    severity: 'error',
    code: 'trigger-disabled',
    message: `The trigger ${name} of ${table} ${how}.`,
    cause: 'What is written meanwhile gets no stamp, no version, no history: whatever the trigger is for.',
    remedy: runSql(`ALTER TABLE ${pg.escapeIdentifier(table)} ENABLE TRIGGER ${pg.escapeIdentifier(name)}`),
  })
}

function idle(name: string, finding: Omit<Finding, 'migrations'>): IdleObject {
  return { name, finding: { ...finding, migrations: [] } }
}

interface Row {
  readonly name: string
  readonly table: string
  readonly state: string
}

async function rowsOf(client: pg.ClientBase, text: string): Promise<Row[]> {
  return (await client.query<Row>(text)).rows
}

const here = '(SELECT oid FROM pg_namespace WHERE nspname = current_schema())'

const unvalidated = `
  SELECT c.conname AS name, t.relname AS table, '' AS state FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
  WHERE NOT c.convalidated AND c.contype IN ('c', 'f') AND t.relnamespace = ${here} ORDER BY 2, 1`

const disabled = `
  SELECT t.tgname AS name, r.relname AS table, t.tgenabled::text AS state
  FROM pg_trigger t JOIN pg_class r ON r.oid = t.tgrelid
  WHERE t.tgenabled IN ('D', 'R') AND NOT t.tgisinternal AND r.relnamespace = ${here} ORDER BY 2, 1`

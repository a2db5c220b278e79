import pg from 'pg'
import { schemaOf } from '../../database/pool.ts'
import type { Catalog } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import type { Finding } from '../files/finding.ts'
import type { LineageRow } from '../files/lineage-rows.ts'
import { examineActivity } from './activity.ts'
import { type Examination, skipped } from './examination.ts'
import { type Migrating, readMigrating } from './holder.ts'
import { type IdleObject, readIdleObjects } from './objects.ts'
import { openClient, settleSession } from './open-client.ts'
import { type MigrationRecord, readLineageRows, readRecords } from '../database/read-records.ts'
import { hasTable } from './records.ts'
import { examineRights } from './rights.ts'
import { examineServer } from './server.ts'

/** What a database says of itself, all of one moment. What couldn't be read is undefined, and `unread` says why. */
export interface DatabaseFacts {
  /** Null: there is no such table. */
  readonly records: readonly MigrationRecord[] | null | undefined
  readonly lineage: readonly LineageRow[] | null | undefined
  readonly migrating: Migrating | null | undefined
  readonly catalog: Catalog | undefined
  readonly idle: readonly IdleObject[] | undefined
  readonly examinations: readonly Examination[]
  readonly unread: readonly Finding[]
}

/**
 * Reads it in one READ ONLY transaction of a session of its own, which doesn't wait long for anybody's lock.
 *
 * @param expected what the migrations make; null where that isn't known
 * @throws the driver's error where the database can't be reached
 */
export async function readDatabase(url: string, expected: Catalog | null): Promise<DatabaseFacts> {
  const client = await openClient(url)
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const server = await examineServer(client)
    await settleSession(client, url)
    return await readAll(client, server, schemaOf(url), expected)
  } finally {
    await client.end()
  }
}

async function readAll(
  client: pg.Client,
  server: Examination,
  schema: string,
  expected: Catalog | null,
): Promise<DatabaseFacts> {
  const unread: Finding[] = []
  const attempt = async <Read>(what: string, read: () => Promise<Read>): Promise<Read | undefined> => {
    await client.query('SAVEPOINT part')
    try {
      return await read()
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error
      await client.query('ROLLBACK TO part')
      unread.push(notRead(what, error))
      return undefined
    }
  }
  const rights = await examineRights(client, schema)
  const migrating = await attempt('Who migrates', () => readMigrating(client))
  return {
    migrating,
    records: await attempt('_prisma_migrations', () => ifThere(client, '_prisma_migrations', readRecords)),
    lineage: await attempt('migration_lineage', () => ifThere(client, 'migration_lineage', readLineageRows)),
    // Whoever migrates may have them locked, and they wouldn't be the same a moment later.
    catalog: migrating ? undefined : await attempt('The schema', () => readCatalog(client)),
    idle: migrating ? undefined : await attempt('The schema', () => readIdleObjects(client, expected)),
    examinations: [
      server,
      rights,
      (await attempt('The activity', () => examineActivity(client, migrating?.pid ?? null))) ??
        skipped('activity', "it couldn't be read"),
    ],
    unread,
  }
}

/** Asked for first, because a statement that fails ends the transaction. */
async function ifThere<Rows>(
  client: pg.Client,
  table: string,
  read: (asked: pg.Client) => Promise<Rows | null>,
): Promise<Rows | null> {
  return (await hasTable(client, table)) ? read(client) : null
}

function notRead(what: string, error: pg.DatabaseError): Finding {
  const isLocked = error.code === '55P03'
  return {
    severity: 'error',
    code: 'not-read',
    message: `${what} couldn't be read: ${error.message}.`,
    cause: isLocked ? 'Somebody holds a lock on it.' : 'The role of DATABASE_URL may not read it.',
    migrations: [],
    remedy: isLocked
      ? 'npm run migrations -- doctor, again when it is free'
      : 'As the owner or a superuser: GRANT the role of DATABASE_URL that right, or name the role that migrates in DATABASE_URL',
  }
}

import { hostname } from 'node:os'
import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { SchemaEngineError } from '../database/fault.ts'
import { refuseSecondHead } from './second-head.ts'
import { ensureSchema, openSession, type Session } from '../database/session.ts'
import { type InvalidIndex, invalidIndexes, tellInvalidIndex } from '../database/invalid-indexes.ts'
import { readMigrations } from '../files/migration-files.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { applyMigration } from './apply-migration.ts'
import type { PatienceOptions } from './patience.ts'
import { pendingMigrations, prepareRecords } from '../database/records.ts'
import { resetSession } from '../database/session-settings.ts'
import { holdMigrationLock, type WaitOptions } from '../database/wait-for-lock.ts'

export interface DeployOptions extends WaitOptions, PatienceOptions {}

/**
 * Applies the migrations that a database lacks: one process at a time, each migration with its record in one
 * transaction. So whatever ends the process leaves each of them done or not begun, and the next run goes on.
 *
 * @param url postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?schema=SCHEMA]; the schema is made where it is missing
 * @param migrations `prisma/migrations`, or what was read of it
 * @returns the names of the migrations that were applied now, in their order
 * @throws SchemaEngineError P3018 where one fails (those before it stay, nothing of it is left), P3009 where an earlier
 *   run left one half done, P3005 where the schema has tables and no record, P1002 where somebody else migrates for too
 *   long, P10xx where the database can't be reached; without a number where two migrations follow the same one
 */
export async function deploy(
  { url, migrations }: { url: string; migrations: string | MigrationList },
  options: DeployOptions = {},
): Promise<string[]> {
  const list = typeof migrations === 'string' ? await readMigrations(migrations) : migrations
  const session = await openSession(url, `open-event-graphql migrations on ${hostname()}`.slice(0, 63))
  try {
    await ensureSchema(session)
    return await deployOn(session, list, options)
  } finally {
    await session.close()
  }
}

/** The same on a session that is open, as the engine's is, which may have the lock already. */
export async function deployOn(
  session: Session,
  list: MigrationList,
  options: DeployOptions = {},
): Promise<string[]> {
  refuseOtherProvider(list)
  try {
    await using _lock = await holdMigrationLock(session, options)
    await refuseSecondHead(session, list)
    await prepareRecords(session)
    return await applyPending(session, list, options)
  } catch (error) {
    throw session.lost() ?? error
  }
}

async function applyPending(
  session: Session,
  list: MigrationList,
  options: DeployOptions,
): Promise<string[]> {
  const pending = await pendingMigrations(session, scriptsOf(list))
  const invalidBefore = await leftInvalid(session)
  for (const index of invalidBefore) options.tell?.(tellInvalidIndex(index))
  if (pending.length === 0) return []
  const before = new Set(invalidBefore.map(({ name }) => name))
  try {
    for (const migration of pending) {
      options.tell?.(`Applying migration \`${migration.name}\``)
      await applyMigration(session, migration, options)
    }
  } finally {
    if (session.lost() === null) {
      await resetSession(session, 0)
      const invalid = await leftInvalid(session)
      for (const index of invalid.filter(({ name }) => !before.has(name)))
        options.tell?.(tellInvalidIndex(index))
    }
  }
  return pending.map(({ name }) => name)
}

/** Those that nobody is building right now. */
async function leftInvalid(session: Session): Promise<InvalidIndex[]> {
  return (await invalidIndexes(session)).filter(({ isBeingBuilt }) => !isBeingBuilt)
}

/** The file says for which database the migrations were written. @throws SchemaEngineError P3019 */
function refuseOtherProvider({ lockfile }: MigrationList): void {
  const provider = /^\s*provider\s*=\s*"([^"]*)"/m.exec(lockfile.content ?? '')?.[1] ?? 'postgresql'
  if (provider === 'postgresql' || provider === 'postgres') return
  throw new SchemaEngineError(
    'P3019',
    'The datasource provider `postgresql` specified in your schema does not match the one specified in the ' +
      `migration_lock.toml, \`${provider}\`. Please remove your current migration directory and start a new migration ` +
      'history with prisma migrate dev. Read more: https://pris.ly/d/migrate-provider-switch',
  )
}

import pg from 'pg'
import type { Catalog } from '../files/catalog.ts'
import { replay } from '../engine/replay.ts'
import { defaultLockTimeout, patiently, type PatienceOptions } from '../deploy/patience.ts'
import { lineageOf, recordsOf } from '../database/records.ts'
import { readRecords } from '../database/read-records.ts'
import { checksumsOf, type Verdict, verdictOf } from '../database/verdict.ts'
import { joinsOf } from '../files/join.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { resetSession } from '../database/session-settings.ts'
import { inOneTransaction, triedOut } from '../database/transaction.ts'
import { holdMigrationLock, type WaitOptions } from '../database/wait-for-lock.ts'
import { openSession, rowsOf, type Session } from '../database/session.ts'
import { migrationsBefore, readDownScript, readMigrations } from '../files/migration-files.ts'
import { downBody, explainingFailure, requireCatalog, UndoRefused } from './down-script.ts'
import { tryForLosses } from './losses.ts'

export interface UndoOptions extends WaitOptions, PatienceOptions {
  /** Asked where rows would be lost, with a line for each table or column; false: nothing is done. */
  readonly confirm: (losses: readonly string[]) => Promise<boolean>
  /** A database that may be emptied; without it one is created and dropped, which needs CREATEDB. */
  readonly shadowDatabaseUrl?: string | undefined
}

/**
 * Takes the newest applied migration back by its `down.sql`: in one transaction with the removal of its records, and only
 * where that makes exactly the schema that the migrations before it make.
 *
 * @param migrationsFolder `prisma/migrations`
 * @returns whether it was done; not where `confirm` says no
 * @throws UndoRefused where it can't be, with nothing changed; SchemaEngineError as `deploy` does
 */
export async function undo(
  { url, migrationsFolder, name }: { url: string; migrationsFolder: string; name: string },
  options: UndoOptions,
): Promise<boolean> {
  const list = await readMigrations(migrationsFolder)
  const down = await readDownScript(migrationsFolder, name)
  const session = await openSession(url, 'open-event-graphql undo')
  try {
    await using _lock = await holdMigrationLock(session, options)
    const scripts = scriptsOf(list)
    refuseOther(name, verdictOf(await readRecords(session), checksumsOf(scripts), joinsOf(scripts)))
    if (down === null) throw new UndoRefused(messages.noDown(name))
    const step = { name, body: await downBody(name, down) }
    const before = scriptsOf(migrationsBefore(list, name))
    const { shadowDatabaseUrl } = options
    const { catalog: expected } = await replay({ url, shadowDatabaseUrl, datamodel: null }, before)
    const losses = await inOneTry(session, step, options, () => tryOut(session, step, expected))
    if (losses.length > 0 && !(await options.confirm(losses))) return false
    await inOneTry(session, step, options, () =>
      inOneTransaction(session, () => takeBack(session, step, expected)),
    )
    return true
  } finally {
    await session.close()
  }
}

async function inOneTry<Result>(
  session: Session,
  step: { name: string; body: string },
  options: UndoOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const { name } = step
  const tried = {
    failure: 'A migration could not be taken back.',
    what: name,
    left: 'nothing was changed.',
    migration: name,
    command: `undo ${name}`,
  }
  return patiently(session, tried, options, async () => {
    await resetSession(session, options.lockTimeout ?? defaultLockTimeout)
    return explainingFailure(session, step, work)
  })
}

/** Everything as it will be, and back. */
function tryOut(
  session: Session,
  { name, body }: { name: string; body: string },
  expected: Catalog,
): Promise<string[]> {
  return triedOut(session, () => tryForLosses(session, body, () => requireCatalog(session, name, expected)))
}

async function takeBack(
  session: Session,
  { name, body }: { name: string; body: string },
  expected: Catalog,
): Promise<void> {
  await session.query(body)
  await requireCatalog(session, name, expected)
  const literal = pg.escapeLiteral(name)
  await session.query(`DELETE FROM ${recordsOf(session)} WHERE migration_name = ${literal}`)
  const lineage = lineageOf(session)
  const [row] = await rowsOf(session, `SELECT to_regclass(${pg.escapeLiteral(lineage)}) IS NOT NULL`)
  if (row?.[0] === true) await session.query(`DELETE FROM ${lineage} WHERE name = ${literal}`)
}

/** Only the newest one can be taken back, or what is built upon it would stay. */
function refuseOther(name: string, { failed, applied }: Verdict): void {
  if (failed[0] !== undefined) throw new UndoRefused(messages.unfinished(failed[0]))
  if (!applied.includes(name)) throw new UndoRefused(messages.notApplied(name, applied.at(-1)))
  const later = applied.filter((other) => other > name)
  if (later.length > 0) throw new UndoRefused(messages.notNewest(name, later))
}

const messages = {
  unfinished: (name: string) =>
    `${name} began and didn't finish; that has to be settled first. Run: npm run migrations -- deploy`,
  notApplied: (name: string, newest: string | undefined) =>
    `${name} isn't applied to this database; ${newest === undefined ? 'none is' : `the newest that is: ${newest}`}.`,
  notNewest: (name: string, later: readonly string[]) =>
    `${name} isn't the newest: ${later.join(', ')} came after it. Take those back first: npm run migrations -- undo ` +
    `${later.at(-1)!}`,
  noDown: (name: string) =>
    `There is no prisma/migrations/${name}/down.sql, so nobody said how it is taken back. Write that file, or change the ` +
    'schema by a new migration: npx prisma migrate dev --name what-changes',
}

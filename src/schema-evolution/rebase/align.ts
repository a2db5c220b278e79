import pg from 'pg'
import { type Catalog, compareCatalogs, readCatalog } from '../catalog.ts'
import { explainFailedScript } from '../engine/failed-script.ts'
import { prismaLock } from '../migration-lock.ts'
import { type Applied, applyAndRecord, forgetLineage, forgetRecord, recordAs } from './database.ts'

/** What a database is to become. */
export interface Target {
  /** All migrations, name to SQL, in order. */
  readonly scripts: ReadonlyMap<string, string>
  /** What they make of an empty database. */
  readonly catalog: Catalog
  /** What takes a migration back, by its name, for those that have it. */
  readonly downs: ReadonlyMap<string, string>
}

/**
 * Gives a database today's names, and what it lacks. Nothing else may happen in the client's transaction.
 *
 * @param undone what is taken back first and applied anew; each has its down.sql
 * @returns why the database isn't as a new one would be then; null where it is
 */
export async function align(
  client: pg.ClientBase,
  { scripts, catalog, downs }: Target,
  { renamed, lacking }: Applied,
  undone: readonly string[],
): Promise<string | null> {
  const formerOf = new Map([...renamed].map(([former, name]) => [name, former]))
  for (const name of undone.toReversed()) {
    const fault = await run(client, downs.get(name)!, `${name}/down.sql`)
    if (fault !== null) return fault
    await forgetRecord(client, formerOf.get(name)!)
  }
  await forgetLineage(client, [...renamed.keys()])
  for (const [name, sql] of scripts) {
    const former = formerOf.get(name)
    if (former !== undefined && !undone.includes(name)) await recordAs(client, former, name, sql)
    else if (former !== undefined || lacking.includes(name)) {
      const fault = await run(client, sql, name, () => applyAndRecord(client, name, sql))
      if (fault !== null) return fault
    }
  }
  const { missing, changed, extra } = compareCatalogs(catalog, await readCatalog(client))
  const differing = [
    ...missing.map((name) => `${name} is missing`),
    ...changed.map((name) => `${name} is another`),
    ...extra.map((name) => `${name} is too much`),
  ]
  return differing.length === 0 ? null : `It would differ from a new database: ${differing.join(', ')}.`
}

async function run(
  client: pg.ClientBase,
  script: string,
  what: string,
  work: () => Promise<unknown> = () => client.query(script),
): Promise<string | null> {
  try {
    await work()
    return null
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return `${what} fails there: ${explainFailedScript({ script, error })}\n`
  }
}

/** @returns the fault that the work returned, with everything taken back; null where it is committed */
export async function inTransaction(
  client: pg.ClientBase,
  dryRun: boolean,
  work: () => Promise<string | null>,
): Promise<string | null> {
  await client.query('BEGIN')
  try {
    await client.query("SET LOCAL lock_timeout = '5s'")
    const { rows } = await client.query<{ isOurs: boolean }>(
      `SELECT pg_try_advisory_xact_lock(${prismaLock}) AS "isOurs"`,
    )
    const fault = rows[0]?.isOurs === true ? await work() : 'Somebody else is applying migrations right now.'
    await client.query(fault === null && !dryRun ? 'COMMIT' : 'ROLLBACK')
    return fault
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {})
    throw error
  }
}

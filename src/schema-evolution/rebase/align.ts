import pg from 'pg'
import { type Catalog, compareCatalogs, describeDifference } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { lineageOf, recordApplied, recordsOf, writeLineageRows } from '../database/records.ts'
import { explainFailedScript } from '../deploy/failed-script.ts'
import type { Session } from '../database/session.ts'
import { checksumOf } from '../files/lineage.ts'
import type { Applied } from './applied.ts'

/** What a database is to become. */
export interface AlignTarget {
  /** All migrations, name to SQL, in order. */
  readonly scripts: ReadonlyMap<string, string>
  /** What they make of an empty database. */
  readonly catalog: Catalog
  /** What takes a migration back, by its name, for those that have it. */
  readonly downs: ReadonlyMap<string, string>
}

/** A database wouldn't be as a new one is; the message says why. */
export class NotAligned extends Error {
  override readonly name = 'NotAligned'
}

/**
 * Gives a database today's names, and what it lacks, in the transaction that the session is in.
 *
 * @param undone what is taken back first and applied anew, by today's name; each has its down.sql
 * @returns what was changed by hand before, and stays so; null if the schema is that of a new database
 * @throws NotAligned where a migration fails there, and where the schema would differ from a new database's otherwise
 */
export async function align(
  session: Session,
  { scripts, catalog, downs }: AlignTarget,
  { renamed, lacking }: Applied,
  undone: readonly string[],
): Promise<string | null> {
  const before = await readCatalog(session)
  const formerOf = new Map([...renamed].map(([former, name]) => [name, former]))
  for (const name of undone.toReversed()) {
    await run(session, downs.get(name)!, `${name}/down.sql`)
    await session.query(`DELETE FROM ${recordsOf(session)} WHERE ${isCalled(formerOf.get(name)!)}`)
  }
  await freePlaces(session, renamed)
  for (const [name, sql] of scripts) {
    const isKept = formerOf.has(name) && !undone.includes(name)
    if (isKept) await rename(session, formerOf.get(name)!, name, sql)
    else if (formerOf.has(name) || lacking.includes(name)) {
      await run(session, sql, name)
      await session.query(recordApplied(session, { name, sql }))
    }
  }
  const found = await readCatalog(session)
  const difference = compareCatalogs(catalog, found)
  const told = describeDifference(difference)
  const wasSo = Object.values(difference)
    .flat()
    .every((name) => before.get(name) === found.get(name))
  if (!wasSo) throw new NotAligned(`It would differ from a new database (${told}).`)
  return told
}

/** Gives a database today's names of what it has, in the transaction that the session is in. */
export async function giveNames(
  session: Session,
  scripts: AlignTarget['scripts'],
  renamed: Applied['renamed'],
): Promise<void> {
  await freePlaces(session, renamed)
  for (const [former, name] of renamed) await rename(session, former, name, scripts.get(name)!)
}

/** So that what comes before them can have their place in the lineage. */
async function freePlaces(session: Session, renamed: Applied['renamed']): Promise<void> {
  const former = [...renamed.keys()].map((name) => pg.escapeLiteral(name))
  await session.query(`DELETE FROM ${lineageOf(session)} WHERE name IN (${former.join(', ')})`)
}

/** The database has it already: it gets today's name, and the row that it would have written itself. */
async function rename(session: Session, former: string, name: string, sql: string): Promise<void> {
  await session.query(
    `UPDATE ${recordsOf(session)}
     SET migration_name = ${pg.escapeLiteral(name)}, checksum = '${checksumOf(sql)}',
         started_at = clock_timestamp(), finished_at = clock_timestamp()
     WHERE ${isCalled(former)}`,
  )
  await writeLineageRows(session, sql)
}

function isCalled(name: string): string {
  return `migration_name = ${pg.escapeLiteral(name)} AND rolled_back_at IS NULL`
}

async function run(session: Session, script: string, what: string): Promise<void> {
  try {
    await session.query(script)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || session.lost() !== null) throw error
    throw new NotAligned(`${what} fails there: ${explainFailedScript({ script, error })}\n`, { cause: error })
  }
}

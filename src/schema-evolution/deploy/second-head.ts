import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { areJoined, joinsOf } from '../files/join.ts'
import { lineageRowsOf } from '../files/lineage-rows.ts'
import { noParent } from '../files/lineage.ts'
import { keepsLineage, scriptsOf } from '../files/migration-folder.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { openSession, type Session } from '../database/session.ts'

/** The unique index on the parent; its name is what somebody with `psql` is told. */
export const oneSuccessor = 'each_migration_has_one_successor'

/** What a database knows of the migrations that it got. */
export interface AppliedMigrations {
  /** Name to checksum as Prisma recorded them; also those that began and didn't finish. */
  readonly checksums: ReadonlyMap<string, string>
  /** Name to parent, as the migrations' own SQL wrote them. */
  readonly parents: ReadonlyMap<string, string>
}

/** @throws SchemaEngineError where the database can't be asked */
export async function readApplied(url: string): Promise<AppliedMigrations> {
  const session = await openSession(url)
  try {
    return await appliedMigrations(session)
  } finally {
    await session.close()
  }
}

/** Where a table isn't there, nothing is known. */
async function appliedMigrations(session: Session): Promise<AppliedMigrations> {
  const records = 'SELECT migration_name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL'
  return {
    checksums: await pairsOf(session, `${records} ORDER BY started_at`),
    parents: await pairsOf(session, 'SELECT name, parent FROM migration_lineage ORDER BY name'),
  }
}

/**
 * Refuses before anything is applied what the database would refuse half-way, leaving a failed migration behind.
 *
 * @throws SchemaEngineError that names both heads, or where the database can't be asked
 */
export async function refuseSecondHead(session: Session, list: MigrationList): Promise<void> {
  const scripts = scriptsOf(list)
  if (!keepsLineage(scripts)) return
  const { checksums, parents } = await appliedMigrations(session)
  const successors = new Map([...parents].map(([name, parent]) => [parent, name]))
  const joins = joinsOf(scripts)
  const pending = [...scripts].filter(([name]) => !checksums.has(name))
  for (const { name, parent } of pending.flatMap(([, sql]) => lineageRowsOf(sql ?? ''))) {
    const other = successors.get(parent) ?? name
    if (other !== name && !areJoined(joins, other, name)) {
      throw new SchemaEngineError(null, twoHeadsMessage(other, name, parent, parents.has(other)))
    }
    successors.set(parent, name)
  }
}

/** For the case that another process was faster, or that the database is asked without us. */
export function hintAtTwoHeads({ constraint }: { constraint?: string | undefined }): string | undefined {
  return constraint === oneSuccessor
    ? 'Two heads: another migration that this database has follows the same one. Run: npm run migrations -- rebase'
    : undefined
}

function twoHeadsMessage(one: string, other: string, parent: string, isApplied: boolean): string {
  const place = parent === noParent ? 'are first' : `follow ${parent}`
  const reason = isApplied
    ? `The database has ${one}, so ${other} can't be applied.`
    : 'Only one can be applied.'
  return `Two heads: ${one} and ${other} both ${place}. ${reason} Nothing was changed.\n\nRun: npm run migrations -- rebase`
}

async function pairsOf(session: Session, text: string): Promise<Map<string, string>> {
  try {
    const { rows } = await session.query({ text, rowMode: 'array' })
    return new Map(rows.map(([one, other]) => [String(one), String(other)]))
  } catch (error) {
    if ((error as { code?: string }).code === '42P01') return new Map()
    throw session.lost() ?? error
  }
}

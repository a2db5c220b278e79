import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { areJoined, joinsOf } from '../files/join.ts'
import { lineageRowsOf } from '../files/lineage-rows.ts'
import { placeAfter } from '../files/lineage.ts'
import { keepsLineage, scriptsOf } from '../files/migration-folder.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { readLineageRows, readRecords } from '../database/read-records.ts'
import type { Session } from '../database/session.ts'
import { checksumsOf, verdictOf } from '../database/verdict.ts'

/** The unique index on the parent; its name is what somebody with `psql` is told. */
export const oneSuccessor = 'each_migration_has_one_successor'

/**
 * Refuses before anything is applied what the database would refuse half-way, leaving a failed migration behind.
 *
 * @throws SchemaEngineError that names both heads, or where the database can't be asked
 */
export async function refuseSecondHead(session: Session, list: MigrationList): Promise<void> {
  const scripts = scriptsOf(list)
  if (!keepsLineage(scripts)) return
  const rows = (await readLineageRows(session)) ?? []
  const parents = new Map(rows.map(({ name, parent }) => [name, parent]))
  const { pending } = verdictOf(await readRecords(session), checksumsOf(scripts), joinsOf(scripts))
  const successors = new Map([...parents].map(([name, parent]) => [parent, name]))
  const joins = joinsOf(scripts)
  for (const { name, parent } of pending.flatMap((each) => lineageRowsOf(scripts.get(each) ?? ''))) {
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
  const reason = isApplied
    ? `The database has ${one}, so ${other} can't be applied.`
    : 'Only one can be applied.'
  return `Two heads: ${one} and ${other} both ${placeAfter(parent)}. ${reason} Nothing was changed.\n\nRun: npm run migrations -- rebase`
}

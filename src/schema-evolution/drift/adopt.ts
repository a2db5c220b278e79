import { invalidIndexes, tellInvalidIndex } from '../database/invalid-indexes.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { recordApplied, writeLineageRows } from '../database/records.ts'
import { inOneTransaction } from '../database/transaction.ts'
import { deployOn } from '../deploy/deploy.ts'
import { catalogFile, compareCatalogs, describeDifference, formatCatalog } from '../files/catalog.ts'
import { changeFiles } from '../files/change-files.ts'
import { withLineageRows } from '../files/lineage-rows.ts'
import { formatLineage, lineageFile, linesInOrder, readLineage } from '../files/lineage.ts'
import { expectedRows, inOrder, keepsLineage, scriptsOf } from '../files/migration-folder.ts'
import { stampAfter, stampOf } from '../files/stamp.ts'
import { type Compared, compared, type DriftOptions } from './drift.ts'
import { DriftRefused } from './refused.ts'
import { isUnsaved, settleRecords } from './unsaved.ts'
import { fitSchema, type FittedSchema } from './prisma-schema.ts'
import { renamedIn } from './renames.ts'
import { NotReached, walkTo } from './walk.ts'

export interface Adopted {
  /** What the database has as applied now, new or written before; none if nothing was changed by hand. */
  readonly migrations: readonly string[]
  /** The migration that was written, or would be; null if one was there already, or none is needed. */
  readonly written: { readonly name: string; readonly sql: string } | null
  readonly schema: FittedSchema
}

/**
 * Keeps what was changed by hand: writes a migration that makes it, proves on a shadow database that it makes just that,
 * and records it as applied where the change was made. Migrations that make it already are only recorded.
 *
 * @param what what the migration is to be called, without its time stamp: `ramp_note`
 * @throws DriftRefused if no statements are known for it; SchemaEngineError as `deploy` does
 */
export async function adoptDrift(options: DriftOptions, what: string): Promise<Adopted> {
  return compared(options, async (both) => {
    if (both.state.failed.length > 0) {
      throw new DriftRefused(
        `${both.state.failed.join(', ')} began and didn't finish. Settle that first: npm run migrations -- doctor`,
      )
    }
    if (both.difference === null && isUnsaved(both.unsaved)) {
      throw new DriftRefused('There is no change to keep. Do: npm run migrations -- drift --take-back')
    }
    if (both.difference === null) return { migrations: [], written: null, schema: unchanged }
    const [halfMade] = await invalidIndexes(both.session)
    if (halfMade !== undefined) {
      throw new DriftRefused(`${tellInvalidIndex(halfMade)}. Nothing was changed. Then run this again.`)
    }
    const { folder } = options
    const renamed = renamedIn(both.made, both.found, compareCatalogs(both.found.objects, both.made.objects))
    const schema = await fitSchema(folder, { madeUrl: both.shadow.url, foundUrl: both.session.url }, renamed)
    const pending = await writtenAlready(both)
    const written = pending === null ? await migrationFor(both, what) : null
    const migrations = pending ?? new Map(written === null ? [] : [[written.name, written.sql]])
    const names = new Set([...scriptsOf(both.list).keys(), ...migrations.keys()])
    const texts = new Map([
      ...(written === null ? [] : await filesOf(folder, both, written)),
      [catalogFile, formatCatalog(await readCatalog(both.session), names)] as const,
      ...(schema.text === null ? [] : [['../schema.prisma', schema.text] as const]),
    ])
    if (!options.dryRun) {
      await inOneTransaction(both.session, async () => {
        await settleRecords(both.session, both.unsaved, scriptsOf(both.list))
        for (const [name, sql] of migrations) await record(both, { name, sql })
        await changeFiles(folder, { texts })
      })
    }
    return { migrations: [...migrations.keys()], written, schema }
  })
}

const unchanged: FittedSchema = { text: null, lacking: null }

/** Those that are pending, if they make what the database has; null if none are. */
async function writtenAlready({
  shadow,
  list,
  state,
  session,
}: Compared): Promise<Map<string, string> | null> {
  if (state.pending.length === 0) return null
  await deployOn(shadow, list)
  const left = describeDifference(compareCatalogs(await readCatalog(shadow), await readCatalog(session)))
  if (left !== null) {
    throw new DriftRefused(
      `${state.pending.join(', ')} isn't applied yet, and doesn't make what was changed by hand (${left}). Nothing was ` +
        'changed. Apply it first: npm run migrations -- deploy',
    )
  }
  const scripts = scriptsOf(list)
  return new Map(state.pending.map((name) => [name, scripts.get(name) ?? '']))
}

async function migrationFor(both: Compared, what: string): Promise<{ name: string; sql: string }> {
  const scripts = scriptsOf(both.list)
  const name = stampAfter(`${stampOf(new Date())}_${what}`, [...scripts.keys()].at(-1) ?? '')
  const statements = await inOneTransaction(both.shadow, () => walkTo(both.shadow, both.found)).catch(
    (error: unknown) => {
      if (!(error instanceof NotReached)) throw error
      throw new DriftRefused(
        `The change can't be written as a migration; nothing was changed. ${error.message}\n` +
          `Write it yourself: prisma/migrations/${name}/migration.sql. Then run: npm run migrations -- lineage --write\n` +
          `And this again, which only records a migration that makes the change: npm run migrations -- drift --adopt ${what}`,
        { cause: error },
      )
    },
  )
  const script = `${statements.map((statement) => `${statement};`).join('\n')}\n`
  const all = inOrder([...scripts, [name, script]])
  return { name, sql: keepsLineage(scripts) ? withLineageRows(script, expectedRows(all, name)) : script }
}

/** The migration's script, and the lineage with its line. */
async function filesOf(
  folder: string,
  { list }: Compared,
  { name, sql }: { name: string; sql: string },
): Promise<(readonly [string, string])[]> {
  const scripts = scriptsOf(list)
  const script = [`${name}/migration.sql`, sql] as const
  if (!keepsLineage(scripts)) return [script]
  const line = linesInOrder(new Map([...scripts, [name, sql]])).slice(-1)
  return [script, [lineageFile, formatLineage([...((await readLineage(folder)) ?? []), ...line])]]
}

async function record({ session }: Compared, migration: { name: string; sql: string }): Promise<void> {
  await session.query(recordApplied(session, migration))
  await writeLineageRows(session, migration.sql)
}

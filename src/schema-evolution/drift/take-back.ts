import { compareCatalogs, describeDifference } from '../files/catalog.ts'
import { defaultLockTimeout } from '../deploy/patience.ts'
import { readDefinitions } from '../database/definitions.ts'
import { recordTakenBack } from '../database/records.ts'
import { resetSession } from '../database/session-settings.ts'
import type { Session } from '../database/session.ts'
import { inOneTransaction, triedOut } from '../database/transaction.ts'
import { tryForLosses } from '../undo/losses.ts'
import { scriptsOf } from '../files/migration-folder.ts'
import { type Compared, compared, type DriftOptions } from './drift.ts'
import { DriftRefused } from './refused.ts'
import { isUnsaved, settleRecords, type Unsaved } from './unsaved.ts'
import { NotReached, walkTo } from './walk.ts'

export interface TakenBack {
  /** That did it, or would; none if nothing was changed by hand. */
  readonly statements: readonly string[]
  /** Of which the records say now what the files say. */
  readonly settled: Unsaved
  /** That began and didn't finish, and count as never begun now. */
  readonly unfinished: readonly string[]
}

/**
 * Makes the schema what the applied migrations make, in one transaction, and only if no row and no value is lost. What a
 * migration did that didn't finish goes with its record, so that `deploy` begins it anew.
 *
 * @throws DriftRefused with what would be lost, or what is in the way; SchemaEngineError as `deploy` does
 */
export async function takeBackDrift(options: DriftOptions): Promise<TakenBack> {
  return compared(options, async (both) => {
    const settled = both.unsaved
    const unfinished = both.state.failed
    if (both.difference === null && !isUnsaved(settled) && unfinished.length === 0) {
      return { statements: [], settled, unfinished }
    }
    const { session } = both
    await resetSession(session, defaultLockTimeout)
    const statements = await tried(session, () => walkTo(session, both.made))
    const losses = await tried(session, () =>
      tryForLosses(session, scriptOf(statements), () => Promise.resolve()),
    )
    if (losses.length > 0) {
      throw new DriftRefused(
        `Taking the change back would lose rows, so nothing was changed:\n${losses.map((loss) => `  ${loss}`).join('\n')}\n` +
          'Keep it: npm run migrations -- drift --adopt NAME\nOr save those rows, empty what holds them, and run this again.',
      )
    }
    if (!options.dryRun) await run(both, statements)
    return { statements, settled, unfinished }
  })
}

async function run(
  { session, made, list, unsaved, state }: Compared,
  statements: readonly string[],
): Promise<void> {
  try {
    await inOneTransaction(session, async () => {
      await session.query(scriptOf(statements))
      const found = await readDefinitions(session)
      const difference = describeDifference(compareCatalogs(made.objects, found.objects))
      if (difference !== null)
        throw new DriftRefused(`Somebody changes the schema right now (${difference}).`)
      await settleRecords(session, unsaved, scriptsOf(list))
      for (const name of state.failed) await session.query(recordTakenBack(session, name))
    })
  } catch (error) {
    throw session.lost() ?? error
  }
}

/** In a transaction that is taken back. */
async function tried<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  try {
    return await triedOut(session, work)
  } catch (error) {
    if (!(error instanceof NotReached)) throw error
    throw new DriftRefused(
      `The change can't be taken back by statements; nothing was changed. ${error.message}\n` +
        'Keep it: npm run migrations -- drift --adopt NAME\nOr mend what is in the way, and run this again.',
      { cause: error },
    )
  }
}

function scriptOf(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};`).join('\n')
}

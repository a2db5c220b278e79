import pg from 'pg'
import { failedMigration } from './failed-script.ts'
import type { Session } from '../database/session.ts'
import { applySteps } from './apply-steps.ts'
import { defaultLockTimeout, isPassing, patiently, type PatienceOptions } from './patience.ts'
import { type PendingMigration, recordApplied } from '../database/records.ts'
import { shapeOf, type Step } from './script-shape.ts'
import { resetSession } from '../database/session-settings.ts'
import { inOneTransaction } from '../database/transaction.ts'

/**
 * Applies one migration.
 *
 * @throws SchemaEngineError P3018 where the database refuses it: then nothing of it is left, and no record of it; where
 *   it can't be one transaction, the message tells how far it came and how to go on
 */
export async function applyMigration(
  session: Session,
  migration: PendingMigration,
  options: PatienceOptions,
): Promise<void> {
  const { name, sql } = migration
  const { lockTimeout = defaultLockTimeout } = options
  const shape = await shapeOf(sql)
  const isWhole = shape.kind === 'transaction'
  const left = isWhole
    ? 'nothing of it is left.'
    : 'what is done of it stays, and the next run goes on from there.'
  await patiently(
    session,
    {
      failure: 'A migration failed to apply.',
      what: `the migration ${name}`,
      left,
      migration: name,
      command: 'deploy',
    },
    options,
    async () => {
      await resetSession(session, lockTimeout)
      if (isWhole) await applyWhole(session, migration, shape.body)
      else await applySteps(session, migration, ofDatabase(session, shape.steps), lockTimeout)
    },
  )
}

/** A database or a setting that the migration makes is there already, where it is only tried. */
function ofDatabase({ isShadow }: Session, steps: readonly Step[]): readonly Step[] {
  return isShadow === true ? steps.filter(({ isOfServer }) => !isOfServer) : steps
}

async function applyWhole(session: Session, migration: PendingMigration, body: string): Promise<void> {
  try {
    await inOneTransaction(session, async () => {
      await session.query(body)
      await session.query(recordApplied(session, migration))
    })
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || isPassing(error) || session.lost() !== null) throw error
    throw failedMigration(migration.name, { script: body, error })
  }
}

import pg from 'pg'
import { type FailedScript, explainFailedScript } from '../deploy/failed-script.ts'
import { shapeOf } from '../deploy/script-shape.ts'
import { resetSession } from '../database/session-settings.ts'
import type { Session } from '../database/session.ts'

/** The database refused a script. The message has its words, the hint, and the lines around the place. */
export class ScriptFailed extends Error {
  override readonly name = 'ScriptFailed'
  override readonly cause: pg.DatabaseError

  constructor(failed: FailedScript, place = '') {
    super(place + explainFailedScript(failed), { cause: failed.error })
    this.cause = failed.error
  }
}

/**
 * Runs a script as `deploy` does: the whole in one simple query, so that nothing is split and all of it or nothing is
 * done; statement by statement if it can't be one transaction. A transaction that it leaves open when it fails is rolled
 * back, because the engine goes on with the session.
 *
 * @throws ScriptFailed; the driver's error if the connection broke
 */
export async function runScript(session: Session, script: string): Promise<void> {
  const shape = await shapeOf(script)
  if (shape.kind === 'transaction') return run(session, script)
  await runSteps(
    session,
    shape.steps.map(({ text }) => text),
  )
}

/**
 * Runs a script on a database that is only there for trying it, with the settings that `deploy` gives each migration.
 * Statements about the whole server are left out: they are not of the database, and were run when the migration was
 * applied.
 *
 * @throws ScriptFailed; the driver's error if the connection broke
 */
export async function replayScript(session: Session, script: string): Promise<void> {
  await resetSession(session, 0)
  const shape = await shapeOf(script)
  if (shape.kind === 'transaction') return run(session, script)
  const ofSchema = shape.steps.filter(({ isOfServer }) => !isOfServer)
  await runSteps(
    session,
    ofSchema.map(({ text }) => text),
  )
}

async function runSteps(session: Session, steps: readonly string[]): Promise<void> {
  for (const [index, text] of steps.entries()) {
    await run(session, text, `Statement ${index + 1} of ${steps.length}, ${text};\n`)
  }
}

async function run(session: Session, script: string, place?: string): Promise<void> {
  try {
    await session.query(script)
  } catch (error) {
    await session.query('ROLLBACK').catch(() => {})
    throw error instanceof pg.DatabaseError ? new ScriptFailed({ script, error }, place) : error
  }
}

import type { Session } from './session.ts'

/** All of it or nothing; what was thrown is thrown on. */
export async function inOneTransaction<Result>(
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  await session.query('BEGIN')
  try {
    const result = await work()
    await session.query('COMMIT')
    return result
  } catch (error) {
    if (session.lost() === null) await session.query('ROLLBACK')
    throw error
  }
}

/** What the work finds out in a transaction that is taken back, whatever it did there. */
export async function triedOut<Result>(session: Session, work: () => Promise<Result>): Promise<Result> {
  await session.query('BEGIN')
  try {
    return await work()
  } finally {
    if (session.lost() === null) await session.query('ROLLBACK')
  }
}

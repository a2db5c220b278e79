import pg from 'pg'
import { compareCatalogs, describeDifference } from '../files/catalog.ts'
import { type Definitions, readDefinitions } from '../database/definitions.ts'
import type { Session } from '../database/session.ts'
import { statementsTo } from './statements.ts'

/** A schema can't be brought to where it is to be; the message says what is left, and what the database said. */
export class NotReached extends Error {
  override readonly name = 'NotReached'
}

/** More than any schema has levels of objects that rest on each other. */
const mostRounds = 20

/**
 * Brings the session's schema to another, in the transaction that the session is in: statements that fail because of what
 * they rest on are tried again after the others.
 *
 * @returns the statements that did it, in an order in which they work
 * @throws NotReached
 */
export async function walkTo(session: Session, wanted: Definitions): Promise<string[]> {
  const done: string[] = []
  for (let round = 0; ; round += 1) {
    const found = await readDefinitions(session)
    const difference = describeDifference(compareCatalogs(wanted.objects, found.objects))
    if (difference === null) return done
    const statements = statementsTo(found, wanted)
    const { worked, refusals } = await attemptAll(session, statements)
    if (worked.length === 0) worked.push(...(await onExtension(session, { found, wanted, statements })))
    if (worked.length === 0 || round === mostRounds) {
      throw new NotReached([`No statement is known for the rest (${difference}).`, ...refusals].join('\n'))
    }
    done.push(...worked)
  }
}

/** What works once an extension is there that the other schema has; the first that helps, so that no other is made. */
async function onExtension(
  session: Session,
  { found, wanted, statements }: { found: Definitions; wanted: Definitions; statements: readonly string[] },
): Promise<string[]> {
  for (const [name, making] of wanted.extensions) {
    if (found.extensions.has(name)) continue
    await session.query('SAVEPOINT extension')
    if ((await attempt(session, making)) === null) {
      const { worked } = await attemptAll(session, statements)
      if (worked.length > 0) return [making, ...worked]
    }
    await session.query('ROLLBACK TO extension')
  }
  return []
}

async function attemptAll(
  session: Session,
  statements: readonly string[],
): Promise<{ worked: string[]; refusals: string[] }> {
  const worked: string[] = []
  const refusals: string[] = []
  for (const statement of statements) {
    const refusal = await attempt(session, statement)
    if (refusal === null) worked.push(statement)
    else refusals.push(`${statement}\n  ${refusal}`)
  }
  return { worked, refusals }
}

/** @returns the database's words if it refuses; nothing of it is left then */
async function attempt(session: Session, statement: string): Promise<string | null> {
  await session.query('SAVEPOINT step')
  try {
    await session.query(statement)
    return null
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || session.lost() !== null) throw session.lost() ?? error
    await session.query('ROLLBACK TO step')
    return [error.message, error.detail].filter(Boolean).join(' ')
  }
}

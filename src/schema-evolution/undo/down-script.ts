import pg from 'pg'
import { type Catalog, compareCatalogs, describeDifference } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { isPassing } from '../deploy/patience.ts'
import { shapeOf } from '../deploy/script-shape.ts'
import { explainFailedScript } from '../deploy/failed-script.ts'
import type { Session } from '../database/session.ts'

/** A migration isn't taken back, and nothing was changed. */
export class UndoRefused extends Error {
  override readonly name = 'UndoRefused'
}

/** What is run of a `down.sql`. @throws UndoRefused where it isn't one transaction */
export async function downBody(name: string, down: string): Promise<string> {
  const shape = await shapeOf(down)
  if (shape.kind === 'transaction') return shape.body
  throw new UndoRefused(
    `${fileOf(name)} isn't one transaction, and undoing has to be: all of it or nothing. Leave out what commits, ` +
      'rolls back or works CONCURRENTLY.',
  )
}

/** @throws UndoRefused with the database's words, for all but a lock that somebody else has */
export async function explainingFailure<Result>(
  session: Session,
  { name, body }: { name: string; body: string },
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || isPassing(error) || session.lost() !== null) throw error
    throw new UndoRefused(
      `${fileOf(name)} fails. Nothing was changed; mend it, then run: npm run migrations -- undo ${name}\n\nERROR: ` +
        explainFailedScript({ script: body, error }),
      { cause: error },
    )
  }
}

/** Looks, while the script's changes are there, whether they made what was there before the migration. @throws UndoRefused */
export async function requireCatalog(session: Session, name: string, expected: Catalog): Promise<void> {
  const difference = describeDifference(compareCatalogs(expected, await readCatalog(session)))
  if (difference === null) return
  throw new UndoRefused(
    `${fileOf(name)} doesn't make what was there before ${name} (${difference}). Nothing was changed. Either the script ` +
      `forgets something, or the schema was changed by hand; mend that, then run: npm run migrations -- undo ${name}`,
  )
}

function fileOf(name: string): string {
  return `prisma/migrations/${name}/down.sql`
}

import { type OrderConflict, conflictsBetween } from './commute.ts'
import { SqlSyntaxError } from './parse.ts'
import type { Touched } from './touched.ts'
import { touches } from './touched-objects.ts'

/** Where two lines of migrations don't commute; empty where they give the same in either order. */
export function conflictsOfMigrations(
  scripts: ReadonlyMap<string, string | null>,
  ours: readonly string[],
  theirs: readonly string[],
): OrderConflict[] {
  const touchedBy = (names: readonly string[]) =>
    names.flatMap((name) => touched(name, scripts.get(name) ?? ''))
  return conflictsBetween(touchedBy(ours), touchedBy(theirs))
}

/** What PostgreSQL wouldn't understand is for the replay to tell. */
function touched(name: string, sql: string): Touched[] {
  try {
    return touches(sql)
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    return [{ kind: 'anything', name: `${name} at line ${error.line}`, how: 'writes' }]
  }
}

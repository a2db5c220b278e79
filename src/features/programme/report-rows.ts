import type { RowOutcome } from './difference.ts'
import type { RowReport } from './report.ts'

/** The outcomes of all kinds in one list, in which what a field refers to is told by its name. */
export function reportsOf(
  outcomes: Readonly<Record<RowReport['kind'], readonly RowOutcome[]>>,
  names: ReadonlyMap<string, string>,
): RowReport[] {
  const named = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(named)
    return typeof value === 'string' ? (names.get(value) ?? value) : value
  }
  // The keys are the kinds.
  const kinds = Object.keys(outcomes) as RowReport['kind'][]
  return kinds.flatMap((kind) =>
    outcomes[kind].map(({ changes, conflicts, changedHere, ...outcome }) => ({
      ...{ kind, ...outcome },
      changes: changes.map(({ field, before, after }) => {
        return { field: fieldNamed(field), before: named(before), after: named(after) }
      }),
      conflicts: conflicts.map(({ field, base, ours, theirs, taken }) => {
        const values = { base: named(base), ours: named(ours), theirs: named(theirs) }
        return { field: fieldNamed(field), ...values, taken }
      }),
      changedHere: changedHere.map(fieldNamed),
    })),
  )
}

/** 'trackId' is told as 'track', 'speakerIds' as 'speakers'. */
function fieldNamed(field: string): string {
  return field.replace(/Id(s?)$/, '$1')
}

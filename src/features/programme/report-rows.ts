import type { RowOutcome } from './difference.ts'
import type { RowReport } from './report.ts'
import type { PartNames } from './write-parts.ts'

/** The outcomes of all kinds in one list, in which what a field refers to is told by its name of then. */
export function reportsOf(
  outcomes: Readonly<Record<RowReport['kind'], readonly RowOutcome[]>>,
  names: PartNames,
): RowReport[] {
  const namedBy =
    (its: ReadonlyMap<string, string>) =>
    (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(namedBy(its))
      return typeof value === 'string' ? (its.get(value) ?? value) : value
    }
  const [was, is] = [namedBy(names.before), namedBy(names.now)]
  // The keys are the kinds.
  const kinds = Object.keys(outcomes) as RowReport['kind'][]
  return kinds.flatMap((kind) =>
    outcomes[kind].map(({ changes, conflicts, changedHere, ...outcome }) => ({
      ...{ kind, ...outcome },
      changes: changes.map(({ field, before, after }) => {
        return { field: fieldNamed(field), before: was(before), after: is(after) }
      }),
      conflicts: conflicts.map(({ field, base, ours, theirs, taken }) => {
        const values = { base: was(base), ours: was(ours), theirs: is(theirs) }
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

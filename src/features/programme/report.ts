import type { Fault } from '../../interchange/read/faults.ts'
import type { Kind, Skip } from './admitted.ts'
import type { FieldChange, FieldConflict } from './merge.ts'

export interface Counts {
  readonly created: number
  /** Those that came back after a deletion are among them. */
  readonly changed: number
  readonly unchanged: number
  readonly removed: number
}

export const noCounts: Counts = { created: 0, changed: 0, unchanged: 0, removed: 0 }

/** What becomes of the event, or of one row of it. */
export interface RowReport {
  readonly kind: Kind | 'event'
  /** null for what a dry run would create. */
  readonly id: string | null
  /** What the source calls it. */
  readonly sourceId: string
  /** As it was called before. */
  readonly name: string
  /** `restored`: an earlier edition had removed it. `deletedHere`: a person deleted it, so it stays deleted. */
  readonly outcome: 'created' | 'changed' | 'restored' | 'removed' | 'unchanged' | 'deletedHere'
  /** What is written. What a field refers to is told by its name. */
  readonly changes: readonly FieldChange[]
  readonly conflicts: readonly FieldConflict[]
  /** Of a row that is removed: the fields that people changed since the source was imported last. */
  readonly changedHere: readonly string[]
}

/** What an import did, or would have done. */
export interface ImportReport {
  readonly source: string
  readonly event: {
    readonly slug: string
    readonly name: string
    readonly timeZone: string
    readonly outcome: 'created' | 'changed' | 'unchanged'
  }
  /** `skipped` counts what was left out as a whole, not what lost a single value. */
  readonly counts: { readonly [Each in Kind]: Counts & { readonly skipped: number } }
  /** All that isn't as before, or that a person should look at; kind by kind. */
  readonly rows: readonly RowReport[]
  readonly skips: readonly Skip[]
  /** What the person who imports should know besides. */
  readonly notes: readonly string[]
  readonly isDryRun: boolean
}

/** What the import is at; `total` is 0 where it isn't known. */
export interface Progress {
  readonly step: 'comparing' | 'writing sessions'
  readonly done: number
  readonly total: number
}

/** What was mended or contradicts itself, one sentence a kind: 'line 4: ...', or '3 times, first at line 4: ...'. */
export function notesOf(told: readonly Fault[]): string[] {
  const places = new Map<string, string[]>()
  for (const { place, reason } of told) {
    const known = places.get(reason)
    if (known === undefined) places.set(reason, [place])
    else known.push(place)
  }
  return [...places].map(([reason, [first, ...others]]) =>
    others.length === 0 ? `${first}: ${reason}` : `${others.length + 1} times, first at ${first}: ${reason}`,
  )
}

/** Slices that fit the 32,767 parameters of one statement, with room for wide rows. */
export function inSlices<Item>(items: readonly Item[], size = 500): Item[][] {
  const count = Math.ceil(items.length / size)
  return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size))
}

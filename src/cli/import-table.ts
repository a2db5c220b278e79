import type { ImportReport } from '../features/programme/report.ts'
import { importRows } from './import-rows.ts'

const columns = ['created', 'changed', 'unchanged', 'removed', 'skipped'] as const

const kinds = {
  sessions: 'sessions',
  speakers: 'speakers',
  rooms: 'rooms',
  tracks: 'tracks',
  sessionTypes: 'session types',
} as const

/** The report of an import for people: the event, a table of counts, each row that isn't as before, what was left out and why. */
export function importTable(report: ImportReport): string {
  const { event, counts, skips, notes, isDryRun } = report
  const head = ['', ...columns]
  const eventRow = ['event', ...columns.map((column) => (column === event.outcome ? '1' : '0'))]
  const rows = Object.entries(kinds).map(([kind, name]) => {
    const count = counts[kind as keyof typeof kinds]
    return [name, ...columns.map((column) => String(count[column]))]
  })
  const reasons = skips.map(
    ({ place, reason, isWhole }) => `  ${place}: ${reason}${isWhole ? '' : ' (this value only)'}`,
  )
  const lines = [
    `${event.name} (${event.slug}, ${event.timeZone}): ${isDryRun ? 'would be ' : ''}${outcomeOf(report)}`,
    '',
    ...[head, eventRow, ...rows].map((row) =>
      row
        .map((cell, index) => aligned(cell, index))
        .join('  ')
        .trimEnd(),
    ),
    ...importRows(report),
    ...(reasons.length === 0 ? [] : ['', 'Skipped:', ...reasons]),
    ...notes.flatMap((note) => ['', note]),
    ...(isDryRun ? ['', 'This was a dry run: nothing was written.'] : []),
  ]
  return `${lines.join('\n')}\n`
}

/** Of the event with all that is in it: the same programme again is unchanged, anything else isn't. */
function outcomeOf({ event, counts }: ImportReport): ImportReport['event']['outcome'] {
  const isTouched = Object.values(counts).some(
    ({ created, changed, removed }) => created + changed + removed > 0,
  )
  return event.outcome === 'unchanged' && isTouched ? 'changed' : event.outcome
}

function aligned(cell: string, index: number): string {
  return index === 0 ? cell.padEnd(13) : cell.padStart(9)
}

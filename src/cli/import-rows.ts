import type { FieldConflict } from '../features/programme/merge.ts'
import type { ImportReport, RowReport } from '../features/programme/report.ts'
import { dayAndTimeOf } from '../time/wall-clock.ts'

const headings: Readonly<Record<RowReport['kind'], string>> = {
  event: 'Event',
  sessions: 'Sessions',
  speakers: 'Speakers',
  rooms: 'Rooms',
  tracks: 'Tracks',
  sessionTypes: 'Session types',
}

/** For people: each row that isn't as before, field by field; times on the clocks of the event's zone. */
export function importRows({ rows, event }: ImportReport): string[] {
  const shown = (field: string, value: unknown) => shownValue(field, value, event.timeZone)
  // The keys are the kinds.
  const kinds = Object.keys(headings) as RowReport['kind'][]
  return kinds.flatMap((kind) => {
    const ofKind = rows.filter((row) => row.kind === kind)
    return ofKind.length === 0
      ? []
      : ['', `${headings[kind]}:`, ...ofKind.flatMap((row) => linesOf(row, shown))]
  })
}

type Shown = (field: string, value: unknown) => string

function linesOf(row: RowReport, shown: Shown): string[] {
  const { name, sourceId, outcome, changes, conflicts, changedHere } = row
  const title = `${JSON.stringify(name)}${sourceId === name ? '' : ` (${sourceId})`}`
  switch (outcome) {
    case 'created': {
      const values = changes.map(({ field, after }) => `${field}: ${shown(field, after)}`)
      return [`  created    ${title}`, ...(values.length > 1 ? [`    ${values.join('; ')}`] : [])]
    }
    case 'removed': {
      const edited = changedHere.length === 0 ? '' : `, though changed here: ${changedHere.join(', ')}`
      return [`  removed    ${title}${edited}`]
    }
    case 'deletedHere':
      return [`  stays deleted, as it was deleted here: ${title}`]
    case 'changed':
    case 'restored':
    case 'unchanged': {
      const contested = new Set(conflicts.map(({ field }) => field))
      return [
        `  ${outcome.padEnd(9)}  ${title}`,
        ...changes
          .filter(({ field }) => !contested.has(field))
          .map(
            ({ field, before, after }) => `    ${field}: ${shown(field, before)} -> ${shown(field, after)}`,
          ),
        ...conflicts.map((conflict) => conflictLine(conflict, shown)),
      ]
    }
  }
}

function conflictLine({ field, base, ours, theirs, taken }: FieldConflict, shown: Shown): string {
  const [was, here, there] = [base, ours, theirs].map((value) => shown(field, value))
  return `    ${field}: changed on both sides: was ${was}, here ${here}, in the source ${there}; taken: ${taken}`
}

/** '"Of clocks"', '2031-05-01 10:00', '2031-10-26 02:30 (+02:00)' where the clocks show that twice, '-' for nothing. */
function shownValue(field: string, value: unknown, timeZone: string): string {
  if (value === null) return '-'
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(itemText).join(', ')
  // That of an instant: days begin at a time of day.
  if (/At$/.test(field) && typeof value === 'string' && value.endsWith('Z')) {
    return dayAndTimeOf(new Date(value), timeZone).join(' ')
  }
  const text = JSON.stringify(value)
  return text.length > longest ? `${text.slice(0, longest)}… (${text.length} characters)` : text
}

/** '"Ada"' of a speaker list is 'Ada'; a link is its address, title and kind. */
function itemText(item: unknown): string {
  return typeof item === 'object' && item !== null
    ? Object.values(item).filter(Boolean).join(' ')
    : String(item)
}

/** A table isn't read for its abstracts; the JSON has them. */
const longest = 100

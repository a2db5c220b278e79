import type { TextFormat } from '../../markup/format.ts'
import { durationReading } from './durations.ts'
import { type StatedMoment, momentOf } from './moments.ts'
import { firstOf, type OpenEventRecord } from './open-event-records.ts'
import type { FoundEvent, FoundSession, SessionLevel, SessionState } from './found.ts'
import { lineOf, proseOf, type Stated } from './stated.ts'

const sessionStates: Readonly<Record<string, SessionState>> = {
  draft: 'DRAFT',
  pending: 'PENDING',
  accepted: 'ACCEPTED',
  confirmed: 'CONFIRMED',
  rejected: 'REJECTED',
  canceled: 'CANCELED',
  cancelled: 'CANCELED',
  withdrawn: 'WITHDRAWN',
}

const eventStates: Readonly<Record<string, 'DRAFT' | 'PUBLISHED'>> = {
  draft: 'DRAFT',
  published: 'PUBLISHED',
  // Older servers: past events, and events that were public while they asked for papers.
  completed: 'PUBLISHED',
  'call for papers': 'PUBLISHED',
}

const levels: Readonly<Record<string, SessionLevel>> = {
  beginner: 'BEGINNER',
  intermediate: 'INTERMEDIATE',
  advanced: 'ADVANCED',
  expert: 'EXPERT',
}

/** A record without a state is a draft: nobody sees it before somebody decides. */
export function sessionStateOf(stated: Stated, faults: string[]): FoundSession['state'] {
  return stateIn(sessionStates, stated, faults)
}

export function eventStateOf(stated: Stated, faults: string[]): FoundEvent['state'] {
  return stateIn(eventStates, stated, faults)
}

function stateIn<State extends string>(
  states: Readonly<Record<string, State | 'DRAFT'>>,
  stated: Stated,
  faults: string[],
) {
  const name = lineOf(stated)?.toLowerCase()
  if (name === undefined) return { value: 'DRAFT', isStated: false } as const
  const value = Object.hasOwn(states, name) ? states[name] : undefined
  if (value === undefined)
    faults.push(`state: ${JSON.stringify(name)} is none of ${Object.keys(states).join(', ')}.`)
  return { value: value ?? 'DRAFT', isStated: value !== undefined } as const
}

/** null for what is no level of ours; 'Other' is a level there. */
export function levelOf(stated: Stated): SessionLevel | null | undefined {
  const name = lineOf(stated)
  return typeof name === 'string' ? (levels[name.toLowerCase()] ?? null) : name
}

/** HTML, as Open Event Server has it, unless the record says otherwise, as our exports do. */
export function statedFormat(record: OpenEventRecord): TextFormat {
  const name = lineOf(record['text_format'])?.toUpperCase()
  return name === 'PLAIN' || name === 'MARKDOWN' ? name : 'HTML'
}

/** null where there is none, and where it can't be read, which is added to the faults. */
export function statedMoment(
  record: OpenEventRecord,
  keys: readonly string[],
  faults: string[],
): StatedMoment | null {
  const text = lineOf(firstOf(record, ...keys)) ?? null
  if (text === null) return null
  const moment = momentOf(text)
  if (typeof moment !== 'string' && moment.kind !== 'day') return moment
  faults.push(`${keys[0]}: ${typeof moment === 'string' ? moment : `${text} has no time of day.`}`)
  return null
}

/** The length of a session type in minutes: '00:25', but also '00.50', '1.00' and the number 0.3 for half an hour. */
export function lengthOf(stated: Stated): number | null | undefined {
  if (stated === undefined) return undefined
  const text = typeof stated === 'number' ? stated.toFixed(2) : (lineOf(stated) ?? '')
  const duration = text.replace(/^(\d+)\.(\d)$/, '$1:$20').replace('.', ':')
  const minutes = durationReading([duration], aWeek).minutesOf(duration)
  return typeof minutes === 'number' && minutes >= 1 ? Math.round(minutes) : null
}

const aWeek = 7 * 24 * 60

/** The first of the texts that isn't empty; undefined where the record has none of the keys. */
export function firstProse(record: OpenEventRecord, ...keys: string[]): string | null | undefined {
  const texts = keys.map((key) => proseOf(record[key])).filter((text) => text !== undefined)
  return texts.length === 0 ? undefined : (texts.find((text) => text !== null) ?? null)
}

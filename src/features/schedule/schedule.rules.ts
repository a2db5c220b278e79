import { dayAndTimeOf } from '../../time/wall-clock.ts'
import type { ConflictKind, ConflictSeverity } from '../../generated/graphql.ts'
import type { ConflictRow } from './schedule.conflicts.ts'

/** How bad each kind is. */
export const severities: Readonly<Record<ConflictKind, ConflictSeverity>> = {
  ROOM_DOUBLE_BOOKED: 'ERROR',
  SPEAKER_DOUBLE_BOOKED: 'ERROR',
  ROOM_CLOSED: 'WARNING',
  SPEAKER_UNAVAILABLE: 'WARNING',
  OUTSIDE_EVENT: 'WARNING',
  DURING_BREAK: 'WARNING',
  // Who overruns takes time from what follows; who ends early takes it from nobody.
  LONGER_THAN_TYPE: 'WARNING',
  SHORTER_THAN_TYPE: 'INFO',
}

/** All kinds, in the order in which conflicts are listed. */
export const kindsInOrder = Object.keys(severities) as ConflictKind[]

/** Smaller is worse. */
export function badnessOf(kind: ConflictKind): number {
  return ['ERROR', 'WARNING', 'INFO'].indexOf(severities[kind])
}

/** What is wrong, with times on the clocks of the event. */
export function conflictMessageOf(conflict: ConflictRow): string {
  const { roomName, speakerName, breakName, typeMinutes } = conflict
  const time = timeOf(conflict)
  switch (conflict.kind) {
    case 'ROOM_DOUBLE_BOOKED':
      return `Two sessions are in ${quoted(roomName)} ${time}.`
    case 'SPEAKER_DOUBLE_BOOKED':
      return `${quoted(speakerName)} holds two sessions ${time}.`
    case 'ROOM_CLOSED':
      return `${quoted(roomName)} isn't open for the whole session, ${time}.`
    case 'SPEAKER_UNAVAILABLE':
      return `${quoted(speakerName)} can't be there for the whole session, ${time}.`
    case 'OUTSIDE_EVENT':
      return `The session, ${time}, isn't within the time of the event.`
    case 'DURING_BREAK':
      return `The session overlaps the break ${quoted(breakName)} ${time}.`
    case 'LONGER_THAN_TYPE':
      return `The session, ${time}, takes longer than the ${typeMinutes} minutes of its type.`
    case 'SHORTER_THAN_TYPE':
      return `The session, ${time}, is shorter than the ${typeMinutes} minutes of its type.`
  }
}

function timeOf({ startsAt, endsAt, timeZone }: ConflictRow): string {
  const [day, start] = dayAndTimeOf(startsAt, timeZone)
  if (endsAt === null) return `at ${day} ${start}`
  const [lastDay, end] = dayAndTimeOf(endsAt, timeZone)
  return `from ${day} ${start} to ${lastDay === day ? end : `${lastDay} ${end}`}`
}

function quoted(name: string | null): string {
  return JSON.stringify(name ?? '')
}

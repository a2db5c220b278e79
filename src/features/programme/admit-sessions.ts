import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '../../interchange/read/faults.ts'
import type { FoundProgramme, FoundSession } from '../../interchange/read/found.ts'
import { instantOf, minutesOfOffset, type StatedMoment } from '../../interchange/read/moments.ts'
import { isInRange, outOfRange } from '../../time/instant.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { mostSpeakers, sessionTexts } from '../session/session.rules.ts'
import { admitIds, admitTexts } from './admit-texts.ts'
import type { Admitted, AdmittedSession, Skip } from './admitted.ts'
import type { NamedItem } from './match.ts'

/**
 * The sessions that can be stored, with instants, and what is wrong about the others and about single values.
 */
export function admitSessions(
  { sessions }: FoundProgramme,
  timeZone: string,
): Admitted<AdmittedSession> & { readonly told: readonly Fault[] } {
  const admitted: AdmittedSession[] = []
  const skips: Skip[] = []
  const told: Fault[] = []
  const kept: NamedItem[] = []
  const firstInSlot = new Map<string, FoundSession>()

  for (const session of sessions ?? []) {
    const { place } = session
    const skip = (isWhole: boolean) => (reason: string) =>
      void skips.push({ kind: 'sessions', place, reason, isWhole })
    const faults = [...session.faults]
    const graveFaults = [...session.graveFaults]
    const values = admitTexts(session.values, sessionTexts, 'title', faults)
    const times = timesOf(session, timeZone, {
      faults,
      graveFaults,
      tell: (reason) => told.push({ place, reason }),
    })
    if (session.speakers.length > mostSpeakers) {
      faults.push(
        `names ${session.speakers.length} speakers, and ${mostSpeakers} is the most that a session may have.`,
      )
    }
    const ids = admitIds(session.ids, session.ids.length > 1 ? faults : graveFaults)
    // One guid may have several slots, but each of them once.
    const slot = JSON.stringify([ids[0], times.startsAt, session.room?.values.name])
    const first = ids.length > 0 ? firstInSlot.get(slot) : undefined
    if (first === undefined) firstInSlot.set(slot, session)
    else if (isDeepStrictEqual({ ...first, place }, session)) {
      told.push({ place, reason: 'says again what another session says. It was left out.' })
      continue
    } else {
      graveFaults.push(
        `has the guid or id of the session at ${first.place}, at the same time in the same room: ${ids[0]}.`,
      )
    }

    if (graveFaults.length > 0) {
      kept.push({ ids, name: session.values.title, slot: null })
      graveFaults.forEach(skip(true))
      continue
    }
    faults.forEach(skip(false))
    admitted.push({
      place,
      ids,
      values: { ...values, ...times },
      state: session.state,
      track: session.track,
      room: session.room,
      sessionType: session.sessionType,
      speakers: session.speakers.slice(0, mostSpeakers),
    })
  }
  return { items: sessions === null ? null : admitted, kept, skips, told }
}

interface Findings {
  readonly faults: string[]
  readonly graveFaults: string[]
  readonly tell: (reason: string) => void
}

/**
 * The instants of a session, which need the event's zone where the file has wall-clock times. An end that can't be is
 * left open.
 */
function timesOf(session: FoundSession, timeZone: string, { faults, graveFaults, tell }: Findings) {
  const instant = (what: string, moment: StatedMoment | null, its: string[]): Date | null => {
    if (moment === null) return null
    try {
      return instantOf(moment, timeZone, 'start')
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      its.push(`${what}: ${error.message.replace(/ Send an instant.*$/s, ' Write it with its offset.')}`)
      return null
    }
  }
  const contradiction = contradictionOf(session, timeZone)
  if (contradiction !== null) tell(contradiction)
  const { endsAt: end } = session
  const startsAt = instant('start', session.startsAt, graveFaults)
  const submittedAt = session.submittedAt ? instant('submitted', session.submittedAt, faults) : null
  const isDuration = end !== null && 'minutes' in end
  const afterStart =
    isDuration && startsAt ? new Date(startsAt.getTime() + Math.round(end.minutes * 60_000)) : null
  const endsAt = isDuration ? afterStart : instant('end', end, faults)
  const fault = endsAt === null ? null : faultOfEnd(startsAt, endsAt)
  if (fault !== null && graveFaults.length === 0) faults.push(fault)
  const isZero = startsAt !== null && endsAt?.getTime() === startsAt.getTime()
  if (isZero) tell('takes no time, so its end is left open.')
  return {
    startsAt,
    endsAt: fault === null && !isZero ? endsAt : null,
    ...(submittedAt ? { submittedAt } : {}),
  }
}

/** What the file says of the start in two ways; null where both are the same. */
function contradictionOf({ startsAt, clock }: FoundSession, timeZone: string): string | null {
  if (startsAt === null || startsAt.kind === 'day') return null
  const itsClock =
    startsAt.kind === 'wallClock' ? startsAt.wallClock : wallClockOf(startsAt.instant, timeZone)
  if (clock !== undefined) {
    return itsClock.slice(11) === clock
      ? null
      : `its date and its start are different times in ${timeZone}; the date counts.`
  }
  // UTC may stand for any zone.
  if (startsAt.kind === 'wallClock' || /^(Z|[+-]00:00)$/.test(startsAt.offset)) return null
  const offset = (Date.parse(`${itsClock}Z`) - startsAt.instant.getTime()) / 60_000
  return Math.round(offset) === minutesOfOffset(startsAt.offset)
    ? null
    : `its time has another offset than ${timeZone} has then; the offset counts.`
}

function faultOfEnd(startsAt: Date | null, endsAt: Date): string | null {
  if (startsAt === null) return 'has an end but no start.'
  if (!isInRange(endsAt)) return `ends ${outOfRange}`
  return endsAt < startsAt
    ? `ends at ${endsAt.toISOString()}, not after its start ${startsAt.toISOString()}.`
    : null
}

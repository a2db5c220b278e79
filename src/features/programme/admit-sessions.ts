import type { Fault } from '../../interchange/read/faults.ts'
import type { FoundPart, FoundProgramme, FoundSession } from '../../interchange/read/found.ts'
import { instantOf, type Moment } from '../../interchange/read/moments.ts'
import { faultOfText, heading } from '../../text.ts'
import { isInRange, outOfRange } from '../../time/instant.ts'
import { mostSpeakers, sessionTexts } from '../session/session.rules.ts'
import { admitTexts } from './admit-texts.ts'
import type { Admitted, AdmittedSession, Skip } from './admitted.ts'

/**
 * The sessions that can be stored, with instants, and what is wrong about the others and about single values.
 *
 * @param sourceIdOf null: a part that isn't stored
 */
export function admitSessions(
  { sessions }: FoundProgramme,
  timeZone: string,
  sourceIdOf: (part: FoundPart) => string | null,
): Admitted<AdmittedSession> & { readonly told: readonly Fault[] } {
  const admitted: AdmittedSession[] = []
  const skips: Skip[] = []
  const told: Fault[] = []
  const kept = new Set<string>()
  const firstPlaces = new Map<string, string>()
  const referTo = (part: FoundPart | null | undefined) => part && sourceIdOf(part)

  for (const session of sessions ?? []) {
    const { sourceId, place } = session
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
    const faultOfId = sourceId === null ? null : faultOfText(sourceId, heading)
    if (faultOfId !== null) graveFaults.push(`guid or id ${faultOfId}`)
    const firstPlace = sourceId === null ? undefined : firstPlaces.get(sourceId)
    if (firstPlace !== undefined)
      graveFaults.push(`has the guid or id of the session at ${firstPlace}: ${sourceId}.`)
    else if (sourceId !== null) firstPlaces.set(sourceId, place)

    if (sourceId === null || graveFaults.length > 0) {
      if (sourceId !== null) kept.add(sourceId)
      graveFaults.forEach(skip(true))
      continue
    }
    faults.forEach(skip(false))
    const speakers = session.speakers.flatMap((speaker) => referTo(speaker) ?? [])
    admitted.push({
      sourceId,
      values: { ...values, ...times },
      state: session.state,
      track: referTo(session.track),
      room: referTo(session.room),
      sessionType: referTo(session.sessionType),
      speakers: speakers.slice(0, mostSpeakers),
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
  const instant = (what: string, moment: Moment | null, its: string[]): Date | null => {
    if (moment === null) return null
    try {
      return instantOf(moment, timeZone, 'start')
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      its.push(`${what}: ${error.message.replace(/ Send an instant.*$/s, ' Write it with its offset.')}`)
      return null
    }
  }
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

function faultOfEnd(startsAt: Date | null, endsAt: Date): string | null {
  if (startsAt === null) return 'has an end but no start.'
  if (!isInRange(endsAt)) return `ends ${outOfRange}`
  return endsAt < startsAt
    ? `ends at ${endsAt.toISOString()}, not after its start ${startsAt.toISOString()}.`
    : null
}

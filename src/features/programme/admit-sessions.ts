import { instantOf, type Moment } from '../../interchange/read/moments.ts'
import type { FoundPart, FoundProgramme, FoundSession } from '../../interchange/read/found.ts'
import { faultOfText, heading, line, prose, type TextRule } from '../../text.ts'
import { isInRange, outOfRange } from '../../time/instant.ts'
import type { Admitted, AdmittedSession, Skip } from './admitted.ts'

/** The sessions that can be stored, with instants, and what is wrong about the others. */
export function admitSessions(
  { sessions }: FoundProgramme,
  timeZone: string,
  isUsable: (part: FoundPart) => boolean,
): Admitted<AdmittedSession> {
  const admitted: AdmittedSession[] = []
  const skips: Skip[] = []
  const kept = new Set<string>()
  const firstPlaces = new Map<string, string>()
  const referTo = (part: FoundPart | null | undefined) =>
    part && isUsable(part) ? part.sourceId : part && null

  for (const session of sessions ?? []) {
    const faults = [...session.faults, ...faultsOfTexts(session)]
    const { times, timeFaults } = timesOf(session, timeZone)
    faults.push(...timeFaults)
    const { sourceId, place } = session
    const firstPlace = sourceId === null ? undefined : firstPlaces.get(sourceId)
    if (firstPlace !== undefined)
      faults.push(`has the guid or id of the session at ${firstPlace}: ${sourceId}.`)
    else if (sourceId !== null) firstPlaces.set(sourceId, place)

    if (sourceId === null || faults.length > 0) {
      if (sourceId !== null) kept.add(sourceId)
      skips.push(...faults.map((reason) => ({ kind: 'sessions', place, reason, isWhole: true }) as const))
      continue
    }
    admitted.push({
      sourceId,
      values: { ...session.values, ...times },
      state: session.state,
      track: referTo(session.track),
      room: referTo(session.room),
      sessionType: referTo(session.sessionType),
      speakers: session.speakers.filter(isUsable).map((speaker) => speaker.sourceId),
    })
  }
  return { items: sessions === null ? null : admitted, kept, skips }
}

/** The instants of a session, which need the event's zone where the file has wall-clock times. */
function timesOf(session: FoundSession, timeZone: string) {
  const timeFaults: string[] = []
  const instant = (what: string, moment: Moment | null): Date | null => {
    if (moment === null) return null
    try {
      return instantOf(moment, timeZone, 'start')
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      timeFaults.push(
        `${what}: ${error.message.replace(/ Send an instant.*$/s, ' Write it with its offset.')}`,
      )
      return null
    }
  }
  const { endsAt: end } = session
  const startsAt = instant('start', session.startsAt)
  const submittedAt = session.submittedAt ? instant('submitted', session.submittedAt) : null
  const isDuration = end !== null && 'minutes' in end
  const afterStart =
    isDuration && startsAt ? new Date(startsAt.getTime() + Math.round(end.minutes * 60_000)) : null
  const endsAt = isDuration ? afterStart : instant('end', end)
  if (timeFaults.length + session.faults.length === 0) {
    if (endsAt !== null && startsAt === null) timeFaults.push('has an end but no start.')
    else if (endsAt !== null && !isInRange(endsAt)) timeFaults.push(`ends ${outOfRange}`)
    else if (endsAt !== null && startsAt !== null && endsAt <= startsAt) {
      timeFaults.push(`ends at ${endsAt.toISOString()}, not after its start ${startsAt.toISOString()}.`)
    }
  }
  return { times: { startsAt, endsAt, ...(submittedAt ? { submittedAt } : {}) }, timeFaults }
}

const sessionTexts = {
  title: heading,
  subtitle: line,
  language: line,
  abstract: prose,
  description: prose,
} as const

function faultsOfTexts({ values, sourceId }: FoundSession): string[] {
  const texts = Object.entries(sessionTexts).map(([name, rule]) => {
    const value = values[name as keyof typeof sessionTexts]
    return value === undefined || value === null ? null : named(name, value, rule)
  })
  return [...texts, sourceId === null ? null : named('guid or id', sourceId, heading)].filter(
    (fault) => fault !== null,
  )
}

function named(name: string, text: string, rule: TextRule): string | null {
  const fault = faultOfText(text, rule)
  return fault === null ? null : `${name} ${fault}`
}

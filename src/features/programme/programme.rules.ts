import type { Fault } from '../../interchange/read/faults.ts'
import { instantOf, type StatedMoment } from '../../interchange/read/moments.ts'
import type { FoundEvent, FoundProgramme } from '../../interchange/read/found.ts'
import type { Link, Venue } from '../../links.ts'
import type { TextFormat } from '../../markup/format.ts'
import { givenOnly } from '../../input.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { eventTexts, latestDayStart } from '../event/event.rules.ts'
import { admitTexts } from './admit-texts.ts'
import type { AdmittedSession, Skip } from './admitted.ts'

/** What is stored of the event already, as far as the rules ask. */
export interface StoredEvent {
  readonly slug: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly deletedAt: Date | null
}

/** The event's values that the file states. */
export interface EventFacts {
  readonly name: string
  readonly description?: string | null
  readonly textFormat?: TextFormat
  readonly websiteUrl?: string
  readonly logoUrl?: string
  readonly venue?: Venue
  readonly links?: readonly Link[]
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly dayStartsAt?: string
  readonly state?: 'DRAFT' | 'PUBLISHED'
}

/** What the file itself says of an event, and not only its sessions do. */
export function statedIn({ event }: FoundProgramme, facts: EventFacts): Partial<EventFacts> {
  const { name, startsAt, endsAt, ...others } = facts
  return {
    ...others,
    ...(event.name === null ? {} : { name }),
    ...(event.startsAt === null ? {} : { startsAt }),
    ...(event.endsAt === null ? {} : { endsAt }),
  }
}

/** A name in addresses: 'fosdem-2024' of 'FOSDEM 2024'. Empty where nothing is left of the words. */
export function slugOf(words: string): string {
  const plain = words.normalize('NFKD').replace(/\p{Mark}/gu, '')
  return plain
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 80)
    .replace(/^-+|-+$/g, '')
}

/**
 * What the file says of the event. Where it doesn't say when the event is, its sessions do.
 *
 * @param sessions those that were admitted
 */
export function eventFactsOf(
  { event, sessions: stated }: FoundProgramme,
  timeZone: string,
  sessions: readonly { readonly startsAt: Date | null; readonly endsAt: Date | null }[],
  /** What the event is called where the file doesn't say. */
  otherwise: string,
): { readonly facts: EventFacts; readonly skips: readonly Skip[] } | { readonly faults: readonly Fault[] } {
  const faults = event.faults.map((reason) => ({ place: event.place, reason }))
  const fault = (reason: string) => void faults.push({ place: event.place, reason })
  const dayStartsAt = dayStartIn(event, timeZone)
  const edge = (which: 'start' | 'end', moment: StatedMoment | null, otherwise: number[]): Date | null => {
    if (moment === null)
      return otherwise.length === 0 ? null : new Date(otherwise.at(which === 'start' ? 0 : -1)!)
    try {
      return instantOf(moment, timeZone, which, dayStartsAt)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      fault(`${which}: ${error.message}`)
      return null
    }
  }
  const moments = sessions
    .flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])
    .filter((moment) => moment !== null)
  const times = moments.map(Number).sort((a, b) => a - b)
  const startsAt = edge('start', event.startsAt, times)
  const last = times.at(-1)
  // A session without an end, all alone, takes some time all the same.
  if (last !== undefined && startsAt !== null && last <= +startsAt) times.push(+startsAt + 3_600_000)
  const endsAt = edge('end', event.endsAt, times)
  const reasons: string[] = []
  const texts = {
    name: event.name ?? otherwise,
    ...('description' in event ? { description: event.description } : {}),
  }
  const { name, description } = admitTexts(texts, eventTexts, 'name', reasons)
  const skips = reasons.map((reason) => {
    return { kind: 'event', place: event.place, reason: `the event's ${reason}`, isWhole: false } as const
  })
  if (name === undefined) faults.push(...skips)
  if (startsAt === null || endsAt === null) {
    const isWithoutTimes = "says neither when the event is nor any session's time."
    const areAllFaulty = "doesn't say when the event is, and none of its sessions that do can be taken."
    if (faults.length === 0) fault(sessions.length < (stated?.length ?? 0) ? areAllFaulty : isWithoutTimes)
  } else if (endsAt <= startsAt) {
    fault(`the event ends at ${endsAt.toISOString()}, not after its start ${startsAt.toISOString()}.`)
  } else if (faults.length === 0 && name !== undefined) {
    const { textFormat, websiteUrl, logoUrl, venue, links } = event
    const given = {
      ...(description === undefined ? {} : { description }),
      ...(textFormat === undefined ? {} : { textFormat }),
      ...givenOnly({ websiteUrl, logoUrl, venue, links, dayStartsAt }),
    }
    const state = event.state.isStated ? { state: event.state.value } : {}
    return { facts: { name, ...given, timeZone, startsAt, endsAt, ...state }, skips }
  }
  return { faults }
}

/** What is told of sessions that take place on none of the event's days; the last one's night is its own. */
export function outsideOf(event: EventFacts, sessions: readonly AdmittedSession[]): Fault[] {
  const reason = "takes place on none of the event's days."
  return sessions.flatMap(({ place, values: { startsAt } }) => {
    if (startsAt === null) return []
    const isOutside = +startsAt < +event.startsAt - aDay || +startsAt >= +event.endsAt + aDay
    return isOutside ? [{ place, reason }] : []
  })
}

const aDay = 24 * 3_600_000

/** The time at which all days of the event begin; undefined if they don't agree, or an event can't have it. */
function dayStartIn({ dayStarts = [] }: FoundEvent, timeZone: string): string | undefined {
  const clocks = dayStarts.map((start) => {
    return start.kind === 'instant' ? wallClockOf(start.instant, timeZone) : start.wallClock
  })
  const [time, ...others] = new Set(clocks.map((clock) => clock.slice(11, 16)))
  return time === undefined || others.length > 0 || time > latestDayStart ? undefined : time
}

/**
 * Whether a file may go into the event that is stored under the slug; null, or why not. A slug that was made of the
 * event's name alone could belong to another year's event, whose sessions would be lost.
 */
export function faultOfTarget(stored: StoredEvent, facts: EventFacts, slugWasGiven: boolean): string | null {
  const slug = JSON.stringify(stored.slug)
  if (stored.deletedAt !== null) {
    return `The event ${slug} was deleted. Import under another slug: --event SLUG.`
  }
  const isElsewhen = facts.endsAt <= stored.startsAt || facts.startsAt >= stored.endsAt
  if (slugWasGiven || !isElsewhen) return null
  return (
    `There is an event ${slug} at another time (from ${stored.startsAt.toISOString()}). ` +
    `If it is the same event, say so by --event ${stored.slug}; if not, choose another slug: --event SLUG.`
  )
}

/**
 * Whether an edition lacks so much of what earlier ones had that it may be the wrong file, or half of one; null, or why
 * it isn't taken.
 *
 * @param ofAll how many sessions came from earlier editions and are there
 */
export function faultOfRemovals(removed: number, ofAll: number): string | null {
  if (removed * 5 <= ofAll) return null
  return (
    `lacks ${removed} of the ${ofAll} sessions that came from earlier editions, more than a fifth, and would remove them. ` +
    'If they are to go, say so by --allow-removals; if not, look for a complete file.'
  )
}

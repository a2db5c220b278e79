import type { Fault } from './faults.ts'
import type { Link, Venue } from '../../links.ts'
import type { TextFormat } from '../../markup/format.ts'
import type { StatedMoment, TimedMoment } from './moments.ts'

/**
 * A conference programme as a file states it, whatever the format: what the readers in this folder make and what
 * the import takes.
 *
 * Three things are told apart everywhere. A value that is there; `null`, where the file says that there is none;
 * and a key that is missing, where the file doesn't know such a value: what is stored then stays.
 */
export interface FoundProgramme {
  readonly format: Format
  readonly event: FoundEvent
  /** null, here and below: the file doesn't speak of this kind at all. */
  readonly tracks: readonly FoundTrack[] | null
  readonly rooms: readonly FoundRoom[] | null
  readonly sessionTypes: readonly FoundSessionType[] | null
  readonly speakers: readonly FoundSpeaker[] | null
  readonly sessions: readonly FoundSession[] | null
  /** What was mended, and what the file says in two ways: no reason to refuse it, but the person should know. */
  readonly told: readonly Fault[]
}

export type Format =
  'Pentabarf or frab XML' | 'schedule.json' | 'Open Event JSON' | 'iCalendar' | 'Sessionize JSON'

export interface FoundEvent {
  readonly place: string
  /** Words that a slug can be made of; null where the file has no short name. */
  readonly acronym: string | null
  readonly name: string | null
  readonly description?: string | null
  readonly textFormat?: TextFormat
  readonly websiteUrl?: string
  readonly logoUrl?: string
  readonly venue?: Venue
  readonly links?: readonly Link[]
  readonly timeZone: { readonly name: string; readonly place: string } | null
  readonly startsAt: StatedMoment | null
  readonly endsAt: StatedMoment | null
  /** When each of its days begins. */
  readonly dayStarts?: readonly TimedMoment[]
  /** The state that a new event is given; where the format has states, a stored event is given it as well. */
  readonly state: { readonly value: 'DRAFT' | 'PUBLISHED'; readonly isStated: boolean }
  readonly faults: readonly string[]
}

/** What every part of a programme has. */
export interface FoundPart {
  /** Where it stands in the file: a line, or a path into the JSON. */
  readonly place: string
  /** What the file calls it forever: its first id, else its name. Settled when the whole file was read. */
  readonly sourceId: string
  /** All that the file calls it beside its name, the strongest first: a guid, an id, a code. */
  readonly ids: readonly string[]
  /** Why single values of it can't be taken, in words for the person who imports. */
  readonly faults: readonly string[]
}

export interface FoundTrack extends FoundPart {
  readonly values: { readonly name: string; description?: string | null; color?: string | null }
}

export interface FoundRoom extends FoundPart {
  readonly values: { readonly name: string; floor?: string | null; capacity?: number | null }
}

export interface FoundSessionType extends FoundPart {
  readonly values: { readonly name: string; durationMinutes?: number | null }
}

export interface FoundSpeaker extends FoundPart {
  readonly values: FoundSpeakerValues
}

export interface FoundSpeakerValues {
  readonly name: string
  biography?: string | null
  textFormat?: TextFormat
  organisation?: string | null
  country?: string | null
  photoUrl?: string
  websiteUrl?: string
  links?: readonly Link[]
}

export interface FoundSession extends Omit<FoundPart, 'sourceId'> {
  /** Why it can't be taken at all. */
  readonly graveFaults: readonly string[]
  /** Its guid, else its id; null where it has neither, which is one of its faults. */
  readonly sourceId: string | null
  readonly values: FoundSessionValues
  readonly startsAt: StatedMoment | null
  /** The time of day that the file has beside the whole moment, 'HH:MM:SS': what it says in another way. */
  readonly clock?: string
  /** A moment, or how long it takes from its start. */
  readonly endsAt: StatedMoment | { readonly minutes: number } | null
  readonly submittedAt?: StatedMoment
  /** The state that a new session is given; where the format has states, a stored session is given it as well. */
  readonly state: { readonly value: SessionState; readonly isStated: boolean }
  readonly track?: FoundTrack | null
  readonly room?: FoundRoom | null
  readonly sessionType?: FoundSessionType | null
  /** In the order of the file, each once. Means nothing where the file doesn't speak of speakers. */
  readonly speakers: readonly FoundSpeaker[]
}

/** Of links only those that the file has: no link in a file doesn't say that there is none. */
export interface FoundSessionValues {
  readonly title: string
  subtitle?: string | null
  abstract?: string | null
  description?: string | null
  textFormat?: TextFormat
  language?: string | null
  level?: SessionLevel | null
  slidesUrl?: string
  videoUrl?: string
  audioUrl?: string
  signupUrl?: string
  imageUrl?: string
  links?: readonly Link[]
}

export type SessionState =
  'DRAFT' | 'PENDING' | 'ACCEPTED' | 'CONFIRMED' | 'REJECTED' | 'CANCELED' | 'WITHDRAWN'
export type SessionLevel = 'BEGINNER' | 'INTERMEDIATE' | 'ADVANCED' | 'EXPERT'

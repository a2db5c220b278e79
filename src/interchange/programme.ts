import type { Link, Venue } from '../links.ts'
import type { TextFormat } from '../markup/format.ts'

/**
 * A programme as the formats in `write/` are given it: rows, without places in a file and without faults. Whoever makes
 * one decides what is in it; a format writes all that it has words for.
 */
export interface Programme {
  readonly event: ProgrammeEvent
  /** In the order of the programme, as everything below. */
  readonly tracks: readonly ProgrammeTrack[]
  readonly rooms: readonly ProgrammeRoom[]
  readonly sessionTypes: readonly ProgrammeSessionType[]
  /** By name. */
  readonly speakers: readonly ProgrammeSpeaker[]
  /** By start, those without one last; then by room and title. */
  readonly sessions: readonly ProgrammeSession[]
  readonly breaks: readonly ProgrammeBreak[]
}

export interface Stamped {
  readonly id: string
  readonly version: number
  readonly createdAt: Date
  readonly lastModifiedAt: Date
}

/** What files name, and may have named before. */
export interface ProgrammePart extends Stamped {
  /** A UUID for ever: that of the file that it came from, else the row's own id. */
  readonly guid: string
  /** What the file that it came from calls it; the row's own id if it was made here. */
  readonly sourceId: string
  /** A whole number above 0 for readers that know no other ids; no two of a kind in an event share one. */
  readonly number: number
}

export interface ProgrammeEvent extends Stamped {
  readonly slug: string
  readonly name: string
  readonly description: string | null
  readonly textFormat: TextFormat
  readonly websiteUrl: string | null
  readonly logoUrl: string | null
  readonly venue: Venue | null
  readonly links: readonly Link[]
  readonly timeZone: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly state: 'DRAFT' | 'PUBLISHED'
  /** 'HH:MM': when a day of the programme begins on the clocks of the event. */
  readonly dayStartsAt: string
}

export interface ProgrammeTrack extends ProgrammePart {
  readonly name: string
  readonly description: string | null
  readonly color: string | null
}

export interface ProgrammeRoom extends ProgrammePart {
  readonly name: string
  readonly floor: string | null
  readonly capacity: number | null
}

export interface ProgrammeSessionType extends ProgrammePart {
  readonly name: string
  readonly durationMinutes: number | null
}

export interface ProgrammeSpeaker extends ProgrammePart {
  readonly name: string
  readonly biography: string | null
  readonly textFormat: TextFormat
  readonly organisation: string | null
  readonly country: string | null
  readonly photoUrl: string | null
  readonly websiteUrl: string | null
  readonly links: readonly Link[]
}

export interface ProgrammeSession extends ProgrammePart {
  readonly title: string
  readonly subtitle: string | null
  readonly abstract: string | null
  readonly description: string | null
  readonly textFormat: TextFormat
  readonly language: string | null
  readonly level: 'BEGINNER' | 'INTERMEDIATE' | 'ADVANCED' | 'EXPERT' | null
  readonly state: 'DRAFT' | 'PENDING' | 'ACCEPTED' | 'CONFIRMED' | 'REJECTED' | 'CANCELED' | 'WITHDRAWN'
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly submittedAt: Date | null
  readonly slidesUrl: string | null
  readonly videoUrl: string | null
  readonly audioUrl: string | null
  readonly signupUrl: string | null
  readonly imageUrl: string | null
  readonly links: readonly Link[]
  readonly track: ProgrammeTrack | null
  readonly room: ProgrammeRoom | null
  readonly sessionType: ProgrammeSessionType | null
  readonly speakers: readonly ProgrammeSpeaker[]
}

export interface ProgrammeBreak extends Stamped {
  readonly name: string
  readonly startsAt: Date
  readonly endsAt: Date
  readonly room: ProgrammeRoom | null
}

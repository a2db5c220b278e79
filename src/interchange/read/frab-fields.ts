import type { StatedDay } from './frab-times.ts'
import type { StatedLink } from './links.ts'
import { namesOf } from './unkept.ts'
import type { Stated } from './stated.ts'

/** The conference as Pentabarf, frab, pretalx and c3voc tools state it, in XML and in JSON under the same names. */
export interface FrabConference {
  place: string
  title?: Stated
  acronym?: Stated
  description?: Stated
  start?: Stated
  end?: Stated
  timeZone?: { readonly name: Stated; readonly place: string }
  /** The time of day at which their day ends: an earlier start belongs to the night after the day's date. */
  dayChange?: Stated
  baseUrl?: Stated
  url?: Stated
  logo?: Stated
  venue?: Stated
  city?: Stated
}

export interface FrabSession {
  readonly place: string
  readonly day: StatedDay
  readonly guid: Stated
  readonly id: Stated
  readonly code: Stated
  readonly slug: Stated
  readonly title: Stated
  readonly subtitle: Stated
  readonly abstract: Stated
  readonly description: Stated
  readonly language: Stated
  /** Its name, or a reference to one that is declared: { slug }, { guid }. */
  readonly track: Stated
  readonly type: Stated
  readonly date: Stated
  readonly start: Stated
  readonly end: Stated
  readonly duration: Stated
  /** Where it stands in the schedule, else the room that it names. */
  readonly room: FrabRoom
  /** The room that it names itself. */
  readonly ownRoom: Stated
  readonly persons: readonly FrabPerson[]
  readonly video: Stated
  readonly logo: Stated
  /** Its page where the schedule comes from, and where that has it from. */
  readonly url: Stated
  readonly originUrl: Stated
  readonly feedbackUrl: Stated
  /** Attachments first; undefined where the file has neither these nor links. */
  readonly links: readonly StatedLink[] | undefined
  /** All that the file says of it, by its own names. */
  readonly all: Readonly<Record<string, Stated>>
}

/** Of a session's values those that are read. */
export const keptNames = namesOf(
  `guid id code slug title subtitle abstract description language track type date start end duration room persons
  participants speakers attachments links url feedback_url origin_url logo video_download_url`,
)

export interface FrabRoom {
  readonly name: Stated
  readonly guid: Stated
  readonly slug?: Stated
}

export interface FrabTrack {
  readonly name: Stated
  readonly guid: Stated
  readonly slug: Stated
  readonly color: Stated
  readonly description: Stated
}

export interface FrabPerson {
  readonly guid: Stated
  readonly id: Stated
  readonly code: Stated
  readonly name: Stated
  readonly biography: Stated
  readonly url: Stated
  readonly photo: Stated
  readonly links: readonly StatedLink[] | undefined
  /** All that the file says of them, by its own names. */
  readonly all: Readonly<Record<string, Stated>>
}

/** What programs call the picture of a person; the first that is stated counts. */
export const photoNames = ['avatar', 'avatar_url', 'photo', 'photo_url', 'picture', 'image'] as const

/** Of a person's values those that are read. */
export const keptOfPersons = namesOf(
  `guid id code slug name public_name full_public_name full_name biography extended_biography description abstract url
  links attachments ${photoNames.join(' ')}`,
)

import type { Programme } from '../programme.ts'
import type { Pieces } from './blocks.ts'
import { calendarOf } from './calendar.ts'
import { csv } from './csv.ts'
import { icalendarText } from './icalendar-text.ts'
import { openEventArchive } from './open-event.ts'
import { scheduleJson } from './schedule-json.ts'
import { scheduleXml } from './schedule-xml.ts'
import { withUris } from './uris.ts'
import type { languageFor } from './words.ts'
import { xcal } from './xcal.ts'

/** What a format is told beside the programme. */
export interface WriteOptions {
  /** Where the API is, without a slash at its end: 'https://api.example.org'. */
  readonly base: string
  /** Where this export is. */
  readonly address: string
  /** In which the words are that the export adds. */
  readonly language: ReturnType<typeof languageFor>
  /** When something of the programme was last changed; null if that isn't known. */
  readonly modifiedAt: Date | null
}

/** A format in which programmes are exported. */
export interface WriteFormat {
  /** What it is called, for people. */
  readonly name: string
  readonly contentType: string
  /** Other media types by which readers ask for it. */
  readonly alsoKnownAs: readonly string[]
  /** Whether it says of sessions that they were canceled, and of breaks. */
  readonly hasCanceled: boolean
  readonly hasBreaks: boolean
  write(programme: Programme, options: WriteOptions): Pieces
}

/** The formats by the file names under which an event has them: the one place to add one. */
export const writeFormats = {
  'schedule.ics': {
    name: 'iCalendar',
    contentType: 'text/calendar; charset=utf-8',
    alsoKnownAs: [],
    hasCanceled: true,
    hasBreaks: true,
    write: (programme, options) => icalendarText(calendarOf(withUris(programme), options)),
  },
  'schedule.xcal': {
    name: 'xCal',
    contentType: 'application/calendar+xml; charset=utf-8',
    alsoKnownAs: ['application/xml', 'text/xml'],
    hasCanceled: true,
    hasBreaks: true,
    write: (programme, options) => xcal(calendarOf(withUris(programme), options)),
  },
  'schedule.xml': {
    name: 'schedule.xml of Pentabarf, frab and the c3voc',
    contentType: 'application/xml; charset=utf-8',
    alsoKnownAs: ['text/xml', 'application/vnd.c3voc.schedule+xml'],
    hasCanceled: false,
    hasBreaks: false,
    write: (programme, options) => scheduleXml(withUris(programme), options),
  },
  'schedule.json': {
    name: 'schedule.json of frab, pretalx and the c3voc',
    contentType: 'application/json; charset=utf-8',
    alsoKnownAs: [],
    hasCanceled: false,
    hasBreaks: false,
    write: (programme, options) => scheduleJson(withUris(programme), options),
  },
  'schedule.csv': {
    name: 'CSV',
    contentType: 'text/csv; charset=utf-8; header=present',
    alsoKnownAs: ['text/plain'],
    hasCanceled: false,
    hasBreaks: false,
    write: csv,
  },
  'open-event.zip': {
    name: "Open Event Server's export",
    contentType: 'application/zip',
    alsoKnownAs: ['application/x-zip-compressed', 'application/octet-stream'],
    hasCanceled: false,
    hasBreaks: false,
    write: openEventArchive,
  },
} as const satisfies Record<string, WriteFormat>

export type WriteFormatName = keyof typeof writeFormats

export function isWriteFormat(name: string): name is WriteFormatName {
  return Object.hasOwn(writeFormats, name)
}

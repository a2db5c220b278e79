import { foundFormat } from '../../markup/format.ts'
import { type Fault, unreadable } from './faults.ts'
import { formats } from './formats.ts'
import { type OpenEventKind, readOpenEventFile } from './open-event-files.ts'
import { roomList, sessionTypeList, speakerList, trackList } from './open-event-parts.ts'
import { firstOf, idsOf, type OpenEventRecord } from './open-event-records.ts'
import {
  eventStateOf,
  firstProse,
  levelOf,
  sessionStateOf,
  statedFormat,
  statedMoment,
} from './open-event-values.ts'
import type { FoundProgramme, FoundEvent, FoundSession, FoundSessionValues } from './found.ts'
import type { ReadingListener, Source } from './source.ts'
import { addressIn, foundLinks, linkList, type LinkReading, ownLinks, venueOf } from './links.ts'
import { namesOf, unkept } from './unkept.ts'
import { known, lineOf, linksOf, listOf, proseOf } from './stated.ts'

/**
 * Reads Open Event Server's export: event.json, sessions.json ... or all of it in one file, with snake_case or hyphenated
 * keys or as JSON:API. E-mail addresses and telephone numbers in it are never looked at.
 *
 * @param name what faults call the export as a whole
 * @throws BAD_USER_INPUT where a file isn't JSON, or where there is no event
 */
export async function readOpenEventFiles(
  files: ReadonlyMap<OpenEventKind, Pick<Source, 'name' | 'bytes'>>,
  name: string,
  listener: ReadingListener,
): Promise<FoundProgramme> {
  const reading = openEventReading()
  const kinds = new Set<OpenEventKind>()
  let bytesBefore = 0
  for (const [kind, file] of files) {
    let bytesHere = 0
    const onBytes = (bytes: number) => listener.onBytes(bytesBefore + (bytesHere = bytes))
    const source = { ...file, listener: { ...listener, onBytes } }
    for (const found of await readOpenEventFile(source, kind, reading.note)) kinds.add(found)
    bytesBefore += bytesHere
  }
  return reading.programme(kinds, name)
}

export async function readOpenEventSource(source: Source): Promise<FoundProgramme> {
  const reading = openEventReading()
  return reading.programme(await readOpenEventFile(source, 'event', reading.note), source.name)
}

function openEventReading() {
  const told: Fault[] = []
  const lists = {
    tracks: trackList(),
    rooms: roomList(),
    sessionTypes: sessionTypeList(),
    speakers: speakerList(told),
  }
  // What a session refers to may stand further down, so sessions are finished last.
  const unfinished: (() => FoundSession)[] = []
  let event: FoundEvent | null = null

  return {
    note(this: void, kind: OpenEventKind, record: OpenEventRecord, place: string): void {
      if (kind === 'event') event = eventOf(record, place, told)
      else if (kind !== 'sessions') lists[kind].note(record, place)
      // A deleted session that the server still exports isn't in the programme.
      else if (!proseOf(record['deleted_at'])) unfinished.push(() => sessionOf(record, place, lists, told))
    },
    /** @param name how a fault calls the export as a whole */
    programme(kinds: ReadonlySet<OpenEventKind>, name: string): FoundProgramme {
      if (event === null) {
        const reason = 'has no event: an Open Event export has event.json, or an "event" in its one file.'
        throw unreadable(name, `${reason} ${formats}`)
      }
      // Sessions name their tracks, rooms, types and speakers, so whoever knows the sessions knows these.
      const knows = (kind: OpenEventKind) => kinds.has(kind) || kinds.has('sessions')
      const sessions = unfinished.map((finish) => finish())
      return {
        format: 'Open Event JSON',
        event,
        tracks: knows('tracks') ? lists.tracks.settled() : null,
        rooms: knows('rooms') ? lists.rooms.settled() : null,
        sessionTypes: knows('sessionTypes') ? lists.sessionTypes.settled() : null,
        speakers: knows('speakers') ? lists.speakers.settled() : null,
        sessions: knows('sessions') ? sessions : null,
        told,
      }
    },
  }
}

interface Lists {
  readonly tracks: ReturnType<typeof trackList>
  readonly rooms: ReturnType<typeof roomList>
  readonly sessionTypes: ReturnType<typeof sessionTypeList>
  readonly speakers: ReturnType<typeof speakerList>
}

function sessionOf(record: OpenEventRecord, place: string, lists: Lists, told: Fault[]): FoundSession {
  const faults: string[] = []
  const graveFaults: string[] = []
  const ids = idsOf(record)
  const sourceId = ids[0] ?? null
  if (sourceId === null) graveFaults.push('has no id, so it could not be recognised next time.')
  // A submission date that can't be read is no reason to refuse a session.
  const submittedAt = statedMoment(record, ['submitted_at'], [])
  const findings = { faults, tell: (reason: string) => void told.push({ place, reason }) }
  unkept(record, keptOfSessions).forEach(findings.tell)
  const people = listOf(record['speakers']).map((speaker) => lists.speakers.refer(speaker, place, findings))
  return {
    place,
    ids,
    sourceId,
    values: { ...valuesOf(record, faults), ...ownLinks(record, findings.tell) },
    startsAt: statedMoment(record, ['starts_at', 'start_time'], graveFaults),
    endsAt: statedMoment(record, ['ends_at', 'end_time'], faults),
    ...(submittedAt === null ? {} : { submittedAt }),
    state: sessionStateOf(record['state'], faults),
    track: lists.tracks.refer(firstOf(record, 'track', 'track_id'), place, findings),
    room: lists.rooms.refer(firstOf(record, 'microlocation', 'room', 'microlocation_id'), place, findings),
    sessionType: lists.sessionTypes.refer(
      firstOf(record, 'session_type', 'session_type_id'),
      place,
      findings,
    ),
    speakers: [...new Set(people.filter((person) => person !== null))],
    faults,
    graveFaults,
  }
}

function valuesOf(record: OpenEventRecord, faults: string[]): FoundSessionValues {
  const links = {
    slidesUrl: firstOf(record, 'slides_url', 'slides'),
    videoUrl: firstOf(record, 'video_url', 'video'),
    audioUrl: firstOf(record, 'audio_url', 'audio'),
    signupUrl: record['signup_url'],
    imageUrl: record['image_url'],
  }
  const abstract = firstProse(record, 'short_abstract', 'abstract')
  const description = firstProse(record, 'long_abstract', 'description')
  return {
    title: lineOf(record['title']) ?? '',
    ...foundFormat(statedFormat(record), abstract, description),
    ...known({
      subtitle: lineOf(record['subtitle']),
      abstract,
      description,
      language: lineOf(record['language']),
      level: levelOf(record['level']),
    }),
    ...linksOf(links, faults),
  }
}

function eventOf(record: OpenEventRecord, place: string, told: Fault[]): FoundEvent {
  const faults: string[] = []
  const tell = (reason: string) => void told.push({ place, reason })
  unkept(record, keptOfEvents).forEach(tell)
  const description = proseOf(record['description'])
  const zone = lineOf(firstOf(record, 'timezone', 'time_zone')) ?? null
  return {
    place,
    acronym: lineOf(record['slug']) ?? null,
    name: lineOf(record['name']) ?? null,
    ...known({ description }),
    ...foundFormat(statedFormat(record), description),
    ...pagesOfEvent(record, tell),
    timeZone: zone === null ? null : { name: zone, place: `${place} timezone` },
    startsAt: statedMoment(record, ['starts_at', 'start_time'], faults),
    endsAt: statedMoment(record, ['ends_at', 'end_time'], faults),
    state: eventStateOf(record['state'], faults),
    faults,
  }
}

/** Where the event is, on the earth and elsewhere. */
function pagesOfEvent(record: OpenEventRecord, tell: LinkReading['tell']): Partial<FoundEvent> {
  const addressOf = (...keys: string[]) => addressIn(firstFilled(record, ...keys), { base: null, tell })
  const websiteUrl = addressOf('external_event_url', 'event_url')
  const logoUrl = addressOf('logo_url', 'logo', 'original_image_url', 'background_image', 'large')
  const venue = venueOf(
    {
      name: firstFilled(record, 'location_name', 'searchable_location_name'),
      address: record['location_address'],
      latitude: record['latitude'],
      longitude: record['longitude'],
    },
    tell,
  )
  const networks = linkList(record['social_links']).map((link) => ({
    ...link,
    type: link.type ?? (/blog|web/i.test(lineOf(link.title) ?? '') ? 'website' : 'social'),
  }))
  const links = foundLinks([...networks, { url: record['ticket_url'], title: 'Tickets' }], {
    base: null,
    tell,
  })
  return {
    ...(websiteUrl === null ? {} : { websiteUrl }),
    ...(logoUrl === null ? {} : { logoUrl }),
    ...(venue === null ? {} : { venue }),
    ...('social_links' in record || 'ticket_url' in record ? { links } : {}),
  }
}

/** What is read, and what says it in another way or is about the server. */
const keptOfSessions = namesOf(
  `id type title subtitle short_abstract abstract long_abstract description language level starts_at start_time ends_at
  end_time submitted_at state track microlocation room session_type speakers slides slides_url video video_url audio
  audio_url signup_url deleted_at created_at last_modified_at is_mail_sent links guid text_format image_url track_id
  microlocation_id session_type_id`,
)
const keptOfEvents = namesOf(
  `id type name description timezone time_zone starts_at start_time ends_at end_time state external_event_url event_url
  logo logo_url original_image_url background_image large thumbnail placeholder_url location_name
  searchable_location_name latitude longitude social_links ticket_url identifier version created_at deleted_at links
  has_session_speakers is_sessions_speakers_enabled schedule_published_on slug text_format location_address`,
)

function firstFilled(record: OpenEventRecord, ...keys: string[]): unknown {
  return keys.map((key) => record[key]).find((value) => lineOf(value))
}

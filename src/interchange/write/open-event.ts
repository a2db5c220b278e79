import type { Readable } from 'node:stream'
import type { Link } from '../../links.ts'
import type { TextFormat } from '../../markup/format.ts'
import type {
  Programme,
  ProgrammeEvent,
  ProgrammePart,
  ProgrammeRoom,
  ProgrammeSession,
  ProgrammeSessionType,
  ProgrammeSpeaker,
  ProgrammeTrack,
} from '../programme.ts'
import { localInstant } from './frab-days.ts'
import { hexColor } from './schedule-xml.ts'
import { zip } from './zip.ts'

/**
 * The export of Open Event Server: a ZIP archive with a file of JSON for each kind, under the names and with the keys that
 * it has. What it has no keys for has some of ours: `guid`, `slug`, `text_format`, `links`, `capacity`, `image_url` and
 * `location_address`.
 */
export function openEventArchive({ event, tracks, rooms, sessionTypes, ...people }: Programme): Readable {
  const { speakers, sessions } = people
  return zip({
    event: [JSON.stringify(eventRecord(event))],
    microlocations: list(rooms, roomRecord),
    sessions: list(sessions, (session) => sessionRecord(session, event.timeZone)),
    speakers: list(speakers, speakerRecord),
    tracks: list(tracks, trackRecord),
    session_types: list(sessionTypes, typeRecord),
    social_links: list(event.links, socialLink),
    // Open Event Server's exports have these, too.
    sponsors: ['[]'],
    forms: ['[]'],
  })
}

/** A list, a record a line. */
function* list<Row>(rows: readonly Row[], record: (row: Row, index: number) => object): Generator<string> {
  yield '['
  for (const [index, row] of rows.entries()) {
    yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(record(row, index))}`
  }
  yield ']\n'
}

function eventRecord(event: ProgrammeEvent) {
  const { venue, timeZone } = event
  return {
    // The only event of its archive. A server that imports it gives it a number of its own.
    id: 1,
    slug: event.slug,
    name: event.name,
    latitude: venue?.latitude ?? null,
    longitude: venue?.longitude ?? null,
    location_name: venue?.name ?? null,
    ...(venue?.address === undefined ? {} : { location_address: venue.address }),
    starts_at: localInstant(event.startsAt, timeZone),
    ends_at: localInstant(event.endsAt, timeZone),
    timezone: timeZone,
    description: event.description,
    ...formatOf(event.textFormat, event.description),
    logo_url: event.logoUrl,
    external_event_url: event.websiteUrl,
    state: event.state.toLowerCase(),
    social_links: event.links.map(socialLink),
  }
}

function socialLink(link: Link, index: number) {
  return { id: index + 1, ...linkRecord(link) }
}

function roomRecord({ floor, capacity, ...room }: ProgrammeRoom) {
  // It counts floors; ours may have names.
  const itsFloor = floor !== null && /^(0|-?[1-9]\d{0,5})$/.test(floor) ? Number(floor) : floor
  return { ...identity(room), floor: itsFloor, capacity }
}

function trackRecord({ color, description, ...track }: ProgrammeTrack) {
  return { ...identity(track), color: hexColor(color), description }
}

function typeRecord({ durationMinutes, ...type }: ProgrammeSessionType) {
  return { ...identity(type), length: durationMinutes === null ? null : lengthText(durationMinutes) }
}

/** 90 -> '01:30' */
function lengthText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
}

function speakerRecord(speaker: ProgrammeSpeaker) {
  return {
    ...identity(speaker),
    photo_url: speaker.photoUrl,
    organisation: speaker.organisation,
    country: speaker.country,
    short_biography: null,
    long_biography: speaker.biography,
    ...formatOf(speaker.textFormat, speaker.biography),
    website: speaker.websiteUrl,
    ...Object.fromEntries(networks.map((name) => [name.toLowerCase(), linkCalled(name, speaker)])),
    links: speaker.links.map(linkRecord),
  }
}

/** Those of which Open Event has a key. */
const networks = ['Twitter', 'Mastodon', 'Facebook', 'GitHub', 'LinkedIn', 'Instagram']

function linkCalled(name: string, { links }: ProgrammeSpeaker): string | null {
  return links.find(({ title }) => title === name)?.url ?? null
}

function sessionRecord(session: ProgrammeSession, timeZone: string) {
  const { startsAt, endsAt, submittedAt, abstract, description, level } = session
  const time = (instant: Date | null) => instant && localInstant(instant, timeZone)
  return {
    ...{ id: session.number, guid: session.guid, title: session.title, subtitle: session.subtitle },
    short_abstract: abstract,
    long_abstract: description,
    ...formatOf(session.textFormat, abstract, description),
    starts_at: time(startsAt),
    ends_at: time(endsAt),
    session_type: session.sessionType && reference(session.sessionType),
    track: session.track && reference(session.track),
    microlocation: session.room && reference(session.room),
    speakers: session.speakers.map(reference),
    language: session.language,
    level: level && level.charAt(0) + level.slice(1).toLowerCase(),
    state: session.state.toLowerCase(),
    submitted_at: time(submittedAt),
    slides_url: session.slidesUrl,
    audio_url: session.audioUrl,
    video_url: session.videoUrl,
    signup_url: session.signupUrl,
    image_url: session.imageUrl,
    links: session.links.map(linkRecord),
  }
}

type NamedPart = Pick<ProgrammePart, 'number' | 'guid'> & { readonly name: string }

function identity({ number, guid, name }: NamedPart) {
  return { id: number, guid, name }
}

function reference({ number, name }: NamedPart) {
  return { id: number, name }
}

function linkRecord({ url, title, kind }: Link) {
  return { name: title ?? url, link: url, type: kind.toLowerCase() }
}

/** Only beside a text that is there, as it is read. */
function formatOf(format: TextFormat, ...texts: readonly (string | null)[]) {
  return texts.every((text) => text === null) ? {} : { text_format: format.toLowerCase() }
}

import { isRecord } from '../../is-record.ts'
import { foundFormat } from '../../markup/format.ts'
import { partRegister, type PartRegister } from './part-register.ts'
import { keptNames } from './frab-fields.ts'
import type { FrabConference, FrabPerson, FrabRoom, FrabSession, FrabTrack } from './frab-fields.ts'
import { unkept } from './unkept.ts'
import type { Fault } from './faults.ts'
import { frabDayStarts } from './frab-day-starts.ts'
import { frabClock, frabContradictions, type StatedDay, frabEnd, frabStart } from './frab-times.ts'
import { linksOfConference, linksOfSession } from './frab-links.ts'
import { foundLinks, type LinkReading } from './links.ts'
import { type DurationReading, durationReading } from './durations.ts'
import { type StatedMoment, momentOf, roughMinutes } from './moments.ts'
import type {
  FoundEvent,
  FoundProgramme,
  FoundRoom,
  FoundSession,
  FoundTrack,
  Format,
  FoundSpeakerValues,
} from './found.ts'
import { colorOf, wholeNumberOf, idOf, known, lineOf, linksOf, proseOf, type Stated } from './stated.ts'

export interface FrabReading {
  readonly conference: FrabConference
  declareTrack(place: string, track: FrabTrack): void
  declareRoom(place: string, room: FrabRoom & { readonly capacity: Stated }): void
  /** A person of the schedule's own list, which says more of people than their sessions do. */
  declarePerson(place: string, person: FrabPerson): void
  declareDay(day: StatedDay): void
  addSession(session: FrabSession): void
  /** To be called once everything was read: only then the day change and who shares an id are known. */
  programme(): FoundProgramme
}

/**
 * Makes one programme of what the XML and the JSON reader find, so that the same schedule gives the same sessions.
 *
 * @param name how faults call the file where they have no better place
 */
export function frabReading(format: Format, name: string): FrabReading {
  const conference: FrabConference = { place: name }
  const tracks = partRegister<TrackValues>()
  const rooms = partRegister<RoomValues>()
  const sessionTypes = partRegister<{ name: string }>()
  const speakers = partRegister<FoundSpeakerValues>()
  const days: StatedDay[] = []
  const stated: FrabSession[] = []
  const told: Fault[] = []

  const sessionOf = (stated: FrabSession, durations: DurationReading): FoundSession => {
    const { place } = stated
    const faults: string[] = []
    const graveFaults: string[] = []
    const ids = idsOf(stated.guid, stated.id, stated.code, stated.slug)
    const sourceId = ids[0] ?? null
    if (sourceId === null)
      graveFaults.push('has neither a guid nor an id, so it could not be recognised next time.')
    const base = lineOf(conference.baseUrl)
    const tell = (reason: string) => void told.push({ place, reason })
    const { addresses, ...pages } = linksOfSession(stated, { base, tell })
    unkept(stated.all, keptNames).forEach(tell)
    const [abstract, description] = [proseOf(stated.abstract), proseOf(stated.description)]
    const values = {
      title: lineOf(stated.title) ?? '',
      ...foundFormat(null, abstract, description),
      ...known({
        subtitle: lineOf(stated.subtitle),
        abstract,
        description,
        language: lineOf(stated.language),
      }),
      ...linksOf(addresses, faults, base),
      ...pages,
    }
    const people = stated.persons.map((person) =>
      noteSpeaker(speakers, place, person, { base, tell, isListed: false }),
    )
    const times = { date: stated.date, start: stated.start, end: stated.end, duration: stated.duration }
    const startsAt = frabStart(times, stated.day, conference.dayChange, graveFaults)
    const endsAt = frabEnd(times, durations, faults)
    const clock = frabClock(times)
    const contradictions = frabContradictions(times, stated.day, { startsAt, endsAt }, durations)
    const [itsRoom, ownRoom] = [lineOf(stated.room.name), lineOf(stated.ownRoom)]
    if (itsRoom && ownRoom && itsRoom !== ownRoom) {
      contradictions.push('names another room than the one that it stands in; where it stands counts.')
    }
    told.push(...contradictions.map((reason) => ({ place, reason })))
    return {
      ...{ place, ids, sourceId, values, faults, graveFaults, startsAt },
      track: noteTrack(tracks, place, stated.track),
      room: noteRoom(rooms, place, stated.room),
      sessionType: noteNamed(sessionTypes, place, stated.type),
      endsAt,
      ...(clock === null ? {} : { clock }),
      // What stands in a public schedule takes place; the format has no word for anything else.
      state: { value: 'CONFIRMED', isStated: false },
      speakers: [...new Set(people.filter((person) => person !== null))],
    }
  }

  return {
    conference,
    declareTrack: (place, { name, slug, guid, color, description }) => {
      const values = known({ color: colorOf(color), description: proseOf(description) })
      noteNamed(tracks, place, name, { ids: idsOf(guid), values, aliases: aliasesOf({ slug, guid }) })
    },
    declareRoom: (place, { name, guid, slug, capacity }) => {
      const values = known({ capacity: wholeNumberOf(capacity) })
      noteNamed(rooms, place, name, { ids: idsOf(guid), values, aliases: aliasesOf({ slug, guid }) })
    },
    declarePerson(place, person) {
      const tell = (reason: string) => void told.push({ place, reason })
      noteSpeaker(speakers, place, person, { base: lineOf(conference.baseUrl), tell, isListed: true })
    },
    declareDay: (day) => void days.push(day),
    // What a session refers to may be declared further down, so sessions are finished last.
    addSession: (session) => void stated.push(session),
    programme() {
      const event = eventOf(conference, days, told)
      const durations = durationReading(
        stated.flatMap(({ duration }) => lineOf(duration) ?? []),
        lengthOf(event),
      )
      told.push(...durations.notes.map((reason) => ({ place: event.place, reason })))
      const sessions = stated.map((session) => ({ day: session.day, ...sessionOf(session, durations) }))
      const dayStarts = frabDayStarts(days, conference.dayChange, sessions)
      return {
        format,
        event: { ...event, ...(dayStarts.length === 0 ? {} : { dayStarts }) },
        sessions: sessions.map(({ day: _day, ...session }) => session),
        tracks: tracks.settled(),
        rooms: rooms.settled(),
        sessionTypes: sessionTypes.settled(),
        speakers: speakers.settled(),
        told,
      }
    },
  }
}

/** In minutes; a week where the file doesn't say. */
function lengthOf({ startsAt, endsAt }: FoundEvent): number {
  return startsAt === null || endsAt === null ? 7 * 24 * 60 : roughMinutes(startsAt, endsAt)
}

type TrackValues = FoundTrack['values']
type RoomValues = FoundRoom['values']

/** Tracks, rooms and types are known by their names; null where there is none. */
function noteNamed<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  place: string,
  stated: Stated,
  part: { ids?: readonly string[]; values?: Omit<Values, 'name'>; aliases?: readonly string[] } = {},
) {
  const name = lineOf(stated) ?? null
  if (name === null) return null
  const { ids = [], values, aliases = [] } = part
  // Omit<> of a type parameter and the name again is the type parameter, which the compiler can't see.
  return entries.note([name], { ids, place, values: { name, ...values } as unknown as Values, aliases })
}

/** A track is named, or referred to: { "slug": "science" }, where the conference lists it. */
function noteTrack(tracks: PartRegister<TrackValues>, place: string, stated: Stated) {
  return (isRecord(stated) ? declared(tracks, stated) : null) ?? noteNamed(tracks, place, stated)
}

/** A name counts before a guid: pretalx gives one guid to several rooms. */
function noteRoom(rooms: PartRegister<RoomValues>, place: string, stated: FrabRoom) {
  return noteNamed(rooms, place, stated.name, { ids: idsOf(stated.guid) }) ?? declared(rooms, stated)
}

function declared<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  { name, slug, guid }: { name?: Stated; slug?: Stated; guid?: Stated },
) {
  if (lineOf(name)) return null
  return aliasesOf({ guid, slug }).flatMap((alias) => entries.find(alias) ?? [])[0] ?? null
}

/** Keys that no name can have: names are of one line. */
function aliasesOf(stated: { guid?: Stated; slug?: Stated }): string[] {
  return Object.entries(stated).flatMap(([kind, value]) => {
    const id = idOf(value)
    return id === null ? [] : [`${kind}\n${id}`]
  })
}

function noteSpeaker(
  speakers: PartRegister<FoundSpeakerValues>,
  place: string,
  person: FrabPerson,
  { isListed, ...reading }: LinkReading & { readonly isListed: boolean },
) {
  const ids = idsOf(person.guid, person.id, person.code)
  const name = lineOf(person.name) ?? null
  if (name === null) return ids.flatMap((id) => speakers.findById(id) ?? [])[0] ?? null
  const faults: string[] = []
  const biography = proseOf(person.biography)
  const values = {
    name,
    ...known({ biography }),
    ...foundFormat(null, biography),
    ...linksOf({ websiteUrl: person.url, photoUrl: person.photo }, faults, reading.base),
    ...(person.links === undefined ? {} : { links: foundLinks(person.links, reading) }),
  }
  // By id and name: merged schedules give one id to several people. By the name alone where the list has one of it.
  const byName = JSON.stringify([null, name])
  const keys = ids.length === 0 ? [byName] : ids.map((id) => JSON.stringify([id, name]))
  const listed = ids.length === 0 ? speakers.find(byName) : undefined
  return listed ?? speakers.note(keys, { ids, place, values, faults, aliases: isListed ? [byName] : [] })
}

function idsOf(...stated: readonly Stated[]): string[] {
  return [...new Set(stated.map(idOf).filter((id) => id !== null))]
}

function eventOf(conference: FrabConference, days: readonly StatedDay[], told: Fault[]): FoundEvent {
  const tell = (reason: string) => void told.push({ place: conference.place, reason })
  const faults: string[] = []
  const momentIn = (what: string, ...candidates: Stated[]): StatedMoment | null => {
    const text = candidates.map((candidate) => lineOf(candidate)).find((candidate) => candidate)
    if (!text) return null
    const moment = momentOf(text)
    if (typeof moment !== 'string') return moment
    faults.push(`${what}: ${moment}`)
    return null
  }
  const [first, last] = [days[0], days.at(-1)]
  const zone = lineOf(conference.timeZone?.name) ?? null
  const description = proseOf(conference.description)
  return {
    place: conference.place,
    acronym: lineOf(conference.acronym) ?? null,
    name: lineOf(conference.title) ?? null,
    ...known({ description }),
    ...foundFormat(null, description),
    ...linksOfConference(conference, tell),
    timeZone: zone === null ? null : { name: zone, place: conference.timeZone!.place },
    startsAt: momentIn('start', conference.start, first?.start, first?.date),
    endsAt: momentIn('end', conference.end, last?.end, last?.date),
    state: { value: 'PUBLISHED', isStated: false },
    faults,
  }
}

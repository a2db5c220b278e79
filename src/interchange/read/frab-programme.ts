import { foundFormat } from '../../markup/format.ts'
import { partRegister } from './part-register.ts'
import { keptNames } from './frab-fields.ts'
import type { FrabConference, FrabPerson, FrabRoom, FrabSession, FrabTrack } from './frab-fields.ts'
import { unkept } from './unkept.ts'
import type { Fault } from './faults.ts'
import { frabDayStarts } from './frab-day-starts.ts'
import { frabClock, frabContradictions, type StatedDay, frabEnd, frabStart } from './frab-times.ts'
import { linksOfConference, linksOfSession } from './frab-links.ts'
import { aliasesOf, idsStated, noteNamed, noteRoom, noteSpeaker, noteTrack } from './frab-parts.ts'
import { type DurationReading, durationReading } from './durations.ts'
import { type StatedMoment, momentOf, roughMinutes } from './moments.ts'
import type {
  FoundEvent,
  FoundProgramme,
  FoundRoom,
  FoundSession,
  Format,
  FoundSpeakerValues,
  FoundTrack,
} from './found.ts'
import { zoneCalled } from './zone-names.ts'
import { colorOf, wholeNumberOf, known, lineOf, linksOf, proseOf, type Stated } from './stated.ts'

export interface FrabReading {
  readonly conference: FrabConference
  /** The first that the file names counts. */
  declareZone(place: string, name: Stated): void
  declareTrack(place: string, track: FrabTrack): void
  declareRoom(place: string, room: FrabRoom & { readonly capacity: Stated }): void
  /** A person of the schedule's own list, which says more of people than their sessions do. */
  declarePerson(place: string, person: FrabPerson): void
  declareDay(day: StatedDay): void
  addSession(session: FrabSession): void
  /** Something that can't be read where it stands, in words for the person who imports. */
  tell(place: string, reason: string): void
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
  const tracks = partRegister<FoundTrack['values']>()
  const rooms = partRegister<FoundRoom['values']>()
  const sessionTypes = partRegister<{ name: string }>()
  const speakers = partRegister<FoundSpeakerValues>()
  const days: StatedDay[] = []
  const stated: FrabSession[] = []
  const told: Fault[] = []

  const tellUnread = (place: string, what: string, value: Stated, why: string) => {
    const text = lineOf(value)
    if (text)
      told.push({ place, reason: `has the ${what} ${JSON.stringify(text)}, which ${why}. It was left out.` })
  }

  const sessionOf = (stated: FrabSession, durations: DurationReading): FoundSession => {
    const { place } = stated
    const faults: string[] = []
    const graveFaults: string[] = []
    const ids = idsStated(stated.guid, stated.id, stated.code, stated.slug)
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
      track: noteTrack(tracks, place, { stated: stated.track, tell }),
      room: noteRoom(rooms, place, { stated: stated.room, tell }),
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
    declareZone(place, name) {
      if (!lineOf(name)) return
      const first = lineOf((conference.timeZone ??= { name, place }).name)!
      if ((zoneCalled(first) ?? first) === (zoneCalled(lineOf(name)!) ?? lineOf(name))) return
      told.push({ place, reason: `names another time zone than ${first}, which counts.` })
    },
    declareTrack: (place, { name, slug, guid, color, description }) => {
      const values = known({ color: colorOf(color), description: proseOf(description) })
      if (values.color === null) tellUnread(place, 'color', color, 'is none such as #ff8800')
      noteNamed(tracks, place, name, { ids: idsStated(guid), values, aliases: aliasesOf({ slug, guid }) })
    },
    declareRoom: (place, { name, guid, slug, capacity }) => {
      const values = known({ capacity: wholeNumberOf(capacity) })
      if (values.capacity === null) tellUnread(place, 'capacity', capacity, 'is no number of seats')
      noteNamed(rooms, place, name, { ids: idsStated(guid), values, aliases: aliasesOf({ slug, guid }) })
    },
    declarePerson(place, person) {
      const tell = (reason: string) => void told.push({ place, reason })
      noteSpeaker(speakers, place, person, { base: lineOf(conference.baseUrl), tell, isListed: true })
    },
    declareDay: (day) => void days.push(day),
    // What a session refers to may be declared further down, so sessions are finished last.
    addSession: (session) => void stated.push(session),
    tell: (place, reason) => void told.push({ place, reason }),
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

import { partRegister, type PartRegister } from './part-register.ts'
import type { FrabConference, FrabPerson, FrabSession } from './frab-fields.ts'
import { type FrabDay, frabEnd, frabStart } from './frab-times.ts'
import { type Moment, momentOf } from './moments.ts'
import type { FoundProgramme, FoundEvent, Format, FoundSession, SpeakerValues } from './found.ts'
import { colorOf, countOf, idOf, known, lineOf, linksOf, proseOf, type Stated } from './stated.ts'

export interface FrabReading {
  readonly conference: FrabConference
  declareTrack(place: string, track: { name: Stated; color: Stated; description: Stated }): void
  declareRoom(place: string, room: { name: Stated; guid: Stated; capacity: Stated }): void
  declareDay(day: FrabDay): void
  addSession(session: FrabSession): void
  /** To be called once everything was read: only then the day change and who shares an id are known. */
  programme(): FoundProgramme
}

/** Makes one programme of what the XML and the JSON reader find, so that the same schedule gives the same sessions. */
export function frabReading(format: Format): FrabReading {
  const conference: FrabConference = { place: '' }
  const tracks = partRegister<{ name: string; color?: string | null; description?: string | null }>()
  const rooms = partRegister<{ name: string; capacity?: number | null }>()
  const sessionTypes = partRegister<{ name: string }>()
  const speakers = partRegister<SpeakerValues>()
  const days: FrabDay[] = []
  const unfinished: (() => FoundSession)[] = []

  return {
    conference,
    declareTrack(place, { name, color, description }) {
      const values = known({ color: colorOf(color), description: proseOf(description) })
      noteNamed(tracks, place, name, null, values)
    },
    declareRoom(place, { name, guid, capacity }) {
      noteNamed(rooms, place, name, idOf(guid), known({ capacity: countOf(capacity) }))
    },
    declareDay: (day) => void days.push(day),
    addSession(stated) {
      const { place } = stated
      const faults: string[] = []
      const sourceId = idOf(stated.guid) ?? idOf(stated.id) ?? idOf(stated.code) ?? idOf(stated.slug)
      if (sourceId === null)
        faults.push('has neither a guid nor an id, so it could not be recognised next time.')
      const track = noteNamed(tracks, place, stated.track, null, {})
      const room = noteNamed(rooms, place, stated.room.name, idOf(stated.room.guid), {})
      const sessionType = noteNamed(sessionTypes, place, stated.type, null, {})
      const base = lineOf(conference.baseUrl)
      const values = {
        title: lineOf(stated.title) ?? '',
        ...known({
          subtitle: lineOf(stated.subtitle),
          abstract: proseOf(stated.abstract),
          description: proseOf(stated.description),
          language: lineOf(stated.language),
        }),
        ...linksOf({ slidesUrl: stated.slides, videoUrl: stated.video }, faults, base),
      }
      const people = stated.persons.map((person) => noteSpeaker(speakers, place, person, base))
      const times = { date: stated.date, start: stated.start, end: stated.end, duration: stated.duration }
      unfinished.push(() => {
        const startsAt = frabStart(times, stated.day, conference.dayChange, faults)
        return {
          ...{ place, sourceId, values, track, room, sessionType, faults, startsAt },
          endsAt: frabEnd(times, faults),
          // What stands in a public schedule takes place; the format has no word for anything else.
          state: { value: 'CONFIRMED', isStated: false },
          speakers: [...new Set(people.filter((person) => person !== null))],
        }
      })
    },
    programme: () => ({
      format,
      event: eventOf(conference, days),
      sessions: unfinished.map((finish) => finish()),
      tracks: tracks.settled(),
      rooms: rooms.settled(),
      sessionTypes: sessionTypes.settled(),
      speakers: speakers.settled(),
    }),
  }
}

/** Tracks, rooms and types are known by their names; null where there is none. */
function noteNamed<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  place: string,
  stated: Stated,
  id: string | null,
  values: Omit<Values, 'name'>,
) {
  const name = lineOf(stated) ?? null
  if (name === null) return null
  // Omit<> of a type parameter and the name again is the type parameter, which the compiler can't see.
  return entries.note(name, { id, place, values: { name, ...values } as unknown as Values })
}

function noteSpeaker(
  speakers: PartRegister<SpeakerValues>,
  place: string,
  person: FrabPerson,
  base?: string | null,
) {
  const name = lineOf(person.name) ?? null
  if (name === null) return null
  const faults: string[] = []
  const id = idOf(person.guid) ?? idOf(person.id) ?? idOf(person.code)
  const values = {
    name,
    ...known({ biography: proseOf(person.biography) }),
    ...linksOf({ websiteUrl: person.url, photoUrl: person.photo }, faults, base),
  }
  return speakers.note(JSON.stringify([id, name]), { id, place, values, faults })
}

function eventOf(conference: FrabConference, days: readonly FrabDay[]): FoundEvent {
  const faults: string[] = []
  const momentIn = (what: string, ...candidates: Stated[]): Moment | null => {
    const text = candidates.map((candidate) => lineOf(candidate)).find((candidate) => candidate)
    if (!text) return null
    const moment = momentOf(text)
    if (typeof moment !== 'string') return moment
    faults.push(`${what}: ${moment}`)
    return null
  }
  const [first, last] = [days[0], days.at(-1)]
  const zone = lineOf(conference.timeZone?.name) ?? null
  return {
    place: conference.place,
    acronym: lineOf(conference.acronym) ?? null,
    name: lineOf(conference.title) ?? null,
    ...known({ description: proseOf(conference.description) }),
    timeZone: zone === null ? null : { name: zone, place: conference.timeZone!.place },
    startsAt: momentIn('start', conference.start, first?.start, first?.date),
    endsAt: momentIn('end', conference.end, last?.end, last?.date),
    state: { value: 'PUBLISHED', isStated: false },
    faults,
  }
}

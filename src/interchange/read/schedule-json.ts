import { isRecord } from '../../is-record.ts'
import { photoNames } from './frab-fields.ts'
import { frabReading, type FrabReading } from './frab-programme.ts'
import type { StatedDay } from './frab-times.ts'
import { listsOf, readJson, spelledPath } from './json-values.ts'
import type { FoundProgramme } from './found.ts'
import { formats } from './formats.ts'
import { unreadable } from './faults.ts'
import type { Source } from './source.ts'
import { linkList, type StatedLink } from './links.ts'
import { listOf, type Stated } from './stated.ts'

const conferenceKeys = {
  title: 'title',
  acronym: 'acronym',
  description: 'description',
  start: 'start',
  end: 'end',
  day_change: 'dayChange',
  url: 'url',
  logo: 'logo',
  venue: 'venue',
  city: 'city',
} as const

const zoneKeys = ['time_zone_name', 'timezone', 'time_zone']
const dayKeys = { date: 'date', day_start: 'start', day_end: 'end', start: 'start', end: 'end' } as const

/**
 * Reads the schedule.json of frab, pretalx and the c3voc, session by session: version 1, whose sessions stand in the
 * rooms of the days, and version 2, which the hub of the c3voc writes and whose sessions are one list of "events".
 *
 * @throws BAD_USER_INPUT where the file isn't JSON, or has no conference
 */
export async function readScheduleJson(source: Source): Promise<FoundProgramme> {
  const reading = frabReading('schedule.json', source.name)
  const days: StatedDay[] = []
  const dayAt = (index: number): StatedDay => {
    if (days[index] === undefined) reading.declareDay((days[index] = {}))
    return days[index]
  }
  let hasConference = false

  await readJson(source, paths(), (value, path) => {
    const place = spelledPath(path)
    // Some files are the schedule without its wrapping.
    const steps = path[0] === 'schedule' ? path.slice(1) : path
    if (steps[0] === 'base_url') reading.conference.baseUrl ??= value
    else if (steps[0] === 'events') addSession(reading, value, { place, day: {} })
    else if (isListOfPersons(steps[0])) reading.declarePerson(place, personOf(value))
    if (steps[0] !== 'conference') return
    hasConference = true
    const [, what, index, part, room] = steps
    if (what === 'days') {
      const day = dayAt(Number(index))
      if (part === 'rooms') addSession(reading, value, { place, day, room })
      else if (isKeyOf(dayKeys, part)) day[dayKeys[part]] = value
    } else if (what === 'rooms' && isRecord(value)) {
      const { name, guid, slug, capacity } = value
      reading.declareRoom(place, { name, guid, slug, capacity })
    } else if (what === 'tracks' && isRecord(value)) {
      const { name, guid, slug, color, description, colors } = value
      const itsColor = color ?? (isRecord(colors) ? colors['light'] : undefined)
      reading.declareTrack(place, { name, guid, slug, color: itsColor, description })
    } else if (isListOfPersons(what)) reading.declarePerson(place, personOf(value))
    else if (typeof what === 'string' && zoneKeys.includes(what)) {
      reading.declareZone(place, value)
    } else if (isKeyOf(conferenceKeys, what)) {
      reading.conference.place = spelledPath(path.slice(0, -1))
      reading.conference[conferenceKeys[what]] = value
    } else if (what === 'base_url') reading.conference.baseUrl = value
  })
  if (!hasConference) {
    throw unreadable(source.name, `is JSON, but no schedule.json: it has no "conference". ${formats}`)
  }
  const programme = reading.programme()
  if (programme.sessions!.length === 0) await requireNoOtherSessions(source)
  return programme
}

/** @throws BAD_USER_INPUT where something that looks like sessions stands where no known format has them */
async function requireNoOtherSessions(source: Source): Promise<void> {
  const isSession = (keys: readonly string[]) =>
    keys.some((key) => /^(title|name)$/i.test(key)) && keys.some((key) => /^(start|begin)/i.test(key))
  const lists = await listsOf(source, isSession)
  if (lists.length === 0) return
  const reason = `is JSON of an unknown kind: what look like sessions stand in ${lists.join(', ')}.`
  throw unreadable(source.name, `${reason} ${formats}`)
}

function paths(): string[] {
  const persons = personLists.map((name) => `${name}.*`)
  const lists = ['rooms.*', 'tracks.*', ...persons]
  const conference = [...Object.keys(conferenceKeys), ...zoneKeys, 'base_url', ...lists]
  const days = [...Object.keys(dayKeys), 'rooms.*.*'].map((key) => `days.*.${key}`)
  const own = [...conference, ...days].map((key) => `conference.${key}`)
  return ['$.schedule', '$'].flatMap((root) =>
    ['base_url', 'events.*', ...persons, ...own].map((key) => `${root}.${key}`),
  )
}

function addSession(
  reading: FrabReading,
  event: unknown,
  { place, day, room }: { place: string; day: StatedDay; room?: string | number | undefined },
): void {
  if (!isRecord(event)) {
    reading.tell(place, 'is no object, as a session is. It was left out.')
    return
  }
  for (const name of [...personLists, 'links', 'attachments']) {
    const list = event[name] ?? []
    if (Array.isArray(list) || list === '') continue
    reading.tell(place, `has ${JSON.stringify(name)} that is no list. It was left out.`)
  }
  reading.addSession({
    place,
    day,
    guid: event['guid'],
    id: event['id'],
    code: event['code'],
    slug: event['slug'],
    title: event['title'],
    subtitle: event['subtitle'],
    abstract: event['abstract'],
    description: event['description'],
    language: event['language'],
    track: event['track'],
    type: event['type'],
    date: event['date'],
    start: event['start'],
    end: event['end'],
    duration: event['duration'],
    // The schedule's own grouping counts: merged schedules rename rooms there and only there.
    room: typeof room === 'string' ? { name: room, guid: undefined } : roomOf(event['room']),
    ownRoom: event['room'],
    persons: personLists.flatMap((name) => listOf(event[name])).map((person) => personOf(person)),
    video: event['video_download_url'],
    logo: event['logo'],
    url: event['url'],
    originUrl: event['origin_url'],
    feedbackUrl: event['feedback_url'],
    links: linksOf(event),
    all: event,
  })
}

/** What programs call the list of who speaks. */
const personLists = ['persons', 'participants', 'speakers', 'people']

function isListOfPersons(name: string | number | undefined): boolean {
  return typeof name === 'string' && personLists.includes(name)
}

/** A name, or { name, guid, slug }, of which any may be missing. */
function roomOf(room: Stated) {
  if (!isRecord(room)) return { name: room, guid: undefined }
  const { name, guid, slug } = room
  return { name, guid, slug }
}

function personOf(person: unknown) {
  // A person may be no more than a name.
  const stated = isRecord(person) ? person : { name: person }
  return {
    guid: stated['guid'],
    id: stated['id'],
    code: stated['code'],
    name: stated['public_name'] ?? stated['full_public_name'] ?? stated['name'] ?? stated['full_name'],
    biography: stated['biography'] ?? stated['description'] ?? stated['abstract'],
    url: stated['url'],
    photo: addressIn(photoNames.map((name) => stated[name]).find((photo) => photo != null)),
    links: linksOf(stated),
    all: stated,
  }
}

/** An address, or { url }. */
function addressIn(link: Stated): Stated {
  return isRecord(link) ? link['url'] : link
}

/** Attachments first; undefined where there is no list of either. */
function linksOf({ attachments, links }: Record<string, unknown>): StatedLink[] | undefined {
  if (attachments === undefined && links === undefined) return undefined
  return [...linkList(attachments, true), ...linkList(links)]
}

function isKeyOf<Keys extends object>(keys: Keys, key: unknown): key is keyof Keys {
  return typeof key === 'string' && Object.hasOwn(keys, key)
}

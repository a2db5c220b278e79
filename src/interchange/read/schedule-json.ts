import { frabReading, type FrabReading } from './frab-programme.ts'
import type { FrabDay } from './frab-times.ts'
import { type JsonPath, readJson, spelledPath } from './json-values.ts'
import type { FoundProgramme } from './found.ts'
import type { Source } from './source.ts'
import { isRecord, listOf } from './stated.ts'

const conferenceKeys = {
  title: 'title',
  acronym: 'acronym',
  description: 'description',
  start: 'start',
  end: 'end',
  day_change: 'dayChange',
} as const

const zoneKeys = ['time_zone_name', 'timezone', 'time_zone']
const dayKeys = { date: 'date', day_start: 'start', day_end: 'end' } as const

/**
 * Reads the schedule.json of frab, pretalx and the c3voc, session by session.
 *
 * @throws BAD_USER_INPUT where the file isn't JSON
 */
export async function readScheduleJson(source: Source): Promise<FoundProgramme> {
  const reading = frabReading('schedule.json')
  const days: FrabDay[] = []
  const dayAt = (index: number): FrabDay => {
    if (days[index] === undefined) reading.declareDay((days[index] = {}))
    return days[index]
  }

  await readJson(source, paths(), (value, path) => {
    const place = spelledPath(path)
    // Some files are the schedule without its wrapping.
    const steps = path[0] === 'schedule' ? path.slice(1) : path
    if (steps[0] === 'base_url') reading.conference.baseUrl ??= value
    if (steps[0] !== 'conference') return
    const [, what, index, part, room] = steps
    if (what === 'days') {
      const day = dayAt(Number(index))
      if (part === 'rooms') addSession(reading, value, { path, day, room })
      else if (isKeyOf(dayKeys, part)) day[dayKeys[part]] = value
    } else if (what === 'rooms' && isRecord(value)) {
      reading.declareRoom(place, { name: value['name'], guid: value['guid'], capacity: value['capacity'] })
    } else if (what === 'tracks' && isRecord(value)) {
      reading.declareTrack(place, {
        name: value['name'],
        color: value['color'],
        description: value['description'],
      })
    } else if (typeof what === 'string' && zoneKeys.includes(what)) {
      reading.conference.timeZone ??= { name: value, place }
    } else if (isKeyOf(conferenceKeys, what)) {
      reading.conference.place = spelledPath(path.slice(0, -1))
      reading.conference[conferenceKeys[what]] = value
    } else if (what === 'base_url') reading.conference.baseUrl = value
  })
  return reading.programme()
}

function paths(): string[] {
  const conference = [...Object.keys(conferenceKeys), ...zoneKeys, 'base_url', 'rooms.*', 'tracks.*']
  const days = [...Object.keys(dayKeys), 'rooms.*.*'].map((key) => `days.*.${key}`)
  const own = [...conference, ...days].map((key) => `conference.${key}`)
  return ['$.schedule', '$'].flatMap((root) => [`${root}.base_url`, ...own.map((key) => `${root}.${key}`)])
}

function addSession(
  reading: FrabReading,
  event: unknown,
  { path, day, room }: { path: JsonPath; day: FrabDay; room: string | number | undefined },
): void {
  if (!isRecord(event)) return
  reading.addSession({
    place: spelledPath(path),
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
    room: { name: typeof room === 'string' ? room : event['room'], guid: undefined },
    persons: listOf(event['persons']).map((person) => personOf(person)),
    slides: linkOfType(event, 'slides'),
    video: event['video_download_url'] ?? linkOfType(event, 'video'),
  })
}

function personOf(person: unknown) {
  // A person may be no more than a name.
  const stated = isRecord(person) ? person : { name: person }
  return {
    guid: stated['guid'],
    id: stated['id'],
    code: stated['code'],
    name: stated['public_name'] ?? stated['full_public_name'] ?? stated['name'],
    biography: stated['biography'],
    url: stated['url'],
    photo: stated['avatar'] ?? stated['avatar_url'],
  }
}

function linkOfType(event: Record<string, unknown>, type: string): unknown {
  const links = [...listOf(event['attachments']), ...listOf(event['links'])].filter(isRecord)
  return links.find((link) => link['type'] === type)?.['url']
}

function isKeyOf<Keys extends object>(keys: Keys, key: unknown): key is keyof Keys {
  return typeof key === 'string' && Object.hasOwn(keys, key)
}

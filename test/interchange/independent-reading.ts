import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Temporal } from 'temporal-polyfill'
import { realData } from './files.ts'

/** A session as an independent reading of a real file finds it: by regular expressions, JSON.parse and Temporal. */
export interface FoundSession {
  readonly sourceId: string
  readonly title: string
  readonly room: string
  readonly startsAt: string
  /** null: open. */
  readonly endsAt: string | null
  /** Hashes of the names, so that a failing test prints nobody's. */
  readonly persons: readonly string[]
}

/** Pentabarf XML with local times; the day change of the file is before every start, so a day's date is the date. */
export function fosdemByHand(timeZone: string): FoundSession[] {
  const text = readFileSync(path.join(realData, 'fosdem-2024.pentabarf.xml'), 'utf8')
  const found: FoundSession[] = []
  let day = ''
  let room = ''
  for (const [, date, name, id, body] of text.matchAll(
    /<day [^>]*date="([^"]+)"|<room name="([^"]*)"|<event id="(\d+)">(.*?)<\/event>/gs,
  )) {
    day = date ?? day
    room = name ?? room
    if (id === undefined) continue
    const start = Temporal.PlainDateTime.from(`${day}T${textIn(body!, 'start')}`).toZonedDateTime(timeZone)
    found.push(foundSession(id, unescaped(room), start, body!))
  }
  return found
}

export function congressXmlByHand(): FoundSession[] {
  const text = readFileSync(path.join(realData, '36c3.schedule.xml'), 'utf8')
  const found: FoundSession[] = []
  let room = ''
  for (const [, name, guid, body] of text.matchAll(
    /<room name="([^"]*)"|<event id="\d+" guid="([^"]+)">(.*?)<\/event>/gs,
  )) {
    room = name ?? room
    if (guid === undefined) continue
    const start = Temporal.Instant.from(textIn(body!, 'date')).toZonedDateTimeISO('UTC')
    found.push(foundSession(guid, unescaped(room), start, body!))
  }
  return found
}

interface JsonEvent {
  guid: string
  title: string
  date: string
  duration: string
  persons: { id: number; public_name: string }[]
}

export function scheduleJsonByHand(file: string): FoundSession[] {
  const { schedule } = JSON.parse(readFileSync(path.join(realData, file), 'utf8')) as {
    schedule: { conference: { days: { rooms: Record<string, JsonEvent[]> }[] } }
  }
  return schedule.conference.days.flatMap(({ rooms }) =>
    Object.entries(rooms).flatMap(([room, events]) =>
      events.map(({ guid, title, date, duration, persons }) => {
        const start = Temporal.Instant.from(date)
        return {
          ...{ sourceId: guid, title: oneLine(title), room },
          startsAt: millis(start),
          endsAt: millis(start.add(durationOf(duration))),
          persons: hashed(persons.map((person) => [person.id, person.public_name])),
        }
      }),
    ),
  )
}

interface ExportedSession {
  id: number
  title: string
  state: string
  start_time: string
  end_time: string
  microlocation: { name: string } | null
  speakers: { id: number; name: string }[]
}

export function openEventByHand(folder: string): (FoundSession & { state: string })[] {
  const text = readFileSync(path.join(realData, 'open-event', folder, 'sessions.json'), 'utf8')
  return (JSON.parse(text) as ExportedSession[]).map((session) => ({
    sourceId: String(session.id),
    title: oneLine(session.title),
    room: session.microlocation?.name ?? '',
    startsAt: millis(Temporal.Instant.from(session.start_time)),
    endsAt: millis(Temporal.Instant.from(session.end_time)),
    persons: hashed(session.speakers.map(({ id, name }) => [id, name])),
    state: session.state.toUpperCase(),
  }))
}

/** The sessions as they can be stored: with an open end where they don't end after they start. */
export function storable<Session extends FoundSession>(found: readonly Session[]): Session[] {
  return found.map((session) => ({
    ...session,
    endsAt: session.endsAt! > session.startsAt ? session.endsAt : null,
  }))
}

function foundSession(
  sourceId: string,
  room: string,
  start: Temporal.ZonedDateTime,
  body: string,
): FoundSession {
  const persons = [...body.matchAll(/<person id="(\d+)">([^<]*)<\/person>/g)]
  return {
    ...{ sourceId, room, title: oneLine(unescaped(textIn(body, 'title'))) },
    startsAt: millis(start.toInstant()),
    endsAt: millis(start.add(durationOf(textIn(body, 'duration'))).toInstant()),
    persons: hashed(persons.map(([, id, name]) => [id!, unescaped(name!)])),
  }
}

/** Each person once: one id with two names is two people, and so is one name with two ids. */
function hashed(people: readonly (readonly [id: string | number, name: string])[]): string[] {
  const distinct = new Map(people.map(([id, name]) => [`${id} ${name}`, oneLine(name)]))
  return [...distinct.values()].map((name) => createHash('md5').update(name).digest('hex'))
}

function textIn(body: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? ''
}

function durationOf(text: string): Temporal.Duration {
  const [hours, minutes] = text.split(':').map(Number)
  return Temporal.Duration.from({ hours: hours!, minutes: minutes! })
}

function millis(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'millisecond' })
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

function unescaped(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
  return text.replace(
    /&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi,
    (_, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name] ?? ''
      return String.fromCodePoint(decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal))
    },
  )
}

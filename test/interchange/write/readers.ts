import { addDays, addHours, addMinutes, parseISO } from 'date-fns'
import { fromZonedTime } from 'date-fns-tz'
import { elementsAt, type XmlTree, xmlTree } from './xml-tree.ts'

/** What a reader makes of a session. */
export interface Shown {
  readonly title: string
  readonly start: Date
  readonly end: Date
  readonly room: string
  readonly speakers: readonly string[]
}

/** How a program that people use reads a file of ours, by its source; null stands for a session that it leaves out. */
type Reader = (file: string) => readonly (Shown | null)[]

/** The PentabarfParser of giggity, Schedule.java: a time that it can't parse fails the whole schedule. */
export const giggityXml: Reader = (file) =>
  elementsAt(xmlTree(file), 'day/room').flatMap((room) =>
    elementsAt(room, 'event').map((event) => {
      const [title, date, duration] = ['title', 'date', 'duration'].map((name) => textOf(event, name))
      const { id, guid } = event.attributes
      if ((id ?? guid) === undefined || title === null || date === null || duration === null) return null
      const [hours, minutes] = javaTime(duration!)
      const start = offsetDateTime(date!)
      return {
        ...{ title: title!, start, end: addMinutes(addHours(start, hours), minutes) },
        ...{ room: room.attributes['name']!, speakers: personsOf(event) },
      }
    }),
  )

/** The ParserTask of EventFahrplan: days need an index and an end, and it shows a session on the day that it stands in. */
export const eventFahrplan: Reader = (file) => {
  const days = elementsAt(xmlTree(file), 'day')
  return days.flatMap((day) => {
    const { index, date: dateText, end: endOfDay } = day.attributes
    if (!/^\d+$/.test(index ?? '') || endOfDay === undefined) throw new Error('MissingXmlAttributeException')
    localDate(dateText!)
    return elementsAt(day, 'room').flatMap((room) =>
      elementsAt(room, 'event').map((event) => {
        javaTime(textOf(event, 'start')!)
        for (const { attributes } of elementsAt(event, 'links/link')) new URL(attributes['href']!)
        const start = offsetDateTime(textOf(event, 'date')!)
        return {
          ...{ title: textOf(event, 'title')!, start, end: afterDuration(start, textOf(event, 'duration')!) },
          ...{ room: room.attributes['name']!, speakers: personsOf(event) },
        }
      }),
    )
  })
}

/** The importer.py of the scheduled player of info-beamer: it takes the room from the event itself. */
export const infoBeamer: Reader = (file) =>
  elementsAt(xmlTree(file), 'day/room/event').map((event) => {
    if (event.attributes['id'] === undefined) throw new Error('KeyError')
    const start = offsetDateTime(textOf(event, 'date')!)
    return {
      ...{ title: textOf(event, 'title') ?? '', start, room: textOf(event, 'room') ?? '' },
      ...{ end: afterDuration(start, textOf(event, 'duration')!), speakers: personsOf(event) },
    }
  })

/** The loadIcal and XcalParser of giggity: no quotes around parameters, and an entry without a place or an end isn't shown. */
export const giggityCalendar: Reader = (file) => {
  const lines = file.replace(/\r\n /g, '').split('\r\n')
  const shown: (Shown | null)[] = []
  let values = new Map<string, string>()
  let zone: string | undefined
  for (const line of lines.filter((each) => each.includes(':'))) {
    const [before, value] = [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]
    const [name, ...parameters] = before.toLowerCase().split(';') as [string, ...string[]]
    if (line === 'BEGIN:VEVENT') values = new Map()
    if (name === 'dtstart') zone = /TZID=(.*)$/i.exec(before)?.[1]
    if (name === 'dtstart' || name === 'dtend') expectOnly(parameters, /^tzid=/)
    values.set(name, value.replace(/\\n/g, '\n').replace(/\\([,;\\])/g, '$1'))
    if (line !== 'END:VEVENT') continue
    const [title, room, start, end] = ['summary', 'location', 'dtstart', 'dtend'].map((key) =>
      values.get(key),
    )
    const isWhole = [values.get('uid'), title, room, start, end].every((each) => each !== undefined)
    const instant = (text: string) => basicInstant(text, zone)
    shown.push(
      isWhole
        ? { title: title!, room: room!, start: instant(start!), end: instant(end!), speakers: [] }
        : null,
    )
  }
  return shown
}

function textOf(event: XmlTree, name: string): string | null {
  return elementsAt(event, name)[0]?.text.trim() ?? null
}

function personsOf(event: XmlTree): string[] {
  return elementsAt(event, 'persons/person').map(({ text }) => text.trim())
}

/** LocalTime of Java by the pattern "H:mm[:ss]". */
function javaTime(text: string): [hours: number, minutes: number] {
  const parts = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/
    .exec(text)
    ?.slice(1)
    .map((part) => Number(part ?? 0))
  const isTime = parts !== undefined && parts[0]! < 24 && parts[1]! < 60 && parts[2]! < 60
  if (!isTime) throw new Error(`DateTimeParseException: ${text}`)
  return [parts[0]!, parts[1]!]
}

/** "H:MM", or "D:HH:MM". */
function afterDuration(start: Date, text: string): Date {
  const parts = text.split(':').map(Number)
  if (parts.length < 2 || parts.length > 3 || parts.some(Number.isNaN)) throw new Error(`ValueError: ${text}`)
  const [minutes, hours, days = 0] = parts.toReversed() as [number, number, number?]
  return addMinutes(addHours(addDays(start, days), hours), minutes)
}

/** ISO_OFFSET_DATE_TIME of Java. */
function offsetDateTime(text: string): Date {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?([+-]\d\d:\d\d|Z)$/.test(text)) {
    throw new Error(`DateTimeParseException: ${text}`)
  }
  return parseISO(text)
}

function localDate(text: string): void {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) throw new Error(`DateTimeParseException: ${text}`)
}

/** '20270327T100000' on the clocks of the zone, and with a Z in UTC. */
function basicInstant(text: string, zone: string | undefined): Date {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(Z?)$/.exec(text)
  if (parts === null) throw new Error(`DateTimeParseException: ${text}`)
  const [, year, month, day, hour, minute, second, utc] = parts
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`
  return utc === 'Z' ? new Date(`${local}Z`) : fromZonedTime(local, zone!)
}

function expectOnly(parameters: readonly string[], form: RegExp): void {
  if (!parameters.every((parameter) => form.test(parameter))) throw new Error(parameters.join(';'))
}

import ICAL from 'ical.js'
import { unreadable, type Fault } from './faults.ts'
import { formats } from './formats.ts'
import type { FoundProgramme, FoundSession, FoundTrack, FoundRoom } from './found.ts'
import { calendarEntries, type CalendarEntry } from './icalendar-entries.ts'
import { takeSuperseded } from './icalendar-superseded.ts'
import { foundLinks, type LinkReading } from './links.ts'
import { partRegister, type PartRegister } from './part-register.ts'
import { joinedLines, mendedTimes } from './icalendar-mended.ts'
import { mendedText, tellLost } from './mended-text.ts'
import { type Source, textOf } from './source.ts'
import { known, lineOf, proseOf } from './stated.ts'

/**
 * Reads a calendar (RFC 5545): each event is a session, each occurrence of one that recurs a session of its own. The UID is
 * the id, LOCATION the room, the first of the CATEGORIES the track. Of a calendar that was written here counts what it
 * carries as such: titles, times, languages, and that a session is confirmed; the rest of it is written for people.
 *
 * @throws BAD_USER_INPUT where it isn't iCalendar, or has no VCALENDAR
 */
export async function readICalendar(source: Source): Promise<FoundProgramme> {
  const calendars = await calendarsIn(source)
  const [calendar] = calendars
  if (calendar === undefined) throw unreadable(source.name, `has no VCALENDAR. ${formats}`)
  const text = (name: string) => textIn(calendar, name)
  const isOurs = text('prodid') === ourProduct
  const tracks = partRegister<FoundTrack['values']>()
  const rooms = partRegister<FoundRoom['values']>()
  const told: Fault[] = []
  const superseded = calendars.reduce((sum, one) => sum + takeSuperseded(one), 0)
  if (superseded > 0) {
    const reason = `left out ${superseded} that a later edition of it in the file supersedes, by a higher SEQUENCE.`
    told.push({ place: source.name, reason })
  }
  const entries = calendars.flatMap((one) => calendarEntries(one))
  const sessions = entries
    // Breaks of a calendar that was written here are no sessions.
    .filter(({ component }) => !(isOurs && textIn(component, 'transp') === 'TRANSPARENT'))
    .map((entry, index) => sessionOf(entry, { source, index, isOurs, tracks, rooms, told }))
  const zone = text('x-wr-timezone') ?? zoneOf(entries)
  const place = source.name
  const mended = (stated: string | null) => stated && mendedText(stated, place, source)
  const about = isOurs ? null : (proseOf(mended(text('description') ?? text('x-wr-caldesc'))) ?? null)
  const named = lineOf(mended(text('name') ?? text('x-wr-calname'))) ?? null
  // Some have nothing but a description that is a name.
  const isName = named === null && about !== null && about.length <= 100 && !about.includes('\n')
  const description = isName ? null : about
  return {
    format: 'iCalendar',
    event: {
      ...{ place, acronym: null, name: isName ? about : named },
      ...(description === null ? {} : { description, textFormat: 'PLAIN' as const }),
      timeZone: zone === null ? null : { name: zone, place },
      ...{ startsAt: null, endsAt: null, state: { value: 'PUBLISHED', isStated: false }, faults: [] },
    },
    tracks: isOurs ? null : tracks.settled(),
    rooms: isOurs ? null : rooms.settled(),
    ...{ sessionTypes: null, speakers: null, sessions, told },
  }
}

const ourProduct = '-//Open Event GraphQL//Programme//EN'

async function calendarsIn(source: Source): Promise<ICAL.Component[]> {
  let text = ''
  for await (const piece of textOf(source)) text += piece
  try {
    const tell = (what: string) => source.listener?.onMended(source.name, what)
    const parsed = ICAL.parse(mendedTimes(joinedLines(text, tell), tell)) as unknown[]
    const all = (Array.isArray(parsed[0]) ? parsed : [parsed]) as [string, unknown[], unknown[]][]
    return all.map((one) => new ICAL.Component(one)).filter(({ name }) => name === 'vcalendar')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw unreadable(source.name, `isn't iCalendar that can be read: ${why.slice(0, 300)}.`, error)
  }
}

interface Reading {
  readonly source: Source
  readonly index: number
  readonly isOurs: boolean
  readonly tracks: PartRegister<FoundTrack['values']>
  readonly rooms: PartRegister<FoundRoom['values']>
  readonly told: Fault[]
}

function sessionOf(
  { component, ids, faults, faultsOfEnd, startsAt, endsAt }: CalendarEntry,
  { source, index, isOurs, tracks, rooms, told }: Reading,
): FoundSession {
  const place = `${source.name} event ${index + 1}`
  const mended = (value: string | null) => {
    if (value !== null) tellLost(value, place, source)
    return value && mendedText(value, place, source)
  }
  const text = (name: string) => mended(textIn(component, name))
  const reading = { base: null, tell: (reason: string) => void told.push({ place, reason }) }
  const visibility = text('class')?.toUpperCase() ?? 'PUBLIC'
  if (visibility !== 'PUBLIC' && !isOurs)
    reading.tell(`is ${visibility} in the calendar; here it is as public as the others.`)
  const summary = component.getFirstProperty('summary')
  const language = mended(summary?.getFirstParameter('language') ?? null)
  const status = text('status')?.toUpperCase() ?? null
  const part = <Values extends { readonly name: string }>(
    register: PartRegister<Values>,
    stated: string | null,
  ) => {
    const name = lineOf(stated)
    // Each of them has a name, and nothing else that must be there.
    return name == null ? null : register.note([name], { ids: [], place, values: { name } as Values })
  }
  return {
    ...{
      place,
      ids,
      sourceId: ids[0] ?? null,
      faults: faultsOfEnd,
      graveFaults: faults,
      startsAt,
      endsAt,
      speakers: [],
    },
    values: known({
      title: lineOf(text('summary')) ?? '',
      language: language === null ? undefined : language,
      ...(isOurs ? {} : { ...describedIn(component, mended), links: linksIn(component, reading) }),
    }),
    state: stateOf(status, isOurs),
    ...(isOurs
      ? {}
      : { track: part(tracks, mended(categoryOf(component))), room: part(rooms, text('location')) }),
  }
}

/** Its page, and what is attached; an attachment that is in the file itself has no address. */
function linksIn(component: ICAL.Component, reading: LinkReading) {
  const attached = component
    .getAllProperties('attach')
    .filter(({ type }) => type === 'uri')
    .map((property) => ({
      url: String(property.getFirstValue()),
      title: property.getFirstParameter('filename'),
      isAttachment: true,
    }))
  return foundLinks([{ url: textIn(component, 'url'), type: 'website' }, ...attached], reading)
}

/** A description may have been written as HTML, too. */
function describedIn(component: ICAL.Component, mended: (value: string | null) => string | null) {
  const html = component
    .getAllProperties('x-alt-desc')
    .find((property) => property.getFirstParameter('fmttype') === 'text/html')
  const stated = html === undefined ? textIn(component, 'description') : String(html.getFirstValue())
  const description = proseOf(mended(stated)) ?? null
  const isHtml = html !== undefined || /<(p|a|br|div|ul|ol|li|em|strong|b|i)\b[^>]*>/i.test(description ?? '')
  return { description, textFormat: isHtml ? ('HTML' as const) : ('PLAIN' as const) }
}

/** What is written here says no more than that a session is confirmed: several states are tentative, or cancelled. */
function stateOf(status: string | null, isOurs: boolean): FoundSession['state'] {
  switch (status ?? '') {
    case 'CANCELLED':
      return { value: 'CANCELED', isStated: !isOurs }
    case 'TENTATIVE':
      return { value: isOurs ? 'ACCEPTED' : 'PENDING', isStated: !isOurs }
    case 'CONFIRMED':
      return { value: 'CONFIRMED', isStated: true }
    default:
      return { value: 'CONFIRMED', isStated: false }
  }
}

function categoryOf(component: ICAL.Component): string | null {
  const [first] = component.getAllProperties('categories').flatMap((property) => property.getValues())
  return first === undefined ? null : String(first)
}

/** The zone of most of the times. */
function zoneOf(entries: readonly CalendarEntry[]): string | null {
  const uses = new Map<string, number>()
  for (const { zone } of entries) if (zone !== null) uses.set(zone, (uses.get(zone) ?? 0) + 1)
  const [most] = [...uses].toSorted(([, one], [, other]) => other - one)
  return most?.[0] ?? null
}

function textIn(component: ICAL.Component, name: string): string | null {
  const value = component.getFirstPropertyValue(name)
  return typeof value === 'string' ? value : null
}

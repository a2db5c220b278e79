import type { TextFormat } from '../../markup/format.ts'
import { type Rendering, renderedNow } from '../../markup/rendered.ts'
import { isShownTwice, offsetAt, wallClockOf } from '../../time/wall-clock.ts'
import type { Programme, ProgrammeBreak, ProgrammeEvent, ProgrammeSession } from '../programme.ts'
import { linkProperties, pictures, placeProperties } from './calendar-links.ts'
import { type Component, component, type Property, property, text, utc } from './icalendar-components.ts'
import type { WriteOptions } from './formats.ts'
import { zoneComponent } from './vtimezone.ts'
import { wordsIn } from './words.ts'

/**
 * A programme as a calendar (RFC 5545, 7986). What has no time yet isn't in it. An entry's UID stays for ever and its
 * SEQUENCE grows with each change, so that a calendar program moves the entry instead of adding another one.
 */
export function calendarOf(programme: Programme, options: WriteOptions): Component {
  const { event, sessions, breaks } = programme
  const times = [...sessions, ...breaks].flatMap(({ startsAt, endsAt }) => [startsAt, endsAt])
  const zone = zoneOf(
    event.timeZone,
    times.filter((time) => time !== null),
  )
  return component(
    'VCALENDAR',
    [
      text('VERSION', '2.0'),
      text('PRODID', '-//Open Event GraphQL//Programme//EN'),
      text('CALSCALE', 'GREGORIAN'),
      text('NAME', event.name),
      text('X-WR-CALNAME', event.name),
      text('DESCRIPTION', written([{ text: event.description, format: event.textFormat }], 'text')),
      text('X-WR-TIMEZONE', event.timeZone),
      text('UID', event.id),
      options.modifiedAt && utc('LAST-MODIFIED', options.modifiedAt),
      event.websiteUrl === null ? null : property('URL', 'uri', event.websiteUrl),
      ...pictures(event.logoUrl),
      property('SOURCE', 'uri', options.address, { VALUE: 'URI' }),
      property('REFRESH-INTERVAL', 'duration', 'PT1H', { VALUE: 'DURATION' }),
      text('X-PUBLISHED-TTL', 'PT1H'),
    ],
    entries(),
  )

  function* entries(): Generator<Component> {
    if (zone.component !== null) yield zone.component
    for (const session of sessions) {
      if (session.startsAt !== null) yield sessionEntry(session, session.startsAt)
    }
    for (const one of breaks) yield breakEntry(one)
  }

  function sessionEntry(session: ProgrammeSession, startsAt: Date): Component {
    const { title, endsAt, room, track, sessionType, language, speakers } = session
    const touched = [session, room, track, sessionType, ...speakers].map((row) => +(row?.lastModifiedAt ?? 0))
    const described = partsOf(session, options)
    const html = written(described, 'html')
    const categories = [track?.name, sessionType?.name].filter((name) => name !== undefined)
    const spoken = language !== null && languageTag.test(language) ? { LANGUAGE: language } : {}
    return component('VEVENT', [
      ...identity(session, new Date(Math.max(...touched))),
      zone.time('DTSTART', startsAt),
      // Calendars have whole seconds, and no end that isn't later than the start.
      endsAt && wholeSeconds(endsAt) > wholeSeconds(startsAt) ? zone.time('DTEND', endsAt) : null,
      text('SUMMARY', title, spoken),
      text('STATUS', statuses[session.state]),
      ...placeProperties(event, room),
      text('CATEGORIES', [...new Set(categories)]),
      text('DESCRIPTION', written(described, 'text')),
      text('X-ALT-DESC', html && `<html><body>${html}</body></html>`, { FMTTYPE: 'text/html' }),
      ...linkProperties(session, `${options.base}/sessions/${session.id}.ics`),
      organizer(event),
    ])
  }

  function breakEntry(one: ProgrammeBreak): Component {
    return component('VEVENT', [
      ...identity(one, one.lastModifiedAt),
      zone.time('DTSTART', one.startsAt),
      zone.time('DTEND', one.endsAt),
      text('SUMMARY', one.name),
      text('TRANSP', 'TRANSPARENT'),
      ...placeProperties(event, one.room),
    ])
  }
}

const languageTag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$/

const statuses: Readonly<Record<ProgrammeSession['state'], string>> = {
  ...{ DRAFT: 'TENTATIVE', PENDING: 'TENTATIVE', ACCEPTED: 'TENTATIVE', CONFIRMED: 'CONFIRMED' },
  ...{ REJECTED: 'CANCELLED', CANCELED: 'CANCELLED', WITHDRAWN: 'CANCELLED' },
}

function identity(row: ProgrammeBreak | ProgrammeSession, modifiedAt: Date): Property[] {
  return [
    property('UID', 'text', row.id),
    property('SEQUENCE', 'integer', String(row.version)),
    // Without a METHOD it is when the entry was last changed, as LAST-MODIFIED says.
    utc('DTSTAMP', modifiedAt),
    utc('LAST-MODIFIED', modifiedAt),
    utc('CREATED', row.createdAt),
  ]
}

/** It must be an address. Nobody's is known, and this one is what calendars write then. */
function organizer({ name }: ProgrammeEvent): Property {
  return property('ORGANIZER', 'cal-address', 'invalid:nomail', { CN: name })
}

/** A text of a description, in its own format. */
interface Part {
  readonly text: string | null
  readonly format: TextFormat
}

function partsOf(session: ProgrammeSession, { language }: WriteOptions): Part[] {
  const { subtitle, abstract, description, textFormat } = session
  const words = wordsIn(language)
  const names = session.speakers.map(({ name }) => name)
  // In angle brackets an address is a link in Markdown, whatever characters it has.
  const links = [
    [words.signup, session.signupUrl],
    [words.slides, session.slidesUrl],
    [words.video, session.videoUrl],
    [words.audio, session.audioUrl],
    ...session.links.map(({ url, title }) => [title?.replace(markup, '\\$&'), url] as const),
  ].flatMap(([word, url]) => (url == null ? [] : word === undefined ? `<${url}>` : `${word}: <${url}>`))
  return [
    { text: subtitle, format: 'PLAIN' },
    { text: names.length > 0 ? `${words.speakers}: ${names.join(', ')}` : null, format: 'PLAIN' },
    { text: abstract, format: textFormat },
    { text: description, format: textFormat },
    { text: links.join('  \n'), format: 'MARKDOWN' },
  ]
}

/** What Markdown would take for more than text. */
const markup = /[!-/:-@[-`{-~]/g

/** All texts in one; null if they say nothing. */
function written(parts: readonly Part[], as: Rendering): string | null {
  const texts = parts.flatMap(({ text, format }) =>
    text === null ? [] : renderedNow(text, { format, as }).trim() || [],
  )
  return texts.join(as === 'html' ? '\n' : '\n\n') || null
}

/** How the times of a calendar are written: on the clocks of its zone, wherever that is clear, else in UTC. */
function zoneOf(timeZone: string, times: readonly Date[]) {
  const years = times.filter(isPlain).map((time) => time.getUTCFullYear())
  const definition =
    years.length === 0 ? null : zoneComponent(timeZone, [years.reduce(min), years.reduce(max)])
  return {
    component: definition,
    time(name: string, instant: Date): Property {
      if (!isPlain(instant)) return utc(name, instant)
      return property(name, 'date-time', wallClockOf(instant, timeZone), { TZID: timeZone })
    },
  }

  /** Whether all readers find the instant again by what the clocks show. */
  function isPlain(instant: Date): boolean {
    const year = instant.getUTCFullYear()
    if (/^(Etc\/)?(UTC|UCT|Universal|Zulu)$/.test(timeZone) || year < 1971 || year > 2036) return false
    const second = new Date(Math.floor(+instant / 1_000) * 1_000)
    return offsetAt(second, timeZone) % 60_000 === 0 && !isShownTwice(second, timeZone)
  }
}

const wholeSeconds = (instant: Date) => Math.floor(+instant / 1_000)
const min = (a: number, b: number) => Math.min(a, b)
const max = (a: number, b: number) => Math.max(a, b)

import { unreadable } from './faults.ts'
import { type FrabPerson, photoNames } from './frab-fields.ts'
import { formats } from './formats.ts'
import { frabReading } from './frab-programme.ts'
import type { StatedDay } from './frab-times.ts'
import type { FoundProgramme } from './found.ts'
import type { StatedLink } from './links.ts'
import type { Source } from './source.ts'
import { readXml, type XmlElement } from './xml-elements.ts'

/**
 * Reads the schedule XML of Pentabarf (FOSDEM), frab, pretalx and the c3voc. All of them agree on
 * schedule > day > room > event; they differ in what is an attribute, what is an element and what is missing.
 *
 * @throws BAD_USER_INPUT where the file isn't well-formed, or is XML of another kind
 */
export async function readFrabXml(source: Source): Promise<FoundProgramme> {
  const reading = frabReading('Pentabarf or frab XML', source.name)
  const days = new Map<XmlElement, StatedDay>()
  let hasConference = false
  let hasSessions = false
  let stray: string | undefined
  const dayOf = (element: XmlElement | undefined): StatedDay => {
    if (element === undefined) return {}
    const day = days.get(element) ?? {}
    if (!days.has(element)) {
      days.set(element, day)
      reading.declareDay(day)
    }
    return Object.assign(day, {
      date: own(element, 'date'),
      start: own(element, 'start'),
      end: own(element, 'end'),
    })
  }

  await readXml(source, (element, ancestors) => {
    const place = `line ${element.line}`
    const parent = ancestors.at(-1)
    if ((ancestors[0] ?? element).name !== 'schedule') {
      throw unreadable(
        `${source.name} ${place}`,
        `the root element is <${(ancestors[0] ?? element).name}>, not <schedule>. ${formats}`,
      )
    }
    const nearest = (name: string) => ancestors.findLast((ancestor) => ancestor.name === name)
    if (element.name === 'event' && nearest('day') !== undefined) {
      hasSessions = true
      addEvent(element, nearest('room'), dayOf(nearest('day')))
      return 'drop'
    }
    // Read as far as they are known: what looks like a session elsewhere is one of another format.
    if (looksLikeSession(element)) {
      const where = element.name === 'event' ? 'stands in no <day>' : 'is no <event> in a <day>'
      stray ??= `its <${element.name}> at ${place} ${where}`
    }
    if (element.name === 'day') dayOf(element)
    else if (element.name === 'room' && parent?.name === 'day') {
      // One in which nothing is, is a room of the programme, too.
      const [name, guid] = [own(element, 'name'), own(element, 'guid')]
      reading.declareRoom(place, { name, guid, capacity: undefined })
    } else if (personLists.get(parent?.name ?? '') === element.name && nearest('event') === undefined) {
      reading.declarePerson(place, personOf(element))
    } else if (element.name === 'track' && (parent?.name === 'tracks' || parent?.name === 'conference')) {
      const name = element.attributes['name'] ?? element.text
      const [guid, slug] = [own(element, 'guid'), own(element, 'slug')]
      reading.declareTrack(place, { name, guid, slug, color: own(element, 'color'), description: undefined })
    } else if (element.name === 'conference') {
      hasConference = true
      for (const name of ['time_zone_name', 'timezone', 'time_zone'])
        reading.declareZone(place, own(element, name))
      Object.assign(reading.conference, {
        place,
        title: own(element, 'title'),
        acronym: own(element, 'acronym'),
        description: own(element, 'description'),
        start: own(element, 'start'),
        end: own(element, 'end'),
        dayChange: own(element, 'day_change'),
        baseUrl: own(element, 'base_url'),
        url: own(element, 'url'),
        logo: own(element, 'logo'),
        venue: own(element, 'venue'),
        city: own(element, 'city'),
      })
    } else return 'keep'
    return 'drop'
  })
  if (!hasConference) {
    throw unreadable(source.name, `is XML of an unknown kind: its <schedule> has no <conference>. ${formats}`)
  }
  if (!hasSessions && stray !== undefined) {
    const reason = `is XML of an unknown kind: ${stray}. ${formats}`
    throw unreadable(source.name, reason)
  }
  return reading.programme()

  function addEvent(event: XmlElement, room: XmlElement | undefined, day: StatedDay): void {
    const get = (name: string) => own(event, name)
    reading.addSession({
      place: `line ${event.line}`,
      day,
      guid: get('guid'),
      id: get('id'),
      code: get('code'),
      slug: get('slug'),
      title: get('title'),
      subtitle: get('subtitle'),
      abstract: get('abstract'),
      description: get('description'),
      language: get('language'),
      track: get('track'),
      type: get('type'),
      date: get('date'),
      start: get('start'),
      end: get('end'),
      duration: get('duration'),
      // The schedule's own grouping counts: merged schedules rename rooms there and only there.
      room: { name: (room && own(room, 'name')) ?? get('room'), guid: room && own(room, 'guid') },
      ownRoom: get('room'),
      persons: [...personLists].flatMap(([list, item]) => inside(event, list, item)).map(personOf),
      video: get('video_download_url'),
      logo: get('logo'),
      url: get('url'),
      originUrl: get('origin_url'),
      feedbackUrl: get('feedback_url'),
      links: linksOf(event),
      all: allOf(event),
    })
  }
}

/** What programs call the list of who speaks, and who is in it. */
const personLists: ReadonlyMap<string, string> = new Map([
  ['persons', 'person'],
  ['speakers', 'speaker'],
])

function personOf(person: XmlElement): FrabPerson {
  const get = (...names: string[]) => names.map((name) => own(person, name)).find((text) => text?.trim())
  return {
    guid: get('guid'),
    id: get('id'),
    code: get('code'),
    name:
      get('public_name', 'full_public_name', 'name') ??
      (person.children.length === 0 ? person.text : undefined),
    biography: get('extended_biography', 'biography', 'description', 'abstract') ?? own(person, 'biography'),
    url: get('url'),
    photo:
      get(...photoNames) ?? photoNames.map((name) => childOf(person, name)?.attributes['url']).find(Boolean),
    links: linksOf(person),
    all: allOf(person),
  }
}

function allOf({ attributes, children }: XmlElement): Record<string, string> {
  return { ...attributes, ...Object.fromEntries(children.map(({ name, text }) => [name, text])) }
}

function looksLikeSession({ name, children }: XmlElement): boolean {
  const has = (child: RegExp) => children.some((one) => child.test(one.name))
  return name === 'event' || (name !== 'conference' && has(/^(title|name)$/i) && has(/^(start|begin|date)/i))
}

/** The attribute of that name, else the text of the child of that name; undefined where there is neither. */
function own(element: XmlElement, name: string): string | undefined {
  return element.attributes[name] ?? childOf(element, name)?.text
}

function childOf({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((child) => child.name === name)
}

function inside(element: XmlElement, list: string, item: string): readonly XmlElement[] {
  const children = childOf(element, list)?.children ?? []
  return children.filter((child) => child.name === item)
}

/** Attachments first; undefined where the element has no list of either. */
function linksOf(element: XmlElement): StatedLink[] | undefined {
  const isThere = element.children.some(({ name }) => name === 'links' || name === 'attachments')
  if (!isThere) return undefined
  const linkIn = (link: XmlElement, isAttachment: boolean) => {
    const url = own(link, 'href') ?? own(link, 'url')
    const { service, type } = link.attributes
    // Who gives no address apart, writes it as the text.
    return url === undefined
      ? { url: link.text, type, service, isAttachment }
      : { url, title: own(link, 'title') ?? link.text, type, service, isAttachment }
  }
  return [
    ...inside(element, 'attachments', 'attachment').map((link) => linkIn(link, true)),
    ...inside(element, 'links', 'link').map((link) => linkIn(link, false)),
  ]
}

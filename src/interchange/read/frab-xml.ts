import { unreadable } from './faults.ts'
import { frabReading } from './frab-programme.ts'
import type { FrabDay } from './frab-times.ts'
import type { FoundProgramme } from './found.ts'
import type { Source } from './source.ts'
import { readXml, type XmlElement } from './xml-elements.ts'

/**
 * Reads the schedule XML of Pentabarf (FOSDEM), frab, pretalx and the c3voc. All of them agree on
 * schedule > day > room > event; they differ in what is an attribute, what is an element and what is missing.
 *
 * @throws BAD_USER_INPUT where the file isn't well-formed, or is XML of another kind
 */
export async function readFrabXml(source: Source): Promise<FoundProgramme> {
  const reading = frabReading('Pentabarf or frab XML')
  const days = new Map<XmlElement, FrabDay>()
  const dayOf = (element: XmlElement | undefined): FrabDay => {
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
        `the root element is <${(ancestors[0] ?? element).name}>, not <schedule>.`,
      )
    }
    const nearest = (name: string) => ancestors.findLast((ancestor) => ancestor.name === name)
    if (element.name === 'event' && nearest('day') !== undefined) {
      addEvent(element, nearest('room'), dayOf(nearest('day')))
      return 'drop'
    }
    if (element.name === 'day') dayOf(element)
    else if (element.name === 'track' && (parent?.name === 'tracks' || parent?.name === 'conference')) {
      const name = element.attributes['name'] ?? element.text
      reading.declareTrack(place, { name, color: own(element, 'color'), description: undefined })
    } else if (element.name === 'conference') {
      const zone = own(element, 'time_zone_name') ?? own(element, 'timezone') ?? own(element, 'time_zone')
      Object.assign(reading.conference, {
        place,
        title: own(element, 'title'),
        acronym: own(element, 'acronym'),
        description: own(element, 'description'),
        start: own(element, 'start'),
        end: own(element, 'end'),
        dayChange: own(element, 'day_change'),
        baseUrl: own(element, 'base_url'),
        timeZone: { name: zone, place },
      })
    } else return 'keep'
    return 'drop'
  })
  return reading.programme()

  function addEvent(event: XmlElement, room: XmlElement | undefined, day: FrabDay): void {
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
      persons: inside(event, 'persons', 'person').map((person) => ({
        guid: own(person, 'guid'),
        id: own(person, 'id'),
        code: own(person, 'code'),
        name: own(person, 'public_name') ?? own(person, 'name') ?? person.text,
        biography: own(person, 'biography'),
        url: own(person, 'url'),
        photo: own(person, 'avatar'),
      })),
      slides: linkOfType(event, 'slides'),
      video: get('video_download_url') ?? linkOfType(event, 'video'),
    })
  }
}

/** The attribute of that name, else the text of the child of that name; undefined where there is neither. */
function own(element: XmlElement, name: string): string | undefined {
  return element.attributes[name] ?? element.children.find((child) => child.name === name)?.text
}

function inside(element: XmlElement, list: string, item: string): readonly XmlElement[] {
  const children = element.children.find((child) => child.name === list)?.children ?? []
  return children.filter((child) => child.name === item)
}

function linkOfType(event: XmlElement, type: string): string | undefined {
  const links = [...inside(event, 'attachments', 'attachment'), ...inside(event, 'links', 'link')]
  const link = links.find(({ attributes }) => attributes['type'] === type)
  return link && (own(link, 'href') ?? own(link, 'url') ?? link.text)
}

import type { Link } from '../../links.ts'
import type { Programme, ProgrammeEvent } from '../programme.ts'
import type { WriteOptions } from './formats.ts'
import {
  durationsWithDays,
  frabDays,
  localInstant,
  type Placed,
  scheduleVersion,
  sessionAddress,
  slotDuration,
} from './frab-days.ts'
import { scheduleLinks, scheduleType } from './links.ts'
import { element, opened } from './xml-text.ts'

/** The schedule.xml that Pentabarf began and frab, pretalx and the c3voc go on with, as its XSD of 2025 has it. */
export function* scheduleXml(programme: Programme, { base, address }: WriteOptions): Generator<string> {
  const { event, tracks } = programme
  const days = frabDays(programme)
  const durationOf = durationsWithDays(programme)
  const { timeZone } = event
  yield lines(0, '<?xml version="1.0" encoding="UTF-8"?>', '<schedule>')
  yield lines(
    1,
    element('generator', null, { name: 'open-event-graphql' }),
    element('url', address),
    element('version', scheduleVersion(programme)),
    '<conference>',
  )
  yield lines(
    2,
    element('title', event.name),
    element('acronym', event.slug.padEnd(4, '_')),
    element('start', localInstant(event.startsAt, timeZone)),
    element('end', localInstant(event.endsAt, timeZone)),
    element('days', String(days.length)),
    element('timeslot_duration', slotDuration),
    ...(event.logoUrl === null ? [] : [element('logo', event.logoUrl)]),
    ...(event.websiteUrl === null ? [] : [element('url', event.websiteUrl)]),
    element('time_zone_name', timeZone),
    ...tracks.map(({ name, color }) => element('track', null, { name, color: hexColor(color) })),
  )
  yield lines(1, '</conference>')
  for (const { index, date, startsAt, endsAt, rooms } of days) {
    const edges = { start: localInstant(startsAt, timeZone), end: localInstant(endsAt, timeZone) }
    yield lines(1, opened('day', { index: String(index), date, ...edges }))
    for (const { room, sessions } of rooms) {
      yield lines(2, opened('room', { name: room?.name ?? '', guid: room?.guid ?? null }))
      for (const session of sessions) yield sessionXml(session, durationOf(session), { event, base })
      yield lines(2, '</room>')
    }
    yield lines(1, '</day>')
  }
  yield '</schedule>\n'
}

interface Around {
  readonly event: ProgrammeEvent
  /** Where the API is. */
  readonly base: string
}

function sessionXml(session: Placed, duration: string, { event, base }: Around): string {
  const { startsAt, speakers } = session
  const date = localInstant(startsAt, event.timeZone)
  const links = [
    ['video', 'Video', session.videoUrl],
    ['audio', 'Audio', session.audioUrl],
    ['signup', 'Sign up', session.signupUrl],
  ] as const
  const { page, feedback, attachments, links: others } = scheduleLinks(session)
  const linkXml = (name: string) => (link: Link) => {
    // Our own word beside the type of the format, which has none for most.
    const attributes = { href: link.url, type: scheduleType(link, session), service: link.kind.toLowerCase() }
    const { service: _service, ...ofAttachment } = attributes
    return `  ${element(name, link.title ?? '', name === 'link' ? attributes : ofAttachment)}`
  }
  return [
    lines(3, opened('event', { id: String(session.number), guid: session.guid })),
    lines(
      4,
      element('date', date),
      element('start', date.slice(11, 16)),
      element('duration', duration),
      element('room', session.room?.name ?? null),
      element('title', session.title),
      element('subtitle', session.subtitle),
      element('track', session.track?.name ?? null),
      element('type', session.sessionType?.name ?? null),
      element('language', session.language),
      element('abstract', session.abstract),
      element('description', session.description),
      ...(session.imageUrl === null ? [] : [element('logo', session.imageUrl)]),
      element('url', page ?? sessionAddress(base, event.slug, session)),
      ...(feedback === null ? [] : [element('feedback_url', feedback)]),
      '<persons>',
      ...speakers.map(({ number, guid, name }) =>
        element('person', name, { id: String(number), guid }).replace(/^/, '  '),
      ),
      '</persons>',
      '<links>',
      ...links.flatMap(([type, title, href]) =>
        href === null ? [] : [`  ${element('link', title, { href, type })}`],
      ),
      ...others.map(linkXml('link')),
      '</links>',
      '<attachments>',
      ...(session.slidesUrl === null
        ? []
        : [`  ${element('attachment', 'Slides', { href: session.slidesUrl, type: 'slides' })}`]),
      ...attachments.map(linkXml('attachment')),
      '</attachments>',
    ),
    lines(3, '</event>'),
  ].join('')
}

function lines(depth: number, ...texts: readonly string[]): string {
  return texts.map((text) => `${'  '.repeat(depth)}${text}\n`).join('')
}

/** '#rrggbb', which is all that the format takes. */
export function hexColor(color: string | null): string | null {
  return color !== null && /^#[0-9a-f]{6}$/i.test(color) ? color : null
}

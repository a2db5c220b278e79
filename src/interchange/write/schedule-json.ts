import type { Link } from '../../links.ts'
import type { Programme, ProgrammeSpeaker } from '../programme.ts'
import type { WriteOptions } from './formats.ts'
import {
  acronymOf,
  durationOf,
  type FrabDay,
  frabDays,
  localInstant,
  type Placed,
  scheduleVersion,
  sessionAddress,
  slotDuration,
} from './frab-days.ts'
import { scheduleLinks, scheduleType } from './links.ts'
import { hexColor } from './schedule-xml.ts'

/** The schedule.json of frab, pretalx and the c3voc, version 1, as its JSON Schema has it. */
export function* scheduleJson(programme: Programme, options: WriteOptions): Generator<string> {
  const { event, tracks, rooms, speakers } = programme
  const days = frabDays(programme)
  const conference = {
    acronym: acronymOf(event.slug),
    title: event.name,
    ...(event.description === null ? {} : { description: event.description }),
    ...(event.logoUrl === null ? {} : { logo: event.logoUrl }),
    ...(event.websiteUrl === null ? {} : { url: event.websiteUrl }),
    start: localInstant(event.startsAt, event.timeZone),
    end: localInstant(event.endsAt, event.timeZone),
    daysCount: days.length,
    timeslot_duration: slotDuration,
    ...(zoneName.test(event.timeZone) ? { time_zone_name: event.timeZone } : {}),
    tracks: tracks.map(({ name, guid, color, description }) => ({
      ...{ name, guid },
      ...(hexColor(color) === null ? {} : { color }),
      ...(description === null ? {} : { description }),
    })),
    rooms: rooms.map(({ name, guid, capacity }) => ({ name, guid, capacity })),
  }
  const generator = JSON.stringify({ name: 'open-event-graphql' })
  const schedule = { url: options.address, version: scheduleVersion(programme) }
  yield `{"generator":${generator},"schedule":${open(schedule)},"conference":${open(conference)},"days":[`
  for (const day of days) {
    yield day.index === 1 ? '\n' : ',\n'
    yield* dayJson(day, programme, options)
  }
  yield `]},"persons":${JSON.stringify(speakers.map(personOf))}}}\n`
}

/** The zones that the schema takes; by the offsets of its times a schedule can be read without, too. */
const zoneName = /^([A-Z][a-z]+\/[A-Z][a-z]+)|UTC$/

/** By hand: an object of ours would have names such as "101" first. */
function* dayJson(day: FrabDay, programme: Programme, options: WriteOptions): Generator<string> {
  const { timeZone } = programme.event
  const own = {
    index: day.index,
    date: day.date,
    day_start: localInstant(day.startsAt, timeZone),
    day_end: localInstant(day.endsAt, timeZone),
  }
  yield `${open(own)},"rooms":{`
  let separator = '\n'
  for (const { room, sessions } of day.rooms) {
    if (sessions.length === 0) continue
    yield `${separator}${JSON.stringify(room?.name ?? '')}:[\n`
    yield sessions.map((session) => JSON.stringify(sessionOf(session, programme, options))).join(',\n')
    yield ']'
    separator = ',\n'
  }
  yield '}}'
}

function sessionOf(session: Placed, { event }: Programme, { base }: WriteOptions) {
  const date = localInstant(session.startsAt, event.timeZone)
  const { endsAt } = session
  const links = [
    { type: 'media', title: 'Video', url: session.videoUrl },
    { type: 'media', title: 'Audio', url: session.audioUrl },
    { type: 'related', title: 'Sign up', url: session.signupUrl },
  ]
  const { page, feedback, attachments, links: others } = scheduleLinks(session)
  const reference = (link: Link) => {
    const type = scheduleType(link, session)
    const { url, title } = link
    return { ...(type === null ? {} : { type }), ...(title === undefined ? {} : { title }), url }
  }
  return {
    guid: session.guid,
    id: session.number,
    date,
    start: date.slice(11, 16),
    ...(endsAt === null ? {} : { end: localInstant(endsAt, event.timeZone) }),
    duration: durationOf(session),
    room: session.room?.name ?? '',
    slug: `${acronymOf(event.slug)}-${session.number}`,
    ...(session.imageUrl === null ? {} : { logo: session.imageUrl }),
    url: page ?? sessionAddress(base, event.slug, session),
    ...(feedback === null ? {} : { feedback_url: feedback }),
    title: session.title,
    subtitle: session.subtitle,
    track: session.track?.name ?? null,
    type: session.sessionType?.name ?? '',
    language: session.language,
    abstract: session.abstract,
    description: session.description,
    // With a name beside it, the schema would take a person for two kinds at once.
    persons: session.speakers.map(({ number: id, guid, name }) => ({ id, guid, public_name: name })),
    links: [...links.filter(({ url }) => url !== null), ...others.map(reference)],
    attachments: [
      ...(session.slidesUrl === null ? [] : [{ type: 'slides', title: 'Slides', url: session.slidesUrl }]),
      ...attachments.map(reference),
    ],
  }
}

function personOf({ number, guid, name, biography, websiteUrl, photoUrl, links }: ProgrammeSpeaker) {
  return {
    ...{ id: number, guid, public_name: name, biography },
    ...(websiteUrl === null ? {} : { url: websiteUrl }),
    ...(photoUrl === null ? {} : { avatar: photoUrl }),
    ...(links.length === 0
      ? {}
      : { links: links.map(({ url, title }) => (title === undefined ? { url } : { title, url })) }),
  }
}

/** An object to which more is written. */
function open(object: object): string {
  return JSON.stringify(object).slice(0, -1)
}

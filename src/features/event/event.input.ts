import type { CopyEventInput, CreateEventInput, EventPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { readLinks, readVenue } from '../link/link.rules.ts'
import { eventTexts, isSlug, latestDayStart } from './event.rules.ts'
import type { EventCopy } from './event.copy.ts'
import type { EventValues } from './event.ts'

export function parseNewEvent(input: CreateEventInput): Parsed<EventValues> {
  const { values, issues } = readWhole('input', input, readValues)
  const { slug, name, textFormat, showsCanceled, timeZone, startsAt, endsAt } = input
  const unlessSaid = {
    ...{ description: null, websiteUrl: null, logoUrl: null, venue: null, links: [] },
    dayStartsAt: '00:00',
    ...({ state: 'DRAFT', conflictPolicy: 'WARN' } as const),
  }
  return {
    values: { ...unlessSaid, ...values, slug, name, textFormat, showsCanceled, timeZone, startsAt, endsAt },
    issues,
  }
}

export function parseEventPatch(patch: EventPatch): Parsed<Partial<EventValues>> {
  return readWhole('patch', patch, readValues)
}

export function parseEventCopy(input: CopyEventInput): Parsed<EventCopy> {
  const { slug, name, startsAt, timeZone = null, content, disambiguation } = input
  const { issues } = readWhole('input', { slug, name }, readValues)
  return { values: { slug, name, startsAt, timeZone, content, disambiguation }, issues }
}

function readValues(read: InputReader, input: EventPatch): Partial<EventValues> {
  const slug = read.required('slug', input.slug)
  if (slug !== undefined && !isSlug(slug)) {
    read.fault(
      'slug',
      'must be lower-case letters and digits with single hyphens between, at most 100 characters.',
    )
  }
  return givenOnly({
    slug,
    name: read.text('name', read.required('name', input.name), eventTexts.name) ?? undefined,
    description: read.text('description', input.description, eventTexts.description),
    textFormat: read.required('textFormat', input.textFormat),
    websiteUrl: input.websiteUrl,
    logoUrl: input.logoUrl,
    venue: readVenue(read, input.venue),
    links: readLinks(read, input.links),
    timeZone: read.required('timeZone', input.timeZone),
    startsAt: read.required('startsAt', input.startsAt),
    endsAt: read.required('endsAt', input.endsAt),
    dayStartsAt: readDayStart(read, read.required('dayStartsAt', input.dayStartsAt)),
    state: read.required('state', input.state),
    showsCanceled: read.required('showsCanceled', input.showsCanceled),
    conflictPolicy: read.required('conflictPolicy', input.conflictPolicy),
  })
}

function readDayStart(read: InputReader, time: string | undefined): string | undefined {
  if (time !== undefined && time > latestDayStart) {
    read.fault('dayStartsAt', `must be 00:00 to ${latestDayStart}.`)
  }
  return time
}

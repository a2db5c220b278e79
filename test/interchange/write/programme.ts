import { createHash } from 'node:crypto'
import type {
  Programme,
  ProgrammeBreak,
  ProgrammeEvent,
  ProgrammeSession,
} from '../../../src/interchange/programme.ts'
import type { WriteOptions } from '../../../src/interchange/write/formats.ts'

const stamped = {
  version: 3,
  createdAt: new Date('2026-11-01T08:00:00.123Z'),
  lastModifiedAt: new Date('2026-11-02T09:30:15.456Z'),
}

/** The same UUID for the same words. */
export function uuidOf(words: string): string {
  const digits = createHash('sha256').update(words).digest('hex').slice(0, 32)
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export function sessionOf(values: Partial<ProgrammeSession> & { title: string }): ProgrammeSession {
  const id = values.id ?? uuidOf(values.title)
  return {
    ...{ id, guid: id, sourceId: id, number: Number.parseInt(id.slice(0, 6), 16) + 1, ...stamped },
    ...{
      subtitle: null,
      abstract: null,
      description: null,
      language: null,
      level: null,
      textFormat: 'PLAIN',
    },
    ...{ state: 'CONFIRMED', startsAt: null, endsAt: null, submittedAt: null },
    ...{ slidesUrl: null, videoUrl: null, audioUrl: null, signupUrl: null, imageUrl: null, links: [] },
    ...{ track: null, room: null, sessionType: null, speakers: [] },
    ...values,
  }
}

/** A programme of these sessions, and nothing that they don't refer to. */
export function programmeOf(
  sessions: readonly ProgrammeSession[],
  event: Partial<ProgrammeEvent> = {},
  breaks: readonly ProgrammeBreak[] = [],
): Programme {
  const used = <Part>(parts: readonly (Part | null)[]) => [
    ...new Set(parts.filter((part): part is Part => part !== null)),
  ]
  return {
    event: {
      ...{
        id: uuidOf('event'),
        ...stamped,
        slug: 'spring',
        name: 'Spring meeting',
        description: null,
        textFormat: 'PLAIN',
      },
      ...{ websiteUrl: null, logoUrl: null, venue: null, links: [] },
      ...{ timeZone: 'Europe/Berlin', state: 'PUBLISHED', dayStartsAt: '00:00' },
      startsAt: new Date('2027-03-27T08:00:00Z'),
      endsAt: new Date('2027-03-28T16:00:00Z'),
      ...event,
    },
    tracks: used(sessions.map(({ track }) => track)),
    rooms: used(sessions.map(({ room }) => room)),
    sessionTypes: used(sessions.map(({ sessionType }) => sessionType)),
    speakers: used(sessions.flatMap(({ speakers }) => speakers)),
    sessions,
    breaks,
  }
}

export const options: WriteOptions = {
  base: 'https://api.example.org',
  address: 'https://api.example.org/events/spring/schedule.ics',
  language: 'en',
  modifiedAt: new Date('2026-11-03T10:00:00Z'),
}

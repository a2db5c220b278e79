import { type Link, uriOf } from '../../links.ts'
import { urlOf } from '../../text.ts'
import type { Programme } from '../programme.ts'

/** The programme with every address as RFC 3986 has it. */
export function withUris(programme: Programme): Programme {
  const { event, sessions, speakers } = programme
  return {
    ...programme,
    event: { ...event, ...escaped(event, ['websiteUrl', 'logoUrl']), links: event.links.map(withUri) },
    speakers: speakers.map((speaker) => ({
      ...speaker,
      ...escaped(speaker, ['websiteUrl', 'photoUrl']),
      links: speaker.links.map(withUri),
    })),
    sessions: sessions.map((session) => ({
      ...session,
      ...escaped(session, ['slidesUrl', 'videoUrl', 'audioUrl', 'signupUrl', 'imageUrl']),
      links: session.links.map(withUri),
    })),
  }
}

function withUri(link: Link): Link {
  return { ...link, url: safely(link.url) }
}

function escaped<Field extends string>(
  row: Readonly<Record<Field, string | null>>,
  fields: readonly Field[],
): Record<Field, string | null> {
  // Each of the fields has an entry.
  return Object.fromEntries(fields.map((field) => [field, row[field] && safely(row[field])])) as Record<
    Field,
    string | null
  >
}

/** What SQL put there may be no address at all. */
function safely(url: string): string {
  return urlOf(url) === null ? url : uriOf(url)
}

import { element, opened } from './xml-text.ts'

/** An Atom feed (RFC 4287), newest entry first. */
export interface AtomFeed {
  /** A UUID for ever. */
  readonly id: string
  readonly title: string
  readonly author: string
  /** Where the feed is. */
  readonly address: string
  readonly updatedAt: Date
  /** As a BCP 47 tag. */
  readonly language: string
  readonly entries: readonly AtomEntry[]
}

export interface AtomEntry {
  /** A UUID for ever. */
  readonly id: string
  readonly title: string
  /** Plain text, a line each. */
  readonly lines: readonly string[]
  readonly updatedAt: Date
  /** Where what it is about is found, and as what; null: nowhere. */
  readonly link: { readonly address: string; readonly mediaType: string } | null
}

export function* atomXml(feed: AtomFeed): Generator<string> {
  const namespace = { xmlns: 'http://www.w3.org/2005/Atom', 'xml:lang': feed.language }
  yield `<?xml version="1.0" encoding="UTF-8"?>\n${opened('feed', namespace)}\n`
  yield lines(
    element('id', `urn:uuid:${feed.id}`),
    element('title', feed.title),
    element('updated', feed.updatedAt.toISOString()),
    `<author>${element('name', feed.author)}</author>`,
    element('link', null, { rel: 'self', type: 'application/atom+xml', href: feed.address }),
    element('generator', 'open-event-graphql'),
  )
  for (const { id, title, lines: texts, updatedAt, link } of feed.entries) {
    yield lines(
      '<entry>',
      element('id', `urn:uuid:${id}`),
      element('title', title),
      element('updated', updatedAt.toISOString()),
      ...(link === null
        ? []
        : [element('link', null, { rel: 'alternate', type: link.mediaType, href: link.address })]),
      element('content', texts.join('\n'), { type: 'text' }),
      '</entry>',
    )
  }
  yield '</feed>\n'
}

function lines(...texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('')
}

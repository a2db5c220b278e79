import { elementsAt, type XmlTree, xmlTree } from './xml-tree.ts'

/** What of RFC 4287 a feed breaks, by the sections that say it; of an Atom feed without elements of other namespaces. */
export function atomFaults(text: string): string[] {
  const feed = xmlTree(text)
  const entries = elementsAt(feed, 'entry')
  const isFeed = feed.name === 'feed' && feed.attributes['xmlns'] === 'http://www.w3.org/2005/Atom'
  const haveAuthors = entries.length > 0 && entries.every((entry) => count(entry, 'author') > 0)
  return [
    ...(isFeed ? [] : ['2: the root is no feed of Atom']),
    ...countFaults('4.1.1', feed, { ofFeed: true }),
    ...(count(feed, 'author') > 0 || haveAuthors ? [] : ['4.1.1: nobody is the author']),
    ...entries.flatMap((entry) => [
      ...countFaults('4.1.2', entry, { ofFeed: false }),
      ...(count(entry, 'content') > 0 || alternates(entry).length > 0
        ? []
        : ['4.1.2: an entry without content or page']),
    ]),
    ...[feed, ...entries].flatMap((parent) => parent.children.flatMap(elementFaults)),
    ...[feed, ...entries].flatMap((parent) => {
      return isDistinct(alternates(parent)) ? [] : ['4.1.1: two alternate links of one type and language']
    }),
    ...(isDistinct([feed, ...entries].map((each) => textsOf(each, 'id').join()))
      ? []
      : ['4.2.6: an id comes twice']),
    ...languageFaults(feed),
  ]
}

const once = ['id', 'title', 'updated']
const atMostOnce = {
  ofFeed: ['generator', 'icon', 'logo', 'rights', 'subtitle'],
  ofEntry: ['content', 'published', 'rights', 'source', 'summary'],
}
const anyNumber = ['author', 'category', 'contributor', 'link']

function countFaults(section: string, parent: XmlTree, { ofFeed }: { ofFeed: boolean }): string[] {
  const optional = ofFeed ? atMostOnce.ofFeed : atMostOnce.ofEntry
  const known = [...once, ...optional, ...anyNumber, ...(ofFeed ? ['entry'] : [])]
  return [
    ...once.filter((name) => count(parent, name) !== 1).map((name) => `${section}: not one ${name}`),
    ...optional.filter((name) => count(parent, name) > 1).map((name) => `${section}: more than one ${name}`),
    ...parent.children
      .filter(({ name }) => !known.includes(name))
      .map(({ name }) => `${section}: no place for ${name}`),
  ]
}

function elementFaults(element: XmlTree): string[] {
  const { name, attributes, children, text } = element
  const fault = (isFault: boolean, what: string) => (isFault ? [what] : [])
  switch (name) {
    case 'id':
      return fault(!/^[a-z][a-z0-9+.-]*:\S+$/i.test(text), '4.2.6: an id that is no absolute IRI')
    case 'updated':
    case 'published':
      return fault(!instant.test(text) || Number.isNaN(Date.parse(text)), '3.3: a date that RFC 3339 has not')
    case 'title':
    case 'subtitle':
    case 'summary':
    case 'rights':
    case 'content':
      return fault(
        (attributes['type'] ?? 'text') !== 'text' || children.length > 0,
        '3.1, 4.1.3: a text that is no plain text, which is all that is written here',
      )
    case 'author':
    case 'contributor':
      return [
        ...fault(textsOf(element, 'name').length !== 1, '3.2: a person without one name'),
        ...fault(
          count(element, 'uri') > 1 || count(element, 'email') > 1,
          '3.2: a person with two addresses',
        ),
      ]
    case 'link':
      return [
        ...fault(!URL.canParse(attributes['href'] ?? ''), '4.2.7.1: a link without an IRI'),
        ...fault(
          attributes['type'] !== undefined && !mediaType.test(attributes['type']),
          '4.2.7.3: no media type',
        ),
      ]
    default:
      return []
  }
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const mediaType = /^[^\s/]+\/[^\s/]+$/

function languageFaults({ attributes, children }: XmlTree): string[] {
  const language = attributes['xml:lang']
  const isTag = language === undefined || /^([A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*)?$/.test(language)
  return [...(isTag ? [] : ['2: xml:lang is no language']), ...children.flatMap(languageFaults)]
}

/** A link leads to an alternate unless it says something else. */
function alternates(parent: XmlTree): string[] {
  const links = elementsAt(parent, 'link').map(({ attributes }) => attributes)
  const own = links.filter(({ rel }) => rel === undefined || rel === 'alternate')
  return own.map(({ type, hreflang }) => `${type} ${hreflang}`)
}

function count(parent: XmlTree, name: string): number {
  return elementsAt(parent, name).length
}

function textsOf(parent: XmlTree, name: string): string[] {
  return elementsAt(parent, name).map(({ text }) => text)
}

function isDistinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length
}

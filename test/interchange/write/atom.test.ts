import { expect, test } from 'vitest'
import { type AtomFeed, atomXml } from '../../../src/interchange/write/atom.ts'
import { atomFaults } from './atom-rules.ts'
import { uuidOf } from './programme.ts'

const at = new Date('2026-11-03T10:00:00.123Z')
const entry = (title: string) => ({
  ...{ id: uuidOf(title), title, lines: [title, 'a < b & c', '\u0007'], updatedAt: at },
  link: { address: 'https://api.example.org/sessions/1.ics?a=b&c', mediaType: 'text/calendar' },
})

const feed: AtomFeed = {
  ...{
    id: uuidOf('feed'),
    title: 'Spring: <news>',
    author: 'Spring & more',
    updatedAt: at,
    language: 'de-AT',
  },
  address: 'https://api.example.org/events/spring/changes.atom?lang=de',
  entries: [entry('One'), { ...entry('Two'), link: null }],
}

const written = (values: Partial<AtomFeed> = {}) => [...atomXml({ ...feed, ...values })].join('')

test('a feed keeps the rules of RFC 4287, also without an entry', () => {
  expect(atomFaults(written())).toEqual([])
  expect(atomFaults(written({ entries: [] }))).toEqual([])
})

test.each([
  ['http://www.w3.org/2005/Atom', 'http://purl.org/atom/ns#', '2: the root is no feed of Atom'],
  ['<updated>2026-11-03T10:00:00.123Z</updated>', '', '4.1.1: not one updated'],
  ['2026-11-03T10:00:00.123Z', '3 November 2026', '3.3: a date that RFC 3339 has not'],
  [/<author>.*<\/author>/, '', '4.1.1: nobody is the author'],
  ['urn:uuid:', '', '4.2.6: an id that is no absolute IRI'],
  ['type="text/calendar"', 'type="calendar"', '4.2.7.3: no media type'],
  [/<link [^>]*alternate[^>]*>/, '$&$&', '4.1.1: two alternate links of one type and language'],
  [uuidOf('Two'), uuidOf('One'), '4.2.6: an id comes twice'],
  ['<content', '<pubDate/><content', '4.1.2: no place for pubDate'],
  ['xml:lang="de-AT"', 'xml:lang="Deutsch (Wien)"', '2: xml:lang is no language'],
])('the rules find what is broken: %s', (part, replacement, fault) => {
  const broken = written().replace(part, replacement)
  expect(broken).not.toBe(written())
  expect(atomFaults(broken)).toContain(fault)
})

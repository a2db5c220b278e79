import { expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { entriesByIcalJs } from './ical-js.ts'
import { options, programmeOf, sessionOf } from './programme.ts'
import { elementsAt, type XmlTree, xmlTree } from './xml-tree.ts'

type JCal = [name: string, properties: unknown[], components: JCal[]]

/** A component of xCal (RFC 6321) as jCal (RFC 7265) has it, which ical.js reads. */
function jcalOf({ name, children }: XmlTree): JCal {
  const within = (part: string) =>
    children.filter((child) => child.name === part).flatMap((child) => child.children)
  return [name, within('properties').map(propertyOf), within('components').map(jcalOf)]
}

function propertyOf({ name, children }: XmlTree): unknown[] {
  const parameters = children
    .filter((child) => child.name === 'parameters')
    .flatMap((child) => child.children)
  const values = children.filter((child) => child.name !== 'parameters')
  const given = parameters.map((parameter) => [parameter.name, parameter.children[0]!.text])
  return [name, Object.fromEntries(given), values[0]!.name, ...values.map(valueOf)]
}

function valueOf({ name, text, children }: XmlTree): unknown {
  if (name === 'integer') return Number(text)
  if (name !== 'recur') return text
  return Object.fromEntries(
    children.map((part) => [part.name, part.name === 'bymonth' ? Number(part.text) : part.text]),
  )
}

/** What a reader shows of each entry, on the zones that the calendar itself defines. */
function entriesOf(calendar: string | unknown[]): unknown[] {
  return entriesByIcalJs(calendar).map(
    ({ component, uid, summary, description, location, sequence, startDate, endDate }) => {
      const categories = component.getFirstProperty('categories')?.getValues() ?? []
      const times = [startDate, endDate].map((time) => time.toJSDate().toISOString())
      return [uid, summary, description, location, sequence, categories, ...times]
    },
  )
}

// A rule that repeats, none, and the hour that comes twice.
test.each([
  ['Europe/Berlin', '2027-10-30T18:00:00Z'],
  ['Africa/Casablanca', '2027-02-06T18:00:00Z'],
  ['Asia/Kolkata', '2027-03-27T08:00:00Z'],
  ['UTC', '2027-03-27T08:00:00Z'],
])('xCal tells each instant and each text of a calendar of %s as iCalendar does', (timeZone, from) => {
  const sessions = Array.from({ length: 40 }, (_, n) => {
    const startsAt = new Date(Date.parse(from) + n * 1_800_000)
    return sessionOf({
      ...{ title: `<${n}>, "a"; b`, startsAt, endsAt: new Date(+startsAt + 2_700_000) },
      ...{ abstract: 'One & two.\nThree\\n.', language: 'en' },
    })
  })
  const programme = programmeOf(sessions, { timeZone })
  const [ics, xcal] = (['schedule.ics', 'schedule.xcal'] as const).map((name) =>
    [...writeFormats[name].write(programme, options)].join(''),
  ) as [string, string]
  const root = xmlTree(xcal)
  expect([root.name, root.attributes]).toEqual([
    'icalendar',
    { xmlns: 'urn:ietf:params:xml:ns:icalendar-2.0' },
  ])
  const entries = entriesOf(jcalOf(elementsAt(root, 'vcalendar')[0]!))
  expect(entries).toEqual(entriesOf(ics))
  expect(entries.map((entry) => (entry as string[]).at(-2))).toEqual(
    sessions.map(({ startsAt }) => startsAt!.toISOString()),
  )
})

import { expect, test } from 'vitest'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { programmeOf, sessionOf } from './programme.ts'

test('a table has a line for each session, and no cell that a spreadsheet would take for a formula', () => {
  const sessions = [
    sessionOf({ title: 'Plain', startsAt: new Date('2027-03-28T00:30:00Z'), language: 'en' }),
    sessionOf({ title: '=HYPERLINK("https://x.example","x")', subtitle: '@now', abstract: 'a "b", c\nd' }),
    ...['+1', '-1', '\t=1', 'a=1'].map((title) => sessionOf({ title })),
  ]
  const text = [...writeFormats['schedule.csv'].write(programmeOf(sessions))].join('')
  const lines = text.split('\r\n')
  expect(lines[0]).toMatch(/^guid,title,subtitle,starts_at,ends_at,room,/)
  expect(lines[1]).toContain(',Plain,,2027-03-28T01:30:00+01:00,')
  expect(lines[2]).toContain(`,"'=HYPERLINK(""https://x.example"",""x"")",'@now,`)
  expect(lines[2]).toContain('"a ""b"", c\nd"')
  expect(lines.slice(3, 7).map((line) => line.split(',')[1])).toEqual(["'+1", "'-1", "'\t=1", 'a=1'])
  expect(lines.slice(7)).toEqual([''])
})

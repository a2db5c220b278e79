import { describe, expect, test } from 'vitest'
import type { ProgrammeSession } from '../../../src/interchange/programme.ts'
import { readProgramme } from '../../../src/interchange/read/read-programme.ts'
import { writeFormats } from '../../../src/interchange/write/formats.ts'
import { fileWith } from '../files.ts'
import { options, programmeOf, sessionOf, uuidOf } from './programme.ts'
import { eventFahrplan, giggityCalendar, giggityXml, infoBeamer, type Shown } from './readers.ts'

const part = (name: string) => ({
  ...{ id: uuidOf(name), guid: uuidOf(name), sourceId: name, number: 7, version: 1, name },
  ...{ createdAt: new Date('2026-10-01T00:00:00Z'), lastModifiedAt: new Date('2026-10-01T00:00:00Z') },
})
const hall = { ...part('Hall "1" & more'), floor: null, capacity: null }
const person = (name: string) => ({
  ...{ ...part(name), textFormat: 'PLAIN' as const, biography: null, organisation: null, country: null },
  ...{ photoUrl: null, websiteUrl: null, links: [] },
})

const session = (
  title: string,
  start: string,
  minutes: number | null,
  values: Partial<ProgrammeSession> = {},
) =>
  sessionOf({
    ...{ title, room: hall, startsAt: new Date(start), ...values },
    endsAt: minutes === null ? null : new Date(Date.parse(start) + minutes * 60_000),
  })

const sessions = [
  session('Of <clocks> & "time"', '2027-03-27T09:00:00Z', 45, {
    ...{
      speakers: [person('Ada'), person('Bo')],
      abstract: '<p>One.</p>',
      subtitle: 'A; b, c',
      language: 'de',
    },
    ...{ slidesUrl: 'https://example.org/a?b=c&d', videoUrl: 'https://example.org/v' },
    links: [{ url: 'https://example.org/code', kind: 'REPOSITORY', title: 'Code' }],
  }),
  // After midnight, on the evening's day, and over the change of the clocks.
  session('Late', '2027-03-28T00:30:00Z', 60),
  session('To the minute', '2027-03-28T08:00:00Z', 23 * 60 + 59),
  session('Installation', '2027-03-28T09:00:00Z', 30 * 60),
  session('Somewhere', '2027-03-28T10:00:00Z', 30, { room: null }),
  session('Until it is over', '2027-03-28T11:00:00Z', null),
]

const programme = programmeOf(sessions, { dayStartsAt: '05:00' })

/** What is shown of a session; one whose end is open ends at once. */
function asShown({ title, startsAt, endsAt, room, speakers }: ProgrammeSession): Shown {
  return {
    ...{ title, start: startsAt!, end: endsAt ?? startsAt!, room: room?.name ?? '' },
    speakers: speakers.map(({ name }) => name),
  }
}

describe('schedule.xml', () => {
  const xml = [...writeFormats['schedule.xml'].write(programme, options)].join('')
  const byTitle = (shown: readonly (Shown | null)[]) => new Map(shown.map((each) => [each?.title, each]))
  const expected = byTitle(sessions.map(asShown))

  test('EventFahrplan shows each session when it is, for as long as it takes', () => {
    expect(byTitle(eventFahrplan(xml))).toEqual(expected)
  })

  test('the scheduled player of info-beamer shows each session when it is, for as long as it takes', () => {
    expect(byTitle(infoBeamer(xml))).toEqual(expected)
  })

  test('the import finds each session again, for as long as it takes', async () => {
    const { sessions: found } = await readProgramme(await fileWith(xml))
    const again = found!.map(({ values, startsAt, endsAt }) => {
      const start = startsAt?.kind === 'instant' ? startsAt.instant : null
      const minutes = endsAt !== null && 'minutes' in endsAt ? endsAt.minutes : 0
      return [values.title, { start, minutes }] as const
    })
    const written = sessions.map(asShown).map(({ title, start, end }) => {
      return [title, { start, minutes: (+end - +start) / 60_000 }] as const
    })
    expect(new Map(again)).toEqual(new Map(written))
  })

  test('giggity shows each session when it is; of more than a day it knows no length', () => {
    const shown = byTitle(giggityXml(xml))
    const { end: _end, ...ofInstallation } = expected.get('Installation')!
    expect(shown.get('Installation')).toMatchObject(ofInstallation)
    expected.delete('Installation')
    shown.delete('Installation')
    expect(shown).toEqual(expected)
  })

  test('what takes more than a day, and is all that there is, is read by others than giggity', () => {
    const only = programmeOf([session('Hackathon', '2027-03-27T09:00:00Z', 36 * 60)])
    const alone = [...writeFormats['schedule.xml'].write(only, options)].join('')
    expect(alone).toContain('<duration>36:00</duration>')
    expect(eventFahrplan(alone)).toMatchObject([{ end: new Date('2027-03-28T21:00:00Z') }])
  })
})

test('giggity shows the entries of a calendar that have a place and an end', () => {
  const calendar = [...writeFormats['schedule.ics'].write(programme, options)].join('')
  const isWhole = ({ room, endsAt }: ProgrammeSession) => room !== null && endsAt !== null
  expect(giggityCalendar(calendar)).toEqual(
    sessions.map((each) => (isWhole(each) ? { ...asShown(each), speakers: [] } : null)),
  )
})
